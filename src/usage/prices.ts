// What a model call costs, by the price table of config.yaml. Pure; called by agent/meter.ts.

import type { Usage } from "../message.ts";

/** US dollars for a million tokens. `cached`: of the prompt, what the provider's prefix cache had. */
export interface Price {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export interface PriceTable {
  readonly models: Readonly<Record<string, Price & { readonly peak?: Price | undefined }>>;
  readonly peak: {
    /** As `Date` counts them: 0 is Sunday. UTC. */
    readonly days: readonly number[];
    /** Minutes of the UTC day; the end is no part of it. */
    readonly hours: readonly { readonly from: number; readonly to: number }[];
  };
}

/** The entry of a model that the table does not know. */
const UNKNOWN_MODEL = "default";

/** Of sums like 0.15 × 100, which is not 15 in binary: less than this above a whole number is that number. */
const ROUNDING = 1e-6;

/**
 * Micro-dollars, rounded up. Reasoning is part of the completion and paid as such. `atMs`: when the model was asked.
 * China's public holidays are no peak for DeepSeek; that is not followed, so that a budget errs on the safe side.
 */
export const costOf = (table: PriceTable, model: string, usage: Usage, atMs: number): number => {
  const { input, cached, output } = priceOf(table, model, atMs);
  const hits = Math.min(usage.cached, usage.prompt);
  // Dollars for a million tokens are micro-dollars for one.
  const cost = input * (usage.prompt - hits) + cached * hits + output * usage.completion;
  return Math.max(0, Math.ceil(cost - ROUNDING));
};

export const isPriced = ({ models }: PriceTable, model: string): boolean => Object.hasOwn(models, model);

const priceOf = (table: PriceTable, model: string, atMs: number): Price => {
  const entry = table.models[isPriced(table, model) ? model : UNKNOWN_MODEL];
  if (entry === undefined) throw new RangeError(`the price table has no entry "${UNKNOWN_MODEL}"`);
  return (isPeak(table, atMs) ? entry.peak : undefined) ?? entry;
};

const isPeak = ({ peak }: PriceTable, atMs: number): boolean => {
  const at = new Date(atMs);
  const minute = at.getUTCHours() * 60 + at.getUTCMinutes();
  return (
    peak.days.includes(at.getUTCDay()) && peak.hours.some(({ from, to }) => minute >= from && minute < to)
  );
};
