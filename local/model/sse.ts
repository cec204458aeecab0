// A scripted reply on the wire: as a stream of chunks, or whole. Called by server.ts.
// Chunk shapes: ChatCompletionChunk of the openai SDK; keep-alive lines and blank lines: facts/platform.md 7, "Slow starts".

import { randomUUID } from "node:crypto";
import type { ChatBody, ScriptedCall, ScriptedReply } from "./chat-api.ts";
import { type PromptCount, tokensOf } from "./prefix-cache.ts";

type Delta = Readonly<Record<string, unknown>>;

export interface Completion {
  readonly id: string;
  readonly model: string;
  /** The deltas of the stream, in order; what `hold` and `cutAfter` count. */
  readonly pieces: readonly Delta[];
  readonly message: Delta;
  readonly finish: string;
  readonly usage: Delta;
}

export const KEEP_ALIVE = ": keep-alive\n\n";
/** Sent before the body of an answer that is not streamed. */
export const BLANK_LINES = "\n\n";

export const toCompletion = (reply: ScriptedReply, body: ChatBody, prompt: PromptCount): Completion => {
  const calls = (reply.toolCalls ?? []).map(toWireCall);
  const thinks = body.thinking?.type !== "disabled" && reply.reasoning !== undefined;
  return {
    id: randomUUID(),
    model: body.model,
    pieces: [
      ...(thinks ? words(reply.reasoning).map((word) => ({ reasoning_content: word })) : []),
      ...words(reply.content).map((word) => ({ content: word })),
      ...calls.flatMap(callPieces),
    ],
    message: {
      role: "assistant",
      content: reply.content ?? "",
      ...(thinks && { reasoning_content: reply.reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    finish: reply.finish ?? (calls.length > 0 ? "tool_calls" : "stop"),
    usage: usageOf(reply, prompt, thinks),
  };
};

export const chunk = ({ id, model }: Completion, delta: Delta, finish: string | null = null): string =>
  event({
    id,
    object: "chat.completion.chunk",
    created: now(),
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

/** The usage travels alone, behind the last choice (ChatCompletionStreamOptions.include_usage). */
export const usageChunk = ({ id, model, usage }: Completion): string =>
  event({ id, object: "chat.completion.chunk", created: now(), model, choices: [], usage });

export const END = "data: [DONE]\n\n";

export const whole = ({ id, model, message, finish, usage }: Completion): string =>
  JSON.stringify({
    id,
    object: "chat.completion",
    created: now(),
    model,
    choices: [{ index: 0, message, finish_reason: finish }],
    usage,
  });

const event = (data: Delta): string => `data: ${JSON.stringify(data)}\n\n`;

const now = (): number => Math.floor(Date.now() / 1_000);

const words = (text = ""): readonly string[] => (text === "" ? [] : text.split(/(?<=\s)(?=\S)/));

const toWireCall = (call: ScriptedCall) => ({
  id: call.id ?? `call_${randomUUID()}`,
  type: "function",
  function: {
    name: call.name,
    arguments: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
  },
});

/** The name first, then the arguments in two pieces. */
const callPieces = (call: ReturnType<typeof toWireCall>, index: number): readonly Delta[] => {
  const { arguments: text } = call.function;
  const half = Math.ceil(text.length / 2);
  return [
    { tool_calls: [{ index, ...call, function: { ...call.function, arguments: "" } }] },
    ...[text.slice(0, half), text.slice(half)].map((part) => ({
      tool_calls: [{ index, function: { arguments: part } }],
    })),
  ];
};

const usageOf = (reply: ScriptedReply, counted: PromptCount, thinks: boolean): Delta => {
  const reasoning = thinks ? tokensOf(reply.reasoning?.length ?? 0) : 0;
  const said = tokensOf((reply.content?.length ?? 0) + JSON.stringify(reply.toolCalls ?? "").length);
  const prompt = reply.usage?.prompt ?? counted.promptTokens;
  const completion = reply.usage?.completion ?? reasoning + said;
  const hit = Math.min(counted.hitTokens, prompt);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_cache_hit_tokens: hit,
    prompt_cache_miss_tokens: prompt - hit,
    prompt_tokens_details: { cached_tokens: hit },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
};
