import { ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClaims } from "../../../src/adapters/dynamodb/claims.ts";
import { claimsContract } from "../../contracts/claims.ts";
import { entryId, newSession } from "../../contracts/said.ts";
import { createFakeClaims } from "../../fakes/claims.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

claimsContract("in memory", async () => createFakeClaims());
claimsContract("over DynamoDB", async () => createClaims(local.table));

const claims = () => createClaims(local.table);

const claimItems = async () => {
  const scan = new ScanCommand({ TableName: "hermes", ConsistentRead: true });
  const { Items = [] } = await local.table.documents.send(scan);
  return Items.filter((item) => String(item["PK"]).startsWith("CLAIM#"));
};

/** The items of claims that `work` adds. */
const added = async (work: () => Promise<void>) => {
  const before = new Set((await claimItems()).map((item) => item["PK"]));
  await work();
  return (await claimItems()).filter((item) => !before.has(item["PK"]));
};

describe("a claim's record", () => {
  it("has a partition of its own, a completed state, and ends after two days", async () => {
    const session = newSession();
    const startS = Date.now() / 1_000;
    const records = await added(async () => {
      await claims().complete(session, entryId(1));
      await claims().complete(session, entryId(2));
    });
    expect(new Set(records.map((item) => item["PK"])).size).toBe(2);
    for (const record of records) {
      expect(record).toMatchObject({ SK: "CLAIM", status: "COMPLETED" });
      const lifetimeS = Number(record["expiration"]) - startS;
      expect(lifetimeS).toBeGreaterThan(48 * 3_600 - 5);
      expect(lifetimeS).toBeLessThan(48 * 3_600 + 60);
    }
  });

  it("names neither chat nor person", async () => {
    const session = newSession();
    const records = await added(() => claims().complete(session, entryId(1)));
    expect(JSON.stringify(records)).not.toContain(session);
  });

  it("counts no more once it expired, though the table has not deleted it yet", async () => {
    const session = newSession();
    const [record] = await added(() => claims().complete(session, entryId(1)));
    await local.table.documents.send(
      new UpdateCommand({
        TableName: "hermes",
        Key: { PK: record?.["PK"], SK: record?.["SK"] },
        UpdateExpression: "SET expiration = :past",
        ExpressionAttributeValues: { ":past": Math.floor(Date.now() / 1_000) - 1 },
      }),
    );
    expect(await claims().answered(session, entryId(1))).toBe(false);
  });

  it("is written once when the answer is lost, and read in spite of errors that pass", async () => {
    const session = newSession();
    local.dynamoDb.fail("drop-after", { operation: "UpdateItem" });
    await claims().complete(session, entryId(1));
    local.dynamoDb.fail("throttle", { operation: "GetItem" });
    local.dynamoDb.fail("error", { operation: "GetItem" });
    expect(await claims().answered(session, entryId(1))).toBe(true);
  });
});

describe("a claim that cannot be read", () => {
  it("is an error, never a no: the entry would be answered twice", async () => {
    const session = newSession();
    local.dynamoDb.fail("error", { operation: "GetItem", times: 3 });
    await expect(claims().answered(session, entryId(1))).rejects.toThrow();
    local.dynamoDb.fail("hang", { operation: "GetItem", times: 3 });
    const impatient = createClaims(local.impatient(50));
    await expect(impatient.answered(session, entryId(1))).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(createClaims(local.missing()).answered(session, entryId(1))).rejects.toThrow(/not-there/);
  });

  it("nor is one that cannot be written a silent success", async () => {
    const session = newSession();
    local.dynamoDb.fail("error", { operation: "UpdateItem", times: 3 });
    await expect(claims().complete(session, entryId(1))).rejects.toThrow();
    expect(await claims().answered(session, entryId(1))).toBe(false);
  });
});
