// What a transcript must look like before a model reads it, made on a copy: every tool result behind its call,
// no call without a result, no two plain user messages in a row. Called by ask-model.ts; hermes-behaviour.md 1.2.

import type { AssistantMessage, Message, ToolCall, ToolMessage, UserMessage } from "../message.ts";
import { repairArguments } from "./tool-call-repair.ts";

export const MISSING_RESULT = "[Result unavailable — see context summary above]";
/** What the API accepts as a function's name. */
const MAX_TOOL_NAME_LENGTH = 64;

/** The whole repair. The same transcript always gives the same messages: they are the cached prefix of a prompt. */
export const prepareHistory = (messages: readonly Message[]): readonly Message[] => {
  const sequence = repairSequence(messages).messages;
  const spoken = repairSequence(sequence.filter((message) => !isReasoningOnly(message))).messages;
  return pairToolCalls(spoken).map(tidy);
};

/** Drops results that do not follow their call, joins neighbouring user messages; `repairs` counts both. */
export const repairSequence = (
  messages: readonly Message[],
): { readonly messages: readonly Message[]; readonly repairs: number } => {
  const answered = dropStrayResults(messages);
  const merged = mergeUsers(answered);
  return { messages: merged, repairs: messages.length - merged.length };
};

const dropStrayResults = (messages: readonly Message[]): readonly Message[] => {
  let known: ReadonlySet<string> = new Set();
  return messages.filter((message) => {
    if (message.role === "tool") return known.has(message.toolCallId);
    known = new Set(message.role === "assistant" ? message.toolCalls?.map((call) => call.id) : []);
    return true;
  });
};

const mergeUsers = (messages: readonly Message[]): readonly Message[] => {
  const merged: Message[] = [];
  for (const message of messages) {
    const previous = merged.at(-1);
    if (isPlainUser(previous) && isPlainUser(message)) merged[merged.length - 1] = joined(previous, message);
    else merged.push(message);
  }
  return merged;
};

const isPlainUser = (message: Message | undefined): message is UserMessage =>
  message?.role === "user" && (message.photos?.length ?? 0) === 0;

/** The first message's own context stays behind its text, so that its bytes in the prompt do not change. */
const joined = (first: UserMessage, second: UserMessage): UserMessage => ({
  ...second,
  content: [first.content.trim(), first.context ?? "", second.content]
    .filter((text) => text !== "")
    .join("\n\n"),
});

/** An assistant turn without words and calls says nothing, and some servers refuse it. */
const isReasoningOnly = (message: Message): boolean =>
  message.role === "assistant" && message.content.trim() === "" && (message.toolCalls?.length ?? 0) === 0;

/**
 * Exactly one result for every call, and none for any other: an API refuses the whole request otherwise. Stubs
 * come right behind the call, before the results that exist, as upstream places them.
 */
export const pairToolCalls = (messages: readonly Message[]): readonly Message[] =>
  messages.flatMap((message, index): readonly Message[] => {
    if (message.role === "tool") return [];
    if (message.role === "user" || message.toolCalls === undefined) return [message];
    const results = resultsAfter(messages, index, message.toolCalls);
    const stubs = message.toolCalls.filter((call) => !results.has(call.id)).map(stub);
    return [message, ...stubs, ...results.values()];
  });

/** The first result of each call, in the order they were stored. */
const resultsAfter = (
  messages: readonly Message[],
  index: number,
  calls: readonly ToolCall[],
): ReadonlyMap<string, ToolMessage> => {
  const wanted = new Set(calls.map((call) => call.id));
  const results = new Map<string, ToolMessage>();
  for (let next = index + 1; next < messages.length; next++) {
    const message = messages[next];
    if (message?.role !== "tool") break;
    if (wanted.has(message.toolCallId) && !results.has(message.toolCallId)) {
      results.set(message.toolCallId, message);
    }
  }
  return results;
};

const stub = (call: ToolCall): ToolMessage => ({
  role: "tool",
  toolCallId: call.id,
  toolName: call.name,
  content: MISSING_RESULT,
});

const tidy = (message: Message): Message => {
  const content = message.content.trim();
  if (message.role !== "assistant" || message.toolCalls === undefined) return { ...message, content };
  return tidyCalls({ ...message, content }, message.toolCalls);
};

const tidyCalls = (message: AssistantMessage, calls: readonly ToolCall[]): AssistantMessage => ({
  ...message,
  toolCalls: calls.map((call) => ({
    id: call.id,
    name: call.name.replace(/[^\w-]/g, "_").slice(0, MAX_TOOL_NAME_LENGTH) || "unknown",
    arguments: canonicalArguments(call.arguments),
  })),
});

/** Compact JSON with sorted keys; what cannot be read becomes `{}`. */
const canonicalArguments = (text: string): string => {
  const repaired = repairArguments(text);
  try {
    return JSON.stringify(sortedKeys(JSON.parse(repaired)));
  } catch (thrown) {
    if (thrown instanceof RangeError) return "{}"; // nested deeper than the stack: it must not wedge the session
    throw thrown;
  }
};

const sortedKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, sortedKeys(item)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};
