import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotesStore } from "../../../src/adapters/dynamodb/notes.ts";
import { createMemoryTool } from "../../../src/tools/memory.ts";
import { newUser, notesContract } from "../../contracts/notes.ts";
import { createFakeNotes } from "../../fakes/notes.ts";
import { contextOf } from "../../tools/context.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

notesContract("in memory", createFakeNotes);
notesContract("over DynamoDB", () => createNotesStore(local.table));

describe("notes over DynamoDB", () => {
  it("survive a write whose answer was lost, the first one and a later one", async () => {
    const notes = createNotesStore(local.table);
    const ada = newUser();
    for (const [revision, entry] of ["first", "second"].entries()) {
      local.dynamoDb.fail("drop-after", { operation: "PutItem" });
      expect(await notes.write(ada, { memory: [entry], user: [], revision })).toBe(true);
    }
    expect(await notes.read(ada)).toEqual({ memory: ["second"], user: [], revision: 2 });
  });

  it("lie under the person's own id", async () => {
    const ada = newUser();
    await createNotesStore(local.table).write(ada, { memory: [], user: ["Name: Ada"], revision: 0 });
    expect(await local.item(`MEMORY#telegram:${ada}`, "NOTES")).toMatchObject({ revision: 1 });
  });

  it("keep what all chats of a person add at the same time", async () => {
    const ada = newUser();
    const tool = createMemoryTool({
      notes: createNotesStore(local.table),
      limits: async () => ({ user: 1_375, memory: 2_200 }),
      redact: (text) => text,
    });
    const facts = ["likes tea", "lives in Berlin", "has a cat", "works at night"];
    const origin = { chatId: ada, chatType: "dm", userId: ada } as const;
    await Promise.all(
      facts.map((content, chat) =>
        tool.run(
          { action: "add", target: "user", content },
          contextOf({ origin, operation: `call-${chat}` }),
        ),
      ),
    );
    const { user, revision } = await createNotesStore(local.table).read(ada);
    expect(user.toSorted()).toEqual(facts.toSorted());
    expect(revision).toBe(facts.length);
  });
});
