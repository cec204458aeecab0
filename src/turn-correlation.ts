// What identifies a turn in logs and traces: by update id, by job id and due time, or by the session alone.

import type { Turn } from "./turn.ts";

export const correlationOf = (turn: Turn): Readonly<Record<string, string>> => {
  const { session } = turn;
  if (turn.kind === "wake") return { session };
  const { entry, updateId } = turn;
  return entry.kind === "tick"
    ? { session, jobId: entry.job.id, scheduledTime: entry.scheduledTime }
    : { session, updateId: String(updateId) };
};
