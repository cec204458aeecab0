// Says something without asking the model: a command's reply, a post, an apology. Stored as META's `out`, so that it is
// said once.

import type { AssistantMessage } from "../message.ts";
import type { JobRun, Outgoing } from "../session-state.ts";
import type { EntryId, Origin, SessionKey } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";

export interface Saying {
  /** What this answers. */
  readonly entries: readonly EntryId[];
  readonly origin: Origin;
  /** Markdown; "" answers in silence. */
  readonly text: string;
  /** Set when the text belongs into the history. */
  readonly row?: AssistantMessage;
  /** Set when it answers the run of a job. */
  readonly job?: JobRun;
  /** Set when it is the result of one. */
  readonly jobId?: string;
  /** The conversation that job belongs to; absent: this one. */
  readonly owner?: SessionKey;
  readonly buttons?: NonNullable<Outgoing["buttons"]>;
}

export const say = (c: TurnContext, saying: Saying): Promise<void> =>
  c.lease.commit({ out: sayingOut(saying) });

/** With nothing of it sent yet. */
export const sayingOut = (saying: Saying): Outgoing => ({ ...saying, next: 0, simplified: [], sentIds: [] });
