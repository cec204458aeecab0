// The key of the session a message belongs to, in Hermes' grammar (hermes-behaviour.md 2.1), so that chats
// brought over from another Hermes keep theirs. Called while parsing; nothing else builds a key.

import type { SessionKey } from "./turn.ts";

export interface SessionKeyOptions {
  /** Every member of a group has a session of their own (Hermes: group_sessions_per_user). */
  readonly groupSessionsPerUser: boolean;
  /** Likewise inside a topic, which is shared otherwise (Hermes: thread_sessions_per_user). */
  readonly threadSessionsPerUser: boolean;
}

interface SessionSource {
  readonly platform: string;
  /** `dm`, `group`, `channel`; other platforms of Hermes know more. */
  readonly chatType: string;
  readonly chatId?: number | string | undefined;
  readonly threadId?: number | string | undefined;
  readonly userId?: number | string | undefined;
}

const PREFIX = "agent:main";

const joined = (parts: readonly (number | string | undefined)[]): SessionKey =>
  parts.filter((part) => part !== undefined && part !== "").join(":") as SessionKey;

/** True when several people speak in one session, so that their words need their names. */
export const isSharedSession = (source: SessionSource, options: SessionKeyOptions): boolean => {
  if (source.chatType === "dm") return false;
  if (source.threadId !== undefined && !options.threadSessionsPerUser) return true;
  return !options.groupSessionsPerUser;
};

export const sessionKey = (source: SessionSource, options: SessionKeyOptions): SessionKey => {
  const { platform, chatType, chatId, threadId, userId } = source;
  if (chatType === "dm") return joined([PREFIX, platform, "dm", chatId || userId, threadId]);
  const participant = isSharedSession(source, options) ? undefined : userId;
  return joined([PREFIX, platform, chatType, chatId, threadId, participant]);
};

/** Runs of a job have a session of their own, apart from the chat they deliver to. */
export const cronSessionKey = (jobId: string): SessionKey => joined([PREFIX, "cron", jobId]);

const PRIVATE_CHAT = /^agent:main:telegram:dm:(\d{1,16})(?::\d+)?$/;

/** The chat of a private conversation in Telegram, which is its person's id too; undefined for every other session. */
export const privateChatOf = (session: SessionKey): number | undefined => {
  const [, chatId] = PRIVATE_CHAT.exec(session) ?? [];
  return chatId === undefined ? undefined : Number(chatId);
};

// A wake only ever names a key made above; the bound is DynamoDB's 2,048 bytes for a partition key, with room.
const SESSION_KEY = /^agent:main:[a-z]+(?::[A-Za-z0-9_.-]+){1,6}$/;

export const isSessionKey = (text: string): text is SessionKey =>
  text.length <= 512 && SESSION_KEY.test(text);
