// A bound on how long something may take, by the injected clock. Ends with the block that made it (`using`).

import type { Clock } from "./ports.ts";

/** A timer takes no more; whatever is to last longer is not bounded by one. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface TimeLimit extends Disposable {
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
}

export const timeLimit = (clock: Pick<Clock, "sleep">, ms: number): TimeLimit => {
  const over = new AbortController();
  const ended = new AbortController();
  clock.sleep(Math.max(0, Math.min(ms, MAX_TIMER_MS)), ended.signal).then(
    () => over.abort(new Error(`not done within ${Math.round(ms)} ms`)),
    () => undefined, // ended in time
  );
  return { signal: over.signal, [Symbol.dispose]: () => ended.abort() };
};
