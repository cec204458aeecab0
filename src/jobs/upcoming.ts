// When a job runs next, by its record: its schedule, its zone, and how many runs it has left. Called where jobs are shown.

import type { JobRecord } from "../job-record.ts";
import { type NextRun, nextRuns } from "./next-runs.ts";

/** What every answer about a schedule shows. */
const SHOWN_RUNS = 3;

/** Empty for a job that is not scheduled. */
export const upcoming = (record: JobRecord, nowMs: number): readonly NextRun[] => {
  if (record.state !== "scheduled") return [];
  const left = record.times === null ? SHOWN_RUNS : record.times - record.completed;
  const { schedule, timezone, startsAt } = record;
  const at = { afterMs: nowMs, startMs: Date.parse(startsAt), timezone };
  return nextRuns(schedule, at, Math.max(0, Math.min(SHOWN_RUNS, left)));
};
