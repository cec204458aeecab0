// The loop's way to make its steps last: each becomes rows and one commit, never ahead of the turn's own opening.

import type { Journal } from "./loop.ts";
import type { NewRow } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import type { Work } from "./work.ts";

export const createJournal = (c: TurnContext, work: Work): Journal => ({
  async assistant(message, usage, steps) {
    await work.opened;
    const row: NewRow = { message, ...(usage === undefined ? {} : { tokens: usage.completion }) };
    const turn = { ...(c.lease.meta.turn ?? work.turn), steps };
    await work.transcript.add([row], { turn });
    // Tools follow, some of which must not run twice: none begins at the end of a lease.
    await c.lease.ensure();
  },

  async toolResult(message) {
    await work.transcript.add([{ message }], {});
  },

  async lookAround() {
    const waiting = await c.lease.look();
    const stop = waiting.find((entry) => entry.kind === "stop");
    if (stop !== undefined) work.stop = stop;
    return { messages: [], stop: stop !== undefined };
  },
});
