// Gives an unfinished turn to a fresh invocation: this one has too little time left (design.md 5, step 11).

import type { MetaPatch } from "../session-state.ts";
import type { TurnContext } from "./turn-context.ts";

/** Lambda cuts a chain of self-invocations at about 16 (facts/platform.md 2). */
export const MAX_HOPS = 8;

/** Releases first and rings then: a wake that cannot be rung throws, and Lambda's retry finds the turn on META. */
export const handOver = async (c: TurnContext, patch: MetaPatch): Promise<void> => {
  await c.lease.handOver(patch);
  await c.ports.doorbell.wake(c.lease.session);
};
