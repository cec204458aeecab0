// Puts a streamed reply together, piece by piece. Called by model.ts for every chunk.

import { randomUUID } from "node:crypto";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import type { Finish, ModelReply, ToolCall, Usage } from "../../message.ts";
import type { ModelRequest } from "../../ports.ts";
import { type Endpoint, keptReasoning } from "./reasoning.ts";
import { createThinkTagFilter, type ThinkTagFilter } from "./think-tags.ts";

type Choice = ChatCompletionChunk["choices"][number];
type CallDelta = NonNullable<Choice["delta"]["tool_calls"]>[number];
/** What DeepSeek and its like add to the SDK's types (facts/platform.md 7). */
type Delta = Choice["delta"] & { readonly reasoning_content?: string | null };
type WireUsage = NonNullable<ChatCompletionChunk["usage"]> & { readonly prompt_cache_hit_tokens?: number };

interface Draft {
  readonly filter: ThinkTagFilter;
  content: string;
  refusal: string;
  reasoning: string;
  readonly calls: CallDraft[];
  finish: string | undefined;
  usage: Usage | undefined;
  model: string | undefined;
}

interface CallDraft {
  readonly index: number;
  id: string;
  name: string;
  arguments: string;
}

export interface ReplyCollector {
  add(chunk: ChatCompletionChunk): void;
  /** Something of the answer has arrived. */
  readonly started: boolean;
  /** The reply as far as it came; `cut` when the model did not say that it is over. */
  reply(): ModelReply;
}

export const createReplyCollector = (
  endpoint: Endpoint,
  { onText, onWritten }: Pick<ModelRequest, "onText" | "onWritten"> = {},
): ReplyCollector => {
  const draft = emptyDraft();
  const show = (piece: string): void => {
    if (piece === "") return;
    draft.content += piece;
    onText?.(piece);
  };
  return {
    add(chunk) {
      draft.model = chunk.model || draft.model;
      if (chunk.usage) draft.usage = readUsage(chunk.usage);
      const choice = chunk.choices?.[0];
      if (choice === undefined) return;
      draft.finish = choice.finish_reason ?? draft.finish;
      const delta: Delta = choice.delta ?? {};
      onWritten?.(charsIn(delta));
      show(addDelta(draft, delta));
    },
    get started() {
      return hasContent(draft) || draft.finish !== undefined;
    },
    reply() {
      show(draft.filter.end());
      return toReply(draft, endpoint);
    },
  };
};

const emptyDraft = (): Draft => ({
  filter: createThinkTagFilter(),
  content: "",
  refusal: "",
  reasoning: "",
  calls: [],
  finish: undefined,
  usage: undefined,
  model: undefined,
});

const hasContent = (draft: Draft): boolean =>
  draft.content !== "" || draft.reasoning !== "" || draft.refusal !== "" || draft.calls.length > 0;

const charsIn = ({ content, reasoning_content, refusal, tool_calls }: Delta): number => {
  const calls = (tool_calls ?? []).flatMap(({ function: call }) => [call?.name, call?.arguments]);
  return [content, reasoning_content, refusal, ...calls].reduce((sum, text) => sum + (text?.length ?? 0), 0);
};

/** Returns the text that became visible. */
const addDelta = (draft: Draft, delta: Delta): string => {
  draft.reasoning += delta.reasoning_content ?? "";
  draft.refusal += delta.refusal ?? "";
  for (const call of delta.tool_calls ?? []) addCallDelta(draft.calls, call);
  return delta.content ? draft.filter.push(delta.content) : "";
};

/** Pieces belong together by index; some servers number every call 0 and tell them apart by id only. */
const addCallDelta = (calls: CallDraft[], delta: CallDelta): void => {
  const index = delta.index ?? 0;
  const known = calls.findLast((call) => call.index === index);
  const call = known === undefined || isAnother(known, delta.id) ? newCall(calls, index) : known;
  call.id ||= delta.id ?? "";
  const name = delta.function?.name ?? "";
  if (name !== call.name) call.name += name; // some repeat the whole name in every piece
  call.arguments += delta.function?.arguments ?? "";
};

const isAnother = (known: CallDraft, id: string | undefined): boolean =>
  Boolean(id) && known.id !== "" && known.id !== id;

const newCall = (calls: CallDraft[], index: number): CallDraft => {
  const call = { index, id: "", name: "", arguments: "" };
  calls.push(call);
  return call;
};

const toReply = (draft: Draft, endpoint: Endpoint): ModelReply => {
  const reasoning = keptReasoning(endpoint, draft.reasoning);
  const toolCalls = toToolCalls(draft.calls);
  return {
    message: {
      role: "assistant",
      content: draft.content === "" ? draft.refusal : draft.content,
      ...(toolCalls.length > 0 && { toolCalls }),
      ...(reasoning !== undefined && { reasoning }),
    },
    finish: draft.refusal === "" ? readFinish(draft.finish, toolCalls.length > 0) : "content_filter",
    ...(draft.usage !== undefined && { usage: draft.usage }),
    model: draft.model ?? endpoint.model,
  };
};

/** Every call gets an id of its own: a result is matched to its call by nothing else. */
const toToolCalls = (calls: readonly CallDraft[]): readonly ToolCall[] => {
  const taken = new Set<string>();
  return calls.map(({ id, name, arguments: text }) => {
    const unique = id === "" || taken.has(id) ? `call_${randomUUID()}` : id;
    taken.add(unique);
    return { id: unique, name, arguments: text };
  });
};

/**
 * No reason at all is a stream that was cut (facts/toolchain.md "openai 7"), and so is DeepSeek's
 * `insufficient_system_resource`, with which it gives up half-way.
 */
const readFinish = (reason: string | undefined, hasCalls: boolean): Finish => {
  if (reason === "length" || reason === "content_filter") return reason;
  if (reason === undefined || reason === "insufficient_system_resource") return "cut";
  return hasCalls ? "tool_calls" : "stop";
};

const readUsage = (usage: WireUsage): Usage => ({
  prompt: usage.prompt_tokens ?? 0,
  cached: usage.prompt_cache_hit_tokens ?? usage.prompt_tokens_details?.cached_tokens ?? 0,
  completion: usage.completion_tokens ?? 0,
  reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
});
