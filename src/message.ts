// What is said: the messages of a transcript, as stored and as replayed to the model.

import type { Photo } from "./turn.ts";

/** How hard a model is asked to think; `default` leaves it to the model. */
export type Reasoning = "off" | "low" | "medium" | "high" | "max" | "default";

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text exactly as the model wrote it; parsed where the tool is run. */
  readonly arguments: string;
}

export interface UserMessage {
  readonly role: "user";
  readonly content: string;
  readonly photos?: readonly Photo[];
  /** Clock, sender and recalled memory as sent with this message: stored, so that the prompt's bytes never change. */
  readonly context?: string;
  /** Who said it, where Telegram says so. */
  readonly userId?: number;
  /** `context` holds what is remembered about this person, or there is nothing. */
  readonly isRecalled?: true;
  /** The person's own words where `content` says more: a skill's text, or what they reply to, goes before them. */
  readonly said?: string;
}

export interface AssistantMessage {
  readonly role: "assistant";
  readonly content: string;
  readonly toolCalls?: readonly ToolCall[];
  /** DeepSeek's `reasoning_content`, verbatim. Absent = the model gave none. */
  readonly reasoning?: string;
}

export interface ToolMessage {
  readonly role: "tool";
  readonly toolCallId: string;
  readonly toolName: string;
  readonly content: string;
}

/** A message of a transcript. The system prompt is not one: it is rebuilt, and travels beside them. */
export type Message = UserMessage | AssistantMessage | ToolMessage;

/** Tokens of one model call, or summed over many. `cached` is the part of `prompt` served from the prefix cache. */
export interface Usage {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
  readonly reasoning: number;
}

/**
 * - `stop`, `tool_calls`, `length`, `content_filter`: as the model said
 * - `cut`: the stream ended without saying why; what arrived is a fragment
 */
export type Finish = "stop" | "tool_calls" | "length" | "content_filter" | "cut";

export interface ModelReply {
  readonly message: AssistantMessage;
  readonly finish: Finish;
  readonly usage?: Usage;
  /** The model that answered, as it names itself. */
  readonly model: string;
}

/** Under a message that is sent. */
export interface Button {
  readonly text: string;
  /** At most 64 bytes; carries proof that we made it (src/buttons.ts). */
  readonly data: string;
}
