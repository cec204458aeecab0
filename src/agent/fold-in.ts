// Takes messages that arrived while a turn works into that turn, at its next tool boundary (design.md 5, step 5).
// Called by the journal.

import type { UserMessage } from "../message.ts";
import type { Entry } from "../turn.ts";
import { gather, leadingMessages } from "./gather.ts";
import type { TurnContext } from "./turn-context.ts";
import { userMessage } from "./user-message.ts";
import { joiningPaid } from "./who-pays.ts";
import { answeredOf, openTurn, type Work } from "./work.ts";

/**
 * Committed on return: the messages are in the transcript, and their entries are answered with the turn. What nobody has money
 * for waits: joined to a turn it would be asked at another's cost, or end unanswered with a turn that breaks off.
 */
export const foldIn = async (
  c: TurnContext,
  work: Work,
  waiting: readonly Entry[],
): Promise<readonly UserMessage[]> => {
  const leading = leadingMessages(waiting);
  if (leading.length === 0) return [];
  // Before anything is waited for: who has no money has none at the next tool either.
  const paid = await joiningPaid(c, work, leading);
  if (paid.length === 0) return [];
  const entries = await gather(c, paid);
  const answered = await answeredOf(
    c,
    entries.map(({ id }) => id),
  );
  if (answered.length > 0) await c.ports.inbox.remove(c.lease.session, answered);
  const unanswered = entries.filter(({ id }) => !answered.includes(id));
  const fresh = entries === paid ? unanswered : await joiningPaid(c, work, unanswered);
  if (fresh.length === 0) return [];
  const rows = fresh.map((entry) => ({ message: userMessage(c, entry), entryId: entry.id }));
  const turn = openTurn(c, work);
  const ids = fresh.map(({ id }) => id);
  await work.transcript.add(rows, { turn: { ...turn, entries: [...turn.entries, ...ids] } });
  c.ports.log.info("messages joined the running turn", { entries: ids });
  return rows.map(({ message }) => message);
};
