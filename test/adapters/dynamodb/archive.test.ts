import { BatchGetCommand, BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createArchive } from "../../../src/adapters/dynamodb/archive.ts";
import { createSessions } from "../../../src/adapters/dynamodb/sessions.ts";
import type { Table } from "../../../src/adapters/dynamodb/table.ts";
import type { Row } from "../../../src/session-state.ts";
import type { SessionKey } from "../../../src/turn.ts";
import { APRIL, archiveContract, MARCH, MAY, said } from "../../contracts/archive.ts";
import { newSession } from "../../contracts/said.ts";
import { createFakeClock } from "../../fakes/clock.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

const append = (session: SessionKey, rows: readonly Row[]) =>
  createSessions(local.table, createFakeClock()).append(session, rows);

archiveContract("over DynamoDB", async () => ({ archive: createArchive(local.table), append }));

let session: SessionKey;
beforeEach(() => {
  session = newSession();
  local.requests();
});

describe("the index", () => {
  it("is one item per word and segment, and the same items when it is written again", async () => {
    const archive = createArchive(local.table);
    const rows = [said(MAY, 7, "tea, Tea and toast"), said(MAY, 8, "toast")];
    await archive.index(session, rows);
    const items = await local.items(`SEARCH#${session}`);
    expect(items.map(({ SK, seqs }) => [SK, seqs])).toEqual([
      [`and#${MAY}#0000000007`, [7]],
      [`tea#${MAY}#0000000007`, [7]],
      [`toast#${MAY}#0000000007`, [7, 8]],
    ]);
    await archive.index(session, rows);
    expect(await local.items(`SEARCH#${session}`)).toEqual(items);
  });

  it("costs nothing for rows in which nothing was said", async () => {
    const toolCall = said(MAY, 2, "");
    await createArchive(local.table).index(session, [toolCall]);
    await createArchive(local.table).index(session, []);
    expect(local.requests()).toEqual([]);
  });

  it("takes a pasted book without wedging: its beginning is found", async () => {
    const archive = createArchive(local.table);
    const book = said(
      MAY,
      1,
      `prologue ${Array.from({ length: 60_000 }, (_, n) => `word${n}`).join(" ")} epilogue`,
    );
    await append(session, [book]);
    await archive.index(session, [book]);
    expect(local.requests().filter((name) => name === "BatchWriteItem").length).toBeLessThanOrEqual(16);
    expect(await archive.search(session, "prologue", { limit: 1 })).toHaveLength(1);
    expect(await archive.search(session, "epilogue", { limit: 1 })).toEqual([]);
  });

  it("finds a row so large that it is split over several items", async () => {
    const archive = createArchive(local.table);
    const large = said(MAY, 2, "needle in a haystack", {
      message: { role: "assistant", content: "needle in a haystack", reasoning: "x".repeat(800_000) },
    });
    await append(session, [large]);
    await archive.index(session, [large]);
    expect(await archive.search(session, "needle", { limit: 1 })).toMatchObject([{ sessionId: MAY, seq: 2 }]);
    expect(await archive.rows(session, MAY, 1, 5)).toHaveLength(1);
  });

  it("passes over a damaged row", async () => {
    const archive = createArchive(local.table);
    const damaged = { ...said(MAY, 1, "x"), message: null } as unknown as Row;
    await append(session, [damaged, said(MAY, 2, "sound")]);
    await archive.index(session, [damaged, said(MAY, 2, "sound")]);
    expect(await archive.search(session, "sound", { limit: 5 })).toHaveLength(1);
  });
});

/** Does only the first item of each batch, as often as told; the rest comes back unprocessed. */
const dribbling = (table: Table, times: number): Table => {
  let left = times;
  const send = async (command: never) => {
    const request = command as BatchWriteCommand | BatchGetCommand;
    const asked = request.input.RequestItems?.[table.name];
    if (left === 0 || asked === undefined) return table.documents.send(command);
    left -= 1;
    if (request instanceof BatchWriteCommand && Array.isArray(asked)) {
      await table.documents.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: asked.slice(0, 1) } }),
      );
      return { UnprocessedItems: { [table.name]: asked.slice(1) } };
    }
    const keys = "Keys" in asked ? (asked.Keys ?? []) : [];
    const done = await table.documents.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys: keys.slice(0, 1) } } }),
    );
    return { ...done, UnprocessedKeys: { [table.name]: { Keys: keys.slice(1) } } };
  };
  return { ...table, documents: { send } as unknown as Table["documents"] };
};

describe("a table that does a batch only in part", () => {
  const waits: number[] = [];
  const clock = { ...createFakeClock(), sleep: async (ms: number) => void waits.push(ms) };
  const rows = [said(MAY, 1, "one two three"), said(MAY, 2, "three four")];
  beforeEach(() => waits.splice(0));

  it("is asked again for the rest, waiting longer each time", async () => {
    await createArchive(dribbling(local.table, 3), clock).index(session, rows);
    expect(await local.items(`SEARCH#${session}`)).toHaveLength(4);
    expect(waits).toEqual([50, 100, 200]);
  });

  it("is asked again for rows it did not read", async () => {
    await append(session, rows);
    await createArchive(local.table).index(session, rows);
    const hits = await createArchive(dribbling(local.table, 1), clock).search(session, "three", { limit: 5 });
    expect(hits).toHaveLength(2);
  });

  it("is given up on in the end, saying that later may help", async () => {
    const stuck = {
      ...local.table,
      documents: { send: async () => ({ UnprocessedItems: { hermes: [{}] } }) },
    };
    const index = createArchive(stuck as unknown as Table, clock).index(session, rows);
    await expect(index).rejects.toMatchObject({ code: "unavailable", retryable: true });
    expect(waits).toHaveLength(5);
  });
});

describe("a table that fails", () => {
  it("is an error of the search, not an empty result", async () => {
    const archive = createArchive(local.missing());
    await expect(archive.search(session, "x", { limit: 1 })).rejects.toThrow();
    await expect(archive.sessions(session, 1)).rejects.toThrow();
    await expect(archive.rows(session, MARCH, 1, 2)).rejects.toThrow();
    await expect(archive.index(session, [said(APRIL, 1, "x")])).rejects.toThrow();
  });
});

describe("the records of sessions", () => {
  it("are read consistently where /resume goes back to one: from an older one it would write over committed rows", async () => {
    const asked: unknown[] = [];
    const note = { name: "note", step: "initialize" } as const;
    local.table.client.middlewareStack.add(
      (next) => (args) => {
        asked.push((args.input as { readonly ConsistentRead?: boolean }).ConsistentRead);
        return next(args);
      },
      note,
    );
    const archive = createArchive(local.table);
    await archive.sessions(session, 10);
    await archive.find(session, MAY);
    local.table.client.middlewareStack.remove(note.name);
    expect(asked).toEqual([true, true]);
  });
});
