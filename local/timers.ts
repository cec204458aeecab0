// The time the stand-ins live in: the machine's, or a test's own.

import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../src/ports.ts";

export type Timers = Pick<Clock, "now" | "sleep">;

export const systemTimers: Timers = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
};
