// What is addressed to us in a group: the trigger gate of hermes-behaviour.md 6.3, in its order. Pure; asked while
// parsing, where the entities of the message still are.

import { type Bot, type Mentionable, mentionsBot, namesOnlyOtherBots } from "./mentions.ts";
import type { TelegramMessage } from "./telegram-update.ts";

/** Ids as text, as configured. */
export interface AddressingRules {
  readonly requireMention: boolean;
  readonly mentionPatterns: readonly RegExp[];
  readonly freeResponseChats: ReadonlySet<string>;
  /** Empty = every chat. */
  readonly allowedChats: ReadonlySet<string>;
  /** Empty = every topic; "1" is General, and where a message without a topic is. */
  readonly allowedTopics: ReadonlySet<string>;
  readonly ignoredThreads: ReadonlySet<string>;
  /** In a chat that is not allowed an explicit mention still passes. */
  readonly guestMode: boolean;
  /** Naming other bots and not us excludes us, whatever else would include us. */
  readonly exclusiveBotMentions: boolean;
}

export type Addressed = Mentionable &
  Pick<TelegramMessage, "message_thread_id"> & {
    readonly chat: { readonly id: number; readonly type: string };
    readonly reply_to_message?: {
      readonly from?: { readonly id: number };
      readonly forum_topic_created?: object;
    };
  };

const GENERAL_TOPIC = "1";

const isGroup = (chat: Addressed["chat"]): boolean => chat.type === "group" || chat.type === "supergroup";

const inForbiddenTopic = (rules: AddressingRules, message: Addressed): boolean => {
  const thread = message.message_thread_id;
  const topic = thread === undefined ? GENERAL_TOPIC : String(thread);
  if (rules.allowedTopics.size > 0 && !rules.allowedTopics.has(topic)) return true;
  return thread !== undefined && rules.ignoredThreads.has(topic);
};

const inForbiddenChat = (rules: AddressingRules, message: Addressed): boolean =>
  rules.allowedChats.size > 0 && !rules.allowedChats.has(String(message.chat.id));

// A topic's messages "reply" to the service message that opened it, which may have been ours.
const repliesToBot = ({ reply_to_message: replied }: Addressed, bot: Bot): boolean =>
  replied?.from?.id === bot.id && replied.forum_topic_created === undefined;

const matchesPattern = (rules: AddressingRules, message: Mentionable): boolean =>
  [message.text, message.caption].some(
    (text) => text !== undefined && rules.mentionPatterns.some((pattern) => pattern.test(text)),
  );

export const isAddressed = (rules: AddressingRules, bot: Bot, message: Addressed): boolean => {
  if (!isGroup(message.chat)) return true;
  if (inForbiddenTopic(rules, message)) return false;
  if (rules.exclusiveBotMentions && namesOnlyOtherBots(message, bot)) return false;
  if (inForbiddenChat(rules, message)) return rules.guestMode && mentionsBot(message, bot);
  return (
    rules.freeResponseChats.has(String(message.chat.id)) ||
    !rules.requireMention ||
    repliesToBot(message, bot) ||
    mentionsBot(message, bot) ||
    matchesPattern(rules, message)
  );
};

/** A press of our own button is addressed to us, but only where we are allowed to speak. */
export const isPressAddressed = (
  rules: AddressingRules,
  message: Pick<Addressed, "chat" | "message_thread_id">,
): boolean =>
  !isGroup(message.chat) || !(inForbiddenTopic(rules, message) || inForbiddenChat(rules, message));
