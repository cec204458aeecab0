// Who may speak: the authorization gate of hermes-behaviour.md 6.2, without pairing. Asked by the allowlist step.

import type { ChatType } from "./turn.ts";

/** Ids as text; `*` in a list admits everyone it is about. */
export interface Access {
  readonly users: ReadonlySet<string>;
  readonly groupUsers: ReadonlySet<string>;
  readonly groupChats: ReadonlySet<string>;
  /** GATEWAY_ALLOWED_USERS: Hermes' list for every platform. */
  readonly gatewayUsers: ReadonlySet<string>;
  readonly allowAllUsers: boolean;
  /** GATEWAY_ALLOW_ALL_USERS: counts only while no list is set. */
  readonly gatewayAllowAll: boolean;
}

export interface Speaker {
  readonly chatType: ChatType;
  readonly chatId: number | string;
  readonly userId?: number | string | undefined;
}

const lists = (ids: ReadonlySet<string>, id: Speaker["userId"]): boolean =>
  ids.has("*") || (id !== undefined && id !== "" && ids.has(String(id)));

export const isAuthorized = (access: Access, speaker: Speaker): boolean => {
  const { chatType, chatId, userId } = speaker;
  // Whoever speaks as a chat (an anonymous admin, a channel in a group) has no id: let in with the chat, or with everybody.
  if (chatType !== "dm" && lists(access.groupChats, chatId)) return true;
  if (access.allowAllUsers) return true;

  const group = chatType === "group";
  const nobodyListed =
    access.users.size === 0 &&
    access.gatewayUsers.size === 0 &&
    !(group && (access.groupUsers.size > 0 || access.groupChats.size > 0));
  if (nobodyListed) return access.gatewayAllowAll;

  if (lists(access.users, userId) || lists(access.gatewayUsers, userId)) return true;
  if (!group) return false;
  // Ids of chats used to be written into the list of group users; they begin with "-" and still count.
  return lists(access.groupUsers, userId) || access.groupUsers.has(String(chatId));
};
