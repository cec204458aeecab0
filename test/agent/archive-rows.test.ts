// The index is kept segment by segment and may fail; the record of a session that is left may not.

import { describe, expect, it } from "vitest";
import { archiveRows, archiveSession } from "../../src/agent/archive-rows.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import type { Archive, PastSession } from "../../src/ports.ts";
import type { Row } from "../../src/session-state.ts";
import { newSession, rowOf, SESSION_ID } from "../contracts/said.ts";

const rowsFrom = (from: number, to: number): Row[] =>
  Array.from({ length: to - from + 1 }, (_, index) => rowOf(from + index, 1));

/** A session of `seq` rows of which those from `loaded` on are in memory, `indexed` of them in the index. */
const contextOf = (
  { seq, indexed = 0, loaded = 1 }: { seq: number; indexed?: number; loaded?: number },
  broken: Partial<Archive> = {},
) => {
  const indexedRanges: string[] = [];
  const records: PastSession[] = [];
  const warnings: string[] = [];
  const archive: Partial<Archive> = {
    rows: async (_session, _id, from, to) => rowsFrom(from, to),
    index: async (_session, rows) => {
      indexedRanges.push(`${rows[0]?.seq}-${rows.at(-1)?.seq} (${rows.length})`);
    },
    describe: async (_session, record) => {
      records.push(record);
    },
    ...broken,
  };
  const log = { warn: (message: string) => warnings.push(message) };
  const meta = { sessionId: SESSION_ID, seq, indexed, seqFence: 1, base: 0, startedAt: 0, lastPrompt: 0 };
  const c = {
    ports: { archive, log, clock: { now: () => 7 } },
    lease: { session: newSession(), meta, rows: rowsFrom(loaded, seq) },
  } as unknown as TurnContext;
  return { c, indexedRanges, records, warnings };
};

/** An index that refuses the segment which begins with this row. */
const refusing = (seq: number): Partial<Archive> => ({
  index: (_session, rows) =>
    rows[0]?.seq === seq ? Promise.reject(new Error("throttled")) : Promise.resolve(),
});

describe("rows about to be committed", () => {
  it("are indexed once 32 are together, 32 at a time; the rest waits", async () => {
    expect(await archiveRows(contextOf({ seq: 30 }).c, rowsFrom(31, 31))).toBeUndefined();
    const { c, indexedRanges } = contextOf({ seq: 70 });
    expect(await archiveRows(c, rowsFrom(71, 72))).toBe(64);
    expect(indexedRanges).toEqual(["1-32 (32)", "33-64 (32)"]);
  });

  it("follow older ones, which are read again when they are no longer in memory", async () => {
    const { c, indexedRanges } = contextOf({ seq: 62, indexed: 0, loaded: 41 });
    expect(await archiveRows(c, rowsFrom(63, 64))).toBe(64);
    expect(indexedRanges).toEqual(["1-32 (32)", "33-64 (32)"]);
  });

  it("keep the segments that were finished before one failed, and go on there in the next turn", async () => {
    const failing = contextOf({ seq: 96 }, refusing(33));
    expect(await archiveRows(failing.c, [])).toBe(32);
    expect(failing.warnings).toEqual(["indexing the conversation failed"]);
    const next = contextOf({ seq: 98, indexed: 32 });
    expect(await archiveRows(next.c, [])).toBe(96);
    expect(next.indexedRanges).toEqual(["33-64 (32)", "65-96 (32)"]);
  });
});

describe("a session that is left", () => {
  it("is indexed to its end and put on record", async () => {
    const { c, indexedRanges, records } = contextOf({ seq: 40 });
    await archiveSession(c);
    expect(indexedRanges).toEqual(["1-32 (32)", "33-40 (8)"]);
    expect(records).toMatchObject([{ endedAt: 7, messages: 40, state: { seq: 40, indexed: 40 } }]);
  });

  it("is on record with what was indexed when the index fails", async () => {
    const { c, records } = contextOf({ seq: 40 }, refusing(33));
    await archiveSession(c);
    expect(records).toMatchObject([{ state: { seq: 40, indexed: 32 } }]);
  });

  it("is not left when its record cannot be written", async () => {
    const { c } = contextOf({ seq: 4 }, { describe: () => Promise.reject(new Error("table gone")) });
    await expect(archiveSession(c)).rejects.toThrow("table gone");
  });
});
