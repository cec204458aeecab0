// Keeps the archive of a chat up to date: its sessions, and the full-text index over what was said in them.

import { orLogged } from "../or-logged.ts";
import type { PastSession } from "../ports.ts";
import { isSaid, saidIn } from "../said-text.ts";
import type { Row } from "../session-state.ts";
import { visibleRows } from "./history.ts";
import type { TurnContext } from "./turn-context.ts";

/** Rows are indexed in segments: one small item per word and segment, however often it occurs. */
const SEGMENT_ROWS = 32;

const PREVIEW_CHARS = 120;

/**
 * Indexes the full segments that are not indexed yet, `added` being the rows about to be committed. Never rejects.
 * Returns the seq up to which all is indexed, or undefined when no segment is full.
 */
export const archiveRows = async (c: TurnContext, added: readonly Row[]): Promise<number | undefined> => {
  const { meta } = c.lease;
  const waiting = meta.seq + added.length - meta.indexed;
  if (waiting < SEGMENT_ROWS) return undefined;
  return indexUpTo(c, [...c.lease.rows, ...added], meta.indexed + waiting - (waiting % SEGMENT_ROWS));
};

/** What is about to leave the prompt becomes searchable, the rows before `seq`. Returns how far it is. Never rejects. */
export const archiveBefore = (c: TurnContext, seq: number): Promise<number> =>
  indexUpTo(c, c.lease.rows, seq - 1);

/**
 * The session is left for another: what it said becomes searchable, and its record says how to come back. The index is
 * best effort. The record is not: /resume restores the state in it, and with an older one would write over committed
 * rows. So it throws when the record could not be written, and the session is not left. What memories have missed of it
 * META says (learn.ts).
 */
export const archiveSession = async (c: TurnContext): Promise<void> => {
  const { meta, session } = c.lease;
  if (meta.sessionId === "" || meta.seq === 0) return;
  const indexed = await indexUpTo(c, c.lease.rows, meta.seq);
  const record = recordOf(c, { endedAt: c.ports.clock.now(), indexed, learned: meta.seq });
  await c.ports.archive.describe(session, record);
};

/** What differs from META in the record of a session. */
interface Change {
  readonly endedAt?: number;
  readonly indexed?: number;
  readonly learned?: number;
  readonly title?: string;
}

/** Writes the record of a session that goes on, for lists and titles; a failure is logged: leaving it writes it anew. */
export const describeSession = async (c: TurnContext, change: Change): Promise<void> => {
  const described = c.ports.archive.describe(c.lease.session, recordOf(c, change));
  await orLogged(c.ports.log, "describing the session", described);
};

const recordOf = (c: TurnContext, left: Change): PastSession => {
  const { meta, rows } = c.lease;
  const first = visibleRows(rows, meta.base).rows.find((row) => row.message.role === "user" && isSaid(row));
  const title = left.title ?? meta.title;
  const learned = left.learned ?? meta.learned;
  return {
    sessionId: meta.sessionId,
    ...(title === undefined ? {} : { title }),
    startedAt: meta.startedAt,
    ...(left.endedAt === undefined ? {} : { endedAt: left.endedAt }),
    messages: meta.seq,
    preview: (first === undefined ? "" : saidIn(first)).slice(0, PREVIEW_CHARS),
    ...(meta.cuts === undefined ? {} : { cuts: meta.cuts }),
    state: {
      seq: meta.seq,
      seqFence: meta.seqFence,
      base: meta.base,
      lastPrompt: meta.lastPrompt,
      indexed: left.indexed ?? meta.indexed,
      ...(learned === undefined ? {} : { learned }),
      totals: meta.totals,
    },
  };
};

/**
 * One segment after the other. Returns the seq reached: a segment that fails is logged and ends it, those before it stay,
 * and the next turn tries it again.
 */
const indexUpTo = async (c: TurnContext, known: readonly Row[], seq: number): Promise<number> => {
  let reached = c.lease.meta.indexed;
  while (reached < seq) {
    const to = Math.min(reached + SEGMENT_ROWS, seq);
    const segment = indexSegment(c, known, reached + 1, to).then(() => to);
    const done = await orLogged(c.ports.log, "indexing the conversation", segment);
    if (done === undefined) break;
    reached = done;
  }
  return reached;
};

/** Rows still in memory are indexed from there; older ones, left by a failed attempt, are read again. */
const indexSegment = async (
  c: TurnContext,
  known: readonly Row[],
  from: number,
  to: number,
): Promise<void> => {
  const { archive } = c.ports;
  const { session, meta } = c.lease;
  const oldest = known[0]?.seq ?? to + 1;
  const read =
    from < oldest ? await archive.rows(session, meta.sessionId, from, Math.min(to, oldest - 1)) : [];
  const inMemory = known.filter((row) => row.seq >= from && row.seq <= to);
  await archive.index(session, [...read, ...inMemory]);
};
