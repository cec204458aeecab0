// A person's words as a row of the transcript: with the clock, the sender and what is recalled, which never change again.
// Used where a turn is opened (answer.ts) and where a message joins a running one (fold-in.ts).

import type { UserMessage } from "../message.ts";
import { isSharedSession } from "../session-key.ts";
import type { MessageEntry, Origin } from "../turn.ts";
import { contextBlock } from "./prompt.ts";
import type { Recalled } from "./recall.ts";
import type { TurnContext } from "./turn-context.ts";

interface Extra {
  readonly recalled?: Recalled;
  readonly notes?: string | undefined;
}

export const userMessage = (c: TurnContext, entry: MessageEntry, extra: Extra = {}): UserMessage => ({
  role: "user",
  content: entry.text,
  ...(entry.said === undefined ? {} : { said: entry.said }),
  ...(entry.photos.length === 0 ? {} : { photos: entry.photos }),
  ...contextFields(c, entry, extra),
});

type Context = Pick<UserMessage, "context" | "userId" | "isRecalled">;

/** What goes with something said by `origin`'s user at `at` (ms). */
export const contextFields = (
  c: TurnContext,
  { origin, at }: { readonly origin: Origin; readonly at: number },
  { recalled, notes }: Extra = {},
): Context => ({
  context: contextBlock({
    now: at,
    timezone: c.timezone,
    origin,
    shared: isSharedSession({ platform: "telegram", ...origin }, c.settings),
    ...(recalled === undefined || recalled.text === "" ? {} : { recalled: recalled.text }),
    ...(notes === undefined ? {} : { notes }),
  }),
  ...(origin.userId === undefined ? {} : { userId: origin.userId }),
  ...(recalled?.isWhole ? { isRecalled: true } : {}),
});
