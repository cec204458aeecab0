import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPendingSyncs } from "../../../src/adapters/dynamodb/pending-syncs.ts";
import { pendingSyncsContract } from "../../contracts/pending-syncs.ts";
import { createFakePendingSyncs } from "../../fakes/pending-syncs.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

pendingSyncsContract("in memory", createFakePendingSyncs);
pendingSyncsContract("over DynamoDB", () => createPendingSyncs(local.table));

describe("pending changes over DynamoDB", () => {
  it("survive writes whose answers were lost, at every step", async () => {
    const pending = createPendingSyncs(local.table);
    const lose = (operation: string) => local.dynamoDb.fail("drop-after", { operation });
    lose("UpdateItem");
    await pending.begin("lost/answers", "one", 1);
    lose("UpdateItem");
    const record = await pending.claim("lost/answers", "a", 1, 60);
    if (record === undefined) throw new Error("not claimed");
    lose("UpdateItem");
    expect(await pending.update(record, "a", { state: "submitted", attempts: 0, dueAt: 9 })).toBe(true);
    lose("DeleteItem");
    expect(await pending.remove("lost/answers", "one")).toBe(true);
  });

  it("never expire, and are one query together", async () => {
    const pending = createPendingSyncs(local.table);
    await Promise.all(Array.from({ length: 200 }, (_, n) => pending.begin(`many/${n}`, "one", 1)));
    expect(await local.item("SKILLSYNC", "many/7")).not.toHaveProperty("expiration");
    local.requests();
    expect((await pending.list()).length).toBeGreaterThanOrEqual(200);
    expect(local.requests()).toEqual(["Query"]);
  });
});
