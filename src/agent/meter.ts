// What a turn spends on models: every call is checked against the budgets before it is made, and put on the accounts after.
// Started where a turn is opened (who-pays.ts, run-job.ts, work.ts) and by the errands beside one; turn-setup.ts asks through it.

import { abortable } from "../abortable.ts";
import { asError } from "../errors.ts";
import type { Lease } from "../lease.ts";
import type { Log } from "../log.ts";
import type { AssistantMessage, ModelReply, Usage } from "../message.ts";
import type { Clock, Model, ModelRequest } from "../ports.ts";
import type { JobRun } from "../session-state.ts";
import type { Origin } from "../turn.ts";
import { BudgetExceeded, type Budgets, budgetsFor, type SpentBudget, spentBudget } from "../usage/budget.ts";
import { dayOf } from "../usage/money.ts";
import { costOf, isPriced, type PriceTable } from "../usage/prices.ts";
import { NO_SPENDING, sumOf, toldUsage } from "../usage/spending.ts";
import type { Ledger, Mark, Payer, Spending, Spent, Today } from "../usage-ports.ts";
import { configuredBudgets } from "./budgets.ts";
import { estimateTokens, tokensIn } from "./history.ts";
import type { TurnContext } from "./turn-context.ts";

export interface Meter {
  /** The same model, metered: `complete` throws BudgetExceeded instead of asking when a budget is spent. */
  metered(model: Model): Model;
  /** The budget that is spent by now, if one is. */
  spentBudget(): Promise<SpentBudget | undefined>;
  /** What the turn has cost so far, in all its invocations; micro-dollars. */
  turnCost(): number;
  /** What was spent since this was last asked: for the totals of META, which say what the accounts say. */
  takeSpending(): Spending;
  /** Resolves once nothing is being written any more; never rejects. Awaited before the lease is given back. */
  settled(): Promise<void>;
}

export interface Bill {
  readonly origin: Origin;
  readonly job?: Pick<JobRun, "id"> | undefined;
  /** What earlier invocations have spent on the same turn. */
  readonly cost?: number | undefined;
}

export const payerOf = ({ origin, job }: Bill): Payer => ({
  userId: origin.userId ?? origin.chatId,
  chatId: origin.chatId,
  ...(job === undefined ? {} : { jobId: job.id }),
});

/** Begins to read the ledger, and does not wait for it: the first call's check does. */
export const startMeter = (c: TurnContext, bill: Bill): Meter => {
  const { ledger, clock, log } = c.ports;
  const { config } = c.home;
  const state: State = {
    ...{ ledger, clock, log, payer: payerOf(bill), prices: config.prices },
    defaults: configuredBudgets(config),
    nextMark: () => markOf(c.lease),
    turn: bill.cost ?? 0,
    untold: NO_SPENDING,
    day: "",
    today: Promise.resolve(undefined),
    owed: [],
    writing: Promise.resolve(),
    isWarned: false,
    isUnreadTold: false,
  };
  read(state);
  return {
    metered: (model) => ({ ...model, complete: (request) => complete(state, model, request) }),
    spentBudget: () => verdict(state),
    turnCost: () => state.turn,
    takeSpending() {
      const { untold } = state;
      state.untold = NO_SPENDING;
      return untold;
    },
    async settled() {
      await state.writing;
      if (state.owed.length > 0) await writeOwed(state);
      for (const { day, spending } of state.owed.splice(0))
        log.error("what a model call cost is not in the ledger", { ...state.payer, day, ...spending });
    },
  };
};

interface State {
  readonly ledger: Ledger;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly payer: Payer;
  readonly prices: PriceTable;
  readonly defaults: Budgets;
  readonly nextMark: () => Mark;
  turn: number;
  untold: Spending;
  /** The day of `today`. */
  day: string;
  /** Undefined when it could not be read. Never rejects. */
  today: Promise<Today | undefined>;
  /** What is not in the ledger yet, oldest first: one that failed goes first the next time, under its own mark. */
  owed: Owed[];
  /** The writes, one after the other; never rejects. */
  writing: Promise<void>;
  /** That the price table does not know a model was said. */
  isWarned: boolean;
  /** That the ledger cannot be read was said. */
  isUnreadTold: boolean;
}

interface Owed {
  readonly day: string;
  readonly spending: Spending;
  readonly mark: Mark;
}

/** Calls that one holder of a lease can make at most: far more than fit an invocation. */
const CALLS_PER_FENCE = 10_000;

/** Calls of a lease's invocation so far. */
const callsOf = new WeakMap<Lease, number>();

/** Later holders have larger fences. One that was frozen past its lease and wakes is not counted: its turn is another's. */
const markOf = (lease: Lease): Mark => {
  const calls = (callsOf.get(lease) ?? 0) + 1;
  callsOf.set(lease, calls);
  return { writer: lease.session, number: lease.meta.fence * CALLS_PER_FENCE + calls };
};

/**
 * When the ledger cannot be read the turn goes on, within its own budget: the table is the one that holds the session, so
 * a table that is down ends the turn anyway, and what is left are single failed requests. To answer nobody for those would
 * cost people more than the few turns, each bounded, cost the operator, who finds an error in the log.
 */
const read = (state: State): void => {
  state.day = dayOf(state.clock.now());
  state.today = state.ledger.read(state.day, state.payer).catch((thrown: unknown) => {
    const { isUnreadTold } = state;
    state.isUnreadTold = true;
    state.log[isUnreadTold ? "debug" : "error"](
      "the ledger could not be read: only the turn's own budget holds",
      {
        ...state.payer,
        error: asError(thrown),
      },
    );
    return undefined;
  });
};

const verdict = async (state: State): Promise<SpentBudget | undefined> => {
  await state.writing;
  if (state.day !== dayOf(state.clock.now())) read(state); // a turn that goes on past midnight
  if ((await state.today) === undefined) read(state); // asked again before each call
  const today = await state.today;
  if (today === undefined)
    return spentBudget(
      { ...state.defaults, userDay: Number.POSITIVE_INFINITY, jobDay: Number.POSITIVE_INFINITY },
      { user: 0, job: undefined, turn: state.turn },
    );
  // What could not be written down counts all the same.
  const owed = state.owed
    .filter(({ day }) => day === state.day)
    .reduce((sum, { spending }) => sum + spending.cost, 0);
  return spentBudget(budgetsFor(state.defaults, today.limits), {
    user: today.user.cost + owed,
    job: today.job && today.job.cost + owed,
    turn: state.turn,
  });
};

const complete = async (state: State, model: Model, request: ModelRequest): Promise<ModelReply> => {
  const spent = await abortable(request.signal, verdict(state));
  if (spent !== undefined) throw new BudgetExceeded(spent);
  const atMs = state.clock.now();
  let written = 0;
  const onWritten = (chars: number) => {
    written += chars;
    request.onWritten?.(chars);
  };
  const charge = (usage: Usage, isEstimated: boolean) =>
    record(state, { model: model.name, usage, isEstimated, atMs });
  try {
    // Whoever stops the turn need not wait for the connection: what was spent is known at once.
    const { usage, ...reply } = await abortable(request.signal, model.complete({ ...request, onWritten }));
    const told = toldUsage(usage);
    charge(told ?? estimated(request, written, reply.message), told === undefined);
    return told === undefined ? reply : { ...reply, usage: told };
  } catch (error) {
    // A call that was refused costs nothing; one that was cut short is paid for as far as it came, thinking included.
    if (request.signal.aborted || written > 0) charge(estimated(request, written), true);
    throw error;
  }
};

/** Nothing counts as cached: what a budget is charged errs on the safe side. */
const estimated = (
  { system, messages, tools }: ModelRequest,
  written: number,
  reply?: AssistantMessage,
): Usage => ({
  prompt: estimateTokens([{ role: "user", content: system }, ...messages], tools),
  cached: 0,
  // Of its thinking a reply holds only what has to be sent back.
  completion: Math.max(tokensIn(written), reply === undefined ? 0 : estimateTokens([reply], [])),
  reasoning: 0,
});

interface Call {
  readonly model: string;
  readonly usage: Usage;
  readonly isEstimated: boolean;
  readonly atMs: number;
}

const record = (state: State, { model, usage, isEstimated, atMs }: Call): void => {
  const { log, prices, payer } = state;
  const cost = costOf(prices, model, usage, atMs);
  if (!state.isWarned && !isPriced(prices, model)) {
    state.isWarned = true;
    log.warn("config.yaml has no price of this model: it counts as dear", { model });
  }
  log.info("a model call", { model, ...usage, cost, isEstimated, ...payer });
  state.turn += cost;
  const spending = { usage, calls: 1, estimated: isEstimated ? 1 : 0, cost };
  state.untold = sumOf(state.untold, spending);
  state.owed.push({ day: dayOf(atMs), spending, mark: state.nextMark() });
  state.writing = state.writing.then(() => writeOwed(state));
};

/** Stops at the first that fails: a later mark would make the earlier one look written. */
const writeOwed = async (state: State): Promise<void> => {
  for (let [next] = state.owed; next !== undefined; [next] = state.owed) {
    const { day, spending, mark } = next;
    try {
      const spent = await state.ledger.add(day, state.payer, spending, mark);
      state.owed.shift();
      if (day === state.day) state.today = knowing(state.today, spent);
    } catch (thrown) {
      state.log.warn("what a model call cost could not be written down", { error: asError(thrown) });
      return;
    }
  }
};

/** What others have spent meanwhile is in it. */
const knowing = async (before: Promise<Today | undefined>, spent: Spent): Promise<Today | undefined> => {
  const today = await before;
  return today && { ...today, ...spent };
};
