// What a job has to say goes into the inbox of the chat it belongs to: only that chat's holder sends to it.

import { sessionKey } from "../session-key.ts";
import type { Outgoing } from "../session-state.ts";
import type { EntryId, PostEntry } from "../turn.ts";
import { cronResult, isSilent } from "./cron-prompt.ts";
import type { TurnContext } from "./turn-context.ts";

/** Posting twice is once: the entry's key is the run's. */
export const postJobResult = async (c: TurnContext, out: Outgoing): Promise<{ readonly kind: "done" }> => {
  const { job, origin } = out;
  if (job === undefined || isSilent(out.text)) return { kind: "done" };
  const chat = sessionKey({ platform: "telegram", ...origin }, c.settings);
  const entry: PostEntry = {
    kind: "post",
    id: `p#${job.id}#${job.scheduledTime}` as EntryId,
    origin,
    at: c.ports.clock.now(),
    text: out.row === undefined ? `⚠️ Cron job '${job.name}' failed:\n${out.text}` : cronResult(job, out.text),
  };
  await c.ports.inbox.put(chat, entry);
  await c.ports.doorbell.wake(chat);
  return { kind: "done" };
};
