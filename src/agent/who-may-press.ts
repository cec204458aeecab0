// Whose the buttons of a message are: part of what they are signed with. Called where buttons are made: send-part.ts,
// cron-command.ts.

import { isSharedSession } from "../session-key.ts";
import type { Origin } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";

/** A message in a shared session may be answered by whoever speaks there, any other by the one it was for. */
export const whoMayPress = (
  c: TurnContext,
  origin: Origin,
): { readonly chatId: number; readonly askedUserId?: number } => {
  const { chatId, userId } = origin;
  const isAnybodys = isSharedSession({ platform: "telegram", ...origin }, c.settings);
  return isAnybodys || userId === undefined ? { chatId } : { chatId, askedUserId: userId };
};
