// How late is too late, and which job is meant (hermes-behaviour.md 3.4). Pure.

import type { JobRecord } from "../job-record.ts";
import type { Schedule } from "../turn.ts";
import { cronFields } from "./cron-fields.ts";
import { JobError } from "./job-error.ts";
import { fires, nextRuns } from "./next-runs.ts";

const ONCE_GRACE_S = 120;
const MIN_GRACE_S = 120;
const MAX_GRACE_S = 7_200;

/** Half the period, from two minutes to two hours; a one-shot has two minutes. In seconds. */
export const graceSeconds = (schedule: Schedule, dueMs: number, timezone: string): number => {
  if (schedule.kind === "once") return ONCE_GRACE_S;
  return Math.min(MAX_GRACE_S, Math.max(MIN_GRACE_S, periodMs(schedule, dueMs, timezone) / 2_000));
};

const periodMs = (schedule: Schedule, dueMs: number, timezone: string): number => {
  if (schedule.kind === "interval") return schedule.minutes * 60_000;
  if (schedule.kind === "once" || typeof cronFields(schedule.expr) === "string") return 0; // written by hand, and of no calendar we know
  const [next] = nextRuns(schedule, { afterMs: dueMs, startMs: dueMs, timezone }, 1).filter(fires);
  return next === undefined ? 0 : next.atMs - dueMs;
};

/** A tick that was due at `dueMs` and arrived at `nowMs` does not run any more. */
export const isTooLate = (schedule: Schedule, dueMs: number, nowMs: number, timezone = "UTC"): boolean =>
  nowMs - dueMs > graceSeconds(schedule, dueMs, timezone) * 1_000;

export const isCalled = ({ name }: Pick<JobRecord, "name">, ref: string): boolean =>
  name.toLowerCase() === ref.trim().toLowerCase();

/**
 * By exact id, else by name whatever its case: of jobs that have run their last only when no other is called so.
 * Throws JobError when none or several are meant.
 */
export const resolveJobRef = <J extends Pick<JobRecord, "id" | "name"> & Partial<Pick<JobRecord, "state">>>(
  jobs: readonly J[],
  ref: string,
): J => {
  const exact = jobs.find(({ id }) => id === ref);
  if (exact !== undefined) return exact;
  const called = jobs.filter((job) => isCalled(job, ref));
  const live = called.filter(({ state }) => state !== "completed");
  const named = live.length > 0 ? live : called;
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined)
    throw new JobError(`Job with ID or name '${ref}' not found. Use cronjob(action='list') to inspect jobs.`);
  throw new JobError(
    `Several jobs are called '${ref}': ${named.map(({ id }) => id).join(", ")}. Say which by its id.`,
  );
};
