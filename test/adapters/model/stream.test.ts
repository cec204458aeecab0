import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { describe, expect, it } from "vitest";
import { createReplyCollector } from "../../../src/adapters/model/stream.ts";
import { createThinkTagFilter } from "../../../src/adapters/model/think-tags.ts";
import fc from "../../support/properties.ts";

type Delta = ChatCompletionChunk["choices"][number]["delta"];
type Call = NonNullable<Delta["tool_calls"]>[number];

const replyOf = (
  deltas: readonly Delta[],
  finish: ChatCompletionChunk["choices"][number]["finish_reason"] = "stop",
) => {
  const collector = createReplyCollector({ provider: "openai", model: "m" });
  for (const [index, delta] of deltas.entries()) {
    const finish_reason = index === deltas.length - 1 ? finish : null;
    collector.add({
      id: "1",
      object: "chat.completion.chunk",
      created: 0,
      model: "",
      choices: [{ index: 0, delta, finish_reason }],
    });
  }
  return collector.reply();
};

const callsOf = (calls: readonly Call[]) =>
  replyOf(
    calls.map((call) => ({ tool_calls: [call] })),
    "tool_calls",
  ).message.toolCalls;

describe("tool calls of servers with habits of their own", () => {
  it("are told apart by id where every one has the index 0", () => {
    const calls = callsOf([
      { index: 0, id: "a", function: { name: "todo", arguments: "{}" } },
      { index: 0, id: "b", function: { name: "clarify", arguments: "{}" } },
    ]);
    expect(calls?.map((call) => call.name)).toEqual(["todo", "clarify"]);
  });

  it("have one name although it is repeated in every piece", () => {
    const [call] =
      callsOf([
        { index: 0, id: "a", function: { name: "todo", arguments: '{"a"' } },
        { index: 0, id: "a", function: { name: "todo", arguments: ":1}" } },
      ]) ?? [];
    expect(call).toEqual({ id: "a", name: "todo", arguments: '{"a":1}' });
  });

  it("get an id of their own where it is missing or used twice", () => {
    const calls = callsOf([
      { index: 0, id: "x", function: { name: "todo", arguments: "{}" } },
      { index: 1, id: "x", function: { name: "todo", arguments: "{}" } },
      { index: 2, function: { name: "todo", arguments: "{}" } },
    ]);
    expect(new Set(calls?.map((call) => call.id)).size).toBe(3);
    expect(calls?.every((call) => call.id !== "")).toBe(true);
  });

  it("are calls although the finish reason says stop", () => {
    expect(
      replyOf([{ tool_calls: [{ index: 0, id: "a", function: { name: "todo", arguments: "{}" } }] }]).finish,
    ).toBe("tool_calls");
  });
});

it("reads a text beside which a server names no calls", () => {
  const none = { tool_calls: null } as unknown as Delta;
  expect(replyOf([{ content: "Good", ...none }, { content: " morning" }]).message.content).toBe(
    "Good morning",
  );
});

it("shows a refusal as what it is", () => {
  expect(replyOf([{ refusal: "I can" }, { refusal: "not." }])).toMatchObject({
    finish: "content_filter",
    message: { content: "I cannot." },
  });
});

/** What is seen of a text however it is cut into pieces. */
const seen = (pieces: readonly string[]): string => {
  const filter = createThinkTagFilter();
  return pieces.map((piece) => filter.push(piece)).join("") + filter.end();
};

describe("thoughts written into the answer", () => {
  it.each([
    ["<think>hm</think>\n\nHello", "Hello"],
    ["  <Thinking>hm\nhm</Thinking>Hello", "Hello"],
    ["One\n<reasoning>hm</reasoning>\nTwo", "One\n\nTwo"],
    ["<think>never closed", ""],
    ["<think>a</think><think>b</think>c", "c"],
    ["The tag `<think>` opens a block", "The tag `<think>` opens a block"],
    ["```html\n<think>\n```\nis how", "```html\n<think>\n```\nis how"],
    ["a <b>bold</b> word <", "a <b>bold</b> word <"],
    ["<thinker>x</thinker>", "<thinker>x</thinker>"],
  ])("%j is seen as %j, in whatever pieces it comes", (text, expected) => {
    expect(seen([text])).toBe(expected);
    expect(seen([...text])).toBe(expected);
  });

  it("are hidden alike for every cut of the text", () => {
    const token = fc.constantFrom(
      "<think>",
      "</think>",
      "<",
      "\n",
      " ",
      "a",
      "```",
      "<thin",
      "k>",
      "</",
      "think>",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (pieces) => {
        expect(seen(pieces)).toBe(seen([pieces.join("")]));
      }),
      { numRuns: 2_000 },
    );
  });
});
