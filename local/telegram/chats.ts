// What the Telegram stand-in knows of its chats: who is in them, which topics exist, which messages were said.
// A chat never heard of is taken to exist (positive id: private, negative: a group); messages and topics are not.

import type { Chat, Update, User } from "@grammyjs/types";
import { BotApiError, badRequest, type JsonObject, type Payload } from "./fields.ts";
import type { InlineKeyboard } from "./markup-rules.ts";
import type { RichMessage } from "./rich-rules.ts";
import type { Entity } from "./text-rules.ts";

export interface MessageContent {
  readonly text?: string;
  readonly entities?: readonly Entity[];
  readonly rich_message?: RichMessage;
  readonly reply_markup?: InlineKeyboard;
}

/** A message as the Bot API shows it, as far as the stand-in fills it in. */
export interface StoredMessage extends MessageContent {
  readonly message_id: number;
  readonly date: number;
  readonly chat: Chat;
  readonly from?: User;
  readonly message_thread_id?: number;
  readonly is_topic_message?: true;
  readonly reply_to_message?: StoredMessage;
  readonly edit_date?: number;
}

export interface ChatRecord {
  chat: Chat;
  readonly threads: Set<number>;
  readonly messages: Map<number, StoredMessage>;
  lastMessageId: number;
}

/** JSON of a state file. */
export interface SavedChat {
  readonly chat: Chat;
  readonly threads: readonly number[];
  readonly messages: readonly StoredMessage[];
  readonly lastMessageId: number;
}

export interface Chats {
  /** Takes in what a person did: from now on the bot can answer there. */
  observe(update: Update): void;
  /** The chat a call names, or 400. */
  find(payload: Payload): ChatRecord;
  get(chatId: number): ChatRecord | undefined;
  saved(): readonly SavedChat[];
}

/** As many messages as a state file keeps of a chat. */
const SAVED_MESSAGES = 200;

export function createChats(saved: readonly SavedChat[] = []): Chats {
  const records = new Map<number, ChatRecord>();
  for (const { chat, threads, messages, lastMessageId } of saved) {
    records.set(chat.id, {
      chat,
      threads: new Set(threads),
      messages: new Map(messages.map((message) => [message.message_id, message])),
      lastMessageId,
    });
  }
  const recordOf = (chat: Chat): ChatRecord => {
    const record = records.get(chat.id) ?? {
      chat,
      threads: new Set<number>(),
      messages: new Map<number, StoredMessage>(),
      lastMessageId: 0,
    };
    record.chat = { ...record.chat, ...chat } as Chat;
    records.set(chat.id, record);
    return record;
  };
  return {
    observe(update) {
      const message = messageOf(update);
      if (message !== undefined) remember(recordOf(message.chat), message);
      if (update.stopped_message_generation) recordOf(update.stopped_message_generation.chat);
    },
    find(payload) {
      const id = chatId(payload, records);
      return records.get(id) ?? recordOf(unseenChat(id));
    },
    get: (id) => records.get(id),
    saved: () =>
      [...records.values()].map((record) => ({
        ...record,
        threads: [...record.threads],
        messages: [...record.messages.values()].slice(-SAVED_MESSAGES),
      })),
  };
}

function messageOf(update: Update): StoredMessage | undefined {
  const message =
    update.message ?? update.edited_message ?? update.channel_post ?? update.callback_query?.message;
  // An inaccessible message (date 0) still says in which chat the button was.
  return message as StoredMessage | undefined;
}

function remember(record: ChatRecord, message: StoredMessage): void {
  if (!record.messages.has(message.message_id) || message.edit_date !== undefined) {
    record.messages.set(message.message_id, message);
  }
  record.lastMessageId = Math.max(record.lastMessageId, message.message_id);
  if (message.is_topic_message && message.message_thread_id !== undefined) {
    record.threads.add(message.message_thread_id);
  }
}

function chatId(payload: Payload, records: ReadonlyMap<number, ChatRecord>): number {
  const value = payload["chat_id"];
  if (value === undefined || value === null || value === "") throw badRequest("chat_id is empty");
  if (typeof value === "string" && value.startsWith("@")) {
    const named = [...records.values()].find(({ chat }) => chat.username === value.slice(1));
    if (named !== undefined) return named.chat.id;
  }
  const id = Number(value);
  if (!Number.isSafeInteger(id) || id === 0) throw badRequest("chat not found");
  return id;
}

function unseenChat(id: number): Chat {
  if (id > 0) return { id, type: "private", first_name: "Somebody" };
  // Ids of supergroups begin with -100; smaller groups have short negative ids.
  return String(id).startsWith("-100")
    ? { id, type: "supergroup", title: "A group" }
    : { id, type: "group", title: "A group" };
}

/**
 * The thread a call names; 400 when the chat has no such topic. The General topic has id 1 and must be left out when
 * sending, but not when typing (hermes-behaviour.md 6.5).
 */
export function checkThread(
  record: ChatRecord,
  threadId: number | undefined,
  options: { readonly general: boolean },
): void {
  if (threadId === undefined) return;
  if (options.general && threadId === 1 && record.chat.is_forum) return;
  if (threadId === 1 || !record.threads.has(threadId)) throw badRequest("message thread not found");
}

/** The message to reply to, or undefined when the call allows to go without (message.d.ts, ReplyParameters). */
export function replyTarget(
  record: ChatRecord,
  parameters: JsonObject | undefined,
): StoredMessage | undefined {
  if (parameters === undefined) return undefined;
  const id = Number(parameters["message_id"]);
  if (!Number.isSafeInteger(id)) throw badRequest('can\'t find field "message_id"');
  const target = record.messages.get(id);
  if (target !== undefined) return target;
  if (parameters["allow_sending_without_reply"] === true) return undefined;
  throw badRequest("message to be replied not found");
}

/** methods.d.ts, sendMessageDraft: "target private chat"; the live server names the peer in its refusal. */
export function requirePrivate(record: ChatRecord): void {
  if (record.chat.type !== "private") throw new BotApiError(400, "Bad Request: TEXTDRAFT_PEER_INVALID");
}
