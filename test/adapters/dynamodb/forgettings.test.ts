import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createForgettings } from "../../../src/adapters/dynamodb/forgettings.ts";
import { createNotesStore } from "../../../src/adapters/dynamodb/notes.ts";
import { forgettingsContract } from "../../contracts/forgettings.ts";
import { newUser } from "../../contracts/notes.ts";
import { createFakeForgettings } from "../../fakes/forgettings.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

forgettingsContract("in memory", createFakeForgettings);
forgettingsContract("over DynamoDB", () => createForgettings(local.table));

describe("forgettings over DynamoDB", () => {
  it("survive a write whose answer was lost, and leave the person's notes alone", async () => {
    const [forgettings, notes] = [createForgettings(local.table), createNotesStore(local.table)];
    const ada = newUser();
    await notes.write(ada, { memory: [], user: ["Name: Ada"], revision: 0 });
    local.dynamoDb.fail("drop-after", { operation: "PutItem" });
    await forgettings.mark(ada, 7);
    expect(await forgettings.last(ada)).toBe(7);
    expect((await notes.read(ada)).user).toEqual(["Name: Ada"]);
  });
});
