import { describe, expect, it } from "vitest";
import { estimateTokens, lastUserTurnSeq, promptMessages } from "../../src/agent/history.ts";
import type { Message } from "../../src/message.ts";
import type { Row } from "../../src/session-state.ts";
import { call, recordingLog, silentLog, user } from "./loop-kit.ts";

const row = (seq: number, message: unknown, marker?: Row["marker"]): Row => ({
  sessionId: "s1",
  seq,
  fence: 1,
  at: seq,
  message: message as Message,
  ...(marker && { marker }),
});

const said = (content: string): Message => ({ role: "assistant", content });

const texts = (rows: readonly Row[], base = 0): string[] =>
  promptMessages(rows, base, silentLog).map((message) => message.content);

describe("the messages of a prompt", () => {
  it("are those of the rows from the base on, in their order", () => {
    const rows = [row(1, user("a")), row(2, said("b")), row(3, user("c"))];
    expect(texts(rows)).toEqual(["a", "b", "c"]);
    expect(texts(rows, 3)).toEqual(["c"]);
  });

  it("begin with the newest summary, which stands for all before it", () => {
    const rows = [
      row(3, user("old")),
      row(4, user("summary one"), { kind: "summary", keepFrom: 3 }),
      row(5, said("kept")),
      row(6, user("kept too")),
      row(7, user("summary two"), { kind: "summary", keepFrom: 5 }),
      row(8, said("new")),
    ];
    expect(texts(rows)).toEqual(["summary two", "kept", "kept too", "new"]);
  });

  it("leave out what was undone, and what was said after that stays", () => {
    const rows = [
      row(1, user("a")),
      row(2, said("b")),
      row(3, user("mistake")),
      row(4, said("oops")),
      row(5, user(""), { kind: "cut", from: 3 }),
      row(6, user("again")),
    ];
    expect(texts(rows)).toEqual(["a", "b", "again"]);
  });

  it("keep the summary even when everything since was undone", () => {
    const rows = [
      row(5, user("kept")),
      row(6, user("the summary"), { kind: "summary", keepFrom: 5 }),
      row(7, user(""), { kind: "cut", from: 5 }),
    ];
    expect(texts(rows)).toEqual(["the summary"]);
  });

  it.each([
    ["an unknown role", { role: "session_meta", content: "x" }],
    ["content that is not text", { role: "user", content: [{ type: "text" }] }],
    ["no message", undefined],
    ["a result of no call", { role: "tool", content: "x", toolName: "t" }],
    ["damaged calls", { role: "assistant", content: "", toolCalls: [{ id: 1 }] }],
    ["damaged photos", { role: "user", content: "x", photos: "p" }],
    ["damaged reasoning", { role: "assistant", content: "x", reasoning: 7 }],
  ])("skip a row with %s, and the log says which", (_what, message) => {
    const log = recordingLog();
    const rows = [row(1, user("a")), row(2, message), row(3, user("c"))];
    expect(promptMessages(rows, 0, log).map(({ content }) => content)).toEqual(["a", "c"]);
    expect(log.lines).toMatchObject([{ fields: { seq: 2, sessionId: "s1" } }]);
  });

  it("survive a marker that lost its place", () => {
    const log = recordingLog();
    const rows = [row(1, user("a")), row(2, user("s"), { kind: "summary", keepFrom: Number.NaN })];
    expect(promptMessages(rows, 0, log).map(({ content }) => content)).toEqual(["a"]);
    expect(log.lines).toHaveLength(1);
  });
});

describe("the last thing a person said", () => {
  const rows = [
    row(1, user("one")),
    row(2, said("1")),
    row(3, user("two")),
    row(4, user("and a half")),
    row(5, { role: "assistant", content: "", toolCalls: [call("x", {}, "x")] }),
    row(6, { role: "tool", toolCallId: "x", toolName: "x", content: "y" }),
    row(7, said("2")),
  ];

  it("begins at its first message", () => {
    expect(lastUserTurnSeq(rows, 1)).toBe(3);
    expect(lastUserTurnSeq(rows, 2)).toBe(1);
  });

  it("does not exist beyond the first, nor in an empty history", () => {
    expect(lastUserTurnSeq(rows, 3)).toBeUndefined();
    expect(lastUserTurnSeq([], 1)).toBeUndefined();
  });

  it("is not one that was undone, and no summary", () => {
    const undone = [...rows, row(8, user(""), { kind: "cut", from: 3 })];
    expect(lastUserTurnSeq(undone, 1)).toBe(1);
    const summed = [...rows, row(8, user("sum"), { kind: "summary", keepFrom: 7 })];
    expect(lastUserTurnSeq(summed, 1)).toBeUndefined();
  });
});

describe("the estimated size", () => {
  it("counts text, context, reasoning, calls and schemas in characters, and a photo by itself", () => {
    expect(estimateTokens([user("a".repeat(40))], [])).toBe(10);
    expect(estimateTokens([{ ...user(""), context: "a".repeat(40) }], [])).toBe(10);
    expect(estimateTokens([{ role: "assistant", content: "", reasoning: "a".repeat(40) }], [])).toBe(10);
    expect(estimateTokens([{ ...user(""), photos: [{ fileId: "f", width: 1, height: 1 }] }], [])).toBe(1_600);
    const schema = { name: "a", description: "b".repeat(400), parameters: {} };
    expect(estimateTokens([], [schema])).toBeGreaterThan(100);
  });
});
