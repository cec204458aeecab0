// Ends what a job has begun when its chat or its owner is gone: it is paused with the reason, so that who comes back can
// resume it. Called by deliver.ts (the chat is closed) and, through agent-side.ts, by the allowlist (its owner may not speak).

import { JobError } from "../jobs/job-error.ts";
import { pauseJob } from "../jobs/manage.ts";
import type { Outgoing } from "../session-state.ts";
import type { EntryId, PostEntry, SessionKey } from "../turn.ts";
import type { AgentPorts, TurnContext } from "./turn-context.ts";

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

/** The chat that `out` was for takes nothing from us. Its owner hears of it where that is another one; all may be repeated. */
export const endJobOfClosedChat = async (c: TurnContext, out: Outgoing, jobId: string): Promise<void> => {
  const { owner = c.lease.session } = out;
  await endJob(c, owner, jobId, "the chat is closed to this bot");
  if (owner !== c.lease.session) await tellOwner(c, out, owner, jobId);
};

/** Once of a run, in however many chats it could not be said: what is posted is named by the run. */
const tellOwner = async (c: TurnContext, out: Outgoing, owner: SessionKey, jobId: string): Promise<void> => {
  const { jobs, inbox, doorbell, clock } = c.ports;
  const record = await jobs.get(owner, jobId);
  // Whoever has removed it wants to hear nothing more of it.
  if (record === undefined || record.state === "removed") return;
  const place = `the chat ${out.origin.chatId} is closed to me`;
  const news =
    record.state === "paused"
      ? `⏸ Cron job '${record.name}' is paused: ${place}. Let me in again, or give the job another place, and resume it with /cron.`
      : `⚠️ Cron job '${record.name}' ran, but ${place}.`;
  const entry: PostEntry = {
    kind: "post",
    id: `${out.entries[0]}#closed` as EntryId,
    origin: record.origin,
    at: clock.now(),
    text: `${news} This is what it had to say there:\n\n${out.text}`,
  };
  await inbox.put(owner, entry);
  await doorbell.wake(owner);
};
