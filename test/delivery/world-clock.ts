// The time that stand-ins and containers live in together: it passes as the machine's does, until a test moves it on or
// speeds it up. Containers read it from a file (container-clock.mjs).

import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Timers } from "../../local/timers.ts";

export interface WorldClock extends Timers {
  /** When the next sleeper of the stand-ins wakes; undefined when nobody sleeps. */
  nextAt(): number | undefined;
  /** Moves on by `ms` at once; sleepers of the stand-ins wake on the way, each at its own moment. */
  skip(ms: number): Promise<void>;
  /** Time passes faster by `speed` for everybody until the work is done. */
  during<T>(speed: number, work: Promise<T>): Promise<T>;
  /** For `node --import`. */
  preload(skewMs?: number): string;
  close(): void;
}

/** Lets everything run that waits for nothing but its turn. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const PRELOAD = fileURLToPath(new URL("container-clock.mjs", import.meta.url));
const TICK_MS = 20;

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export const createWorldClock = (file: string, normalSpeed = 1): WorldClock => {
  const handle = openSync(file, "w");
  const sleepers = new Set<Sleeper>();
  let [realAnchor, anchor, speed] = [Date.now(), Date.now(), normalSpeed];
  const now = () => anchor + (Date.now() - realAnchor) * speed;
  const turn = (toMs: number, toSpeed: number) => {
    [realAnchor, anchor, speed] = [Date.now(), toMs, toSpeed];
    writeSync(handle, new Float64Array([realAnchor, anchor, speed, realAnchor + anchor + speed]), 0, 32, 0);
  };
  const wakeUntil = async (end: number) => {
    for (;;) {
      const next = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) return;
      sleepers.delete(next);
      if (next.at > now()) turn(next.at, speed);
      next.wake();
      await settle();
    }
  };
  turn(anchor, normalSpeed);
  return {
    now: () => Math.floor(now()),
    sleep(ms, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper: Sleeper = { at: now() + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      });
      return promise;
    },
    nextAt: () => (sleepers.size === 0 ? undefined : Math.min(...[...sleepers].map(({ at }) => at))),
    async skip(ms) {
      const end = now() + ms;
      await settle();
      await wakeUntil(end);
      if (end > now()) turn(end, speed);
    },
    async during(faster, work) {
      turn(now(), faster);
      const ticker = setInterval(() => void wakeUntil(now()), TICK_MS);
      try {
        return await work;
      } finally {
        clearInterval(ticker);
        turn(now(), normalSpeed);
      }
    },
    preload: (skewMs = 0) => `--import=file://${PRELOAD}?clock=${encodeURIComponent(file)}&skew=${skewMs}`,
    close() {
      closeSync(handle);
      rmSync(file, { force: true });
    },
  };
};
