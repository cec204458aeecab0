// How many jobs a conversation may have and how often they may run: each run costs its owner a model's answer.

import type { JobRecord } from "../job-record.ts";
import type { Schedule } from "../turn.ts";
import { JobError } from "./job-error.ts";
import { fires, nextRuns } from "./next-runs.ts";

export const MAX_JOBS = 50;
const MIN_GAP_MINUTES = 5;

/** Enough to see the pattern of any expression within an hour. */
const RUNS_LOOKED_AT = 13;

export const checkNumber = (jobs: readonly JobRecord[]): void => {
  const live = jobs.filter(({ state }) => state === "scheduled" || state === "paused");
  if (live.length >= MAX_JOBS)
    throw new JobError(`There are ${live.length} jobs already; ${MAX_JOBS} is the most. Remove one first.`);
};

export const checkFrequency = (schedule: Schedule, timezone: string, nowMs: number): void => {
  if (schedule.kind === "once") return;
  const runs = nextRuns(schedule, { afterMs: nowMs, startMs: nowMs, timezone }, RUNS_LOOKED_AT).filter(
    fires, // where it would have been there is no run, and perhaps another's
  );
  const gaps = runs.slice(1).map(({ atMs }, index) => atMs - (runs[index]?.atMs ?? 0));
  if (gaps.some((gap) => gap < MIN_GAP_MINUTES * 60_000))
    throw new JobError(`A job may run every ${MIN_GAP_MINUTES} minutes at most. Choose a longer interval.`);
};
