// What to do with a model reply that is not simply an answer or tool calls: empty, cut short, refused, all thinking
// (hermes-behaviour.md 1.6). One state per round of the loop; nothing here is ever stored.

import type { AssistantMessage, Message, ModelReply } from "../message.ts";
import { stripHidden } from "./visible-text.ts";

const MAX_CONTINUATIONS = 3;
const MAX_TRUNCATED_CALLS = 3;
const MAX_PREFILLS = 2;
const MAX_EMPTY_RETRIES = 3;
const MAX_BOOSTED_TOKENS = 32_768;
/** A text beside calls of only these was the answer; there is nothing left to say after them. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(["memory", "todo", "skill_manage", "session_search"]);
const RECENT_MESSAGES = 5;

const CONTINUE =
  "[System: your answer was cut off by the output limit. Continue exactly where it stopped. Do not repeat what you wrote and do not start again.]";
const NUDGE =
  "[System: you just ran tool calls but your reply was empty. Read the tool results above, then go on with the task or give the person the answer.]";
const AFTER_THOUGHT =
  "[System: your last reply held only reasoning. Use it, and now write the answer to the person.]";
const STILL_CUT = "⚠️ Response remained truncated after 3 continuation attempts.";

export interface RoundState {
  /** Sent after the transcript, never journalled. */
  readonly scaffold: Message[];
  /** What earlier replies of a continued answer said. */
  readonly parts: AssistantMessage[];
  readonly baseTokens: number;
  maxTokens: number;
  continuations: number;
  truncatedCalls: number;
  prefills: number;
  emptyRetries: number;
  nudged: boolean;
}

export type Failed = { readonly kind: "failed"; readonly text: string; readonly reason: string };

/** `use`: a final text, or tool calls that arrived whole. `again`: ask once more, with the state as it is now. */
type Verdict =
  | { readonly kind: "use"; readonly message: AssistantMessage }
  | { readonly kind: "again" }
  | Failed;

export const startRound = (maxReplyTokens: number): RoundState => ({
  scaffold: [],
  parts: [],
  baseTokens: maxReplyTokens,
  maxTokens: maxReplyTokens,
  continuations: 0,
  truncatedCalls: 0,
  prefills: 0,
  emptyRetries: 0,
  nudged: false,
});

export const judgeReply = (round: RoundState, reply: ModelReply, transcript: readonly Message[]): Verdict => {
  const unfinished = reply.finish === "length" || reply.finish === "cut";
  const message = { ...reply.message, content: stripHidden(reply.message.content) };
  if (reply.finish === "content_filter") return declined(message.content);
  if (message.toolCalls?.length) return unfinished ? truncatedCalls(round, reply) : use(round, message);
  const blank = message.content.trim() === "";
  if (blank && round.parts.length === 0)
    return reply.finish === "length" ? allThinking : empty(round, reply, transcript);
  return unfinished ? continueAnswer(round, message) : use(round, message);
};

const use = (round: RoundState, message: AssistantMessage): Verdict => ({
  kind: "use",
  message: {
    ...joined([...round.parts, message]),
    ...(message.toolCalls?.length && { toolCalls: message.toolCalls }),
  },
});

const joined = (parts: readonly AssistantMessage[]): AssistantMessage => {
  const reasoning = parts.flatMap((part) => part.reasoning ?? []);
  return {
    role: "assistant",
    content: parts
      .map((part) => part.content)
      .join("")
      .trim(),
    ...(reasoning.length > 0 && { reasoning: reasoning.join("") }),
  };
};

/** What there is of an answer that is being continued. */
export const saidSoFar = ({ parts }: RoundState): AssistantMessage | undefined =>
  parts.length === 0 ? undefined : joined(parts);

const continueAnswer = (round: RoundState, message: AssistantMessage): Verdict => {
  if (round.continuations === MAX_CONTINUATIONS)
    return use(round, { ...message, content: `${message.content}\n\n${STILL_CUT}` });
  round.continuations += 1;
  boost(round, round.continuations);
  if (message.content.trim() === "") return { kind: "again" };
  round.parts.push(message);
  round.scaffold.push(message, { role: "user", content: CONTINUE });
  return { kind: "again" };
};

// Calls of a reply that was cut may miss arguments that would still have parsed: none of them is run.
const truncatedCalls = (round: RoundState, reply: ModelReply): Verdict => {
  if (round.truncatedCalls === MAX_TRUNCATED_CALLS) return truncated;
  round.truncatedCalls += 1;
  if (reply.finish === "length") boost(round, round.truncatedCalls);
  return { kind: "again" };
};

const boost = (round: RoundState, attempt: number): void => {
  const boosted = Math.min(MAX_BOOSTED_TOKENS, round.baseTokens * (attempt + 1));
  round.maxTokens = Math.max(round.baseTokens, boosted);
};

const empty = (round: RoundState, reply: ModelReply, transcript: readonly Message[]): Verdict => {
  const said = textBesideHousekeeping(transcript);
  if (said !== undefined) return { kind: "use", message: { role: "assistant", content: said } };
  const { reasoning } = reply.message;
  if (reply.finish !== "cut" && !round.nudged && endsInTools(transcript)) {
    round.nudged = true;
    return retryWith(round, "(empty)", NUDGE, reasoning);
  }
  if (reasoning?.trim() && round.prefills < MAX_PREFILLS) {
    round.prefills += 1;
    return retryWith(round, "(no text)", AFTER_THOUGHT, reasoning);
  }
  if (round.emptyRetries === MAX_EMPTY_RETRIES) return silent;
  round.emptyRetries += 1;
  return { kind: "again" };
};

const retryWith = (
  round: RoundState,
  content: string,
  request: string,
  reasoning: string | undefined,
): Verdict => {
  round.scaffold.push(
    { role: "assistant", content, ...(reasoning !== undefined && { reasoning }) },
    { role: "user", content: request },
  );
  return { kind: "again" };
};

const endsInTools = (transcript: readonly Message[]): boolean =>
  transcript.slice(-RECENT_MESSAGES).some((message) => message.role === "tool");

const textBesideHousekeeping = (transcript: readonly Message[]): string | undefined => {
  const last = transcript.findLast((message) => message.role !== "tool");
  if (last?.role !== "assistant" || last.content.trim() === "" || !last.toolCalls?.length) return undefined;
  return last.toolCalls.every((call) => HOUSEKEEPING.has(call.name)) ? last.content : undefined;
};

const declined = (said: string): Failed => ({
  kind: "failed",
  reason: "content_policy_blocked",
  text: `⚠️ The model declined to respond to this request (safety refusal — not a Hermes failure).${
    said.trim() ? `\n${said.trim().slice(0, 300)}` : ""
  }\nTry to put it differently, or choose another model with /model.`,
});

/** A reply whose calls stop in mid-argument. */
export const truncated: Failed = {
  kind: "failed",
  reason: "truncated",
  text: "⚠️ Response truncated due to output length limit: the model could not finish its tool call. Try to ask for less at once.",
};

const allThinking: Failed = {
  kind: "failed",
  reason: "thinking_budget_exhausted",
  text: "⚠️ Thinking Budget Exhausted: the model spent its whole output on reasoning and wrote no answer. Try a simpler question, or less reasoning.",
};

const silent: Failed = {
  kind: "failed",
  reason: "empty_response_exhausted",
  text: "⚠️ No reply: the model kept answering with nothing. Try again in a moment (/retry).",
};
