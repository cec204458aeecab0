// Long-term memory around a turn: what is recalled before it and remembered after it. Never breaks one:
// a plugin may ignore its signal, and the turn does not wait for it.

import { asError } from "../errors.ts";
import type { Origin } from "../turn.ts";
import { abortable } from "./abortable.ts";
import { timeLimit } from "./time-limit.ts";
import type { TurnContext } from "./turn-context.ts";

/** Recall stands between the person and the model: better an answer without it than a late one. */
const RECALL_MS = 2_000;
const REMEMBER_MS = 5_000;

/** What is remembered about this text, or "" when there is no provider, nothing, or no answer in time. */
export const recall = async (c: TurnContext, origin: Origin, query: string): Promise<string> => {
  const { memory } = c.home.plugins;
  if (memory === undefined || query.trim() === "") return "";
  using limit = timeLimit(c.ports.clock, RECALL_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  try {
    return await abortable(
      signal,
      memory.recall(query, { origin, sessionId: c.lease.meta.sessionId, signal }),
    );
  } catch (error) {
    c.ports.log.warn("memory was not recalled", { provider: memory.name, error: asError(error) });
    return "";
  }
};

/** Hands one finished exchange to the provider. */
export const remember = async (
  c: TurnContext,
  origin: Origin,
  user: string,
  assistant: string,
): Promise<void> => {
  const { memory } = c.home.plugins;
  if (memory === undefined) return;
  using limit = timeLimit(c.ports.clock, REMEMBER_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  const { sessionId } = c.lease.meta;
  try {
    const at = c.ports.clock.now();
    await abortable(signal, memory.remember({ user, assistant, origin, sessionId, at, signal }));
  } catch (error) {
    c.ports.log.warn("the exchange was not remembered", { provider: memory.name, error: asError(error) });
  }
};
