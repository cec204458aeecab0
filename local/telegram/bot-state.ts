// Everything the Telegram stand-in remembers of one bot, and what of it a state file keeps between two runs.

import type { BotCommand, UserFromGetMe } from "@grammyjs/types";
import { readStateFile, writeStateFile } from "../state-file.ts";
import { type Chats, createChats, type SavedChat } from "./chats.ts";

export interface StoredFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Webhook {
  readonly url: string;
  readonly secretToken?: string;
  readonly maxConnections: number;
  readonly allowedUpdates?: readonly string[];
}

export interface BotState {
  readonly me: UserFromGetMe;
  readonly chats: Chats;
  readonly files: Map<string, StoredFile>;
  /** Ids of button presses that were delivered and can be answered. */
  readonly callbacks: Set<string>;
  /** By scope and language. */
  readonly commands: Map<string, readonly BotCommand[]>;
  webhook: Webhook | undefined;
  /** Set by the delivery engine. */
  pendingUpdates: () => number;
  dropPendingUpdates: () => void;
  /** Seconds since the epoch, as Telegram counts. */
  readonly date: () => number;
}

interface SavedState {
  readonly chats: readonly SavedChat[];
  readonly commands: readonly (readonly [string, readonly BotCommand[]])[];
  readonly webhook?: Webhook;
}

export function createBotState(options: {
  readonly token: string;
  readonly username: string;
  readonly now: () => number;
  readonly stateFile?: string;
}): BotState {
  const saved =
    options.stateFile === undefined
      ? undefined
      : (readStateFile(options.stateFile, "Telegram") as SavedState | undefined);
  return {
    me: describeBot(options.token, options.username),
    chats: createChats(saved?.chats),
    files: new Map(),
    callbacks: new Set(),
    commands: new Map(saved?.commands),
    webhook: saved?.webhook,
    pendingUpdates: () => 0,
    dropPendingUpdates: () => undefined,
    date: () => Math.floor(options.now() / 1000),
  };
}

/** A token is `<id of the bot>:<secret>`. */
const describeBot = (token: string, username: string): UserFromGetMe => ({
  id: Number.parseInt(token, 10) || 1,
  is_bot: true,
  first_name: "Hermes",
  username,
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_join_request_queries: false,
});

export function saveState(file: string, state: BotState): void {
  const saved: SavedState = {
    chats: state.chats.saved(),
    commands: [...state.commands],
    ...(state.webhook ? { webhook: state.webhook } : {}),
  };
  writeStateFile(file, saved);
}
