// The end of the road: what several holders in a row could not finish is taken off, so that poison cannot loop and the
// chat works on (design.md 5, step 3). By state alone, whichever event it came with. Called by run-turn.ts.

import type { Batch } from "../lease.ts";
import { GIVE_UP_TRIES } from "../lease-times.ts";
import type { Failure } from "../ports.ts";
import { sessionKey } from "../session-key.ts";
import type { JobRun, Meta } from "../session-state.ts";
import type { Entry, EntryId, Origin } from "../turn.ts";
import { deliver } from "./deliver.ts";
import { promptMessages } from "./history.ts";
import { unansweredCalls } from "./plan-calls.ts";
import { sayingOut } from "./say.ts";
import { type NewRow, openTranscript } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { answeredOf, jobRunOf } from "./work.ts";

const APOLOGY =
  "⚠️ I failed at this several times in a row and have given up on it. What was said is kept: try again, perhaps in other words.";

const GIVEN_UP =
  "Outcome unknown: the turn was given up while this ran. Check whether it took effect before doing it again.";

/**
 * The operator gets a record, the person an apology; a holder that finds even that tried already only cleans up. On return
 * nothing of it is open any more.
 */
export const giveUp = async (c: TurnContext, batch: Batch): Promise<void> => {
  const { meta, session } = c.lease;
  const hopeless = hopelessWork(meta, batch);
  const { entries, origin, job } = hopeless;
  const answered = batch.kind === "entries" ? await answeredOf(c, entries) : [];
  if (answered.length > 0) return c.ports.inbox.remove(session, answered);
  await record(c, hopeless);
  if (meta.tries > GIVE_UP_TRIES) return cleanUp(c, hopeless);
  const out = sayingOut({ entries, origin, text: APOLOGY, ...(job === undefined ? {} : { job }) });
  const rows = resultsOfOpenCalls(c);
  if (rows.length === 0) await c.lease.commit({ turn: null, out });
  else await openTranscript(c.lease, c.ports.clock).add(rows, { turn: null, out });
  await deliver(c, { isInherited: false });
};

/** No call is left without a result, whatever the turn was doing. */
const resultsOfOpenCalls = (c: TurnContext): readonly NewRow[] =>
  unansweredCalls(promptMessages(c.lease.rows, c.lease.meta.base, c.ports.log)).map((call) => ({
    message: { role: "tool", toolCallId: call.id, toolName: call.name, content: GIVEN_UP },
  }));

interface Hopeless {
  readonly entries: readonly EntryId[];
  readonly origin: Origin;
  readonly job?: JobRun;
}

/** An answer or a turn that is open, else the oldest entry alone. */
const hopelessWork = ({ out, turn }: Meta, batch: Batch): Hopeless =>
  batch.kind === "entries" ? hopelessEntry(batch.entries[0]) : openOf(out ?? turn);

const openOf = (open: Hopeless | undefined): Hopeless => {
  if (open === undefined) throw new Error("a batch without entries belongs to an open turn or an answer");
  return open;
};

const hopelessEntry = (entry: Entry): Hopeless => ({
  entries: [entry.id],
  origin: entry.origin,
  ...(entry.kind === "tick" ? { job: jobRunOf(entry) } : {}),
});

/** First of all and once: whoever comes after a crash here finds the record, and leaves it as it is. */
const record = async (c: TurnContext, { entries: ids }: Hopeless): Promise<void> => {
  const { meta, session } = c.lease;
  const waiting = await c.ports.inbox.waiting(session);
  const failure: Failure = {
    session,
    at: c.ports.clock.now(),
    tries: meta.tries,
    ids,
    entries: waiting.filter(({ id }) => ids.includes(id)),
    ...(meta.turn === undefined ? {} : { turn: meta.turn }),
    ...(meta.out === undefined ? {} : { undelivered: { text: meta.out.text, next: meta.out.next } }),
  };
  await c.ports.failures.put(failure);
  c.ports.log.error("given up; `npm run failed` shows the record and replays it", {
    ...{ session, entries: ids, tries: meta.tries },
  });
};

const cleanUp = async (c: TurnContext, { entries, job, origin }: Hopeless): Promise<void> => {
  const { session } = c.lease;
  // Whoever tried before may have posted to the job's chat and died before ringing there; a wake for nothing is harmless.
  if (job !== undefined)
    await c.ports.doorbell.wake(sessionKey({ platform: "telegram", ...origin }, c.settings));
  await Promise.all(entries.map((id) => c.ports.claims.complete(session, id)));
  await c.ports.inbox.remove(session, entries);
  await c.lease.close({ turn: null, out: null });
};
