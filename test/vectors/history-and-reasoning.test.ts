// Hermes' cases for the history a model is shown. Its messages become ours: the system prompt travels beside them,
// a list content is text with photos, and `reasoning` is kept only if the endpoint it came from wants it back.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keptReasoning } from "../../src/adapters/model/reasoning.ts";
import { toWireMessages } from "../../src/adapters/model/wire.ts";
import { pairToolCalls, repairSequence } from "../../src/agent/history-repair.ts";
import { wrapUntrusted } from "../../src/agent/untrusted.ts";
import type { Message } from "../../src/message.ts";

interface Stored {
  readonly role: string;
  readonly content?: string | readonly { readonly type: string; readonly text?: string }[];
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments?: string };
  }[];
  readonly tool_call_id?: string;
  readonly name?: string;
  readonly reasoning?: string;
  readonly reasoning_content?: string;
}

type Case = { readonly id: string } & (
  | {
      readonly fn: "reasoning_echo";
      readonly provider: string;
      readonly model: string;
      readonly base_url: string;
      readonly stored_message: Stored;
      readonly sent_reasoning_content: string;
    }
  | {
      readonly fn: "repair_message_sequence";
      readonly input: readonly Stored[];
      readonly expected: readonly Stored[];
      readonly repairs: number;
    }
  | {
      readonly fn: "pair_tool_calls_and_results";
      readonly input: readonly Stored[];
      readonly expected: readonly Stored[];
    }
  | {
      readonly fn: "wrap_untrusted";
      readonly tool: string;
      readonly content: string;
      readonly wrapped: boolean;
    }
);

const folder = process.env["VECTORS"] ?? import.meta.dirname;
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(join(folder, "history_and_reasoning.json"), "utf8"),
);

describe("past reasoning is sent back as the endpoint demands", () => {
  it.each(cases.filter((one) => one.fn === "reasoning_echo"))(
    "$id: $provider $model",
    ({ provider, model, base_url, stored_message, sent_reasoning_content }) => {
      const target = { provider, model, baseUrl: base_url, readsImages: false };
      const sent = toWireMessages("", fromHermes([stored_message]), target, new Map()).at(-1);
      const value = sent !== undefined && "reasoning_content" in sent ? sent.reasoning_content : "<absent>";
      expect(value).toBe(sent_reasoning_content);
    },
  );
});

describe("a broken sequence of messages is mended", () => {
  it.each(cases.filter((one) => one.fn === "repair_message_sequence"))(
    "$id",
    ({ input, expected, repairs }) => {
      expect(repairSequence(fromHermes(input))).toEqual({ messages: fromHermes(expected), repairs });
    },
  );
});

describe("calls and results are paired", () => {
  it.each(cases.filter((one) => one.fn === "pair_tool_calls_and_results"))("$id", ({ input, expected }) => {
    expect(pairToolCalls(fromHermes(input))).toEqual(fromHermes(expected));
  });
});

describe("results from outside are framed as data", () => {
  it.each(cases.filter((one) => one.fn === "wrap_untrusted"))("$id: $tool", ({ tool, content, wrapped }) => {
    const result = wrapUntrusted(tool, content);
    if (!wrapped) return expect(result).toBe(content);
    expect(result).toMatch(/^<untrusted_tool_result source="/);
    expect(result).toContain(content);
    expect(result).toMatch(/<\/untrusted_tool_result>$/);
    return expect(result).toContain("DATA");
  });
});

const fromHermes = (stored: readonly Stored[]): readonly Message[] =>
  stored.flatMap((message): readonly Message[] => {
    if (message.role === "user") return [userFrom(message)];
    if (message.role === "assistant") return [assistantFrom(message)];
    if (message.role !== "tool") return [];
    const { tool_call_id: toolCallId = "", name: toolName = "" } = message;
    return [{ role: "tool", toolCallId, toolName, content: String(message.content) }];
  });

const userFrom = ({ content = "" }: Stored): Message => {
  if (typeof content === "string") return { role: "user", content };
  const photos = content
    .filter((part) => part.type !== "text")
    .map((_, index) => ({ fileId: `photo-${index}`, width: 1, height: 1 }));
  return { role: "user", content: content.map((part) => part.text ?? "").join(""), photos };
};

const assistantFrom = (message: Stored): Message => {
  const reasoning = reasoningFrom(message);
  return {
    role: "assistant",
    content: typeof message.content === "string" ? message.content : "",
    ...(message.tool_calls && {
      toolCalls: message.tool_calls.map((call) => ({
        id: call.id,
        name: call.function.name,
        arguments: call.function.arguments ?? "{}",
      })),
    }),
    ...(reasoning !== undefined && { reasoning }),
  };
};

/** Upstream's inner `reasoning` beside tool calls is another provider's: what we would have stored of it. */
const reasoningFrom = ({ reasoning_content, reasoning, tool_calls }: Stored): string | undefined =>
  reasoning_content === undefined && tool_calls !== undefined
    ? keptReasoning({ provider: "openai", model: "MiniMax-M2" }, reasoning ?? "")
    : (reasoning_content ?? reasoning);
