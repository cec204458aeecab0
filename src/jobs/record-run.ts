// Writes down how a run ended, once however often it is told, and says what its owner is to hear of it.
// Called by agent/post-job-result.ts.

import { clip } from "../clip.ts";
import type { JobRecord, JobRunOutcome } from "../job-record.ts";
import type { Clock, Jobs, JobTimers } from "../ports.ts";
import type { SessionKey } from "../turn.ts";
import { withTimer } from "./manage.ts";

/** Failures in a row after which a job is paused: its owner has been told, and nobody has mended it. */
export const MAX_FAILURES = 3;

/** What another job may be given of an answer (hermes-behaviour.md 3.5). */
const MAX_OUTPUT_CHARS = 8_000;

/** A record is read with every list of jobs, and /cron shows this. */
const MAX_ERROR_CHARS = 500;

export interface EndedRun {
  readonly owner: SessionKey;
  readonly id: string;
  readonly isManual: boolean;
  readonly outcome: JobRunOutcome;
}

/** - `fresh`: a failure of which nothing was said yet - `known`: its owner knows - `paused`: it was the last one */
export type Told = "fresh" | "known" | "paused";

/** Undefined when the job has no record, or is removed. `told` counts for failures only. */
export const recordRun = async (
  { jobs }: { readonly jobs: Jobs },
  run: EndedRun,
): Promise<{ readonly record: JobRecord; readonly told: Told } | undefined> => {
  for (;;) {
    const record = await jobs.get(run.owner, run.id);
    if (record === undefined || record.state === "removed") return undefined;
    const isRecorded = record.last?.scheduledTime === run.outcome.scheduledTime;
    const stored = isRecorded ? record : await jobs.put(afterRun(record, run));
    if (stored === undefined) continue; // its owner changed it meanwhile
    return { record: stored, told: toldOf(stored) };
  }
};

/** The timer of a job that runs no more, by what its record says now: its owner may have changed it since. */
export const endTimer = async (
  {
    jobs,
    timers,
    clock,
  }: { readonly jobs: Jobs; readonly timers: JobTimers; readonly clock: Pick<Clock, "now"> },
  owner: SessionKey,
  id: string,
): Promise<void> => {
  const record = await jobs.get(owner, id);
  // A one-shot's the service has deleted itself.
  if (record === undefined || record.state === "scheduled" || record.schedule.kind === "once") return;
  await withTimer({ timers, clock }, record);
};

const toldOf = ({ failures }: JobRecord): Told =>
  failures >= MAX_FAILURES ? "paused" : failures <= 1 ? "fresh" : "known";

const afterRun = (record: JobRecord, { isManual, outcome }: EndedRun): JobRecord => {
  const completed = record.completed + (isManual ? 0 : 1);
  const errors = isManual ? record.failures : record.failures + 1;
  const failures = { ok: 0, missed: record.failures, error: errors }[outcome.status];
  const isDone =
    !isManual && (record.schedule.kind === "once" || (record.times !== null && completed >= record.times));
  const last = {
    ...outcome,
    ...(outcome.output === undefined
      ? {}
      : { output: clip(outcome.output.toWellFormed(), MAX_OUTPUT_CHARS) }),
    // With a reason can come how far the answer got.
    ...(outcome.error === undefined ? {} : { error: clip(outcome.error.toWellFormed(), MAX_ERROR_CHARS) }),
  };
  const next: JobRecord = { ...record, completed, failures, last };
  if (isDone) return { ...next, state: "completed" };
  if (failures < MAX_FAILURES || record.state !== "scheduled") return next;
  return { ...next, state: "paused", pausedReason: `it failed ${failures} times in a row` };
};
