// Step: what came over HTTP is answered here. The entry is stored, so the same function is woken to work on it, and
// Telegram is told at once. With HERMES_DISPATCH=inline the pipeline goes on and the turn runs inside the request.

import { HermesError } from "../src/errors.ts";
import type { Doorbell } from "../src/ports.ts";
import type { Turn } from "../src/turn.ts";
import type { Answer, Step } from "./step.ts";
import type { Verified } from "./verify-secret.ts";

export const wake = (doorbell: Doorbell, dispatch: "async" | "inline"): Step<{ turn: Turn } & Verified> => ({
  before: async function wakeBefore({ context }): Promise<Answer> {
    const { turn, verified } = context;
    if (verified.via !== "http" || dispatch === "inline") return undefined;
    await ring(doorbell, turn);
    return webhookReply(turn);
  },
});

/** Stored but not woken: Telegram keeps the update and brings it again, which rings again. */
const ring = async (doorbell: Doorbell, turn: Turn): Promise<void> => {
  try {
    await doorbell.wake(turn.session);
  } catch (error) {
    throw new HermesError("unavailable", "the agent could not be woken", { cause: error, retryable: true });
  }
};

/** One API call may travel in the answer to a webhook (facts/platform.md 1): it costs no request of ours. */
const webhookReply = (turn: Turn): Answer => {
  const call = turn.kind === "arrival" ? callFor(turn) : undefined;
  if (call === undefined) return { statusCode: 200, body: "" };
  return { statusCode: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(call) };
};

/** A pressed button must be acknowledged or it keeps spinning; whoever waits for an answer sees "typing…". */
const callFor = ({ callbackId, entry }: Turn & { readonly kind: "arrival" }): object | undefined => {
  if (callbackId !== undefined) return { method: "answerCallbackQuery", callback_query_id: callbackId };
  if (entry.kind === "stop") return undefined;
  const { chatId, threadId } = entry.origin;
  return {
    method: "sendChatAction",
    chat_id: chatId,
    action: "typing",
    ...(threadId === undefined ? {} : { message_thread_id: threadId }),
  };
};
