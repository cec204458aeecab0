// The loop's way to make its steps last: each becomes rows and one commit, never ahead of the turn's own opening.

import type { Journal } from "./loop.ts";
import type { NewRow } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { stopFor } from "./watch-stop.ts";
import type { Work } from "./work.ts";

export const createJournal = (c: TurnContext, work: Work): Journal => ({
  async assistant(message, usage, steps) {
    await work.opened;
    const row: NewRow = { message, ...(usage === undefined ? {} : { tokens: usage.completion }) };
    const turn = { ...(c.lease.meta.turn ?? work.turn), steps };
    await work.transcript.add([row], { turn });
  },

  async toolResult(message) {
    // A tool cut off by the end of the invocation has no result: the retry runs it again, or says what is unknown.
    c.signal.throwIfAborted();
    await work.transcript.add([{ message }], {});
  },

  beforeUnrepeatable: () => c.lease.ensure(),

  async lookAround() {
    work.stop ??= stopFor(work, await c.lease.look());
    return { messages: [], stop: work.stop !== undefined };
  },
});
