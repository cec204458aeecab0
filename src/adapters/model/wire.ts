// A request in our words, as the JSON of the chat-completions API. Pure: the same transcript gives the same bytes,
// because a prompt's beginning is served from the provider's cache (design.md 9, invariant 11).

import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionFunctionTool,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import type { AssistantMessage, Message, ToolCall, UserMessage } from "../../message.ts";
import type { ModelRequest, ToolSchema } from "../../ports.ts";
import {
  type Endpoint,
  echoedReasoning,
  isHosted,
  type ReasoningParameters,
  reasoningParameters,
  wantsReasoningEcho,
} from "./reasoning.ts";

export const UNREAD_PHOTO = "[A photo is attached, but this model cannot see images.]";
const MISSING_PHOTO = "[A photo was attached, but it could not be loaded.]";

export type WireRequest = ChatCompletionCreateParamsStreaming & ReasoningParameters;
type WireMessage = ChatCompletionMessageParam | WireAssistantMessage;
type WireAssistantMessage = ChatCompletionAssistantMessageParam & { readonly reasoning_content?: string };

interface WireTarget extends Endpoint {
  readonly readsImages: boolean;
}

/** Data URLs by file id. A photo that is missing here could not be loaded. */
export type PhotoUrls = ReadonlyMap<string, string>;

export const toWireRequest = (request: ModelRequest, target: WireTarget, photos: PhotoUrls): WireRequest => ({
  model: target.model,
  messages: toWireMessages(request.system, request.messages, target, photos),
  ...(request.tools.length > 0 && { tools: request.tools.map(toWireTool) }),
  ...tokenLimit(target, request.maxTokens),
  ...reasoningParameters(target, request.reasoning),
  stream: true,
  stream_options: { include_usage: true },
});

/** Expects messages as agent/history-repair.ts leaves them. */
export const toWireMessages = (
  system: string,
  messages: readonly Message[],
  target: WireTarget,
  photos: PhotoUrls,
): WireMessage[] => [
  { role: "system", content: wellFormed(system) },
  ...messages.map((message) => toWireMessage(message, target, photos)),
];

const toWireMessage = (message: Message, target: WireTarget, photos: PhotoUrls): WireMessage => {
  if (message.role === "user") return toWireUser(message, target.readsImages, photos);
  if (message.role === "assistant") return toWireAssistant(message, wantsReasoningEcho(target));
  return { role: "tool", tool_call_id: message.toolCallId, content: wellFormed(message.content) };
};

const toWireUser = (message: UserMessage, readsImages: boolean, photos: PhotoUrls): WireMessage => {
  const attached = message.photos ?? [];
  const urls = readsImages ? attached.flatMap(({ fileId }) => photos.get(fileId) ?? []) : [];
  const notes = attached.slice(urls.length).map(() => (readsImages ? MISSING_PHOTO : UNREAD_PHOTO));
  const text = wellFormed(paragraphs([message.content, ...notes, message.context ?? ""]));
  if (urls.length === 0) return { role: "user", content: text };
  const images = urls.map((url): ChatCompletionContentPart => ({ type: "image_url", image_url: { url } }));
  return { role: "user", content: [...(text === "" ? [] : [{ type: "text" as const, text }]), ...images] };
};

const paragraphs = (texts: readonly string[]): string => texts.filter((text) => text !== "").join("\n\n");

const toWireAssistant = (message: AssistantMessage, echo: boolean): WireAssistantMessage => {
  const calls = message.toolCalls ?? [];
  return {
    role: "assistant",
    content: wellFormed(message.content),
    ...(echo && { reasoning_content: echoedReasoning(wellFormed(message.reasoning ?? "")) }),
    ...(calls.length > 0 && { tool_calls: calls.map(toWireCall) }),
  };
};

const toWireCall = (call: ToolCall) => ({
  id: call.id,
  type: "function" as const,
  function: { name: call.name, arguments: wellFormed(call.arguments) },
});

const toWireTool = (tool: ToolSchema): ChatCompletionFunctionTool => ({
  type: "function",
  function: { name: tool.name, description: tool.description, parameters: { ...tool.parameters } },
});

/** OpenAI and Bedrock have renamed the limit, and OpenAI's newer models refuse the old name; others know only that. */
const tokenLimit = (target: Endpoint, maxTokens: number) =>
  target.provider === "bedrock" || isHosted(target, ["api.openai.com"])
    ? { max_completion_tokens: maxTokens }
    : { max_tokens: maxTokens };

/** Half of a surrogate pair is no character: as UTF-8 it is either altered or refused. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "");
