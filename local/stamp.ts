// Gives a recorded event a fresh identity: run twice, it is said twice, not delivered twice.

import type { Update } from "@grammyjs/types";

interface HttpEvent {
  readonly body?: string;
  readonly [field: string]: unknown;
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
export const stamped = (event: unknown, nowMs: number): unknown => {
  const fields = event as { readonly scheduledTime?: unknown };
  if (typeof fields?.scheduledTime === "string") {
    return { ...fields, scheduledTime: new Date(nowMs).toISOString() };
  }
  const update = updateOf(event);
  return update === undefined ? event : { ...fields, body: JSON.stringify(freshUpdate(update, nowMs)) };
};

const freshUpdate = (update: Update, nowMs: number): Update => {
  const { message } = update;
  if (message === undefined) return { ...update, update_id: nowMs };
  // Telegram's message ids are 32-bit and grow within a chat.
  const message_id = Math.floor(nowMs / 1_000) % 2_147_483_647;
  return {
    ...update,
    update_id: nowMs,
    message: { ...message, message_id, date: Math.floor(nowMs / 1_000) },
  };
};
