// Sums of what model calls used. Used by the ledger's adapter and wherever they are shown.

import type { Usage } from "../message.ts";
import type { Spending } from "../usage-ports.ts";

export const NO_SPENDING: Spending = {
  usage: { prompt: 0, cached: 0, completion: 0, reasoning: 0 },
  calls: 0,
  estimated: 0,
  cost: 0,
};

export const sumOf = (one: Spending, other: Spending): Spending => ({
  usage: {
    prompt: one.usage.prompt + other.usage.prompt,
    cached: one.usage.cached + other.usage.cached,
    completion: one.usage.completion + other.usage.completion,
    reasoning: one.usage.reasoning + other.usage.reasoning,
  },
  calls: one.calls + other.calls,
  estimated: one.estimated + other.estimated,
  cost: one.cost + other.cost,
});

/**
 * As an API told it, in whole tokens: what it left out or got wrong is none, and reasoning is part of the completion.
 * Undefined when it did not count: no prompt is empty, and a budget that believed it would never be spent.
 */
export const toldUsage = (usage: Usage | undefined): Usage | undefined => {
  const prompt = wholeTokens(usage?.prompt);
  if (usage === undefined || prompt === 0) return undefined;
  const completion = wholeTokens(usage.completion);
  return {
    prompt,
    cached: Math.min(prompt, wholeTokens(usage.cached)),
    completion,
    reasoning: Math.min(completion, wholeTokens(usage.reasoning)),
  };
};

const wholeTokens = (count: number | undefined): number =>
  count !== undefined && Number.isFinite(count) ? Math.max(0, Math.ceil(count)) : 0;
