// The buttons by which a person has something forgotten. What is forgotten is decided by a press and never by a model's word:
// a page the model read could have told it to. Made here for a tool's question (think.ts) and for /memory.

import { createHash } from "node:crypto";
import { signCommandButton } from "../buttons.ts";
import { chunksOf } from "../chunks.ts";
import type { Button } from "../message.ts";
import type { Origin } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";

/** Telegram's messages take a hundred; a screen takes fewer. */
const MAX_BUTTONS = 20;

export const ALL = "all";

/** The ids of services are longer than what a button holds. */
export const forgetRef = (id: string): string =>
  createHash("sha256").update(id).digest("base64url").slice(0, 16);

/** One for each of the things, numbered as they are listed: from `first` on. Memory is one person's, in a shared session too. */
export const forgetButtons = (
  c: TurnContext,
  origin: Origin,
  ids: readonly string[],
  first = 1,
): readonly (readonly Button[])[] => {
  const { chatId, userId } = origin;
  if (userId === undefined) return [];
  const buttons = ids.slice(0, MAX_BUTTONS).map((id, index) => ({
    text: `🗑 ${first + index}`,
    data: signCommandButton(c.settings.buttonSecret, {
      ...{ chatId, askedUserId: userId },
      ...{ command: "memory", action: "forget", ref: forgetRef(id) },
    }),
  }));
  return chunksOf(buttons, 5);
};

/** The yes to forgetting everything. */
export const forgetAllButton = (
  c: TurnContext,
  { chatId, userId }: Origin,
): readonly (readonly Button[])[] => {
  if (userId === undefined) return [];
  const data = signCommandButton(c.settings.buttonSecret, {
    ...{ chatId, askedUserId: userId },
    ...{ command: "memory", action: "confirm", ref: ALL },
  });
  return [[{ text: "🗑 Yes, forget everything", data }]];
};
