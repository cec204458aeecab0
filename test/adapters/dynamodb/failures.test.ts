import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFailures, forgetFailure, listFailures } from "../../../src/adapters/dynamodb/failures.ts";
import { failuresContract } from "../../contracts/failures.ts";
import { entryId, messageEntry, newSession } from "../../contracts/said.ts";
import { createFakeFailures } from "../../fakes/failures.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

failuresContract("in memory", () => {
  const failures = createFakeFailures();
  return { failures, records: async () => failures.records };
});
failuresContract("over DynamoDB", () => ({
  failures: createFailures(local.table),
  records: () => listFailures(local.table),
}));

describe("a record over DynamoDB", () => {
  it("is put again when the answer is lost, can be forgotten, and ends by itself", async () => {
    const session = newSession();
    const failure = {
      session,
      at: 1_790_000_000_000,
      tries: 4,
      ids: [entryId(7)],
      entries: [messageEntry(7)],
    };
    local.dynamoDb.fail("drop-after", { operation: "PutItem" });
    await createFailures(local.table).put(failure);
    const item = await local.item("FAILED", `${session}#${entryId(7)}`);
    expect(item).toMatchObject({ failure, expiration: 1_790_000_000 + 90 * 86_400 });
    await forgetFailure(local.table, failure);
    expect((await listFailures(local.table)).filter((one) => one.session === session)).toEqual([]);
  });
});
