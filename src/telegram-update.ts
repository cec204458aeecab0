// What we read of a Telegram update, and no more: the static half of middleware/update-schema.json, which checks
// exactly these fields. Names are the Bot API's; a test holds them against the official types.

export interface TelegramUser {
  readonly id: number;
  readonly is_bot?: boolean;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly username?: string;
  readonly language_code?: string;
}

export interface TelegramChat {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly is_forum?: boolean;
}

/** Offsets are UTF-16 code units, as JavaScript counts. */
export interface TelegramEntity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly user?: TelegramUser;
}

interface RepliedMessage {
  readonly from?: TelegramUser;
  readonly text?: string;
  readonly caption?: string;
  readonly rich_message?: { readonly blocks?: readonly unknown[] };
  /** Every message of a topic "replies" to the service message that opened it. */
  readonly forum_topic_created?: object;
}

export interface TelegramMessage {
  readonly message_id: number;
  readonly message_thread_id?: number;
  readonly is_topic_message?: boolean;
  readonly date: number;
  readonly chat: TelegramChat;
  readonly from?: TelegramUser;
  /** Set when somebody speaks as a chat: an anonymous admin, a channel. `from` is then a stand-in. */
  readonly sender_chat?: { readonly id: number };
  readonly text?: string;
  readonly entities?: readonly TelegramEntity[];
  readonly caption?: string;
  readonly caption_entities?: readonly TelegramEntity[];
  readonly rich_message?: { readonly blocks?: readonly unknown[] };
  readonly reply_to_message?: RepliedMessage;
  readonly quote?: { readonly text: string };
  /** The album this is one of: each of its pictures is a message of its own. */
  readonly media_group_id?: string;
  readonly photo?: readonly { readonly file_id: string; readonly width: number; readonly height: number }[];
  readonly location?: { readonly latitude: number; readonly longitude: number };
  readonly venue?: { readonly title: string; readonly address: string };
  readonly reply_markup?: {
    readonly inline_keyboard?: readonly (readonly {
      readonly text: string;
      readonly callback_data?: string;
    }[])[];
  };
}

export interface TelegramCallback {
  readonly id: string;
  readonly from: TelegramUser;
  /** Of a message that has become inaccessible only the chat and the id are left (`date` 0). */
  readonly message?: TelegramMessage;
  readonly data?: string;
}

export interface TelegramUpdate {
  readonly update_id: number;
  readonly message?: TelegramMessage;
  readonly channel_post?: TelegramMessage;
  readonly callback_query?: TelegramCallback;
  readonly stopped_message_generation?: {
    readonly chat: TelegramChat;
    readonly message_thread_id?: number;
    readonly draft_id: number;
  };
}
