// The log of a run's calls, and the one fault in it: what was under way when it struck says which differences from an
// uninterrupted run are allowed. Used by run.ts.

import { type Call, isSend, type Place, recordsDelivery } from "./calls.ts";
import type { Fault, Watcher } from "./proxy.ts";

export interface Point extends Place {
  readonly fault: Fault;
}

/** Exactly what may differ because of the fault. */
export interface Allowed {
  /** The one send of unknown outcome, from 0: what it says may be there twice. */
  readonly twice?: number;
  /** Unrepeatable tool calls that may have run: their results may say that nobody knows. */
  readonly unknown: readonly string[];
  /** Retries of Lambda's; one is what a crash takes. */
  readonly retries?: number;
  /** What a holder may ask for again that does not know yet that it is none any more. */
  readonly askedAgain?: readonly string[];
}

export interface Strike extends Watcher {
  readonly calls: readonly Call[];
  /** Undefined when the point was not reached. */
  readonly allowed: Allowed | undefined;
  /** From here nothing is struck or recorded. Resolves when a fault that struck has happened to its end. */
  end(): Promise<void>;
  seen(name: RegExp): Promise<void>;
}

interface State {
  readonly calls: Call[];
  readonly counts: Map<string, number>;
  /** Sends that went out, and how many of them META knows of. */
  readonly sends: Call[];
  recorded: number;
  /** Sends that had gone out when a write on META arrived, by its order. */
  readonly sendsBefore: Map<number, number>;
  readonly tools: ToolLog;
  readonly waiting: Set<{ readonly name: RegExp; readonly resolve: () => void }>;
  allowed: Allowed | undefined;
  struck: Call | undefined;
  readonly over: PromiseWithResolvers<void>;
  isOver: boolean;
}

export const createStrike = (point: Point | undefined, unrepeatable: readonly string[]): Strike => {
  const state: State = {
    calls: [],
    counts: new Map(),
    sends: [],
    recorded: 0,
    sendsBefore: new Map(),
    tools: createToolLog(unrepeatable),
    waiting: new Set(),
    allowed: undefined,
    struck: undefined,
    over: Promise.withResolvers(),
    isOver: false,
  };
  return {
    calls: state.calls,
    get allowed() {
      return state.allowed;
    },
    before(call) {
      if (state.isOver) return undefined;
      const fault = isAt(state, point, call) ? point?.fault : undefined;
      if (fault !== undefined) state.struck = call;
      if (fault === "kill-before") state.allowed = allowedNow(state);
      else noteArrival(state, call);
      return fault;
    },
    after(call) {
      if (state.isOver) return;
      if (recordsDelivery(call))
        state.recorded = Math.max(state.recorded, state.sendsBefore.get(call.order) ?? 0);
      state.tools.effect(call);
      if (call === state.struck) state.allowed = allowedNow(state);
    },
    over: () => state.over.resolve(),
    async end() {
      if (state.struck !== undefined) await state.over.promise;
      state.isOver = true;
    },
    seen(name) {
      if (state.calls.some((call) => name.test(call.name))) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      state.waiting.add({ name, resolve });
      return promise;
    },
  };
};

const isAt = (state: State, point: Point | undefined, call: Call): boolean => {
  const count = (state.counts.get(call.name) ?? 0) + 1;
  state.counts.set(call.name, count);
  state.calls.push(call);
  for (const waiter of state.waiting) if (waiter.name.test(call.name)) waiter.resolve();
  return call.name === point?.name && count === point.occurrence && state.struck === undefined;
};

const noteArrival = (state: State, call: Call): void => {
  if (isSend(call)) state.sends.push(call);
  if (recordsDelivery(call)) state.sendsBefore.set(call.order, state.sends.length);
  state.tools.arrival(call);
};

/** One send may be unrecorded, as long as no other has begun: each part is recorded before the next. */
const allowedNow = ({ sends, recorded, tools, struck }: State): Allowed => {
  const last = sends.length - 1;
  const isInDoubt =
    recorded === last && (struck === sends[last] || !(struck !== undefined && isSend(struck)));
  return { unknown: tools.open(), ...(isInDoubt ? { twice: last } : {}) };
};

interface ToolLog {
  arrival(call: Call): void;
  effect(call: Call): void;
  /** Calls that are in the transcript, or on their way there, without a result. */
  open(): readonly string[];
}

/** Follows the unrepeatable tool calls through the rows that are put and the commits that make them last. */
const createToolLog = (ids: readonly string[]): ToolLog => {
  const put = { calls: new Set<string>(), results: new Set<string>() };
  const opened = new Set<string>();
  const closed = new Set<string>();
  const isRow = ({ name }: Call) => name.startsWith("dynamodb.PutItem MSG");
  const isCommit = ({ name }: Call) => name.endsWith("commit rows");
  return {
    arrival(call) {
      if (isCommit(call)) for (const id of put.calls) opened.add(id);
      if (!isRow(call)) return;
      for (const id of ids) {
        if (call.body.includes(`"toolCallId":{"S":"${id}"}`)) put.results.add(id);
        else if (call.body.includes(`"${id}"`)) put.calls.add(id);
      }
    },
    effect(call) {
      if (isCommit(call)) for (const id of put.results) closed.add(id);
    },
    open: () => ids.filter((id) => opened.has(id) && !closed.has(id)),
  };
};
