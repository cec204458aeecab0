import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/adapters/dynamodb/sessions.ts";
import { LeaseLost } from "../../../src/errors.ts";
import { LEASE_MS } from "../../../src/lease-times.ts";
import type { SessionKey } from "../../../src/turn.ts";
import { newSession, rowOf, SESSION_ID } from "../../contracts/said.ts";
import { sessionsContract, take } from "../../contracts/sessions.ts";
import { createFakeClock } from "../../fakes/clock.ts";
import { createFakeSessions, type SessionStore } from "../../fakes/sessions.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

sessionsContract("in memory", async () => {
  const store: SessionStore = new Map();
  return (clock) => createFakeSessions(clock, store);
});
sessionsContract("over DynamoDB", async () => (clock) => createSessions(local.table, clock));

const clock = createFakeClock();
const sessions = () => createSessions(local.table, clock);
const metaOf = (session: SessionKey) => local.item(`SESSION#${session}`, "META");

let session: SessionKey;
beforeEach(() => {
  session = newSession();
  local.requests();
});

describe("what is written", () => {
  it("is a META with the design's attributes and nothing else, and no owner once it is free", async () => {
    await take(sessions(), session, "a/1");
    const held = { PK: `SESSION#${session}`, SK: "META", fence: 1, tries: 1, by: "a/1" };
    expect(await metaOf(session)).toEqual({ ...held, until: clock.now() + LEASE_MS });
    await sessions().release(session, 1, {});
    expect(await metaOf(session)).toEqual({ PK: `SESSION#${session}`, SK: "META", fence: 1, tries: 0 });
  });

  it("costs one request each to take, to add a row, to commit and to give back", async () => {
    await take(sessions(), session);
    await sessions().append(session, [rowOf(1, 1)]);
    await sessions().commit(session, 1, { seq: 1 });
    await sessions().release(session, 1, {});
    expect(local.requests()).toEqual(["UpdateItem", "PutItem", "UpdateItem", "UpdateItem"]);
  });

  it("is a row whose key sorts by session and place", async () => {
    await sessions().append(session, [rowOf(7, 3, "tea")]);
    expect(await local.item(`SESSION#${session}`, `MSG#${SESSION_ID}#0000000007`)).toMatchObject({
      fence: 3,
      seq: 7,
      message: { role: "user", content: "tea" },
    });
  });

  it("is for nobody to see as a session's rows: inbox and META stay out of the transcript", async () => {
    await take(sessions(), session);
    expect(await sessions().newestRows(session)).toEqual([]);
  });
});

describe("a transcript of several pages", () => {
  const content = "x".repeat(300_000);

  it("is read whole when its session is named", async () => {
    await sessions().append(
      session,
      [1, 2, 3, 4, 5, 6].map((seq) => rowOf(seq, 1, content)),
    );
    const rows = await sessions().newestRows(session, { sessionId: SESSION_ID, fromSeq: 2 });
    expect(rows.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
  });

  it("costs one request, and yields the newest part, when it is not", async () => {
    await sessions().append(
      session,
      [1, 2, 3, 4, 5, 6].map((seq) => rowOf(seq, 1, content)),
    );
    local.requests();
    const rows = await sessions().newestRows(session);
    expect(local.requests()).toEqual(["Query"]);
    expect(rows.at(-1)?.seq).toBe(6);
    expect(rows.length).toBeLessThan(6);
  });
});

describe("when the answer to a write is lost, the SDK writes again and", () => {
  const loseAnswer = (operation: string) => local.dynamoDb.fail("drop-after", { operation });

  it("the lease that was taken is ours, once", async () => {
    loseAnswer("UpdateItem");
    expect(await sessions().acquire(session, "a/1")).toMatchObject({ by: "a/1", fence: 1, tries: 1 });
    expect(local.requests()).toEqual(["UpdateItem", "UpdateItem", "GetItem"]);
  });

  it("a commit has happened once", async () => {
    await take(sessions(), session);
    loseAnswer("UpdateItem");
    await sessions().commit(session, 1, { seq: 1, title: "Tea" });
    expect(await metaOf(session)).toMatchObject({ fence: 1, seq: 1, title: "Tea" });
  });

  it("a release is a success", async () => {
    await take(sessions(), session);
    loseAnswer("UpdateItem");
    await sessions().release(session, 1, { turn: null, title: "Tea" });
    expect(await metaOf(session)).toEqual({
      PK: `SESSION#${session}`,
      SK: "META",
      fence: 1,
      tries: 0,
      title: "Tea",
    });
  });

  it("a row is there once", async () => {
    loseAnswer("PutItem");
    await sessions().append(session, [rowOf(1, 1)]);
    expect(await sessions().newestRows(session)).toHaveLength(1);
  });
});

describe("when DynamoDB", () => {
  const everyCall = (): readonly (readonly [string, () => Promise<unknown>])[] => [
    ["UpdateItem", () => sessions().acquire(session, "a/1")],
    ["PutItem", () => sessions().append(session, [rowOf(1, 1)])],
    ["UpdateItem", () => sessions().commit(session, 1, { seq: 1 })],
    ["Query", () => sessions().newestRows(session)],
    ["UpdateItem", () => sessions().release(session, 1, {})],
  ];

  it("throttles or breaks, the call is made again", async () => {
    for (const [operation, call] of everyCall()) {
      local.dynamoDb.fail("throttle", { operation });
      local.dynamoDb.fail("error", { operation });
      await call();
    }
    expect(await metaOf(session)).toMatchObject({ fence: 1, seq: 1, tries: 0 });
  });

  it("goes on refusing, its own error comes out: it is not taken for a lost lease", async () => {
    for (const [operation, call] of everyCall()) {
      local.dynamoDb.fail("error", { operation, times: 3 });
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: "InternalServerError" });
      expect(error).not.toBeInstanceOf(LeaseLost);
    }
  });

  it("does not answer, the call ends in an error after three attempts", async () => {
    const impatient = createSessions(local.impatient(500), clock);
    local.dynamoDb.fail("hang", { operation: "UpdateItem", times: 3 });
    await expect(impatient.acquire(session, "a/1")).rejects.toMatchObject({ name: "TimeoutError" });
    expect(local.requests()).toEqual(["UpdateItem", "UpdateItem", "UpdateItem"]);
  });

  it("has no such table, it says so", async () => {
    const nowhere = createSessions(local.missing(), clock);
    const calls = [
      nowhere.acquire(session, "a/1"),
      nowhere.newestRows(session),
      nowhere.append(session, [rowOf(1, 1)]),
      nowhere.commit(session, 1, {}),
      nowhere.release(session, 1, {}),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toThrow(/there is no table not-there/)));
  });
});
