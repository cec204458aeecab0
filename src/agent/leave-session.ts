// A session is left for another: memories hear of it; then what was said becomes searchable, its record says how to come back,
// and META what long-term memory has not heard of it.

import type { MetaPatch } from "../session-state.ts";
import type { Origin } from "../turn.ts";
import { archiveSession } from "./archive-rows.ts";
import { owedOnLeaving } from "./learn.ts";
import { sessionEnded } from "./memory-hooks.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * Returns what META has to say in the write that begins the other session. Throws when the record could not be written
 * (archive-rows.ts): then the session is not left.
 */
export const leaveSession = async (c: TurnContext, origin: Origin): Promise<MetaPatch> => {
  await sessionEnded(c, origin);
  await archiveSession(c);
  return owedOnLeaving(c);
};
