// What stays of an answer that ends before its time, and where.

import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { brokenOff, textBetween } from "../../src/agent/broken-off.ts";
import { sayingOut } from "../../src/agent/say.ts";
import type { Message } from "../../src/message.ts";
import type { JobRun, OpenTurn, Row } from "../../src/session-state.ts";
import type { EntryId } from "../../src/turn.ts";
import { ADA } from "../contracts/said.ts";
import { call, user } from "./loop-kit.ts";

const ENTRIES = ["0000000000000001" as EntryId];
const WHY = "⚠️ I stopped.";
const out = sayingOut({ entries: ENTRIES, origin: ADA, text: WHY });
const job: JobRun = { id: "tea", name: "Tea", scheduledTime: "2026-11-24T09:00:00Z" };

const said = (content: string) => ({ role: "assistant" as const, content });

/** With what only a row may say: the first of these is row 1. */
const rowsOf = (...rows: readonly (Message | Pick<Row, "message" | "marker">)[]): readonly Row[] =>
  rows.map((row, index) => ({
    ...{ sessionId: "s1", seq: index + 1, fence: 1, at: 0 },
    ...("message" in row ? row : { message: row }),
  }));

describe("an answer that breaks off", () => {
  it("is said as far as it came, before what ended it, and is in the history without that", () => {
    expect(brokenOff(out, { said: said("Once upon") })).toEqual({
      ...out,
      text: `Once upon\n\n${WHY}`,
      row: said("Once upon"),
    });
  });

  it("comes after what was written between tools, which the history has already", () => {
    const { text, row } = brokenOff(out, { between: "I roll.", said: said("It is a") });
    expect(text).toBe(`I roll.\n\nIt is a\n\n${WHY}`);
    expect(row).toEqual(said("It is a"));
    expect(brokenOff(out, { between: "I roll." })).toEqual({ ...out, text: `I roll.\n\n${WHY}` });
  });

  it("of which nothing was written is what ended it alone", () => {
    expect(brokenOff(out, {})).toEqual(out);
  });

  it("fits on META however long it was, and what ended it is still said", () => {
    const { text, row } = brokenOff(out, { between: "a".repeat(200_000), said: said("b".repeat(200_000)) });
    expect(Buffer.byteLength(text) + Buffer.byteLength(row?.content ?? "")).toBeLessThan(301_000);
    expect(text.endsWith(WHY)).toBe(true);
  });

  it("is no result of a job's run: it stands after the reason, and there is no row", () => {
    const ended = brokenOff({ ...out, job }, { said: said("It is sunny and") });
    expect(ended.text).toBe(`${WHY}\n\nIt came as far as this:\n\nIt is sunny and`);
    expect(ended.row).toBeUndefined();
  });
});

describe("what a turn wrote between its tools", () => {
  const turn: OpenTurn = { entries: ENTRIES, origin: ADA, firstSeq: 3, hops: 0, steps: 2 };
  const rows = rowsOf(
    user("Hello"),
    said("An earlier answer."),
    { message: said(""), marker: { kind: "cut", from: 1 } },
    user("Roll"),
    { ...said("I roll. "), toolCalls: [call("roll", {}, "a")] },
    { role: "tool", toolCallId: "a", toolName: "roll", content: "6" },
    { message: user("A summary."), marker: { kind: "summary", keepFrom: 4 } },
    { ...said(" \n"), toolCalls: [call("roll", {}, "b")] },
    { ...said("And again."), toolCalls: [call("roll", {}, "c")] },
  );

  it("is its own words alone, in their order", () => {
    expect(textBetween(rows, turn)).toBe("I roll.\n\nAnd again.");
  });

  it("is nothing in a job's run, which nobody watches", () => {
    expect(textBetween(rows, { ...turn, job })).toBe("");
  });
});
