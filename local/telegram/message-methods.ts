// The methods of the Bot API that show something in a chat. Each checks, takes effect, and returns the `result`.

import { isDeepStrictEqual } from "node:util";
import type { BotState } from "./bot-state.ts";
import {
  type ChatRecord,
  checkThread,
  type MessageContent,
  replyTarget,
  requirePrivate,
  type StoredMessage,
} from "./chats.ts";
import { badRequest, booleanField, integerField, objectField, type Payload, textField } from "./fields.ts";
import { readReplyMarkup } from "./markup-rules.ts";
import { readRichMessage } from "./rich-rules.ts";
import { readDraftText, readText } from "./text-rules.ts";

export type BotMethod = (payload: Payload, state: BotState) => unknown;

/** methods.d.ts, sendChatAction.action. */
const CHAT_ACTIONS: ReadonlySet<string> = new Set(
  (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker " +
    "find_location record_video_note upload_video_note"
  ).split(" "),
);

function textContent(payload: Payload): MessageContent {
  const { text, entities } = readText(payload);
  return { text, ...(entities.length > 0 ? { entities } : {}) };
}

const richContent = (payload: Payload): MessageContent => ({
  rich_message: readRichMessage(payload, { draft: false }),
});

const withMarkup = (payload: Payload, content: MessageContent): MessageContent => {
  const markup = readReplyMarkup(payload);
  return markup === undefined ? content : { ...content, reply_markup: markup };
};

function send(payload: Payload, state: BotState, content: MessageContent): StoredMessage {
  const record = state.chats.find(payload);
  const threadId = integerField(payload, "message_thread_id");
  checkThread(record, threadId, { general: false });
  const replyTo = replyTarget(record, objectField(payload, "reply_parameters"));
  booleanField(payload, "disable_notification");
  record.lastMessageId += 1;
  const message: StoredMessage = {
    message_id: record.lastMessageId,
    date: state.date(),
    chat: record.chat,
    from: state.me,
    ...(threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true }),
    ...(replyTo === undefined ? {} : { reply_to_message: withoutReply(replyTo) }),
    ...content,
  };
  record.messages.set(message.message_id, message);
  return message;
}

/** message.d.ts: a quoted message "will not contain further reply_to_message fields". */
const withoutReply = ({ reply_to_message: _, ...message }: StoredMessage): StoredMessage => message;

function draft(payload: Payload, state: BotState): true {
  const record = state.chats.find(payload);
  requirePrivate(record);
  checkThread(record, integerField(payload, "message_thread_id"), { general: false });
  // methods.d.ts, sendMessageDraft.draft_id: "must be non-zero".
  if (!integerField(payload, "draft_id")) throw badRequest("draft identifier must be non-zero");
  booleanField(payload, "can_stop");
  booleanField(payload, "keep_on_stop");
  return true;
}

/** The message a call is about: it must exist and, to be changed, be the bot's own. */
function findMessage(
  payload: Payload,
  state: BotState,
  verb: "edit" | "delete",
): { record: ChatRecord; message: StoredMessage } {
  const record = state.chats.find(payload);
  const id = integerField(payload, "message_id");
  if (id === undefined) throw badRequest("message identifier is not specified");
  const message = record.messages.get(id);
  if (message === undefined) throw badRequest(`message to ${verb} not found`);
  if (verb === "edit" && message.from?.id !== state.me.id) throw badRequest("message can't be edited");
  return { record, message };
}

const contentOf = ({ text, entities, rich_message, reply_markup }: StoredMessage): MessageContent => ({
  ...(text === undefined ? {} : { text }),
  ...(entities === undefined ? {} : { entities }),
  ...(rich_message === undefined ? {} : { rich_message }),
  ...(reply_markup === undefined ? {} : { reply_markup }),
});

function edit(
  payload: Payload,
  state: BotState,
  change: (before: MessageContent) => MessageContent,
): StoredMessage {
  const { record, message } = findMessage(payload, state, "edit");
  const before = contentOf(message);
  const content = change(before);
  if (isDeepStrictEqual(content, before)) {
    throw badRequest(
      "message is not modified: specified new message content and reply markup are exactly the same as a current " +
        "content and reply markup of the message",
    );
  }
  const { text: _t, entities: _e, rich_message: _r, reply_markup: _m, ...frame } = message;
  const edited: StoredMessage = { ...frame, ...content, edit_date: state.date() };
  record.messages.set(edited.message_id, edited);
  return edited;
}

export const messageMethods: Readonly<Record<string, BotMethod>> = {
  sendMessage: (payload, state) => send(payload, state, withMarkup(payload, textContent(payload))),
  sendRichMessage: (payload, state) => send(payload, state, withMarkup(payload, richContent(payload))),
  sendMessageDraft(payload, state) {
    readDraftText(payload);
    return draft(payload, state);
  },
  sendRichMessageDraft(payload, state) {
    readRichMessage(payload, { draft: true });
    return draft(payload, state);
  },
  editMessageText(payload, state) {
    const content = payload["rich_message"] === undefined ? textContent(payload) : richContent(payload);
    return edit(payload, state, () => withMarkup(payload, content));
  },
  editMessageReplyMarkup: (payload, state) =>
    edit(payload, state, ({ reply_markup: _, ...content }) => withMarkup(payload, content)),
  deleteMessage(payload, state) {
    const { record, message } = findMessage(payload, state, "delete");
    return record.messages.delete(message.message_id);
  },
  sendChatAction(payload, state) {
    const record = state.chats.find(payload);
    if (!CHAT_ACTIONS.has(textField(payload, "action")))
      throw badRequest("wrong parameter action in request");
    checkThread(record, integerField(payload, "message_thread_id"), { general: true });
    return true;
  },
};
