// One turn at work, from its opening to an answer that exists (META.out): the tool loop, compaction when the history
// is too long, hand-over when the time is too short. Called by answer.ts.

import type { Meta, Outgoing } from "../session-state.ts";
import { brokenOff, textBetween } from "./broken-off.ts";
import { compactTranscript, needsCompaction } from "./compact-transcript.ts";
import { ALL, forgetAllButton, forgetButtons } from "./forget-buttons.ts";
import { handOver, MAX_HOPS } from "./hand-over.ts";
import { createJournal } from "./journal.ts";
import { type LoopResult, runLoop } from "./loop.ts";
import { overBudget } from "./over-budget.ts";
import { sayingOut } from "./say.ts";
import { isSilentReply } from "./silent-reply.ts";
import { storableAnswer } from "./storable-answer.ts";
import { withSpending } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { loopInput } from "./turn-setup.ts";
import { isInterrupted, stoppedByPerson, watchInbox } from "./watch-inbox.ts";
import { openTurn, type Work } from "./work.ts";

/** Compactions within one turn before it gives up (hermes-behaviour.md 1.7). */
const MAX_COMPACTIONS = 3;

const TOO_LONG = "⚠️ I stopped: this took far longer than one answer may take. Ask me to go on if you want.";
const TOO_LARGE =
  "⚠️ This conversation is too large for the model's context window.\nUse /compress to shorten it or /new to start a fresh session.";

type Outcome = Awaited<ReturnType<typeof runLoop>>;

/** On return META has `out`, or the turn was handed over. */
export const think = async (c: TurnContext, work: Work): Promise<void> => {
  const watch = watchInbox(c, work);
  // By then the model has been asked, and what its answer is sent with is loaded while it thinks.
  if (work.turn.job === undefined) work.opened.then(c.ports.telegram.prepare, () => undefined);
  try {
    // What waits already is known without a look: a turn that was stopped before it began asks no model, and only gives
    // calls that an earlier run left open their results.
    if (await isInterrupted(c, work, c.lease.waiting)) work.abort.abort(stoppedByPerson());
    const result = await converse(c, work);
    await watch.end();
    await conclude(c, work, result);
  } finally {
    await Promise.all([watch.end(), work.draft.end(), work.meter.settled()]);
  }
};

/** The loop, again after each compaction it asks for. */
const converse = async (c: TurnContext, work: Work): Promise<Outcome> => {
  const isStopped = work.interruption !== undefined;
  let isShort = isStopped || !needsCompaction(c, work.transcript) || (await makeRoom(c, work));
  for (let compactions = 0; ; compactions += 1) {
    const result = await runLoop(loopInput(c, work, createJournal(c, work), { mayGrow: !isShort }));
    if (result.kind !== "overflow" || compactions >= MAX_COMPACTIONS) return result;
    isShort = await makeRoom(c, work);
    // Beyond our budget for cost, but not beyond the model: better a dear answer than none.
    if (!isShort && result.refused) return result;
  }
};

const makeRoom = async (c: TurnContext, work: Work): Promise<boolean> => {
  await work.opened;
  // Without money for a summary the history would lose its words, for an answer that does not come.
  if ((await work.meter.spentBudget()) !== undefined) return false;
  const { origin } = openTurn(c, work);
  return (await compactTranscript(c, work.transcript, { meter: work.meter, origin })) !== undefined;
};

const conclude = async (c: TurnContext, work: Work, result: Outcome): Promise<void> => {
  await work.opened;
  c.lease.lost.throwIfAborted();
  const totals = withSpending(c.lease.meta.totals, work.meter.takeSpending());
  if (result.kind === "out_of_time") return goOnLater(c, work, totals);
  // The invocation is about to be cut: throwing leaves the turn open for Lambda's retry.
  if (result.kind === "stopped") c.signal.throwIfAborted();
  await work.draft.end();
  await c.lease.commit({
    out: withNotice(await outgoing(c, work, result), work.turn.notice),
    totals: { ...totals, lastTurn: work.meter.turnCost() },
    ...(result.lastPrompt === undefined ? {} : { lastPrompt: result.lastPrompt }),
  });
};

const withNotice = (out: Outgoing, notice: string | undefined): Outgoing =>
  notice === undefined ? out : { ...out, text: `${notice}\n\n${out.text}` };

/** An answer to the whole turn, with nothing of it sent yet. */
const answerTo = (c: TurnContext, work: Work, text: string): Outgoing => {
  const { origin, entries, job } = openTurn(c, work);
  const stops = (work.interruption?.stops ?? []).map(({ id }) => id);
  return sayingOut({ text, origin, entries: [...entries, ...stops], ...(job === undefined ? {} : { job }) });
};

const outgoing = async (c: TurnContext, work: Work, result: LoopResult): Promise<Outgoing> => {
  switch (result.kind) {
    case "answer": {
      const row = storableAnswer(result.message);
      const { choices, forget } = result;
      const text = isSilentReply(row.content) ? "" : row.content;
      return {
        ...answerTo(c, work, text),
        row,
        ...(choices === undefined ? {} : { choices }),
        ...(forget === undefined ? {} : { buttons: buttonsToForget(c, work, forget.ids) }),
      };
    }
    case "failed":
      return brokenOff(answerTo(c, work, failureText(result)), result);
    case "over_budget": {
      const between = textBetween(work.transcript.rows, openTurn(c, work));
      return overBudget(c, answerTo(c, work, ""), result.spent, { between, said: result.said });
    }
    case "stopped":
      return answerTo(c, work, isStopTyped(work) ? "⏹ Stopped." : "");
    default:
      return answerTo(c, work, TOO_LARGE);
  }
};

/** A failure that ends an answer in its middle does not say that there is none. */
const failureText = ({ text, said }: Extract<LoopResult, { kind: "failed" }>): string =>
  said === undefined ? text : text.replace("No reply:", "The rest is missing:");

const buttonsToForget = (c: TurnContext, work: Work, ids: readonly string[] | typeof ALL) => {
  const { origin } = openTurn(c, work);
  return ids === ALL ? forgetAllButton(c, origin) : forgetButtons(c, origin, ids);
};

/** Telegram's own button has shown it already, and a /new says more than that. */
const isStopTyped = ({ interruption }: Work): boolean =>
  interruption?.stops.some(({ draftId }) => draftId === undefined) ?? true;

/** Too little time for another step: a fresh invocation goes on with the open turn. */
const goOnLater = async (c: TurnContext, work: Work, totals: Meta["totals"]): Promise<void> => {
  const turn = { ...openTurn(c, work), cost: work.meter.turnCost() };
  const hops = turn.hops + 1;
  if (hops >= MAX_HOPS) return c.lease.commit({ totals, out: answerTo(c, work, TOO_LONG) });
  await work.meter.settled();
  await handOver(c, { totals, turn: { ...turn, hops } });
};
