// Waits for the rest of what one person sent as one thing: Telegram's clients cut a text at 4,096 characters, and every
// picture of an album is a message of its own. Called before messages are taken up or folded in.

import type { Entry, MessageEntry } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";

/** hermes-behaviour.md 6.4 waits 1.0 s after a piece of 4,000 characters and 0.8 s inside an album. */
const GATHER_MS = 1_000;

/** Somebody who sends piece after piece is answered all the same: an album has at most ten. */
const MAX_WAITS = 10;

/** The messages given, and those which turn out to belong to them: as long as the last one may go on, and more come. */
export const gather = async (
  c: TurnContext,
  entries: readonly MessageEntry[],
): Promise<readonly MessageEntry[]> => {
  let gathered = entries;
  for (let waits = 0; waits < MAX_WAITS && gathered.at(-1)?.continues === true; waits += 1) {
    await c.ports.clock.sleep(GATHER_MS, AbortSignal.any([c.signal, c.lease.lost]));
    const more = leadingMessages(await c.lease.look(), gathered);
    if (more.length === 0) break;
    gathered = [...gathered, ...more];
  }
  return gathered;
};

/** The messages that wait before anything of another kind, without those that are taken already. */
export const leadingMessages = (
  waiting: readonly Entry[],
  taken: readonly MessageEntry[] = [],
): readonly MessageEntry[] => {
  const ids = new Set(taken.map(({ id }) => id));
  const messages: MessageEntry[] = [];
  for (const entry of waiting) {
    if (ids.has(entry.id)) continue;
    if (entry.kind !== "message") break;
    messages.push(entry);
  }
  return messages;
};
