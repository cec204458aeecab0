// A Telegram update that passed the door and the schema, as an arrival for a session's inbox, or as something we
// do not answer. Called by the parse-turn step. Pure.

import { type AddressingRules, isAddressed, isPressAddressed } from "./addressing.ts";
import { verifyButton, verifyCommandButton } from "./buttons.ts";
import {
  chatTypeOf,
  type Ignored,
  ignored,
  type MessageOptions,
  messageEntry,
  originOf,
  type Speaker,
} from "./parse-message.ts";
import { isSharedSession, sessionKey } from "./session-key.ts";
import type { TelegramCallback, TelegramMessage, TelegramUpdate } from "./telegram-update.ts";
import type { Arrival, Entry, EntryId, Origin } from "./turn.ts";

export interface UpdateOptions extends MessageOptions {
  readonly addressing: AddressingRules;
  /** What our buttons are signed with: the webhook secret. */
  readonly buttonSecret: string;
}

// Update ids have at most 52 bits; 16 digits hold any of them and sort as numbers do.
const ENTRY_ID_DIGITS = 16;

const entryIdOf = (updateId: number): EntryId => String(updateId).padStart(ENTRY_ID_DIGITS, "0") as EntryId;

/** A question is answered once: pressing its buttons twice, before they are gone, is two updates of Telegram. */
const pressIdOf = (messageId: number): EntryId => `b#${entryIdOf(messageId)}` as EntryId;

const arrival = (
  entry: Entry,
  options: UpdateOptions,
  rest: { readonly addressed: boolean; readonly callbackId?: string },
): Arrival => ({
  kind: "arrival",
  source: "telegram",
  entry,
  session: sessionKey({ platform: "telegram", ...entry.origin }, options.sessionKeys),
  ...rest,
});

const parseMessage = (id: EntryId, message: TelegramMessage, options: UpdateOptions): Arrival | Ignored => {
  const chatType = chatTypeOf(message.chat);
  if (chatType === undefined) return ignored(`a chat of type ${message.chat.type}`);
  // Two bots that answer each other never stop. A person who speaks as a chat has a bot as stand-in.
  if (message.from?.is_bot === true && message.sender_chat === undefined)
    return ignored("a message from a bot");
  const origin: Origin = {
    ...originOf(message, chatType, speakerOf(message)),
    messageId: message.message_id,
  };
  const entry = messageEntry(message, { id, origin }, options);
  if (entry.kind === "ignored") return entry;
  return arrival(entry, options, { addressed: isAddressed(options.addressing, options.bot, message) });
};

/** A stand-in is the same one in all groups: its id would be one memory and one budget for whoever speaks as a chat. */
const speakerOf = ({ from, sender_chat: chat }: TelegramMessage): Speaker | undefined => {
  if (from === undefined || chat === undefined) return from;
  const { id: _standIn, ...named } = from;
  return named;
};

const labelOf = (message: TelegramMessage, data: string): string | undefined =>
  message.reply_markup?.inline_keyboard?.flat().find((button) => button.callback_data === data)?.text;

const parsePress = (press: TelegramCallback, options: UpdateOptions, nowMs: number): Arrival | Ignored => {
  const { message, data, from } = press;
  const chatType = message && chatTypeOf(message.chat);
  if (message === undefined || chatType === undefined || data === undefined)
    return ignored("a button not of ours");
  const pressed = { chatId: message.chat.id, userId: from.id };
  const base = {
    id: pressIdOf(message.message_id),
    origin: originOf(message, chatType, from),
    at: nowMs,
    pressedOn: message.message_id,
  };
  const entry = entryOfPress(options, pressed, data, base, message);
  if (entry === undefined) return ignored("a button without proof that it is ours");
  const addressed = isPressAddressed(options.addressing, message);
  return arrival(entry, options, { addressed, callbackId: press.id });
};

const entryOfPress = (
  { buttonSecret: secret, sessionKeys }: UpdateOptions,
  pressed: { readonly chatId: number; readonly userId: number },
  data: string,
  press: Pick<Entry, "id" | "origin" | "at"> & { readonly pressedOn: number },
  message: TelegramMessage,
): Entry | undefined => {
  const by = (button: { readonly askedUserId?: number }): typeof press => ({
    ...press,
    origin: whoPresses(press.origin, button, sessionKeys),
  });
  const ordered = verifyCommandButton(secret, pressed, data);
  if (ordered !== undefined) {
    const { command: name, action, ref } = ordered;
    // A list has many buttons, each of which may be pressed once.
    const id = `${press.id}#${action}#${ref}` as EntryId;
    return { ...by(ordered), id, kind: "command", name, args: `${action} ${ref}` };
  }
  const button = verifyButton(secret, pressed, data);
  if (button === undefined) return undefined;
  // The keyboard of an inaccessible message is gone; the question and its choices are in the transcript.
  const text = (labelOf(message, data) ?? `Option ${button.index + 1}`).toWellFormed();
  return { ...by(button), kind: "message", text, photos: [] };
};

/**
 * Where each person has a session, a button that is anybody's is under an answer to somebody who spoke as the chat. Telegram
 * names the person who presses it: they go on as they spoke, in the session they spoke in.
 */
const whoPresses = (
  origin: Origin,
  { askedUserId }: { readonly askedUserId?: number },
  keys: UpdateOptions["sessionKeys"],
): Origin => {
  const isOwn = origin.chatType === "dm" || askedUserId !== undefined;
  if (isOwn || isSharedSession({ platform: "telegram", ...origin }, keys)) return origin;
  const { userId: _id, userName: _name, languageCode: _language, ...chat } = origin;
  return chat;
};

type StopPress = NonNullable<TelegramUpdate["stopped_message_generation"]>;

/** Telegram's own stop button: only in private chats, where the chat's id is the person's (facts/telegram-rich.md). */
const parseStop = (
  id: EntryId,
  stop: StopPress,
  options: UpdateOptions,
  nowMs: number,
): Arrival | Ignored => {
  if (chatTypeOf(stop.chat) !== "dm") return ignored("a stopped draft outside a private chat");
  const where = { ...stop, is_topic_message: stop.message_thread_id !== undefined };
  const origin = originOf(where, "dm", { id: stop.chat.id });
  return arrival({ kind: "stop", id, origin, at: nowMs, draftId: stop.draft_id }, options, {
    addressed: true,
  });
};

const kindOf = (update: TelegramUpdate): string =>
  Object.keys(update).find((field) => field !== "update_id") ?? "nothing";

/** `nowMs` dates what Telegram does not: presses and stops. */
export const parseUpdate = (
  update: TelegramUpdate,
  options: UpdateOptions,
  nowMs: number,
): Arrival | Ignored => {
  const parsed = parseKind(update, options, nowMs);
  return parsed.kind === "ignored" ? parsed : { ...parsed, updateId: update.update_id };
};

const parseKind = (update: TelegramUpdate, options: UpdateOptions, nowMs: number): Arrival | Ignored => {
  const id = entryIdOf(update.update_id);
  const message = update.message ?? update.channel_post;
  if (message !== undefined) return parseMessage(id, message, options);
  if (update.callback_query !== undefined) return parsePress(update.callback_query, options, nowMs);
  const stop = update.stopped_message_generation;
  if (stop !== undefined) return parseStop(id, stop, options, nowMs);
  return ignored(`an update of kind ${kindOf(update)}`);
};
