// Ends what a job has begun when its chat or its owner is gone: it is paused with the reason, so that who comes back can
// resume it. Called by deliver.ts (the chat is closed) and, through agent-side.ts, by the allowlist (its owner may not speak).

import { JobError } from "../jobs/job-error.ts";
import { pauseJob } from "../jobs/manage.ts";
import type { SessionKey } from "../turn.ts";
import type { AgentPorts } from "./turn-context.ts";

type EndPorts = Pick<AgentPorts, "jobs" | "timers" | "inbox" | "doorbell" | "clock" | "log">;

/** A job without a record or a scheduler has nothing to end. */
export const endJob = async (
  { ports }: { readonly ports: EndPorts },
  owner: SessionKey,
  jobId: string,
  reason: string,
): Promise<void> => {
  const { timers } = ports;
  if (timers === undefined) return;
  try {
    await pauseJob({ ...ports, timers }, owner, jobId, reason);
    ports.log.warn("a job is paused", { jobId, reason });
  } catch (error) {
    if (!(error instanceof JobError)) throw error;
    ports.log.info("there is no job to pause", { jobId, reason });
  }
};
