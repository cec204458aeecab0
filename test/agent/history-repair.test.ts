import { describe, expect, it } from "vitest";
import { MISSING_RESULT, prepareHistory } from "../../src/agent/history-repair.ts";
import type { Message } from "../../src/message.ts";
import fc from "../support/properties.ts";

const user = (content: string, context?: string): Message => ({
  role: "user",
  content,
  ...(context && { context }),
});
const said = (content: string): Message => ({ role: "assistant", content });
const calling = (id: string, text = "{}", name = "todo"): Message => ({
  role: "assistant",
  content: "",
  toolCalls: [{ id, name, arguments: text }],
});
const result = (toolCallId: string, content = "ok"): Message => ({
  role: "tool",
  toolCallId,
  toolName: "todo",
  content,
});

const argumentsOf = (text: string): string | undefined => {
  const [message] = prepareHistory([calling("a", text)]);
  return message?.role === "assistant" ? message.toolCalls?.[0]?.arguments : undefined;
};

describe("a history made ready", () => {
  it("keeps each message's context at its place when messages are joined", () => {
    expect(prepareHistory([user("a", "[1]"), user("b", "[2]")])).toEqual([
      { role: "user", content: "a\n\n[1]\n\nb", context: "[2]" },
    ]);
  });

  it("drops a turn of nothing but reasoning and joins the neighbours it kept apart", () => {
    const thought: Message = { role: "assistant", content: " ", reasoning: "hm" };
    expect(prepareHistory([user("a"), thought, user("b")])).toEqual([user("a\n\nb")]);
  });

  it("answers a call whose result was lost, and takes the first of two results", () => {
    expect(prepareHistory([user("x"), calling("a"), user("y")])[2]).toMatchObject({
      toolCallId: "a",
      content: MISSING_RESULT,
    });
    expect(prepareHistory([calling("a"), result("a", "1"), result("a", "2"), said("z")])).toHaveLength(3);
  });

  it.each([
    ['{ "b": 1, "a": {"d": [ {"z":1,"y":2} ], "c": 3} }', '{"a":{"c":3,"d":[{"y":2,"z":1}]},"b":1}'],
    ['{"path": "x",}', '{"path":"x"}'],
    ["", "{}"],
    ["no json", "{}"],
  ])("has arguments as compact JSON with sorted keys: %s", (text, expected) => {
    expect(argumentsOf(text)).toBe(expected);
  });

  it("survives arguments nested deeper than the stack", () => {
    expect(argumentsOf("[".repeat(50_000) + "]".repeat(50_000))).toBe("{}");
  });

  it("has only names an API accepts, whatever a model once called", () => {
    const [message] = prepareHistory([calling("a", "{}", 'terminal" parameter="x')]);
    expect(message).toMatchObject({ toolCalls: [{ name: "terminal__parameter__x" }] });
  });

  const any: fc.Arbitrary<Message> = fc.oneof(
    fc.constantFrom(user("u"), user(""), said("s"), said("")),
    fc.constantFrom("a", "b").map((id) => calling(id)),
    fc.constantFrom("a", "b", "c").map((id) => result(id)),
  );

  it("is valid whatever the transcript was, and repairing it again changes nothing", () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 14 }), (messages) => {
        const ready = prepareHistory(messages);
        expect(prepareHistory(ready)).toEqual(ready);
        let open: string[] = [];
        for (const message of ready) {
          if (message.role === "tool") {
            expect(open).toContain(message.toolCallId);
            open = open.filter((id) => id !== message.toolCallId);
          } else {
            expect(open).toEqual([]);
            open = message.role === "assistant" ? (message.toolCalls ?? []).map((call) => call.id) : [];
          }
        }
        expect(open).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
