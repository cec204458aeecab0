// Preloaded into a container (`node --import`): its time is the world's (world-clock.ts), which a test moves on or speeds
// up from outside. `skew` sets this container's wall clock ahead of the others, or behind; its monotonic clock has none.

import { openSync, readSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

const { searchParams } = new URL(import.meta.url);
const skewMs = Number(searchParams.get("skew") ?? 0);
const file = openSync(searchParams.get("clock"), "r");
const cells = new Float64Array(4);
const realNow = Date.now;
const nap = timers.setTimeout;
const { setTimeout: startTimer } = globalThis;

/** What is read while it is being written has another sum. */
const read = () => {
  do readSync(file, cells, 0, cells.byteLength, 0);
  while (cells[0] + cells[1] + cells[2] !== cells[3]);
  const [realAnchor, anchor, speed] = cells;
  return { now: anchor + (realNow() - realAnchor) * speed, speed };
};

const bornAt = read().now;
Date.now = () => Math.floor(read().now + skewMs);
performance.now = () => read().now - bornAt;

/** Short, so that a jump of the world's clock is noticed soon. */
const POLL_MS = 25;

timers.setTimeout = async (ms = 1, value, options) => {
  const end = read().now + ms;
  for (let { now, speed } = read(); ; { now, speed } = read()) {
    await nap(Math.max(0, Math.min((end - now) / speed, POLL_MS)), undefined, options);
    if (read().now >= end) return value;
  }
};

/** Shorter ones guard connections against hanging: real work of this machine, which no clock makes faster. */
const LONG_MS = 5_000;

globalThis.setTimeout = Object.assign((callback, ms, ...args) => {
  if (!(ms >= LONG_MS)) return startTimer(callback, ms, ...args);
  const end = read().now + ms;
  const timer = setInterval(() => {
    if (read().now < end) return;
    clearInterval(timer);
    callback(...args);
  }, POLL_MS);
  return timer;
}, startTimer);

AbortSignal.timeout = (ms) => {
  const controller = new AbortController();
  const late = () =>
    controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  globalThis.setTimeout(late, ms).unref();
  return controller.signal;
};

syncBuiltinESMExports();
