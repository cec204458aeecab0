// What a tick is to do: its job's record decides where there is one, and what it carries where there never was.
// Pure; called by agent/run-job.ts.

import type { JobRecord } from "../job-record.ts";
import type { Job, TickEntry } from "../turn.ts";
import { isTooLate } from "./lifecycle.ts";
import { scanPrompt } from "./scan-prompt.ts";
import { payloadOf } from "./timer.ts";

export type TickDecision =
  | { readonly kind: "run"; readonly job: Job }
  /** Nothing to do, and nothing to say. */
  | { readonly kind: "drop"; readonly why: string }
  /** Too late to run; whoever waits for it is told. */
  | { readonly kind: "missed"; readonly job: Job; readonly lateMs: number }
  | { readonly kind: "blocked"; readonly job: Job; readonly why: string };

/** The service fires within the minute, and Lambda retries after one and two: a one-shot has no other chance. */
const DELIVERY_MS = 4 * 60_000;

/** `acceptedMs`: when the tick was accepted; a retry of its run is no later than that. */
export const decideTick = (
  tick: TickEntry,
  record: JobRecord | undefined,
  acceptedMs: number,
): TickDecision => {
  const stale = record === undefined ? undefined : reasonToDrop(tick, record);
  if (stale !== undefined) return { kind: "drop", why: stale };
  const job = record === undefined ? tick.job : payloadOf(record);
  const { schedule } = job;
  const arrivedMs = schedule?.kind === "once" ? acceptedMs - DELIVERY_MS : acceptedMs;
  if (!tick.isManual && schedule !== undefined && isTooLate(schedule, tick.at, arrivedMs, job.timezone))
    return { kind: "missed", job, lateMs: acceptedMs - tick.at };
  const blocked = scanPrompt(job.prompt);
  return blocked === undefined ? { kind: "run", job } : { kind: "blocked", job, why: blocked };
};

const reasonToDrop = (tick: TickEntry, record: JobRecord): string | undefined => {
  if (record.state === "removed") return "the job was removed";
  if (tick.isManual) return undefined;
  if (record.state !== "scheduled") return `the job is ${record.state}`;
  // Due before the schedule was set as it is now: the timer that fired was another. The service counts whole seconds.
  if (tick.at < Math.floor(Date.parse(record.startsAt) / 1_000) * 1_000)
    return "the schedule was changed since";
  return undefined;
};
