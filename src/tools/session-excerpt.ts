// Excerpts of what was said before as the JSON text the model reads. Used by session_search.

import { clip } from "../clip.ts";
import type { PastSession, SearchHit } from "../ports.ts";
import { saidIn } from "../said-text.ts";
import type { Row } from "../session-state.ts";

export type SessionFacts = Pick<PastSession, "sessionId"> &
  Partial<Omit<PastSession, "state">> & {
    /** The session that asks: `messages` counts those that are no longer in its prompt. */
    readonly isCurrent?: true;
  };

export interface Found {
  readonly facts: SessionFacts;
  readonly rows: readonly Row[];
  /** The place that was looked for. */
  readonly match?: { readonly seq: number; readonly of?: SearchHit["of"] };
  /** Other messages of the session that match; `rows` may have some of them. */
  readonly others?: readonly number[];
  /** What it was found by. */
  readonly query?: string;
}

/** Characters of message text in one result. */
const MAX_CHARS = 24_000;
const SNIPPET_CHARS = 200;

/** One result for one call: sessions in the order given, the messages of each in the order they were said. */
export const answerOf = (found: readonly Found[]): string => {
  const excerpts = found.map((one) => ({ ...one, rows: distinct(one.rows) }));
  const rows = excerpts.flatMap((one) => one.rows);
  const share = fairShare(rows.map((row) => saidIn(row).length));
  const sessions = excerpts.map((one) => sessionOf(one, share));
  const isCut = rows.some((row) => saidIn(row).length > share);
  return JSON.stringify({ sessions, ...(isCut ? { note: HOW_TO_READ_ON } : {}) });
};

/** Short texts stay whole; what they leave over the long ones share. */
const fairShare = (lengths: readonly number[]): number => {
  let left = MAX_CHARS;
  for (const [index, length] of lengths.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (lengths.length - index));
    if (length > share) return share;
    left -= length;
  }
  return MAX_CHARS;
};

const HOW_TO_READ_ON =
  "Texts ending in … are cut. To read more of one, call session_search with its session_id, its id as " +
  "around_message_id and window 1.";

const sessionOf = ({ facts, rows, match, others = [], query }: Found, share: number) => {
  const unseen = others.filter((other) => !rows.some(({ seq }) => seq === other));
  return {
    ...factsOf(facts),
    ...(match === undefined ? {} : matchOf(match, rows, query)),
    ...(unseen.length === 0 ? {} : { other_match_ids: unseen }),
    ...(rows.length === 0 ? {} : { messages: rows.map((row) => messageOf(row, share)) }),
  };
};

const matchOf = ({ seq, of }: NonNullable<Found["match"]>, rows: readonly Row[], query?: string) => {
  if (of === "title") return { matched: of };
  const hit = rows.find((row) => row.seq === seq);
  return {
    ...(of === undefined ? {} : { matched: of }),
    match_message_id: seq,
    ...(hit === undefined || query === undefined ? {} : { snippet: snippetOf(saidIn(hit), query) }),
  };
};

/** The text around the first word of the query that stands in it as it was typed; else its beginning. */
const snippetOf = (text: string, query: string): string => {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  const places = words.map((word) => text.toLowerCase().indexOf(word)).filter((place) => place >= 0);
  const start = places.length === 0 ? 0 : Math.max(0, Math.min(...places) - SNIPPET_CHARS / 2);
  return clip(text.slice(start), SNIPPET_CHARS).toWellFormed();
};

const factsOf = ({ sessionId, title, startedAt, messages, preview, isCurrent }: SessionFacts) => ({
  session_id: sessionId,
  ...(isCurrent === undefined
    ? {}
    : { part: "the beginning of this conversation, that a summary stands for" }),
  ...(title === undefined ? {} : { title }),
  ...(startedAt === undefined ? {} : { started: isoMinute(startedAt) }),
  ...(messages === undefined ? {} : { messages_in_all: messages }),
  ...(preview === undefined ? {} : { preview: clip(preview, SNIPPET_CHARS) }),
});

/** Excerpts of one session may overlap. */
const distinct = (rows: readonly Row[]): Row[] =>
  [...new Map(rows.map((row) => [row.seq, row])).values()].sort((a, b) => a.seq - b.seq);

const messageOf = (row: Row, share: number) => {
  const text = saidIn(row);
  return {
    id: row.seq,
    // To the model a summary came as a person's message.
    role: row.marker === undefined ? row.message.role : "summary",
    at: isoMinute(row.at),
    text: text.length > share ? `${clip(text, share)}…` : text,
  };
};

/** A foreign or damaged row may hold no time; that is no reason to lose the rest. */
const isoMinute = (ms: number): string | undefined =>
  Number.isFinite(ms) && Math.abs(ms) < MAX_DATE_MS
    ? `${new Date(ms).toISOString().slice(0, 16)}Z`
    : undefined;

/** ECMAScript's range of dates. */
const MAX_DATE_MS = 8.64e15;
