import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotices } from "../../../src/adapters/dynamodb/notices.ts";
import { noticesContract } from "../../contracts/notices.ts";
import { createFakeNotices } from "../../fakes/notices.ts";
import { type LocalTable, startTable } from "./local-table.ts";

const NOON_MS = Date.UTC(2026, 8, 21, 12);

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

noticesContract("in memory", async () => createFakeNotices());
noticesContract("over DynamoDB", async () => createNotices(local.table));

describe("a notice's record", () => {
  it("outlives its day and then ends by the table's one TTL attribute", async () => {
    await createNotices(local.table).claim("stranger 7", NOON_MS);
    const [record] = await local.items("NOTICE#stranger 7");
    const endMs = Number(record?.["expiration"]) * 1_000;
    expect(endMs).toBeGreaterThanOrEqual(Date.UTC(2026, 8, 22));
    expect(endMs).toBeLessThanOrEqual(Date.UTC(2026, 8, 23, 0, 0, 1));
  });
});

describe("when DynamoDB fails", () => {
  it("a claim is an error and not a no, and can be made again", async () => {
    const notices = createNotices(local.table);
    local.dynamoDb.fail("error", { operation: "PutItem", times: 3 });
    await expect(notices.claim("again", NOON_MS)).rejects.toMatchObject({ name: "InternalServerError" });
    expect(await notices.claim("again", NOON_MS)).toBe(true);
  });

  it("a notice may fall out for a day when an answer is lost, and is never given twice", async () => {
    const notices = createNotices(local.table);
    local.dynamoDb.fail("drop-after", { operation: "PutItem" });
    const answers = [await notices.claim("lost", NOON_MS), await notices.claim("lost", NOON_MS)];
    expect(answers.filter(Boolean).length).toBeLessThanOrEqual(1);
  });
});
