// Where a job's answer goes: Hermes' `deliver` as chats (hermes-behaviour.md 3.6). This agent lives in Telegram alone: what
// names another platform has no target. Pure.

import type { HomeChannel } from "../config.ts";
import type { Origin } from "../turn.ts";

const TARGET = /^(-?\d{1,16})(?::(\d{1,16}))?$/;

/** A chat named by its id, with a topic or without; undefined for everything else, names of chats among it. */
export const parseTargetRef = (
  ref: string,
): { readonly chatId: number; readonly threadId?: number } | undefined => {
  const [, chatId, threadId] = TARGET.exec(ref.trim()) ?? [];
  if (chatId === undefined) return undefined;
  return { chatId: Number(chatId), ...(threadId === undefined ? {} : { threadId: Number(threadId) }) };
};

/** Without repeats, in the order named. None: nothing is delivered, wanted (`local`) or not. */
export const resolveTargets = (
  deliver: string | undefined,
  origin: Origin | undefined,
  home: HomeChannel,
): readonly Origin[] => {
  const named = (deliver ?? "origin")
    .split(",")
    .map((target) => target.trim())
    .flatMap((target) => targetOf(target, origin, home) ?? []);
  const places = named.map(({ chatId, threadId }) => `${chatId}:${threadId ?? ""}`);
  return named.filter((_, index) => places.indexOf(places[index] ?? "") === index);
};

const targetOf = (target: string, origin: Origin | undefined, home: HomeChannel): Origin | undefined => {
  switch (target.toLowerCase()) {
    case "origin":
    case "telegram":
      return origin ?? homeOf(home);
    case "all":
      return homeOf(home);
    case "local":
      return undefined;
    default: {
      const [platform, ...rest] = target.split(":");
      if (platform?.toLowerCase() !== "telegram") return undefined;
      const ref = parseTargetRef(rest.join(":"));
      return ref && place(ref.chatId, ref.threadId, origin?.userId);
    }
  }
};

const homeOf = ({ chatId, threadId, cronThreadId }: HomeChannel): Origin | undefined =>
  chatId === undefined ? undefined : place(chatId, cronThreadId ?? threadId);

/** Ids of groups and channels are negative; a private chat's id is the person's. */
const place = (chatId: number, threadId: number | undefined, userId?: number): Origin => {
  const speaker = chatId > 0 ? chatId : userId;
  return {
    chatId,
    chatType: chatId > 0 ? "dm" : "group",
    ...(threadId === undefined ? {} : { threadId }),
    ...(speaker === undefined ? {} : { userId: speaker }),
  };
};
