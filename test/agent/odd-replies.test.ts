import { describe, expect, it } from "vitest";
import { ModelError } from "../../src/errors.ts";
import type { AssistantMessage, Message, ModelReply } from "../../src/message.ts";
import { BudgetExceeded } from "../../src/usage/budget.ts";
import { call, calls, echo, limits, play, says, scriptedAsk, user } from "./loop-kit.ts";

const thinks = (reasoning: string, finish: ModelReply["finish"] = "stop"): ModelReply =>
  says("", { message: { role: "assistant", content: "", reasoning }, finish });

const afterTool: readonly Message[] = [
  user("hello"),
  { role: "assistant", content: "", toolCalls: [call("echo", {}, "a")] },
  { role: "tool", toolCallId: "a", toolName: "echo", content: "ok" },
];

describe("a reply that was cut by the output limit", () => {
  it("is continued where it stopped, with a larger limit, and comes out in one piece", async () => {
    const ask = scriptedAsk(
      says("The answer is forty", { finish: "length" }),
      says("-two, as", { finish: "length" }),
      says(" always."),
    );
    const { result, stored } = await play({ ask });
    expect(result).toMatchObject({
      kind: "answer",
      message: { content: "The answer is forty-two, as always." },
    });
    expect(ask.requests.map((request) => request.maxTokens)).toEqual([4_000, 8_000, 12_000]);
    expect(ask.requests[2]?.messages.map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
    expect(stored).toEqual([]);
  });

  it("is given up after three continuations: what there is, and a word about it", async () => {
    const part = (text: string) => says(text, { finish: "length" });
    const { result } = await play({ ask: scriptedAsk(part("a"), part("b"), part("c"), part("d")) });
    expect(result).toMatchObject({
      kind: "answer",
      message: { content: expect.stringMatching(/^abcd\n\n⚠️ .*3 continuation attempts/) },
    });
  });

  it("is never raised beyond the cap, nor below what was configured", async () => {
    const ask = scriptedAsk(says("a", { finish: "length" }), says("b"));
    await play({ ask, limits: limits({ maxReplyTokens: 60_000 }) });
    expect(ask.requests.map((request) => request.maxTokens)).toEqual([60_000, 60_000]);
    const small = scriptedAsk(says("a", { finish: "length" }), says("b"));
    await play({ ask: small, limits: limits({ maxReplyTokens: 20_000 }) });
    expect(small.requests[1]?.maxTokens).toBe(32_768);
  });

  it("goes on when its stream broke off", async () => {
    const ask = scriptedAsk(says("half ", { finish: "cut" }), says("whole"));
    expect((await play({ ask })).result).toMatchObject({ message: { content: "half whole" } });
  });

  it("is used as far as it came when the continuation is empty", async () => {
    const ask = scriptedAsk(says("nearly done", { finish: "length" }), says(""));
    expect((await play({ ask })).result).toMatchObject({ message: { content: "nearly done" } });
  });

  it("can end in tool calls: the stored message has all its text", async () => {
    const ask = scriptedAsk(
      says("I will ", { finish: "length" }),
      calls([call("echo")], "look."),
      says("ready"),
    );
    const { stored } = await play({ ask });
    expect(stored[0]).toMatchObject({ content: "I will look.", toolCalls: [{ name: "echo" }] });
  });

  it.each([
    ["a budget is spent", new BudgetExceeded({ name: "turn", limit: 1 }), "over_budget"],
    ["the model fails", new ModelError("rate_limit", "later"), "failed"],
    ["the model declines to go on", says("No.", { finish: "content_filter" }), "failed"],
  ] as const)("hands on what there is of it when %s before its end", async (_, end, kind) => {
    const part = says("Once upon", { finish: "length" });
    const reasoned = { ...part, message: { ...part.message, reasoning: "A tale." } };
    const ask = scriptedAsk(reasoned, says(" a time", { finish: "length" }), end);
    const said = { role: "assistant", content: "Once upon a time", reasoning: "A tale." };
    expect((await play({ ask })).result).toMatchObject({ kind, said });
  });

  it("ends there when the time is up, rather than to begin anew in another invocation", async () => {
    let remainingMs = 600_000;
    const ask = scriptedAsk(async () => {
      remainingMs = 500;
      return says("Once upon", { finish: "length" });
    });
    const { result } = await play({ ask, limits: limits({ remainingMs: () => remainingMs }) });
    expect(result).toMatchObject({
      kind: "failed",
      text: expect.stringContaining("My time was up"),
      said: { content: "Once upon" },
    });
  });

  it("runs no tool call that came with it: asked again with more room, three times", async () => {
    const tools = [echo()];
    const cut = () => calls([call("echo")], "", "length");
    const ask = scriptedAsk(cut(), cut(), cut(), cut());
    const { result, stored } = await play({ ask, tools });
    expect(result).toMatchObject({ kind: "failed", reason: "truncated" });
    expect(ask.requests.map((request) => request.maxTokens)).toEqual([4_000, 8_000, 12_000, 16_000]);
    expect(ask.requests.every((request) => request.messages.length === 1)).toBe(true);
    expect(tools[0]?.ran).toEqual([]);
    expect(stored).toEqual([]);
  });
});

describe("a reply without text", () => {
  it("because all went into thinking is not asked again", async () => {
    const ask = scriptedAsk(thinks("hm ".repeat(100), "length"));
    const { result } = await play({ ask });
    expect(result).toMatchObject({
      kind: "failed",
      reason: "thinking_budget_exhausted",
      text: expect.stringContaining("Thinking Budget Exhausted"),
    });
  });

  it("of which all is a think block counts as such too", async () => {
    const { result } = await play({ ask: scriptedAsk(says("<think>hm", { finish: "length" })) });
    expect(result).toMatchObject({ reason: "thinking_budget_exhausted" });
  });

  it("after tools is nudged once, and the nudge is never stored", async () => {
    const ask = scriptedAsk(says(""), says("here you are"));
    const { result, stored } = await play({ ask, messages: afterTool });
    expect(ask.requests[1]?.messages.slice(-2)).toMatchObject([
      { role: "assistant", content: "(empty)" },
      { role: "user", content: expect.stringContaining("reply was empty") },
    ]);
    expect(result).toMatchObject({ kind: "answer", message: { content: "here you are" } });
    expect(stored).toEqual([]);
  });

  it("after a nudge that led to tools does not leave the nudge in the prompt", async () => {
    const ask = scriptedAsk(says(""), calls([call("echo")]), says("ready"));
    await play({ ask, messages: afterTool });
    expect(JSON.stringify(ask.requests[2]?.messages)).not.toContain("(empty)");
  });

  it("beside housekeeping was said before: that text is the answer", async () => {
    const asked: AssistantMessage = {
      role: "assistant",
      content: "Noted, your plan is saved.",
      toolCalls: [call("todo", {}, "t")],
    };
    const ask = scriptedAsk({ ...calls([]), message: asked }, says(""));
    const { result } = await play({ ask, tools: [echo("todo")] });
    expect(result).toMatchObject({ kind: "answer", message: { content: "Noted, your plan is saved." } });
  });

  it("but with reasoning is asked to write it out, twice at most", async () => {
    const ask = scriptedAsk(thinks("so"), thinks("so so"), says("there"));
    const { result } = await play({ ask });
    expect(ask.requests[2]?.messages.filter((message) => message.role === "assistant")).toMatchObject([
      { reasoning: "so" },
      { reasoning: "so so" },
    ]);
    expect(result).toMatchObject({ kind: "answer", message: { content: "there" } });
  });

  it("is asked for again three times, then the person is told", async () => {
    const ask = scriptedAsk(says(""), says(" "), says("\n"), says(""));
    const { result, stored } = await play({ ask });
    expect(result).toMatchObject({ kind: "failed", reason: "empty_response_exhausted" });
    expect(stored).toEqual([]);
  });
});

describe("a reply that is not for the person as it stands", () => {
  it("because the model declines is told, not asked again", async () => {
    const { result } = await play({ ask: scriptedAsk(says("I can't.", { finish: "content_filter" })) });
    expect(result).toMatchObject({
      kind: "failed",
      reason: "content_policy_blocked",
      text: expect.stringContaining("I can't."),
    });
  });

  it("because it thinks aloud is shown without the thoughts, in the stream too", async () => {
    const pieces: string[] = [];
    const ask = scriptedAsk(says("<think>secret</think>\n\nvisible"));
    const { result } = await play({ ask, onText: (piece) => pieces.push(piece) });
    expect(result).toMatchObject({ message: { content: "visible" } });
    expect(pieces.join("")).toBe("visible");
  });
});
