// A message of Telegram as an entry of an inbox: what was said, as the model reads it (hermes-behaviour.md 6.4).
// Called by parse-update.ts. Pure.

import { clip } from "./clip.ts";
import { type Bot, withoutBotName } from "./mentions.ts";
import { richText } from "./rich-text.ts";
import { isSharedSession, type SessionKeyOptions } from "./session-key.ts";
import type { TelegramChat, TelegramMessage, TelegramUser } from "./telegram-update.ts";
import type { ChatType, Entry, EntryId, MessageEntry, Origin, Photo } from "./turn.ts";

export interface MessageOptions {
  readonly bot: Bot;
  readonly sessionKeys: SessionKeyOptions;
  /** The model looks at pictures; else a person who sends one is told. */
  readonly readsImages: boolean;
}

/** A genuine update we do not answer, and why. */
export interface Ignored {
  readonly kind: "ignored";
  readonly reason: string;
}

export const ignored = (reason: string): Ignored => ({ kind: "ignored", reason });

/** A text of so many was perhaps cut by its sender's client, which sends the rest as the next message. */
const CUT_CHARS = 4_000; // hermes-behaviour.md 6.4

const QUOTE_CHARS = 500; // hermes-behaviour.md 6.4
const NAME_CHARS = 64; // Telegram's own bound for a first name
const TITLE_CHARS = 128;
const GENERAL_TOPIC = 1;

const CHAT_TYPES: Readonly<Record<string, ChatType>> = {
  private: "dm",
  group: "group",
  supergroup: "group",
  channel: "channel",
};

/** Undefined for a kind of chat we do not know. */
export const chatTypeOf = (chat: TelegramChat): ChatType | undefined => CHAT_TYPES[chat.type];

// Names are chosen by strangers and end up beside the text: one line, no brackets to forge another speaker with.
const nameOf = (text: string): string =>
  clip(
    text
      .toWellFormed()
      .replace(/[[\]\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
      .trim(),
    NAME_CHARS,
  );

/** Whoever speaks as a chat has no id of their own. */
export type Speaker = Omit<TelegramUser, "id"> & { readonly id?: number };

const userNameOf = (user: Speaker): string =>
  nameOf([user.first_name, user.last_name].filter(Boolean).join(" ") || (user.username ?? ""));

/** hermes-behaviour.md 2.1: a reply's thread id in an ordinary chat is no topic. */
const threadOf = (
  message: Pick<TelegramMessage, "message_thread_id" | "is_topic_message">,
  chat: TelegramChat,
): number | undefined => {
  const isForum = chat.is_forum === true && chatTypeOf(chat) === "group";
  if (message.is_topic_message === true || isForum)
    return message.message_thread_id ?? (isForum ? GENERAL_TOPIC : undefined);
  return undefined;
};

/** Who spoke and where. `messageId` is left to the caller: not everything is an answerable message. */
export const originOf = (
  message: Pick<TelegramMessage, "chat" | "message_thread_id" | "is_topic_message">,
  chatType: ChatType,
  user: Speaker | undefined,
): Origin => {
  const threadId = threadOf(message, message.chat);
  const name = user === undefined ? "" : userNameOf(user);
  // A post of a channel has no author: the channel itself speaks, in Hermes' keys too.
  const userId = user?.id ?? (chatType === "channel" ? message.chat.id : undefined);
  return {
    chatId: message.chat.id,
    chatType,
    ...(message.chat.title === undefined
      ? {}
      : { chatTitle: clip(message.chat.title.toWellFormed(), TITLE_CHARS) }),
    ...(threadId === undefined ? {} : { threadId }),
    ...(userId === undefined ? {} : { userId }),
    ...(name === "" ? {} : { userName: name }),
    ...(user?.language_code === undefined ? {} : { languageCode: user.language_code }),
  };
};

/** What of a message we cannot read, most telling field first: an animation also sets `document`. */
const UNREADABLE: readonly (readonly [field: string, plural: string])[] = [
  ["sticker", "stickers"],
  ["animation", "animations"],
  ["voice", "voice messages"],
  ["audio", "audio files"],
  ["video_note", "video messages"],
  ["video", "videos"],
  ["document", "documents"],
  ["contact", "contacts"],
  ["poll", "polls"],
  ["dice", "dice"],
  ["game", "games"],
  ["story", "stories"],
  ["checklist", "checklists"],
  ["paid_media", "paid media"],
];

const CANNOT_SEE = "I cannot look at pictures with this model. Please describe it to me in words.";

const unreadableLine = (message: TelegramMessage): string | undefined => {
  const plural = UNREADABLE.find(([field]) => field in message)?.[1];
  return plural && `I cannot read ${plural} yet. Please tell me in words.`;
};

const placeBlock = ({ location, venue }: TelegramMessage): string | undefined => {
  if (location === undefined) return undefined;
  const { latitude, longitude } = location;
  const place = venue ? `${venue.title}, ${venue.address}` : undefined;
  return [
    `[The user shared a ${venue ? "venue" : "location"}]`,
    ...(place === undefined ? [] : [place.toWellFormed()]),
    `Latitude ${latitude}, longitude ${longitude}`,
    `Map: https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`,
  ].join("\n");
};

const quoteOf = ({ quote, reply_to_message: replied }: TelegramMessage): string => {
  const quoted = quote?.text || replied?.text || replied?.caption || richText(replied?.rich_message);
  return quoted ? `[Replying to: "${harmless(clip(quoted.toWellFormed(), QUOTE_CHARS))}"]\n\n` : "";
};

/**
 * Somebody else's words stay inside their frame, which only a double quote ends, and do not pass for a context block of
 * ours (agent/prompt.ts).
 */
const harmless = (quoted: string): string =>
  quoted.replaceAll('"', "'").replace(/<(?=[\s/]*(?:message|memory)-context)/gi, "‹");

const largestPhoto = ({ photo }: TelegramMessage): Photo | undefined => {
  const [largest] = (photo ?? []).toSorted((a, b) => b.width * b.height - a.width * a.height);
  return largest && { fileId: largest.file_id, width: largest.width, height: largest.height };
};

const COMMAND = /^\/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+([\s\S]*))?$/;

type EntryBase = Pick<Entry, "id" | "origin" | "at">;

const commandEntry = (
  text: string,
  quote: string,
  base: EntryBase,
  bot: Bot,
): Entry | Ignored | undefined => {
  const [, name, addressee, args] = COMMAND.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (addressee && bot.username && addressee.toLowerCase() !== bot.username.toLowerCase()) {
    return ignored("a command for another bot");
  }
  const command = name.toLowerCase();
  if (command === "stop") return { ...base, kind: "stop" };
  const about = quote === "" ? {} : { quote };
  return { ...base, kind: "command", name: command, args: args?.trim() ?? "", ...about };
};

/**
 * Text as the model reads it: the quote in front, then in a shared session the speaker, then the words. What is quoted
 * somebody else said, or a job: it is not what the speaker is remembered by.
 */
const asRead = (
  message: TelegramMessage,
  words: string,
  { origin }: EntryBase,
  options: MessageOptions,
): Pick<MessageEntry, "text" | "said"> => {
  const shared = isSharedSession({ platform: "telegram", ...origin }, options.sessionKeys);
  const speaker = shared && origin.userName !== undefined ? `[${origin.userName}] ` : "";
  const said = `${speaker}${words}`;
  const quote = quoteOf(message);
  return quote === "" ? { text: said } : { text: `${quote}${said}`, said };
};

const wordsOf = (message: TelegramMessage, bot: Bot): string => {
  const said = message.text ?? message.caption ?? richText(message.rich_message);
  return withoutBotName(said.toWellFormed(), bot).trim();
};

/** What cannot be read is said once for an album, whose pieces then are one entry. */
const postOf = (message: TelegramMessage, base: EntryBase, text: string): Entry => {
  const { media_group_id: album } = message;
  return { ...base, ...(album === undefined ? {} : { id: `a#${album}` as EntryId }), kind: "post", text };
};

const isPiece = ({ text = "", media_group_id: album }: TelegramMessage): boolean =>
  album !== undefined || text.length >= CUT_CHARS;

/** The entry a message becomes, or why it becomes none. */
export const messageEntry = (
  message: TelegramMessage,
  ids: { readonly id: EntryId; readonly origin: Origin },
  options: MessageOptions,
): Entry | Ignored => {
  const base: EntryBase = { ...ids, at: message.date * 1000 };
  const words = wordsOf(message, options.bot);
  const photo = largestPhoto(message);
  const continues = isPiece(message) ? { continues: true as const } : {};
  if (photo !== undefined && !options.readsImages) return postOf(message, base, CANNOT_SEE);
  if (photo !== undefined) {
    const shown = { ...asRead(message, words, base, options), photos: [photo] };
    const command = commandEntry(words, quoteOf(message), base, options.bot);
    // Of an album the other pictures come as messages of their own.
    if (command?.kind === "command" && !isPiece(message)) return { ...command, message: shown };
    return { ...base, kind: "message", ...shown, ...continues };
  }
  const line = unreadableLine(message);
  if (line !== undefined) return postOf(message, base, line);

  const said = placeBlock(message) ?? words;
  if (said === "") return ignored("a service message, or one without anything to read");
  const command = commandEntry(said, quoteOf(message), base, options.bot);
  if (command !== undefined) return command;
  return { ...base, kind: "message", ...asRead(message, said, base, options), photos: [], ...continues };
};
