// Updates as Telegram would send them. Called by the terminal, the local plugin and tests.

import type { Chat, MessageEntity, Update, User } from "@grammyjs/types";

interface Sender {
  readonly id: number;
  readonly first_name?: string;
  readonly username?: string;
  readonly language_code?: string;
}

/** A chat by its id alone is private when the id is positive. */
export type ChatLike = Chat | { readonly id: number; readonly type?: undefined };

interface UpdateFrame {
  readonly updateId: number;
  readonly chat: ChatLike;
  readonly from: Sender;
  readonly messageId: number;
  /** Seconds since the epoch. */
  readonly date: number;
  /** Of a topic. */
  readonly threadId?: number;
}

export interface TextUpdate extends UpdateFrame {
  readonly text: string;
  /** Left out: a leading command and @mentions are marked, as Telegram does. */
  readonly entities?: readonly MessageEntity[];
  /** The message this one answers. */
  readonly replyTo?: { readonly messageId: number; readonly from: User; readonly text: string };
}

const user = (from: Sender): User => ({ first_name: "Ada", ...from, is_bot: false });

function fullChat(chat: ChatLike, from: Sender): Chat {
  if (chat.type !== undefined) return chat;
  if (chat.id > 0) {
    const { first_name = "Ada", username } = from;
    return { id: chat.id, type: "private", first_name, ...(username ? { username } : {}) };
  }
  return { id: chat.id, type: "supergroup", title: "A group" };
}

export function makeTextUpdate(options: TextUpdate): Update {
  const { text, replyTo } = options;
  const chat = fullChat(options.chat, options.from);
  const entities = options.entities ?? detectEntities(text);
  const message = {
    message_id: options.messageId,
    from: user(options.from),
    chat,
    date: options.date,
    ...(options.threadId === undefined
      ? {}
      : { message_thread_id: options.threadId, is_topic_message: true }),
    ...(replyTo === undefined
      ? {}
      : {
          reply_to_message: {
            message_id: replyTo.messageId,
            from: replyTo.from,
            chat,
            date: options.date,
            text: replyTo.text,
          },
        }),
    text,
    ...(entities.length === 0 ? {} : { entities: [...entities] }),
  };
  return { update_id: options.updateId, message: message as NonNullable<Update["message"]> };
}

/** A button under the bot's message `messageId` was pressed. */
export function makeButtonUpdate(
  options: UpdateFrame & { readonly callbackId: string; readonly data: string; readonly bot: User },
): Update {
  const message = {
    message_id: options.messageId,
    from: options.bot,
    chat: fullChat(options.chat, options.from),
    date: options.date,
    ...(options.threadId === undefined
      ? {}
      : { message_thread_id: options.threadId, is_topic_message: true }),
    text: "…",
  };
  return {
    update_id: options.updateId,
    callback_query: {
      id: options.callbackId,
      from: user(options.from),
      chat_instance: String(options.chat.id),
      data: options.data,
      message: message as NonNullable<NonNullable<Update["callback_query"]>["message"]>,
    },
  };
}

/** Telegram's own stop button under a draft; it has no sender (facts/telegram-rich.md). */
export const makeStopUpdate = (options: {
  readonly updateId: number;
  readonly chatId: number;
  readonly draftId: number;
  readonly threadId?: number;
}): Update => ({
  update_id: options.updateId,
  stopped_message_generation: {
    chat: { id: options.chatId, type: "private", first_name: "Ada" },
    draft_id: options.draftId,
    ...(options.threadId === undefined ? {} : { message_thread_id: options.threadId }),
  },
});

function detectEntities(text: string): MessageEntity[] {
  const found = [...text.matchAll(/(?<![\w/@])(\/[A-Za-z0-9_]{1,32}(?:@\w+)?|@\w{4,32})(?!\w)/g)];
  return found.map((match) => ({
    type: match[0].startsWith("/") ? "bot_command" : "mention",
    offset: match.index,
    length: match[0].length,
  }));
}
