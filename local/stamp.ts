// Gives a recorded event a fresh identity: run twice, it is said twice, not delivered twice.

import type { Update } from "@grammyjs/types";

interface HttpEvent {
  readonly body?: string;
  readonly [field: string]: unknown;
}

/** What a fresh event gets. */
export interface Stamp {
  readonly nowMs: number;
  /** The chat's next message id: Telegram's are 32-bit and grow within a chat. */
  messageId(chatId: number): number;
}

/** The update inside an HTTP event; undefined for other events and for bodies that are none. */
export const updateOf = (event: unknown): Update | undefined => {
  const { body } = (event ?? {}) as HttpEvent;
  if (typeof body !== "string") return undefined;
  try {
    const update = JSON.parse(body) as Update;
    return Number.isSafeInteger(update.update_id) ? update : undefined;
  } catch {
    return undefined; // the events of malformed bodies are recorded too
  }
};

/** The event with fresh update id, message id and date, or with a fresh due time; others as they are. */
export const stamped = (event: unknown, stamp: Stamp): unknown => {
  const fields = event as { readonly scheduledTime?: unknown };
  if (typeof fields?.scheduledTime === "string") {
    return { ...fields, scheduledTime: new Date(stamp.nowMs).toISOString() };
  }
  const update = updateOf(event);
  return update === undefined ? event : { ...fields, body: JSON.stringify(freshUpdate(update, stamp)) };
};

const freshUpdate = (update: Update, { nowMs, messageId }: Stamp): Update => {
  const { message } = update;
  const update_id = nowMs;
  if (message === undefined) return { ...update, update_id };
  const fresh = { ...message, message_id: messageId(message.chat.id), date: Math.floor(nowMs / 1_000) };
  return { ...update, update_id, message: fresh };
};
