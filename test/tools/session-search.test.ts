import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createArchive } from "../../src/adapters/dynamodb/archive.ts";
import { createSessions } from "../../src/adapters/dynamodb/sessions.ts";
import { HermesError } from "../../src/errors.ts";
import type { Archive } from "../../src/ports.ts";
import type { Row } from "../../src/session-state.ts";
import { framedSummary } from "../../src/summary-frame.ts";
import { createSessionSearch } from "../../src/tools/session-search.ts";
import { type LocalTable, startTable } from "../adapters/dynamodb/local-table.ts";
import { APRIL, MARCH, MAY, said } from "../contracts/archive.ts";
import { newSession } from "../contracts/said.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { contextOf } from "./context.ts";

interface Answer {
  readonly sessions: readonly {
    readonly session_id: string;
    readonly title?: string;
    readonly matched?: string;
    readonly match_message_id?: number;
    readonly snippet?: string;
    readonly other_match_ids?: readonly number[];
    readonly messages?: readonly { readonly id: number; readonly role: string; readonly text: string }[];
  }[];
  readonly note?: string;
}

let local: LocalTable;
let archive: Archive;
const session = newSession();
const LONG_TEXT = `${"beginning ".repeat(900)}the pineapple is here ${"end ".repeat(900)}`;

/** MARCH: 60 messages, every third one a tool's. APRIL: a few. MAY: the session that asks. */
const rowsOfMarch = Array.from({ length: 60 }, (_, at): Row => {
  const row = said(MARCH, at + 1, at === 30 ? "the mango is ripe" : `remark ${at + 1}`);
  return at % 3 === 2
    ? { ...row, message: { role: "tool", toolCallId: "c", toolName: "x", content: "raw" } }
    : row;
});
const rowsOfApril = [
  said(APRIL, 1, "mango or banana?"),
  said(APRIL, 2, LONG_TEXT),
  said(APRIL, 3, "thanks"),
  said(APRIL, 4, "", {
    message: framedSummary("A mango was compared with a persimmon.", undefined),
    marker: { kind: "summary", keepFrom: 3 },
  }),
];
const rowsOfMay = [said(MAY, 1, "what about the mango?"), said(MAY, 2, "mango mango")];

beforeAll(async () => {
  local = await startTable();
  archive = createArchive(local.table);
  for (const rows of [rowsOfMarch, rowsOfApril, rowsOfMay]) {
    await createSessions(local.table, createFakeClock()).append(session, rows);
    await archive.index(session, rows);
    const sessionId = rows[0]?.sessionId ?? "";
    await archive.describe(session, {
      sessionId,
      title: `About ${sessionId.slice(4, 6)}`,
      startedAt: Date.UTC(2026, 2, 10),
      messages: rows.length,
      preview: "a mango",
    });
  }
});
afterAll(() => local.close());

const run = async (args: Record<string, unknown>, over = archive) =>
  (await createSessionSearch(over).run(args, contextOf({ session, sessionId: MAY }))).text;
const search = async (args: Record<string, unknown>) => JSON.parse(await run(args)) as Answer;
const idsOf = (answer: Answer, at = 0) => answer.sessions[at]?.messages?.map(({ id }) => id);

describe("session_search with a query", () => {
  it("returns the sessions that match, newest first, but for the one that asks", async () => {
    const answer = await search({ query: "mango" });
    expect(answer.sessions.map(({ session_id, match_message_id }) => [session_id, match_message_id])).toEqual(
      [
        [APRIL, 1],
        [MARCH, 31],
      ],
    );
    expect(answer.sessions[0]?.title).toBe("About 04");
    const oldest = await search({ query: "mango", sort: "oldest", limit: 1 });
    expect(oldest.sessions.map(({ session_id }) => session_id)).toEqual([MARCH]);
  });

  it("shows each one's beginning, end and what was said around the hit, once and in order", async () => {
    const ids = idsOf(await search({ query: "ripe" }));
    expect(ids).toEqual([1, 2, 4, 23, 25, 26, 28, 29, 31, 32, 34, 35, 37, 38, 56, 58, 59]);
  });

  it("names the other hits in a session that it does not show: a chat may be one endless session", async () => {
    const endless = newSession();
    const rows = Array.from({ length: 100 }, (_, at) =>
      said(MARCH, at + 1, [9, 39, 69, 71].includes(at) ? "a kiwi" : "a remark"),
    );
    await createSessions(local.table, createFakeClock()).append(endless, rows);
    await archive.index(endless, rows);
    const context = contextOf({ session: endless, sessionId: MAY });
    const { text } = await createSessionSearch(archive).run({ query: "kiwi" }, context);
    const [only] = (JSON.parse(text) as Answer).sessions;
    expect(only).toMatchObject({ match_message_id: 72, other_match_ids: [40, 10] });
    expect(only?.messages?.map(({ id }) => id)).toContain(70);
  });

  it("shows the place of the hit in a long message, and says how to read more", async () => {
    const answer = await search({ query: "pineapple" });
    expect(answer.sessions[0]?.snippet).toContain("the pineapple is here");
    const text = (await run({ query: "pineapple" })).length;
    expect(text).toBeLessThan(40_000);
  });

  it("shows a hit in a summary as one, without the words around it", async () => {
    const [only] = (await search({ query: "persimmon" })).sessions;
    expect(only).toMatchObject({ session_id: APRIL, matched: "summary", match_message_id: 4 });
    expect(only?.snippet).toBe("A mango was compared with a persimmon.");
    expect(only?.messages?.at(-1)).toMatchObject({
      id: 4,
      role: "summary",
      text: "A mango was compared with a persimmon.",
    });
    const [around] = (await search({ session_id: APRIL, around_message_id: 4 })).sessions;
    expect(around?.messages?.map(({ role }) => role)).toEqual(["user", "assistant", "user", "summary"]);
    expect((await search({ session_id: APRIL })).sessions[0]?.messages).toHaveLength(3);
  });

  it("shows what was said rather than what a summary or the title says of it", async () => {
    const answer = await search({ query: "mango OR about" });
    expect(answer.sessions.map(({ matched, match_message_id }) => [matched, match_message_id])).toEqual([
      ["message", 1],
      ["message", 31],
    ]);
  });

  it("finds a session whose title alone fits, and shows how it began and ended", async () => {
    const [only, ...others] = (await search({ query: '"about 03"' })).sessions;
    expect(others).toEqual([]);
    expect(only).toMatchObject({ session_id: MARCH, title: "About 03", matched: "title" });
    expect(only?.match_message_id).toBeUndefined();
    expect(only?.messages?.map(({ id }) => id)).toEqual([1, 2, 4, 56, 58, 59]);
  });

  it("puts what fits best first when asked", async () => {
    const sorts = ["newest", "relevance"].map(async (sort) => {
      const answer = await search({ query: "mango OR ripe OR is", sort });
      return answer.sessions.map(({ session_id }) => session_id);
    });
    expect(await Promise.all(sorts)).toEqual([
      [APRIL, MARCH],
      [MARCH, APRIL],
    ]);
  });

  it("says what to try when nothing is found", async () => {
    expect(await run({ query: "zeppelin" })).toMatch(/Nothing was found.*OR/);
  });
});

describe("session_search with a session", () => {
  it("reads its first 20 and last 10 messages, tools left out", async () => {
    const ids = idsOf(await search({ session_id: MARCH })) ?? [];
    expect(ids).toHaveLength(30);
    expect(ids.slice(0, 3)).toEqual([1, 2, 4]);
    expect(ids.at(-1)).toBe(59);
  });

  it("reads around a message, as far as the window says", async () => {
    expect(idsOf(await search({ session_id: MARCH, around_message_id: 31, window: 2 }))).toEqual([
      28, 29, 31, 32, 34,
    ]);
    expect(idsOf(await search({ session_id: MARCH, around_message_id: 31 }))).toHaveLength(11);
    expect(idsOf(await search({ session_id: MARCH, around_message_id: 31, window: 20 }))).toHaveLength(40);
  });

  it("gives a long message all the room its neighbours leave", async () => {
    const answer = await search({ session_id: APRIL, around_message_id: 2, window: 1 });
    expect(answer.sessions[0]?.messages?.find(({ id }) => id === 2)?.text).toBe(LONG_TEXT);
    expect(answer.note).toBeUndefined();
  });

  it("says so when there is no such session or message", async () => {
    expect(await run({ session_id: "20200101_000000_ffffffff" })).toMatch(/no conversation 20200101/);
    expect(await run({ session_id: MARCH, around_message_id: 5_000 })).toMatch(/no message 5000/);
  });

  it("never reads another chat's", async () => {
    const other = contextOf({ sessionId: MAY });
    const { text } = await createSessionSearch(archive).run({ session_id: MARCH }, other);
    expect(text).toMatch(/no conversation/);
  });
});

describe("session_search in a session that was compacted", () => {
  /** Rows 4 to 6 are taken back; a summary stands for the first eight, and quotes them. */
  const rows = [
    said(MAY, 1, "I live in Elm Street"),
    said(MAY, 2, "Noted: Elm Street."),
    said(MAY, 3, "thanks"),
    said(MAY, 4, "in truth at Elm Square, but tell nobody"),
    said(MAY, 5, "I will not."),
    said(MAY, 6, "", { marker: { kind: "cut", from: 4 } }),
    said(MAY, 7, "what is for dinner?"),
    said(MAY, 8, "Soup."),
    said(MAY, 9, "and is the soup of elm bark?"),
    said(MAY, 10, "", {
      message: framedSummary("Elm Street was spoken of.", undefined),
      marker: { kind: "summary", keepFrom: 9 },
    }),
    said(MAY, 11, "elm, not committed yet"),
  ];
  const own = newSession();
  const asking = { session: own, sessionId: MAY, base: 9, cuts: [{ from: 4, to: 6 }] };
  const ask = async (args: Record<string, unknown>, more = {}) =>
    (await createSessionSearch(archive).run(args, contextOf({ ...asking, ...more }))).text;
  const answerTo = async (args: Record<string, unknown>) => JSON.parse(await ask(args)) as Answer;

  beforeAll(async () => {
    await createSessions(local.table, createFakeClock()).append(own, rows);
    await archive.index(own, rows);
  });

  it("finds what its prompt no longer has, and says that it is of this conversation", async () => {
    for (const args of [{ query: "elm" }, { query: "el*" }, { query: "street", sort: "relevance" }]) {
      const answer = await answerTo(args);
      expect(answer.sessions).toHaveLength(1);
      expect(answer.sessions[0]).toMatchObject({
        session_id: MAY,
        part: expect.stringContaining("this conversation"),
        match_message_id: expect.toBeOneOf([1, 2]),
      });
      expect(idsOf(answer)).toEqual([1, 2, 3, 7, 8]);
    }
  });

  it("finds nothing that its prompt has, the summary neither", async () => {
    expect(await ask({ query: "bark" })).toContain("Nothing was found");
    expect(await ask({ query: '"spoken of"' })).toContain("Nothing was found");
    expect(await ask({ query: "elm" }, { base: 0 })).toContain("Nothing was found");
  });

  it("shows nothing that was taken back, however it is asked for", async () => {
    expect(await ask({ query: "square" })).toContain("Nothing was found");
    for (const args of [{ session_id: MAY }, { session_id: MAY, around_message_id: 3 }])
      expect(idsOf(await answerTo(args))).toEqual([1, 2, 3, 7, 8]);
    expect(await ask({ session_id: MAY, around_message_id: 4 })).not.toContain("Square");
  });

  it("reads on up to where the prompt begins, and says when there is no more", async () => {
    const around = { session_id: MAY, around_message_id: 8, window: 1 };
    expect(idsOf(await answerTo(around))).toEqual([7, 8]);
    expect(await ask({ ...around, around_message_id: 9 })).toContain("as you see it");
    expect(await ask({ session_id: MAY }, { base: 1 })).toContain("as you see it");
  });

  it("lists it among the latest sessions once it has a record", async () => {
    const described = newSession();
    await archive.describe(described, { sessionId: MAY, startedAt: 1, messages: 2, preview: "Elm Street" });
    const list = JSON.parse(await ask({}, { session: described })) as Answer;
    expect(list.sessions).toMatchObject([{ session_id: MAY, messages_in_all: 8, preview: "Elm Street" }]);
    expect(await ask({}, { session: described, base: 0 })).toContain("no earlier conversations");
  });
});

describe("session_search", () => {
  it("without arguments lists recent sessions, but for the one that asks", async () => {
    const answer = await search({});
    expect(answer.sessions.map(({ session_id }) => session_id)).toEqual([APRIL, MARCH]);
    expect(answer.sessions[0]).toMatchObject({
      title: "About 04",
      started: "2026-03-10T00:00Z",
      preview: "a mango",
    });
    expect((await search({ limit: 1 })).sessions).toHaveLength(1);
    const { text } = await createSessionSearch(archive).run({}, contextOf());
    expect(text).toMatch(/no earlier conversations/);
  });

  it.each([
    [{ query: "" }, /query: must be at least 1/],
    [{ query: "x", limit: 11 }, /limit: must be at most 10/],
    [{ session_id: "a#b" }, /session_id/],
    [{ session_id: MARCH, around_message_id: 1, window: 21 }, /window: must be at most 20/],
  ])("refuses %j", async (args, problem) => {
    expect(await run(args)).toMatch(problem);
  });

  it("tells the model when the past cannot be read, and goes on", async () => {
    const down = async () => {
      throw new HermesError("unavailable", "table arn:aws:secret");
    };
    const broken: Archive = {
      sessions: down,
      find: down,
      describe: down,
      index: down,
      search: down,
      rows: down,
    };
    for (const args of [{}, { query: "x" }, { session_id: MARCH }]) {
      const text = await run(args, broken);
      expect(text).toMatch(/cannot be read right now/);
      expect(text).not.toContain("secret");
    }
  });
});
