// Excerpts of past conversations as the JSON text the model reads. Used by session_search.

import { clip } from "../clip.ts";
import type { PastSession } from "../ports.ts";
import type { Row } from "../session-state.ts";

export type SessionFacts = Pick<PastSession, "sessionId"> & Partial<PastSession>;

export interface Found {
  readonly facts: SessionFacts;
  readonly rows: readonly Row[];
  /** seq of the message that was looked for. */
  readonly match?: number;
  /** What that message was found by. */
  readonly query?: string;
}

/**
 * What people and the model said; tool rows, markers and answers that are only tool calls are left out, and with them
 * what is no message at all.
 */
export const spoken = (rows: readonly Row[]): Row[] =>
  rows.filter(
    ({ message, marker }) =>
      marker === undefined &&
      (message?.role === "user" || message?.role === "assistant") &&
      typeof message.content === "string" &&
      message.content.trim() !== "",
  );

/** Characters of message text in one result. */
const MAX_CHARS = 24_000;
const SNIPPET_CHARS = 200;

/** One result for one call: sessions in the order given, the messages of each in the order they were said. */
export const answerOf = (found: readonly Found[]): string => {
  const excerpts = found.map((one) => ({ ...one, rows: distinct(one.rows) }));
  const rows = excerpts.flatMap((one) => one.rows);
  const share = fairShare(rows.map(({ message }) => message.content.length));
  const sessions = excerpts.map((one) => sessionOf(one, share));
  const isCut = rows.some(({ message }) => message.content.length > share);
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

const sessionOf = ({ facts, rows, match, query }: Found, share: number) => {
  const hit = rows.find(({ seq }) => seq === match);
  return {
    ...factsOf(facts),
    ...(match === undefined ? {} : { match_message_id: match }),
    ...(hit === undefined || query === undefined ? {} : { snippet: snippetOf(hit.message.content, query) }),
    ...(rows.length === 0 ? {} : { messages: rows.map((row) => messageOf(row, share)) }),
  };
};

/** The text around the first word of the query that stands in it as it was typed; else its beginning. */
const snippetOf = (text: string, query: string): string => {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  const places = words.map((word) => text.toLowerCase().indexOf(word)).filter((place) => place >= 0);
  const start = places.length === 0 ? 0 : Math.max(0, Math.min(...places) - SNIPPET_CHARS / 2);
  return clip(text.slice(start), SNIPPET_CHARS).toWellFormed();
};

const factsOf = ({ sessionId, title, startedAt, messages, preview }: SessionFacts) => ({
  session_id: sessionId,
  ...(title === undefined ? {} : { title }),
  ...(startedAt === undefined ? {} : { started: isoMinute(startedAt) }),
  ...(messages === undefined ? {} : { messages_in_all: messages }),
  ...(preview === undefined ? {} : { preview: clip(preview, SNIPPET_CHARS) }),
});

/** Excerpts of one session may overlap. */
const distinct = (rows: readonly Row[]): Row[] =>
  [...new Map(rows.map((row) => [row.seq, row])).values()].sort((a, b) => a.seq - b.seq);

const messageOf = ({ seq, at, message }: Row, share: number) => ({
  id: seq,
  role: message.role,
  at: isoMinute(at),
  text: message.content.length > share ? `${clip(message.content, share)}…` : message.content,
});

/** A foreign or damaged row may hold no time; that is no reason to lose the rest. */
const isoMinute = (ms: number): string | undefined =>
  Number.isFinite(ms) && Math.abs(ms) < MAX_DATE_MS
    ? `${new Date(ms).toISOString().slice(0, 16)}Z`
    : undefined;

/** ECMAScript's range of dates. */
const MAX_DATE_MS = 8.64e15;
