// What a search costs when the past is long, and what the index costs to write: the bounds of archive.ts, counted at the table.

import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createArchive } from "../../../src/adapters/dynamodb/archive.ts";
import { itemsOfRow } from "../../../src/adapters/dynamodb/rows.ts";
import type { PastSession } from "../../../src/ports.ts";
import type { Row } from "../../../src/session-state.ts";
import { createSessionSearch } from "../../../src/tools/session-search.ts";
import type { SessionKey } from "../../../src/turn.ts";
import { said } from "../../contracts/archive.ts";
import { newSession } from "../../contracts/said.ts";
import { contextOf } from "../../tools/context.ts";
import { type LocalTable, startTable } from "./local-table.ts";
import { ORDINARY_CHAT } from "./ordinary-chat.ts";

const MESSAGES_PER_SESSION = 34;
/** As src/agent/archive-rows.ts hands them over. */
const SEGMENT_ROWS = 32;

/** Items put into the index: a write unit each. */
let written = 0;
/** Items the table looked at, hits or not: what is paid for. */
let looked = 0;
let local: LocalTable;
const short = newSession();
const long = newSession();

beforeAll(async () => {
  local = await startTable();
  await fill(short, 30);
  await fill(long, 300);
  local.table.client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const output = result.output as { ScannedCount?: number; Responses?: Record<string, unknown[]> };
      const { RequestItems = {} } = args.input as { RequestItems?: Record<string, unknown> };
      written += Object.values(RequestItems).flatMap((requests) =>
        Array.isArray(requests) ? requests : [],
      ).length;
      looked += (output.ScannedCount ?? 0) + Object.values(output.Responses ?? {}).flat().length;
      return result;
    },
    { step: "initialize" },
  );
});
afterAll(() => local.close());

const sessionIdOf = (index: number): string => `20260101_${String(index).padStart(6, "0")}_aaaaaaaa`;

/** Every message says "common" and its session's own word; one in each session says "rare". */
const rowsOf = (index: number): Row[] =>
  Array.from({ length: MESSAGES_PER_SESSION }, (_, at) =>
    said(sessionIdOf(index), at + 1, `common topic${index}${at === 7 ? " rare" : ""}`),
  );

const recordOf = (index: number): PastSession => ({
  sessionId: sessionIdOf(index),
  title: `Title number ${index}`,
  startedAt: index,
  messages: MESSAGES_PER_SESSION,
  preview: "x".repeat(120),
});

const fill = async (session: SessionKey, sessions: number): Promise<void> => {
  const archive = createArchive(local.table);
  for (let index = 0; index < sessions; index += 1) {
    const rows = rowsOf(index);
    await put(rows.flatMap((row) => itemsOfRow(`SESSION#${session}`, row)));
    for (let from = 0; from < rows.length; from += SEGMENT_ROWS) {
      await archive.index(session, rows.slice(from, from + SEGMENT_ROWS));
    }
    await archive.describe(session, recordOf(index));
  }
};

const put = async (items: readonly Readonly<Record<string, unknown>>[]): Promise<void> => {
  for (let from = 0; from < items.length; from += 25) {
    const requests = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await local.table.documents.send(
      new BatchWriteCommand({ RequestItems: { [local.table.name]: requests } }),
    );
  }
};

const costOf = async (
  session: SessionKey,
  query: string,
  exclude?: { sessionId: string; fromSeq: number },
) => {
  local.requests();
  looked = 0;
  const options = { limit: 10, ...(exclude === undefined ? {} : { exclude }) };
  const hits = await createArchive(local.table).search(session, query, options);
  return { hits, requests: local.requests(), looked };
};

describe("a search among 10,000 messages of 300 sessions", () => {
  const [OLDEST, NEWEST] = [sessionIdOf(0), sessionIdOf(299)];
  /** A Query for the titles, whatever is asked. */
  const TITLES = 300;

  it("for one word is one Query for it, one for the titles, and one BatchGet", async () => {
    const { hits, requests, looked } = await costOf(long, "topic3");
    expect(hits.map(({ sessionId }) => sessionId)).toEqual(Array(10).fill(sessionIdOf(3)));
    expect(requests).toEqual(["Query", "Query", "BatchGetItem"]);
    // Two segments say the word, in 34 rows.
    expect(looked).toBe(TITLES + 2 + 34);
  });

  it("for a word said in every message reads no more rows than for 1,000 messages", async () => {
    const small = await costOf(short, "common");
    const large = await costOf(long, "common");
    expect(large.requests).toEqual(["Query", "Query", "BatchGetItem"]);
    expect(large.requests).toEqual(small.requests);
    expect(large.looked).toBeLessThanOrEqual(TITLES + 1_000 + 100);
    expect(large.hits[0]?.sessionId).toBe(NEWEST);
  });

  it("for such a word still finds it in ten sessions, not in the newest alone", async () => {
    const hits = await createArchive(local.table).search(long, "common", { limit: 200 });
    const newestTen = Array.from({ length: 10 }, (_, back) => sessionIdOf(299 - back));
    expect([...new Set(hits.map(({ sessionId }) => sessionId))]).toEqual(newestTen);
  });

  it("for a rare word beside a common one finds the oldest place too", async () => {
    const { hits, requests } = await costOf(long, "common rare topic0");
    expect(hits).toMatchObject([{ sessionId: OLDEST, seq: 8, past: recordOf(0) }]);
    expect(requests.toSorted()).toEqual(["BatchGetItem", "Query", "Query", "Query", "Query"]);
  });

  it("for a title finds the oldest session, and reads no row", async () => {
    const { hits, requests, looked } = await costOf(long, '"title number 0"');
    expect(hits).toEqual([{ sessionId: OLDEST, seq: 0, of: "title", past: recordOf(0) }]);
    expect(requests).toEqual(Array(4).fill("Query"));
    expect(looked).toBe(TITLES);
  });

  it("with a session left out, or the end of one, is two Queries a word", async () => {
    for (const [fromSeq, newest] of [
      [0, sessionIdOf(298)],
      [20, NEWEST],
    ] as const) {
      const { hits, requests } = await costOf(long, "common", { sessionId: NEWEST, fromSeq });
      expect(hits[0]?.sessionId).toBe(newest);
      expect(requests).toEqual(["Query", "Query", "Query", "BatchGetItem"]);
    }
  });

  it("for a query of any length is at most 8 Queries, and that for the titles", async () => {
    const words = Array.from({ length: 100 }, (_, index) => `topic${index}`).join(" OR ");
    const { requests, looked } = await costOf(long, `${words} OR common OR rare`);
    expect(requests.filter((name) => name === "Query")).toHaveLength(9);
    expect(requests).toHaveLength(10);
    expect(looked).toBeLessThanOrEqual(TITLES + 8 * 1_000 + 100);
  });

  it("for a prefix is one Query", async () => {
    const { hits, requests, looked } = await costOf(long, "topic*");
    expect(hits).toHaveLength(10);
    expect(requests).toEqual(["Query", "Query", "BatchGetItem"]);
    expect(looked).toBeLessThanOrEqual(TITLES + 1_000 + 100);
  });

  it("for a query without a word is nothing", async () => {
    expect((await costOf(long, "NOT common")).requests).toEqual([]);
  });

  it("for a word said in more segments than one Query reads finds the newest, and the oldest by a rarer word", async () => {
    const session = newSession();
    const rows = Array.from({ length: 1_200 }, (_, index) =>
      said(sessionIdOf(index), 1, index < 5 ? "common rare" : "common"),
    );
    await put(rows.flatMap((row) => itemsOfRow(`SESSION#${session}`, row)));
    await createArchive(local.table).index(session, rows);
    const newest = await costOf(session, "common");
    expect(newest.hits[0]?.sessionId).toBe(sessionIdOf(1_199));
    expect(newest.looked).toBe(1_000 + 100);
    expect((await costOf(session, "common rare")).hits).toHaveLength(5);
  });

  it("reads the titles of the newest 1,000 sessions and no more", async () => {
    const session = newSession();
    const PK = `SESSION#${session}`;
    await put(
      Array.from({ length: 1_001 }, (_, index) => ({
        PK,
        SK: `SES#${sessionIdOf(index)}`,
        record: recordOf(index),
      })),
    );
    expect(await costOf(session, '"number 0"')).toMatchObject({ hits: [], looked: 1_000 });
    expect((await costOf(session, '"number 1"')).hits).toMatchObject([{ sessionId: sessionIdOf(1) }]);
  });
});

describe("session_search", () => {
  const askedOf = async (session: SessionKey, args: Record<string, unknown>, asking: number) => {
    local.requests();
    const context = contextOf({ session, sessionId: sessionIdOf(asking) });
    const { text } = await createSessionSearch(createArchive(local.table)).run(args, context);
    const { sessions } = JSON.parse(text) as { sessions: { session_id: string; messages: unknown[] }[] };
    return { sessions, requests: local.requests(), chars: text.length };
  };

  it("costs a long past no request more than a short one: three a session found, besides the search", async () => {
    const args = { query: "common", limit: 10 };
    const small = await askedOf(short, args, 29);
    const large = await askedOf(long, args, 299);
    expect(large.requests).toHaveLength(3 + 1 + 3 * 10);
    expect(large.requests.toSorted()).toEqual(small.requests.toSorted());
    const newestTen = Array.from({ length: 10 }, (_, back) => sessionIdOf(298 - back));
    expect(large.sessions.map(({ session_id }) => session_id)).toEqual(newestTen);
    expect(large.sessions.every(({ messages }) => messages.length === 9)).toBe(true);
    expect(large.chars).toBeLessThan(50_000);
  });

  it("costs 48 requests at most, whatever is asked", async () => {
    const words = Array.from({ length: 50 }, (_, index) => `topic${index}`).join(" OR ");
    const { sessions, requests } = await askedOf(long, { query: `common OR ${words}`, limit: 10 }, 299);
    expect(sessions).toHaveLength(10);
    expect(requests.length).toBeLessThanOrEqual(8 * 2 + 1 + 1 + 3 * 10);
  });

  it("reads the end of a session of any age: its record is asked for by its key", async () => {
    const { sessions, requests } = await askedOf(long, { session_id: sessionIdOf(0) }, 299);
    expect(sessions[0]?.messages).toHaveLength(30);
    expect(requests.toSorted()).toEqual(["GetItem", "Query", "Query"]);
  });
});

describe("the index of one segment of 32 rows", () => {
  const costOfIndexing = async (rows: readonly Row[]) => {
    local.requests();
    written = 0;
    await createArchive(local.table).index(newSession(), rows);
    return { written, requests: local.requests().length };
  };
  const rowsSaying = (texts: readonly string[]) =>
    texts.map((text, at) => said(sessionIdOf(0), at + 1, text));

  it("of ordinary chat is 380 items: 12 for each message", async () => {
    const cost = await costOfIndexing(rowsSaying(ORDINARY_CHAT.flat()));
    expect(cost.written).toBeGreaterThan(300); // else it is no ordinary chat
    expect(cost.written).toBeLessThanOrEqual(400);
    expect(cost.requests).toBe(Math.ceil(cost.written / 25));
  });

  it("is at most 400 items a row, whatever is pasted", async () => {
    const book = Array.from({ length: 2_000 }, (_, word) => `word${word}`).join(" ");
    expect(await costOfIndexing(rowsSaying([book]))).toEqual({ written: 400, requests: 16 });
    const others = Array.from({ length: 4 }, (_, n) => book.replaceAll("word", `w${n}x`));
    expect((await costOfIndexing(rowsSaying(others))).written).toBe(4 * 400);
  });
});
