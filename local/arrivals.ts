// What a Lambda event is about, in a person's words. Called by the narrator.

import type { Message, Update } from "@grammyjs/types";
import { updateOf } from "./stamp.ts";

export interface Arrival {
  readonly who: string;
  readonly what: string;
}

interface LambdaEvent {
  readonly source?: string;
  readonly session?: string;
  readonly job?: { readonly name?: string; readonly prompt?: string };
  readonly Records?: unknown;
  readonly requestContext?: { readonly http?: { readonly method?: string } };
}

export const arrivalOf = (event: unknown): Arrival => {
  const update = updateOf(event);
  return update === undefined ? otherEvent((event ?? {}) as LambdaEvent) : fromTelegram(update);
};

const otherEvent = ({ source, session, job, Records, requestContext }: LambdaEvent): Arrival => {
  if (source === "hermes.cron") return { who: "Scheduler", what: `“${job?.name}” is due: ${job?.prompt}` };
  if (source === "hermes.wake") return { who: "Lambda", what: `a wake for ${session}` };
  if (Records !== undefined) return { who: "Lambda", what: "the notice of an event that failed for good" };
  const method = requestContext?.http?.method;
  return method === undefined
    ? { who: "Lambda", what: "an event of no known kind" }
    : { who: "Somebody", what: `sends ${method} with a body that is no update` };
};

const fromTelegram = (update: Update): Arrival => {
  const { message, edited_message, callback_query, stopped_message_generation } = update;
  if (message !== undefined) return said(message, "");
  if (edited_message !== undefined) return said(edited_message, "(edited) ");
  if (callback_query !== undefined) {
    return { who: callback_query.from.first_name, what: `(presses “${labelOf(callback_query)}”)` };
  }
  if (stopped_message_generation !== undefined)
    return { who: "Telegram", what: "(the stop button of a draft)" };
  const kind = Object.keys(update).find((key) => key !== "update_id");
  return { who: "Telegram", what: `(an update of the kind “${kind}”)` };
};

const said = (message: Message, before: string): Arrival => {
  const { chat, from } = message;
  const where = "title" in chat && chat.title !== undefined ? ` in ${chat.title}` : "";
  return { who: `${from?.first_name ?? "Somebody"}${where}`, what: before + contentOf(message) };
};

/** Fields that come with any message; what is left names what it carries. */
const FRAME = new Set([
  "message_id",
  "message_thread_id",
  "is_topic_message",
  "from",
  "sender_chat",
  "chat",
  "date",
  "edit_date",
  "reply_to_message",
  "quote",
  "caption",
  "caption_entities",
  "forward_origin",
]);

const contentOf = (message: Message): string => {
  if (message.text !== undefined) return message.text;
  const kind = Object.keys(message).find((key) => !FRAME.has(key)) ?? "nothing";
  return [`(${kind.replaceAll("_", " ")})`, message.caption].filter(Boolean).join(" ");
};

const labelOf = ({ message, data }: NonNullable<Update["callback_query"]>): string => {
  const rows =
    message !== undefined && "reply_markup" in message ? message.reply_markup?.inline_keyboard : [];
  const button = (rows ?? []).flat().find((one) => "callback_data" in one && one.callback_data === data);
  return button?.text ?? "a button";
};
