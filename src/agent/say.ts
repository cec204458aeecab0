// Says something without asking the model: a command's reply, a post. Stored as META's `out`, so that it is said once.

import type { AssistantMessage } from "../message.ts";
import type { Outgoing } from "../ports.ts";
import type { EntryId, Origin } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";

export interface Saying {
  /** The entry this answers. */
  readonly id: EntryId;
  readonly origin: Origin;
  /** Markdown; "" answers in silence. */
  readonly text: string;
  /** Set when the text belongs into the history. */
  readonly row?: AssistantMessage;
}

export const say = (c: TurnContext, saying: Saying): Promise<void> =>
  c.lease.commit({ out: sayingOut(saying) });

export const sayingOut = ({ id, origin, text, row }: Saying): Outgoing => ({
  origin,
  text,
  next: 0,
  simplified: [],
  sentIds: [],
  entries: [id],
  ...(row === undefined ? {} : { row }),
});
