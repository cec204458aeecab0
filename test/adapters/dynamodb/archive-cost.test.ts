// What a search costs when the past is long, and what the index costs to write: the bounds of archive.ts, counted at the table.

import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createArchive } from "../../../src/adapters/dynamodb/archive.ts";
import { itemsOfRow } from "../../../src/adapters/dynamodb/rows.ts";
import type { Row } from "../../../src/session-state.ts";
import type { SessionKey } from "../../../src/turn.ts";
import { said } from "../../contracts/archive.ts";
import { newSession } from "../../contracts/said.ts";
import { type LocalTable, startTable } from "./local-table.ts";
import { ORDINARY_CHAT } from "./ordinary-chat.ts";

const MESSAGES_PER_SESSION = 50;
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
  await fill(short, 20);
  await fill(long, 200);
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

const fill = async (session: SessionKey, sessions: number): Promise<void> => {
  const archive = createArchive(local.table);
  for (let index = 0; index < sessions; index += 1) {
    const rows = rowsOf(index);
    await put(rows.flatMap((row) => itemsOfRow(`SESSION#${session}`, row)));
    for (let from = 0; from < rows.length; from += SEGMENT_ROWS) {
      await archive.index(session, rows.slice(from, from + SEGMENT_ROWS));
    }
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

const costOf = async (session: SessionKey, query: string, exclude?: string) => {
  local.requests();
  looked = 0;
  const options = { limit: 10, sort: "newest" as const, ...(exclude === undefined ? {} : { exclude }) };
  const hits = await createArchive(local.table).search(session, query, options);
  return { hits, requests: local.requests(), looked };
};

describe("a search among 10,000 messages of 200 sessions", () => {
  it("for one word is one Query and one BatchGet", async () => {
    const { hits, requests, looked } = await costOf(long, "topic3");
    expect(hits.map(({ sessionId }) => sessionId)).toEqual(Array(10).fill(sessionIdOf(3)));
    expect(requests).toEqual(["Query", "BatchGetItem"]);
    // Two segments say the word, in 50 rows.
    expect(looked).toBe(2 + 50);
  });

  it("for a word said in every message reads no more rows than for 1,000 messages", async () => {
    const small = await costOf(short, "common");
    const large = await costOf(long, "common");
    expect(large.requests).toEqual(["Query", "BatchGetItem"]);
    expect(large.requests).toEqual(small.requests);
    expect(large.looked).toBeLessThanOrEqual(1_000 + 100);
    expect(large.hits[0]?.sessionId).toBe(sessionIdOf(199));
  });

  it("for a rare word beside a common one finds the oldest place too", async () => {
    const { hits, requests } = await costOf(long, "common rare topic0");
    expect(hits).toMatchObject([{ sessionId: sessionIdOf(0), seq: 8 }]);
    expect(requests.toSorted()).toEqual(["BatchGetItem", "Query", "Query", "Query"]);
  });

  it("with a session left out is two Queries a word", async () => {
    const { hits, requests } = await costOf(long, "common", sessionIdOf(199));
    expect(hits[0]?.sessionId).toBe(sessionIdOf(198));
    expect(requests).toEqual(["Query", "Query", "BatchGetItem"]);
  });

  it("for a query of any length is at most 8 Queries", async () => {
    const words = Array.from({ length: 100 }, (_, index) => `topic${index}`).join(" OR ");
    const { requests, looked } = await costOf(long, `${words} OR common OR rare`);
    expect(requests.filter((name) => name === "Query")).toHaveLength(8);
    expect(requests).toHaveLength(9);
    expect(looked).toBeLessThanOrEqual(8 * 1_000 + 100);
  });

  it("for a prefix is one Query", async () => {
    const { hits, requests, looked } = await costOf(long, "topic*");
    expect(hits).toHaveLength(10);
    expect(requests).toEqual(["Query", "BatchGetItem"]);
    expect(looked).toBeLessThanOrEqual(1_000 + 100);
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
