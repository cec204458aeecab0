// A job as the model reads it (hermes-behaviour.md 3.3). Called by cronjob-actions.ts.

import type { JobRecord } from "../job-record.ts";
import { describeRuns } from "../jobs/describe-runs.ts";
import { fires } from "../jobs/next-runs.ts";
import { upcoming } from "../jobs/upcoming.ts";

const PREVIEW_CHARS = 100;

export const jobView = (job: JobRecord, nowMs: number) => {
  const [next] = upcoming(job, nowMs).filter(fires);
  const { last } = job;
  return {
    job_id: job.id,
    name: job.name,
    skills: job.skills ?? [],
    prompt_preview:
      job.prompt.length > PREVIEW_CHARS
        ? `${job.prompt.slice(0, PREVIEW_CHARS)}...`.toWellFormed()
        : job.prompt,
    schedule: job.schedule.display,
    timezone: job.timezone,
    repeat: repeatOf(job),
    deliver: job.deliver ?? "origin",
    next_run_at: next === undefined ? null : new Date(next.atMs).toISOString(),
    enabled: job.state === "scheduled",
    state: job.state,
    ...(job.pausedReason === undefined ? {} : { paused_reason: job.pausedReason }),
    ...(job.model === undefined ? {} : { model: job.model }),
    ...(last === undefined
      ? {}
      : {
          last_run_at: last.scheduledTime,
          last_status: last.status,
          ...(last.error === undefined ? {} : { last_error: last.error }),
          ...(last.deliveryError === undefined ? {} : { last_delivery_error: last.deliveryError }),
        }),
  };
};

const repeatOf = ({ times, completed }: JobRecord): string => {
  if (times === null) return "forever";
  if (times === 1) return completed === 0 ? "once" : "1/1";
  return completed === 0 ? `${times} times` : `${completed}/${times}`;
};

/** The next runs in local time, for the model to tell. */
export const runsText = (job: JobRecord, nowMs: number): { readonly next_runs?: string } => {
  const runs = upcoming(job, nowMs);
  return runs.length === 0 ? {} : { next_runs: describeRuns(runs, job.timezone) };
};
