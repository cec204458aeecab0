// The JSON of the chat-completions API as it arrives at the stand-in, and what the stand-in keeps of it.
// Shapes: the openai SDK's own (`openai/resources/chat/completions`) with DeepSeek's additions (facts/platform.md 7).

import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";

export type ChatMessage = ChatCompletionMessageParam & { readonly reasoning_content?: string };

export interface ChatBody {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly {
    readonly type: string;
    readonly function: {
      readonly name: string;
      readonly description?: string;
      readonly parameters?: unknown;
    };
  }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly thinking?: { readonly type: string };
  readonly reasoning_effort?: string;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
}

/** A request as it was received, deeply frozen. */
export interface RecordedRequest {
  /** From 1, in order of arrival. */
  readonly n: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly path: string;
  /** Lower-case names; the key is in `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ChatBody;
  /** The body as it was on the wire. */
  readonly text: string;
  /** Resolves when the exchange is over: `left` when the client hung up before the answer was complete. */
  readonly over: Promise<"answered" | "left">;
}

export interface ScriptedCall {
  readonly name: string;
  /** An object, or text as a model may have miswritten it. */
  readonly arguments: Readonly<Record<string, unknown>> | string;
  readonly id?: string;
}

export interface ScriptedReply {
  readonly content?: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly ScriptedCall[];
  /** Default: `tool_calls` where there are any, else `stop`. */
  readonly finish?: string;
  /** In place of what is counted. */
  readonly usage?: { readonly prompt?: number; readonly completion?: number };
  /** After so many pieces of the stream nothing more is sent until `until` resolves. */
  readonly hold?: { readonly after: number; readonly until: Promise<unknown> };
}

/**
 * One answer, in the order of the requests.
 * - `status`: refused with that status; `error` is the message, or the whole `error` object
 * - `hang`: taken and never answered; `drop`: the connection is reset at once
 * - `cutAfter`: a stream that ends after so many pieces without a finish reason, inside the body if `reset`
 */
export type Step =
  | { readonly reply: ScriptedReply }
  | {
      readonly status: number;
      readonly error?: string | Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly cutAfter: number; readonly reply: ScriptedReply; readonly reset?: boolean }
  | "hang"
  | "drop"
  | ((request: RecordedRequest) => Step | Promise<Step>);

/** A content's words, whether it is text or a list of parts. */
export const textOf = (content: ChatMessage["content"] | undefined): string => {
  if (typeof content === "string") return content;
  const parts = (content ?? []) as readonly ChatCompletionContentPart[];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
};
