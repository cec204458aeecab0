// `session_search`: the chat's past conversations (hermes-behaviour.md 2.6). One tool, its shape told by its arguments.
// Of the session that asks it knows what compaction took out of the prompt, and nothing that is in there.

import * as z from "zod/mini";
import { cutsIn } from "../cut-rows.ts";
import { asError } from "../errors.ts";
import type { Archive, PastSession, SearchHit, Tool, ToolContext } from "../ports.ts";
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

/** Of one session so many hits are looked at for one that was not taken back; where the others are is told. */
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
      "Search and read earlier conversations of this chat, and what a summary replaced in this one. query: sessions that " +
      "match, newest first, with what was said around a hit and the ids of others. session_id: its beginning and end, or the " +
      "messages around one. No arguments: the latest sessions. Use it before asking the person to repeat themselves.",
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

const recent = async (archive: Archive, limit: number, context: ToolContext) => {
  const sessions = await archive.sessions(context.session, limit + 1);
  const known = sessions.map((past) => asKnown(context, past.sessionId, past));
  const past = known.filter((facts) => !facts.isCurrent || facts.messages !== 0).slice(0, limit);
  if (past.length === 0) return "There are no earlier conversations in this chat.";
  return answerOf(past.map((facts) => ({ facts, rows: [] })));
};

const search = async (
  archive: Archive,
  { query, limit, sort }: { readonly query: string; readonly limit: number; readonly sort?: Args["sort"] },
  context: ToolContext,
): Promise<string> => {
  const { session, sessionId, base } = context;
  const hits = await archive.search(session, query, {
    limit: MAX_HITS,
    exclude: { sessionId, fromSeq: base },
    ...(sort === undefined ? {} : { sort }),
  });
  const sessions = bySession(hits.filter((hit) => mayStand(context, hit))).slice(0, limit);
  const found = await Promise.all(sessions.map((own) => excerptOf(archive, context, own, query)));
  const standing = found.filter((one) => one !== undefined);
  if (standing.length === 0) {
    return "Nothing was found in what was said earlier. Try fewer or other words, OR between them, or prefix*.";
  }
  return answerOf(standing);
};

/** Looked at are only those that are not known to be taken back. */
const mayStand = (context: ToolContext, { of, seq, sessionId, past }: SearchHit): boolean =>
  of !== "message" || !cutsIn([], asKnown(context, sessionId, past).cuts)({ seq });

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
  context: ToolContext,
  hits: readonly [SearchHit, ...SearchHit[]],
  query: string,
): Promise<Found | undefined> => {
  const [{ sessionId, past }] = hits;
  const { session } = context;
  const facts = past ? asKnown(context, sessionId, past) : await factsOf(archive, context, sessionId);
  const [standing, ...ends] = await Promise.all([
    standingHit(archive, session, facts, hits),
    firstRows(archive, session, facts, 3),
    lastRows(archive, session, facts, 3),
  ]);
  if (standing === undefined) return undefined;
  const others = hits
    .filter(({ of, seq }) => of === "message" && seq !== standing.hit.seq)
    .map(({ seq }) => seq);
  return { facts, rows: [...standing.around, ...ends.flat()], match: standing.hit, others, query };
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

const readEnds = async (archive: Archive, wanted: string, context: ToolContext): Promise<string> => {
  const { session } = context;
  const facts = await factsOf(archive, context, wanted);
  const rows = await Promise.all([
    firstRows(archive, session, facts, 20),
    lastRows(archive, session, facts, 10),
  ]);
  if (rows.flat().length === 0) {
    return facts.isCurrent ? ALL_IN_PROMPT : `There is no conversation ${wanted} in this chat.`;
  }
  return answerOf([{ facts, rows: rows.flat() }]);
};

const readAround = async (
  archive: Archive,
  wanted: string,
  seq: number,
  window: number,
  context: ToolContext,
): Promise<string> => {
  const facts = await factsOf(archive, context, wanted);
  if (facts.isCurrent && seq > (facts.messages ?? 0)) return ALL_IN_PROMPT;
  const rows = await rowsAround(archive, context.session, facts, seq, window);
  if (rows.length === 0) return `There is no message ${seq} in a conversation ${wanted} of this chat.`;
  return answerOf([{ facts, rows, match: { seq } }]);
};

const ALL_IN_PROMPT = "That is in this conversation, as you see it: there is nothing more to read.";

type Session = ToolContext["session"];

/** A session that was never left, or is of older times, may have no record: it is known by its id alone. */
const factsOf = async (archive: Archive, context: ToolContext, sessionId: string) =>
  asKnown(context, sessionId, await archive.find(context.session, sessionId));

/** The record of the session that asks is old or not written yet. To the tool it ends where the prompt begins. */
const asKnown = (
  { sessionId: asking, base, cuts }: ToolContext,
  sessionId: string,
  past?: Partial<PastSession>,
): SessionFacts =>
  sessionId === asking
    ? { ...past, sessionId, cuts, messages: Math.max(0, base - 1), isCurrent: true }
    : { ...past, sessionId };

/** Of the session that asks none that its prompt has, or that is not committed. */
const readRows = (archive: Archive, session: Session, facts: SessionFacts, from: number, to: number) =>
  archive.rows(session, facts.sessionId, from, facts.isCurrent ? Math.min(to, facts.messages ?? 0) : to);

/** Without what was taken back, as far as the session's record and these rows tell. */
const standingIn = ({ cuts }: SessionFacts, rows: readonly Row[]): readonly Row[] => {
  const isCut = cutsIn(rows, cuts);
  return rows.filter((row) => row.marker !== undefined || !isCut(row));
};

const spoken = (facts: SessionFacts, rows: readonly Row[]): Row[] => standingIn(facts, rows).filter(isSaid);

const firstRows = async (archive: Archive, session: Session, facts: SessionFacts, count: number) => {
  const to = count * ROWS_PER_SPOKEN + ROWS_BEHIND;
  return spoken(facts, await readRows(archive, session, facts, 1, to)).slice(0, count);
};

/** Only a session's record knows where it ends. */
const lastRows = async (archive: Archive, session: Session, facts: SessionFacts, count: number) => {
  const { messages = 0 } = facts;
  if (messages === 0) return [];
  const from = Math.max(1, messages - count * ROWS_PER_SPOKEN + 1);
  return spoken(facts, await readRows(archive, session, facts, from, messages)).slice(-count);
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
  const read = standingIn(facts, await readRows(archive, session, facts, from, seq + behind));
  const rows = read.filter(isSaid);
  const before = rows.filter((row) => row.seq < seq).slice(-window);
  const after = rows.filter((row) => row.seq > seq).slice(0, window);
  // A summary is shown where it was asked for.
  const asked = read.filter((row) => row.seq === seq && saidIn(row).trim() !== "");
  return [...before, ...asked, ...after];
};
