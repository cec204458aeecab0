// Which chats a job's answer may go to. Asked when `deliver` is set (the cronjob tool) and again when there is an answer
// (agent/post-job-result.ts): what was allowed then may not be any more.

import type { Access } from "../access.ts";
import type { HomeChannel } from "../config.ts";
import type { Origin } from "../turn.ts";
import { resolveTargets } from "./delivery-targets.ts";

export interface DeliveryRules {
  readonly access: Access;
  readonly homeChannel: HomeChannel;
}

/**
 * A model wrote `deliver`, perhaps because a page it read told it to: an answer leaves its chat only for its owner's own one
 * and for those the operator named.
 */
export const mayReceive = ({ access, homeChannel }: DeliveryRules, chatId: number, origin: Origin): boolean =>
  chatId === origin.chatId ||
  chatId === origin.userId ||
  chatId === homeChannel.chatId ||
  (chatId < 0 && (access.groupChats.has(String(chatId)) || access.groupChats.has("*")));

/** What is wrong with a wish for places, in words; undefined when each of them is one that answers may go to. */
export const deliveryProblem = (
  rules: DeliveryRules,
  deliver: string,
  origin: Origin,
): string | undefined => {
  const refused = deliver
    .split(",")
    .map((place) => place.trim())
    .filter((place) => place !== "" && place.toLowerCase() !== "local")
    .filter((place) => {
      const targets = resolveTargets(place, origin, rules.homeChannel);
      return targets.length === 0 || !targets.every(({ chatId }) => mayReceive(rules, chatId, origin));
    });
  if (refused.length === 0) return undefined;
  return (
    `deliver: answers cannot go to ${refused.join(", ")}. Possible are origin (this chat), local (nowhere), the person's own ` +
    "private chat, and the chats the operator allowed (TELEGRAM_HOME_CHANNEL, TELEGRAM_GROUP_ALLOWED_CHATS)."
  );
};
