// The loop's way to make its steps last: each becomes rows and one commit, never ahead of the turn's own opening.

import { foldIn } from "./fold-in.ts";
import type { Journal } from "./loop.ts";
import { type NewRow, withSpending } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { isInterrupted } from "./watch-inbox.ts";
import { openTurn, type Work } from "./work.ts";

export const createJournal = (c: TurnContext, work: Work): Journal => ({
  async assistant(message, usage, steps) {
    await work.opened;
    const row: NewRow = { message, ...(usage === undefined ? {} : { tokens: usage.completion }) };
    const before = openTurn(c, work);
    const tokens = (before.tokens ?? 0) + (usage?.completion ?? 0);
    const turn = { ...before, steps, tokens, cost: work.meter.turnCost() };
    const totals = withSpending(c.lease.meta.totals, work.meter.takeSpending());
    await work.transcript.add([row], { turn, totals });
  },

  async toolResult(message, settings) {
    // A tool cut off by the end of the invocation has no result: the retry runs it again, or says what is unknown.
    c.signal.throwIfAborted();
    const effect = settings === undefined ? {} : { settings: { ...c.lease.meta.settings, ...settings } };
    await work.transcript.add([{ message }], effect);
  },

  beforeUnrepeatable: () => c.lease.ensure(),

  async lookAround() {
    const waiting = await c.lease.look();
    if (await isInterrupted(c, work, waiting)) return { messages: [], stop: true };
    return { messages: await foldIn(c, work, waiting), stop: false };
  },
});
