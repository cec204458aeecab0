// Whom a message names: by Telegram's entities, which are authoritative, and by the bare text only where there
// are none (hermes-behaviour.md 6.3). Used by addressing and, to take our name out of the text, by parsing.

import type { TelegramEntity, TelegramMessage } from "./telegram-update.ts";

export interface Bot {
  readonly id: number;
  /** Without @, word characters only, as configured; unknown when TELEGRAM_BOT_USERNAME is not set. */
  readonly username?: string;
}

export type Mentionable = Pick<TelegramMessage, "text" | "entities" | "caption" | "caption_entities">;

interface Source {
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
}

const sourcesOf = (message: Mentionable): readonly Source[] => [
  { text: message.text ?? "", entities: message.entities ?? [] },
  { text: message.caption ?? "", entities: message.caption_entities ?? [] },
];

// Not inside an address, a path or a code span: the lookbehind is upstream's.
const BARE_HANDLE = /(?<![A-Za-z0-9_`/])@([A-Za-z0-9_]{2,31})\b/g;
// Only tells whether a *foreign* name is a bot's; ours is compared as it is, bought names lack the ending.
const BOT_HANDLE = /^[a-z0-9_]{2,29}bot$/;

const spanOf = (text: string, { offset, length }: TelegramEntity): string =>
  offset < 0 || length <= 0 ? "" : text.slice(offset, offset + length).trim();

/** `@name` of a mention, the part after @ of `/command@name`; lower case. */
const handleOf = (text: string, entity: TelegramEntity): string | undefined => {
  if (entity.type !== "mention" && entity.type !== "bot_command") return undefined;
  return spanOf(text, entity).split("@")[1]?.toLowerCase();
};

const handlesIn = ({ text, entities }: Source): readonly string[] =>
  entities.length > 0
    ? entities.flatMap((entity) => handleOf(text, entity) ?? [])
    : [...text.matchAll(BARE_HANDLE)].flatMap(([, handle]) => handle?.toLowerCase() ?? []);

const handlesOf = (message: Mentionable): readonly string[] => sourcesOf(message).flatMap(handlesIn);

/** Our @name, a mention that carries our id, or a command sent to us by name. */
export const mentionsBot = (message: Mentionable, bot: Bot): boolean => {
  const own = bot.username?.toLowerCase();
  if (own !== undefined && handlesOf(message).includes(own)) return true;
  return sourcesOf(message)
    .flatMap(({ entities }) => entities)
    .some(({ type, user }) => type === "text_mention" && user?.id === bot.id);
};

/** Other bots are named and we are not. Without our own name there is no telling, so: no. */
export const namesOnlyOtherBots = (message: Mentionable, bot: Bot): boolean => {
  if (bot.username === undefined || mentionsBot(message, bot)) return false;
  return handlesOf(message).some((handle) => BOT_HANDLE.test(handle));
};

/** The text without our @name and the punctuation behind it; left alone when nothing else would remain. */
export const withoutBotName = (text: string, bot: Bot): string => {
  if (bot.username === undefined) return text;
  const name = new RegExp(`(?<![A-Za-z0-9_])@${bot.username}\\b[,:-]*\\s*`, "gi");
  return text.replace(name, "").trim() || text;
};
