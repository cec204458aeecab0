import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInbox } from "../../../src/adapters/dynamodb/inbox.ts";
import { createSessions } from "../../../src/adapters/dynamodb/sessions.ts";
import { inboxContract } from "../../contracts/inbox.ts";
import { entryId, messageEntry, newSession, rowOf } from "../../contracts/said.ts";
import { createFakeClock } from "../../fakes/clock.ts";
import { createFakeInbox } from "../../fakes/inbox.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

inboxContract("in memory", async () => createFakeInbox());
inboxContract("over DynamoDB", async () => createInbox(local.table));

describe("an inbox row", () => {
  const inbox = () => createInbox(local.table);

  it("lies under its session and is the only thing that waits there", async () => {
    const session = newSession();
    const sessions = createSessions(local.table, createFakeClock());
    await sessions.acquire(session, "a/1");
    await sessions.append(session, [rowOf(1, 1)]);
    await inbox().put(session, messageEntry(7));
    const pk = `SESSION#${session}`;
    expect((await local.items(pk)).map((item) => item["SK"])).toContain("IN#0000000000000007");
    expect(await inbox().waiting(session)).toEqual([messageEntry(7)]);
  });

  it("is stored once when the answer to the put is lost", async () => {
    const session = newSession();
    local.dynamoDb.fail("drop-after", { operation: "PutItem" });
    await inbox().put(session, messageEntry(1));
    expect(await inbox().waiting(session)).toEqual([messageEntry(1)]);
  });

  it("is put, read and removed in spite of throttling and errors that pass", async () => {
    const session = newSession();
    for (const operation of ["PutItem", "Query", "DeleteItem"]) {
      local.dynamoDb.fail("throttle", { operation });
      local.dynamoDb.fail("error", { operation });
    }
    await inbox().put(session, messageEntry(1));
    expect(await inbox().waiting(session)).toHaveLength(1);
    await inbox().remove(session, [entryId(1)]);
    expect(await inbox().waiting(session)).toEqual([]);
  });
});

describe("an inbox that cannot be reached", () => {
  it("says so in time, whether DynamoDB hangs, breaks, or has no such table", async () => {
    const session = newSession();
    const impatient = createInbox(local.impatient(50));
    local.dynamoDb.fail("hang", { operation: "PutItem", times: 3 });
    await expect(impatient.put(session, messageEntry(1))).rejects.toMatchObject({ name: "TimeoutError" });
    local.dynamoDb.fail("error", { operation: "Query", times: 3 });
    await expect(impatient.waiting(session)).rejects.toMatchObject({ name: "InternalServerError" });
    const nowhere = createInbox(local.missing());
    await expect(nowhere.put(session, messageEntry(1))).rejects.toThrow(/no table not-there/);
    await expect(nowhere.waiting(session)).rejects.toThrow(/no table not-there/);
  });
});
