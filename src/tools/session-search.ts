// `session_search`: the chat's past conversations (hermes-behaviour.md 2.6). One tool, its shape told by its arguments.
// The session that asks is left out of what is found: it is in the prompt already.

import * as z from "zod/mini";
import { asError } from "../errors.ts";
import type { Archive, Tool, ToolContext } from "../ports.ts";
import { defineTool } from "./define-tool.ts";
import { answerOf, type Found, type SessionFacts, spoken } from "./session-excerpt.ts";

/** The records read to name a session: more than a person goes back through. */
const KNOWN_SESSIONS = 100;

/** Rows that are read to find the wanted number of spoken ones: in a turn with tools, two of three rows are not. */
const ROWS_PER_SPOKEN = 3;

/** Hits asked of the archive: several may fall into one session. */
const MAX_HITS = 50;

const sessionId = z.string().check(z.regex(/^[\w.:-]{1,200}$/));

const parameters = z.object({
  query: z
    .optional(z.string().check(z.minLength(1), z.maxLength(1_000)))
    .check(
      z.describe(
        'What to look for. Words must all occur; also OR, NOT, "exact phrase", prefix*. Few, telling words find most.',
      ),
    ),
  limit: z
    .optional(z.int().check(z.gte(1), z.lte(10)))
    .check(z.describe("Sessions to return: default 3 with a query, 10 without.")),
  sort: z
    .optional(z.enum(["newest", "oldest"]))
    .check(z.describe("Order of what a query finds; default is by relevance.")),
  session_id: z.optional(sessionId).check(z.describe("Read this session: its beginning and its end.")),
  around_message_id: z
    .optional(z.int().check(z.gte(1)))
    .check(z.describe("With session_id: read around this message.")),
  window: z
    ._default(z.int().check(z.gte(1), z.lte(20)), 5)
    .check(z.describe("Messages before and after around_message_id. The fewer, the longer their texts.")),
});

type Args = z.output<typeof parameters>;

export const createSessionSearch = (archive: Archive): Tool =>
  defineTool({
    name: "session_search",
    toolset: "session_search",
    description:
      "Search and read earlier conversations of this chat. With query: the sessions that match, each with its " +
      "beginning, its end and what was said around the hit. With session_id and around_message_id: that place. " +
      "With session_id alone: its first 20 and last 10 messages. Without arguments: the most recent sessions. " +
      "Use it whenever something said before is referred to, before asking the person to repeat it.",
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
  const [hits, facts] = await Promise.all([
    archive.search(session, query, {
      limit: MAX_HITS,
      exclude: sessionId,
      ...(sort === undefined ? {} : { sort }),
    }),
    factsOfSessions(archive, session),
  ]);
  const bestHits = new Map(hits.toReversed().map((hit) => [hit.sessionId, hit]));
  const inOrder = hits.filter((hit) => bestHits.get(hit.sessionId) === hit).slice(0, limit);
  if (inOrder.length === 0) {
    return "Nothing was found in earlier conversations. Try fewer or other words, OR between them, or prefix*.";
  }
  const found = inOrder.map(async (hit): Promise<Found> => {
    const past = facts(hit.sessionId);
    const rows = await Promise.all([
      firstRows(archive, session, past, 3),
      rowsAround(archive, session, past, hit.seq, 5),
      lastRows(archive, session, past, 3),
    ]);
    return { facts: past, rows: rows.flat(), match: hit.seq, query };
  });
  return answerOf(await Promise.all(found));
};

const readEnds = async (archive: Archive, wanted: string, { session }: ToolContext): Promise<string> => {
  const facts = (await factsOfSessions(archive, session))(wanted);
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
  const facts = (await factsOfSessions(archive, session))(wanted);
  const rows = await rowsAround(archive, session, facts, seq, window);
  if (rows.length === 0) return `There is no message ${seq} in a conversation ${wanted} of this chat.`;
  return answerOf([{ facts, rows, match: seq }]);
};

type Session = ToolContext["session"];

/** What is known of a session; one older than the records that are read is known by its id alone. */
const factsOfSessions = async (archive: Archive, session: Session) => {
  const sessions = await archive.sessions(session, KNOWN_SESSIONS);
  const byId = new Map(sessions.map((past) => [past.sessionId, past]));
  return (sessionId: string): SessionFacts => byId.get(sessionId) ?? { sessionId };
};

const firstRows = async (archive: Archive, session: Session, { sessionId }: SessionFacts, count: number) =>
  spoken(await archive.rows(session, sessionId, 1, count * ROWS_PER_SPOKEN)).slice(0, count);

/** Only a session's record knows where it ends. */
const lastRows = async (archive: Archive, session: Session, facts: SessionFacts, count: number) => {
  const { sessionId, messages = 0 } = facts;
  if (messages === 0) return [];
  const from = Math.max(1, messages - count * ROWS_PER_SPOKEN + 1);
  return spoken(await archive.rows(session, sessionId, from, messages)).slice(-count);
};

const rowsAround = async (
  archive: Archive,
  session: Session,
  { sessionId }: SessionFacts,
  seq: number,
  window: number,
) => {
  // Both sides in one read of at most 100 rows.
  const reach = Math.min(window * ROWS_PER_SPOKEN, 49);
  const rows = spoken(await archive.rows(session, sessionId, Math.max(1, seq - reach), seq + reach));
  const before = rows.filter((row) => row.seq < seq).slice(-window);
  const after = rows.filter((row) => row.seq > seq).slice(0, window);
  return [...before, ...rows.filter((row) => row.seq === seq), ...after];
};
