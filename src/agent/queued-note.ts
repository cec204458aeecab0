// Tells a person whose message waits behind a long turn that it was seen: once a turn, never repeated, best effort.
// Called by watch-inbox.ts.

import type { Entry } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";
import type { Work } from "./work.ts";

/** Most turns are over by then, and most messages are folded in before. */
const QUEUED_AFTER_MS = 15_000;

const NOTE = "⏳ Queued: I answer this when I am done with what I am working on. /stop ends that.";

export interface QueuedNote {
  /** Called at every look with what waits. Rejects when the note could not be recorded or sent. */
  consider(waiting: readonly Entry[]): Promise<void>;
}

export const createQueuedNote = (c: TurnContext, work: Work, signal: AbortSignal): QueuedNote => {
  let waitsSince: number | undefined;
  return {
    async consider(waiting) {
      const first = waiting.find(({ kind }) => kind === "message" || kind === "command");
      if (first === undefined) {
        waitsSince = undefined;
        return;
      }
      waitsSince ??= c.ports.clock.elapsed();
      if (c.ports.clock.elapsed() - waitsSince < QUEUED_AFTER_MS) return;
      await work.opened;
      const [noted] = work.turn.entries;
      if (noted === undefined || c.lease.meta.noted === noted) return;
      // Recorded first: a note that is lost is no loss, one that comes twice is noise.
      await c.lease.commit({ noted });
      await c.ports.budget.take(first.origin, signal);
      await c.lease.ensure();
      await c.ports.telegram.send(first.origin, { form: "plain", text: NOTE }, { silent: true, signal });
    },
  };
};
