// The clock of one container, standing still until a test moves it.

import type { Clock } from "../../src/ports.ts";
import { createManualTimers } from "../local/manual-timers.ts";

export interface FakeClock extends Clock {
  /** Time passes: both clocks go on, and every sleeper on the way wakes at its own moment. */
  advance(ms: number): Promise<void>;
  /** The process stands still while time passes: nothing wakes before the next `advance`. */
  freeze(ms: number): void;
  /** The wall clock alone is put right, by so much. */
  correct(ms: number): void;
}

/** Clocks made with the same start show the same time. */
export const createFakeClock = (startMs?: number): FakeClock => {
  const timers = createManualTimers(startMs);
  const bootedAt = timers.now();
  let frozenMs = 0;
  let correctedMs = 0;
  return {
    now: () => timers.now() + frozenMs + correctedMs,
    elapsed: () => timers.now() + frozenMs - bootedAt,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      await timers.sleep(ms, signal);
    },
    advance: timers.advance,
    freeze(ms) {
      frozenMs += ms;
    },
    correct(ms) {
      correctedMs += ms;
    },
  };
};
