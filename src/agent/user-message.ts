// A person's words as a row of the transcript: with the clock, the sender and what is recalled, which never change again.
// Used where a turn is opened (answer.ts) and where a message joins a running one (fold-in.ts).

import type { UserMessage } from "../message.ts";
import { isSharedSession } from "../session-key.ts";
import type { MessageEntry, Origin } from "../turn.ts";
import { contextBlock } from "./prompt.ts";
import type { TurnContext } from "./turn-context.ts";

interface Extra {
  readonly recalled?: string;
  readonly notes?: string | undefined;
}

export const userMessage = (c: TurnContext, entry: MessageEntry, extra: Extra = {}): UserMessage => ({
  role: "user",
  content: entry.text,
  ...(entry.photos.length === 0 ? {} : { photos: entry.photos }),
  context: contextOf(c, entry.origin, entry.at, extra),
});

/** `atMs`: when it was said. */
export const contextOf = (c: TurnContext, origin: Origin, atMs: number, extra: Extra = {}): string =>
  contextBlock({
    now: atMs,
    timezone: c.timezone,
    origin,
    shared: isSharedSession({ platform: "telegram", ...origin }, c.settings),
    ...(extra.recalled === undefined || extra.recalled === "" ? {} : { recalled: extra.recalled }),
    ...(extra.notes === undefined ? {} : { notes: extra.notes }),
  });
