// Keeps the archive of a chat up to date: its sessions, and the full-text index over what was said in them.

import type { PastSession, Row } from "../ports.ts";
import { orLogged } from "./or-logged.ts";
import type { TurnContext } from "./turn-context.ts";

/** Rows are indexed in segments: one small item per word and segment, however often it occurs. */
const SEGMENT_ROWS = 32;

const PREVIEW_CHARS = 120;

/**
 * Indexes what is not indexed yet once a segment is full, `added` being the rows about to be committed.
 * Returns the seq up to which it is, or undefined when nothing was done; a failure is made up for by the next turn.
 */
export const archiveRows = async (c: TurnContext, added: readonly Row[]): Promise<number | undefined> => {
  const { meta } = c.lease;
  const seq = meta.seq + added.length;
  if (seq - meta.indexed < SEGMENT_ROWS) return undefined;
  return orLogged(c.ports.log, "indexing the conversation", indexUpTo(c, [...c.lease.rows, ...added], seq));
};

/** The session is left for another: all of it becomes searchable, and its record says how to come back. */
export const archiveSession = async (c: TurnContext): Promise<void> => {
  const { meta } = c.lease;
  if (meta.sessionId === "" || meta.seq === 0) return;
  const indexed = await orLogged(
    c.ports.log,
    "indexing the conversation",
    indexUpTo(c, c.lease.rows, meta.seq),
  );
  await describeSession(c, { endedAt: c.ports.clock.now(), indexed: indexed ?? meta.indexed });
};

/** What differs from META in the record of a session. */
interface Change {
  readonly endedAt?: number;
  readonly indexed?: number;
  readonly title?: string;
}

/** Writes the current session's record: it can be listed, searched and resumed. */
export const describeSession = async (c: TurnContext, change: Change): Promise<void> => {
  const described = c.ports.archive.describe(c.lease.session, recordOf(c, change));
  await orLogged(c.ports.log, "describing the session", described);
};

const recordOf = (c: TurnContext, left: Change): PastSession => {
  const { meta, rows } = c.lease;
  const first = rows.find((row) => row.message.role === "user")?.message.content ?? "";
  const title = left.title ?? meta.title;
  return {
    sessionId: meta.sessionId,
    ...(title === undefined ? {} : { title }),
    startedAt: meta.startedAt,
    ...(left.endedAt === undefined ? {} : { endedAt: left.endedAt }),
    messages: meta.seq,
    preview: first.slice(0, PREVIEW_CHARS),
    state: {
      seq: meta.seq,
      seqFence: meta.seqFence,
      base: meta.base,
      lastPrompt: meta.lastPrompt,
      indexed: left.indexed ?? meta.indexed,
      totals: meta.totals,
    },
  };
};

/** Rows still in memory are indexed from there; older ones, left by a failed attempt, are read again. */
const indexUpTo = async (c: TurnContext, known: readonly Row[], seq: number): Promise<number> => {
  const { archive } = c.ports;
  const { session, meta } = c.lease;
  const oldest = known[0]?.seq ?? seq + 1;
  for (let from = meta.indexed + 1; from < oldest; from += SEGMENT_ROWS) {
    const to = Math.min(from + SEGMENT_ROWS, oldest) - 1;
    await archive.index(session, await archive.rows(session, meta.sessionId, from, to));
  }
  const rest = known.filter((row) => row.seq > meta.indexed && row.seq <= seq);
  if (rest.length > 0) await archive.index(session, rest);
  return seq;
};
