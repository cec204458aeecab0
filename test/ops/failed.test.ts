// The operator's command over what was given up on.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failedCommand } from "../../ops/failed.ts";
import { createFailures } from "../../src/adapters/dynamodb/failures.ts";
import { createInbox } from "../../src/adapters/dynamodb/inbox.ts";
import type { Doorbell } from "../../src/ports.ts";
import type { EntryId, TickEntry } from "../../src/turn.ts";
import { type LocalTable, startTable } from "../adapters/dynamodb/local-table.ts";
import { ADA, entryId, messageEntry, newSession } from "../contracts/said.ts";
import { createFakeDoorbell } from "../fakes/doorbell.ts";

const GIVEN_UP_AT = Date.UTC(2026, 10, 24, 9);

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

const tick: TickEntry = {
  kind: "tick",
  id: "t#tea#2026-11-23T09:00:00.000Z" as EntryId,
  origin: ADA,
  at: 0,
  job: { id: "tea", name: "Tea", prompt: "Say that tea is ready.", origin: ADA },
  scheduledTime: "2026-11-23T09:00:00.000Z",
};

describe("npm run failed", () => {
  it("lists, shows, replays under ids of their own, and forgets", async () => {
    const doorbell = createFakeDoorbell();
    const stack = { table: local.table, doorbell };
    expect(await failedCommand(stack, "list")).toBe("Nothing was given up on.\n");
    const failures = createFailures(local.table);
    const [chat, job] = [newSession(), newSession()];
    const undelivered = { text: "An answer", next: 1 };
    const words = [messageEntry(1), messageEntry(2)];
    await failures.put({
      session: chat,
      at: GIVEN_UP_AT + 1,
      tries: 4,
      ids: [entryId(1)],
      entries: words,
      undelivered,
    });
    await failures.put({ session: job, at: GIVEN_UP_AT, tries: 5, ids: [tick.id], entries: [tick] });

    const list = await failedCommand(stack, "list");
    expect(list).toContain(`1. 2026-11-24T09:00:00.000Z  ${job}  tick after 5 tries`);
    expect(list).toContain("message, message after 4 tries, with an answer that was not delivered");
    expect(JSON.parse(await failedCommand(stack, "show", "2"))).toMatchObject({ undelivered });

    expect(await failedCommand(stack, "replay", "2")).toBe("2 entries are back in the inbox.\n");
    const inbox = createInbox(local.table);
    expect(await inbox.waiting(chat)).toEqual(
      words.map((entry) => ({ ...entry, id: `${entry.id}#again${GIVEN_UP_AT + 1}` })),
    );
    await failedCommand(stack, "replay", "1");
    expect(await inbox.waiting(job)).toMatchObject([
      { id: "t#tea#2026-11-24T09:00:00.000Z", scheduledTime: "2026-11-24T09:00:00.000Z" },
    ]);
    expect(doorbell.rung).toEqual([chat, job]);
    expect(await failedCommand(stack, "list")).toBe("Nothing was given up on.\n");
    await expect(failedCommand(stack, "replay", "1")).rejects.toThrow("There is no number 1; list shows 0.");
  });

  it("brings nothing twice when a replay could not wake the function and is run again", async () => {
    const session = newSession();
    const entries = [messageEntry(1), messageEntry(2)];
    await createFailures(local.table).put({ session, at: GIVEN_UP_AT, tries: 4, ids: [entryId(1)], entries });
    const doorbell = createFakeDoorbell();
    const deaf: Doorbell = { wake: () => Promise.reject(new Error("no such function")) };
    const replay = (bell: Doorbell) => failedCommand({ table: local.table, doorbell: bell }, "replay", "1");
    await expect(replay(deaf)).rejects.toThrow("no such function");
    expect(await replay(doorbell)).toBe("2 entries are back in the inbox.\n");
    expect(await createInbox(local.table).waiting(session)).toHaveLength(2);
    expect(doorbell.rung).toEqual([session]);
  });
});
