// `session_search`: the chat's past conversations (hermes-behaviour.md 2.6). One tool, its shape told by its arguments.
// The session that asks is left out of what is found: it is in the prompt already.

import * as z from "zod/mini";
import { cutsIn } from "../cut-rows.ts";
import { asError } from "../errors.ts";
import type { Archive, SearchHit, Tool, ToolContext } from "../ports.ts";
import { isSaid, saidIn } from "../said-text.ts";
import type { Row } from "../session-state.ts";
import { defineTool } from "./define-tool.ts";
import { answerOf, type Found, type SessionFacts } from "./session-excerpt.ts";

/** Rows that are read to find the wanted number of spoken ones: in a turn with tools, two of three rows are not. */
const ROWS_PER_SPOKEN = 3;

/**
 * Rows that are read behind those: what was taken back is known by the mark that /undo or /retry left after it. A session's
 * record says it however far behind that is, but for older ones.
 */
const ROWS_BEHIND = 15;

/** Of one session so many hits are looked at for one that was not taken back. */
const HITS_TRIED = 5;

/** Hits asked of the archive, which looks at 100 rows, and at titles besides: several may fall into one session. */
const MAX_HITS = 200;

/** Ten digits, as many as a row's key has; and without a bound the schema would spell the largest integer. */
const MAX_SEQ = 9_999_999_999;

const sessionId = z.string().check(z.regex(/^[\w.:-]{1,200}$/));

const parameters = z.object({
  query: z
    .optional(z.string().check(z.minLength(1), z.maxLength(1_000)))
    .check(z.describe('Few, telling words, all wanted; also OR, NOT, "exact phrase", prefix*.')),
  limit: z
    .optional(z.int().check(z.gte(1), z.lte(10)))
    .check(z.describe("Sessions; default 3, or 10 without query.")),
  sort: z.optional(z.enum(["newest", "oldest", "relevance"])),
  session_id: z.optional(sessionId),
  around_message_id: z.optional(z.int().check(z.gte(1), z.lte(MAX_SEQ))),
  window: z._default(z.int().check(z.gte(1), z.lte(20)), 5),
});

type Args = z.output<typeof parameters>;

export const createSessionSearch = (archive: Archive): Tool =>
  defineTool({
    name: "session_search",
    toolset: "session_search",
    description:
      "Search and read earlier conversations of this chat. query: sessions that match, newest first, with what was said " +
      "around the hit. session_id: its beginning and end, or the messages around one. No arguments: the latest sessions. " +
      "Use it before asking the person to repeat themselves.",
    parallel: true,
    repeatable: true,
    parameters,
    async run(args, context) {
      try {
        return { text: await answerTo(archive, args, context) };
      } catch (thrown) {
        context.signal.throwIfAborted();
        context.log.warn("session_search failed", { error: asError(thrown) });
        return {
          text: "The past conversations cannot be read right now. Go on without them, or try again later.",
        };
      }
    },
  });

const answerTo = (archive: Archive, args: Args, context: ToolContext): Promise<string> => {
  if (args.session_id !== undefined) {
    return args.around_message_id === undefined
      ? readEnds(archive, args.session_id, context)
      : readAround(archive, args.session_id, args.around_message_id, args.window, context);
  }
  if (args.query === undefined) return recent(archive, args.limit ?? 10, context);
  return search(archive, { ...args, query: args.query, limit: args.limit ?? 3 }, context);
};

const recent = async (archive: Archive, limit: number, { session, sessionId }: ToolContext) => {
  const sessions = await archive.sessions(session, limit + 1);
  const others = sessions.filter((past) => past.sessionId !== sessionId).slice(0, limit);
  if (others.length === 0) return "There are no earlier conversations in this chat.";
  return answerOf(others.map((past) => ({ facts: past, rows: [] })));
};

const search = async (
  archive: Archive,
  { query, limit, sort }: { readonly query: string; readonly limit: number; readonly sort?: Args["sort"] },
  { session, sessionId }: ToolContext,
): Promise<string> => {
  const hits = await archive.search(session, query, {
    limit: MAX_HITS,
    exclude: sessionId,
    ...(sort === undefined ? {} : { sort }),
  });
  const sessions = bySession(hits.filter(mayStand)).slice(0, limit);
  const found = await Promise.all(sessions.map((own) => excerptOf(archive, session, own, query)));
  const standing = found.filter((one) => one !== undefined);
  if (standing.length === 0) {
    return "Nothing was found in earlier conversations. Try fewer or other words, OR between them, or prefix*.";
  }
  return answerOf(standing);
};

/** Looked at are only those that its record does not call taken back. */
const mayStand = ({ of, seq, past }: SearchHit): boolean =>
  of !== "message" || !cutsIn([], past?.cuts)({ seq });

/** Of each session first what has most to show: what was said before what a summary says of it, the title last. */
const bySession = (hits: readonly SearchHit[]): readonly (readonly [SearchHit, ...SearchHit[]])[] =>
  [...Map.groupBy(hits, (hit) => hit.sessionId).values()].flatMap((own) => {
    const [first, ...others] = (["message", "summary", "title"] as const).flatMap((kind) =>
      own.filter(({ of }) => of === kind).slice(0, HITS_TRIED),
    );
    return first === undefined ? [] : [[first, ...others]];
  });

/** Undefined when all that was found in this session was taken back. */
const excerptOf = async (
  archive: Archive,
  session: Session,
  hits: readonly [SearchHit, ...SearchHit[]],
  query: string,
): Promise<Found | undefined> => {
  const [{ sessionId, past }] = hits;
  const facts = past ?? (await factsOf(archive, session, sessionId));
  const [standing, ...ends] = await Promise.all([
    standingHit(archive, session, facts, hits),
    firstRows(archive, session, facts, 3),
    lastRows(archive, session, facts, 3),
  ]);
  return standing && { facts, rows: [...standing.around, ...ends.flat()], match: standing.hit, query };
};

/** The first that was not taken back, with what was said around it. */
const standingHit = async (
  archive: Archive,
  session: Session,
  facts: SessionFacts,
  hits: readonly SearchHit[],
) => {
  for (const hit of hits) {
    if (hit.of === "title") return { hit, around: [] };
    const around = await rowsAround(archive, session, facts, hit.seq, 5);
    if (around.some(({ seq }) => seq === hit.seq)) return { hit, around };
  }
  return undefined;
};

const readEnds = async (archive: Archive, wanted: string, { session }: ToolContext): Promise<string> => {
  const facts = await factsOf(archive, session, wanted);
  const rows = await Promise.all([
    firstRows(archive, session, facts, 20),
    lastRows(archive, session, facts, 10),
  ]);
  if (rows.flat().length === 0) return `There is no conversation ${wanted} in this chat.`;
  return answerOf([{ facts, rows: rows.flat() }]);
};

const readAround = async (
  archive: Archive,
  wanted: string,
  seq: number,
  window: number,
  { session }: ToolContext,
): Promise<string> => {
  const facts = await factsOf(archive, session, wanted);
  const rows = await rowsAround(archive, session, facts, seq, window);
  if (rows.length === 0) return `There is no message ${seq} in a conversation ${wanted} of this chat.`;
  return answerOf([{ facts, rows, match: { seq } }]);
};

type Session = ToolContext["session"];

/** A session that was never left, or is of older times, may have no record: it is known by its id alone. */
const factsOf = async (archive: Archive, session: Session, sessionId: string): Promise<SessionFacts> =>
  (await archive.find(session, sessionId)) ?? { sessionId };

/** Without what was taken back, as far as the session's record and these rows tell. */
const standingIn = ({ cuts }: SessionFacts, rows: readonly Row[]): readonly Row[] => {
  const isCut = cutsIn(rows, cuts);
  return rows.filter((row) => row.marker !== undefined || !isCut(row));
};

const spoken = (facts: SessionFacts, rows: readonly Row[]): Row[] => standingIn(facts, rows).filter(isSaid);

const firstRows = async (archive: Archive, session: Session, facts: SessionFacts, count: number) => {
  const to = count * ROWS_PER_SPOKEN + ROWS_BEHIND;
  return spoken(facts, await archive.rows(session, facts.sessionId, 1, to)).slice(0, count);
};

/** Only a session's record knows where it ends. */
const lastRows = async (archive: Archive, session: Session, facts: SessionFacts, count: number) => {
  const { sessionId, messages = 0 } = facts;
  if (messages === 0) return [];
  const from = Math.max(1, messages - count * ROWS_PER_SPOKEN + 1);
  return spoken(facts, await archive.rows(session, sessionId, from, messages)).slice(-count);
};

const rowsAround = async (
  archive: Archive,
  session: Session,
  facts: SessionFacts,
  seq: number,
  window: number,
) => {
  // Both sides in one read of at most 100 rows.
  const reach = Math.min(window * ROWS_PER_SPOKEN, 49);
  const behind = Math.min(reach + ROWS_BEHIND, 49);
  const from = Math.max(1, seq - reach);
  const read = standingIn(facts, await archive.rows(session, facts.sessionId, from, seq + behind));
  const rows = read.filter(isSaid);
  const before = rows.filter((row) => row.seq < seq).slice(-window);
  const after = rows.filter((row) => row.seq > seq).slice(0, window);
  // A summary is shown where it was asked for.
  const asked = read.filter((row) => row.seq === seq && saidIn(row).trim() !== "");
  return [...before, ...asked, ...after];
};
