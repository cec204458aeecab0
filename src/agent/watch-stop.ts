// Looks at the inbox while a model stream or a tool runs, so that a stop takes effect within a second or two.
// Used by think.ts beside the loop, and by the journal at its tool boundaries.

import { asError } from "../errors.ts";
import type { Entry, StopEntry } from "../turn.ts";
import { draftId } from "./draft.ts";
import type { TurnContext } from "./turn-context.ts";
import type { Work } from "./work.ts";

/** design.md 5, step 5. */
const LOOK_MS = 1_500;

/** A stop among what waits that is meant for this turn: one typed, or the button of its own draft and no earlier one. */
export const stopFor = (work: Work, waiting: readonly Entry[]): StopEntry | undefined =>
  waiting.find(
    (entry) => entry.kind === "stop" && (entry.draftId === undefined || entry.draftId === draftId(work.turn)),
  ) as StopEntry | undefined;

/** Until `end` resolves, a stop ends the turn: its model request and its tools are aborted. */
export const watchForStop = (c: TurnContext, work: Work): { end(): Promise<void> } => {
  const ended = new AbortController();
  const watching = watch(c, work, AbortSignal.any([ended.signal, c.signal, c.lease.lost]));
  return {
    async end() {
      ended.abort();
      await watching;
    },
  };
};

const watch = async (c: TurnContext, work: Work, ended: AbortSignal): Promise<void> => {
  while (work.stop === undefined) {
    await c.ports.clock.sleep(LOOK_MS, ended).catch(() => undefined);
    if (ended.aborted) return;
    try {
      const stop = stopFor(work, await c.lease.look());
      if (stop === undefined) continue;
      work.stop = stop;
      work.abort.abort(new Error("the person stopped this turn"));
    } catch (error) {
      c.ports.log.warn("the inbox was not looked at", { error: asError(error) });
    }
  }
};
