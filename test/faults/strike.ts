// The log of a run's calls, and the one fault in it: what was under way when it struck says which differences from an
// uninterrupted run are allowed. Used by run.ts.

import { type Call, chargeOf, isQuestion, isSend, type Place, recordsDelivery } from "./calls.ts";
import type { Fault, Watcher } from "./proxy.ts";

export interface Point extends Place {
  readonly fault: Fault;
}

/** Exactly what may differ because of the faults. */
export interface Allowed {
  /** Sends of unknown outcome, by the part they are, from 0: it may be there twice. */
  readonly twice: readonly number[];
  /** Unrepeatable tool calls that may have run: their results may say that nobody knows. */
  readonly unknown: readonly string[];
  /** A part went out again and its fate is unknown once more: then it stays with that, and with a word about it. */
  readonly isDoubtful?: boolean;
  /** Retries of Lambda's; one is what a crash takes. */
  readonly retries: number;
  /** What a holder may ask for again that does not know yet that it is none any more. */
  readonly askedAgain?: readonly string[];
  /**
   * Calls of a model whose cost nobody was left to write down: the process died, or the answer was lost that says what it was.
   * The provider's own bill has them; to write them down before would count what was refused.
   */
  readonly uncounted?: number;
  /** What the bot may leave unsaid. */
  readonly unsaid?: RegExp;
}

export const NOTHING_ALLOWED: Allowed = { twice: [], unknown: [], retries: 0 };

export interface Strike extends Watcher {
  /** All of them, and those since the last fault. */
  readonly calls: readonly Call[];
  readonly callsSince: readonly Call[];
  readonly allowed: Allowed;
  /** All points were reached. */
  readonly met: boolean;
  /** From here nothing is struck or recorded. Resolves when a fault that struck has happened to its end. */
  end(): Promise<void>;
  seen(name: RegExp): Promise<void>;
}

interface State {
  readonly calls: Call[];
  /** Since the last fault, by name. */
  readonly counts: Map<string, number>;
  readonly left: Point[];
  readonly sends: SendLog;
  readonly tools: ToolLog;
  readonly charges: ChargeLog;
  readonly waiting: Set<{ readonly name: RegExp; readonly resolve: () => void }>;
  readonly struck: Struck[];
  allowed: Allowed;
  isOver: boolean;
}

/** A call that a fault has struck, and when that has happened to its end. */
interface Struck {
  readonly call: Call;
  readonly fault: Fault;
  readonly over: PromiseWithResolvers<void>;
}

/** The faults come in the order of the points; each counts its calls from the one before. What a dying process still asks is none. */
export const createStrike = (points: readonly Point[], unrepeatable: readonly string[]): Strike => {
  const state: State = {
    ...{ calls: [], counts: new Map(), left: [...points], waiting: new Set() },
    sends: createSendLog(),
    tools: createToolLog(unrepeatable),
    charges: createChargeLog(),
    struck: [],
    allowed: NOTHING_ALLOWED,
    isOver: false,
  };
  return {
    calls: state.calls,
    get callsSince() {
      const last = state.struck.at(-1);
      return state.calls.filter(
        (call) => last === undefined || (call.order > last.call.order && !isDying(last, call)),
      );
    },
    get allowed() {
      const uncounted = state.charges.lost();
      return uncounted === 0 ? state.allowed : { ...state.allowed, uncounted };
    },
    get met() {
      return state.left.length === 0;
    },
    before: (call) => (state.isOver ? undefined : arrive(state, call)),
    after: (call) => (state.isOver ? undefined : takeEffect(state, call)),
    over(call) {
      state.struck.find((one) => one.call === call)?.over.resolve();
    },
    async end() {
      await Promise.all(state.struck.map(({ over }) => over.promise));
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

const arrive = (state: State, call: Call): Fault | undefined => {
  const { left, counts, struck } = state;
  state.calls.push(call);
  for (const waiter of state.waiting) if (waiter.name.test(call.name)) waiter.resolve();
  const isCounted = !struck.some((one) => isDying(one, call));
  const count = (counts.get(call.name) ?? 0) + (isCounted ? 1 : 0);
  counts.set(call.name, count);
  const [point] = left;
  const isHere = isCounted && call.name === point?.name && count === point.occurrence;
  const fault = isHere ? point.fault : undefined;
  if (fault !== undefined) strikeAt(state, call, fault);
  if (fault === "kill-before") allow(state, call, fault);
  else for (const log of [state.sends, state.tools, state.charges]) log.arrival(call);
  return fault;
};

/** Its process is being killed: what that still asks side by side, before it is dead, is no recovery. */
const isDying = ({ call: last, fault }: Struck, call: Call): boolean =>
  fault !== "lose-answer" && call.environment === last.environment;

const strikeAt = (state: State, call: Call, fault: Fault): void => {
  state.left.shift();
  state.counts.clear();
  state.struck.push({ call, fault, over: Promise.withResolvers() });
};

const takeEffect = (state: State, call: Call): void => {
  for (const log of [state.sends, state.tools, state.charges]) log.effect(call);
  const struck = state.struck.find((one) => one.call === call);
  if (struck !== undefined) allow(state, call, struck.fault);
};

const allow = (state: State, struck: Call, fault: Fault): void => {
  const { allowed, sends, tools, charges } = state;
  const inDoubt = sends.inDoubt(struck);
  if (fault === "lose-answer") charges.answerLost(struck);
  else charges.died(struck.environment);
  state.allowed = {
    ...allowed,
    twice: inDoubt === undefined ? allowed.twice : [...new Set([...allowed.twice, inDoubt])],
    unknown: [...new Set([...allowed.unknown, ...tools.open()])],
    isDoubtful: allowed.isDoubtful === true || sends.isAgain(),
    retries: allowed.retries + 1,
  };
};

interface SendLog {
  arrival(call: Call): void;
  effect(call: Call): void;
  /** The part whose send may have arrived without META's knowing it. */
  inDoubt(struck: Call): number | undefined;
  /** A part is on its way for the second time. */
  isAgain(): boolean;
}

/** Follows the parts of an answer through the sends and the writes on META that record them. */
const createSendLog = (): SendLog => {
  const sends: Call[] = [];
  const contents: string[] = [];
  /** Sends that had gone out when a write on META arrived, by its order. */
  const sendsBefore = new Map<number, number>();
  let recorded = 0;
  let again = false;
  return {
    arrival(call) {
      if (isSend(call)) {
        sends.push(call);
        if (!contents.includes(contentOf(call))) contents.push(contentOf(call));
      }
      if (!recordsDelivery(call)) return;
      sendsBefore.set(call.order, sends.length);
      again = call.body.includes('"resent":{"BOOL":true}');
    },
    effect(call) {
      recorded = Math.max(recorded, sendsBefore.get(call.order) ?? 0);
    },
    // One send may be unrecorded, as long as no other has begun: each part is recorded before the next.
    inDoubt(struck) {
      const last = sends.at(-1);
      const isNext = isSend(struck) && struck !== last;
      return last === undefined || recorded !== sends.length - 1 || isNext
        ? undefined
        : contents.indexOf(contentOf(last));
    },
    isAgain: () => again,
  };
};

/** Of a send, without what differs when it goes out again. */
const contentOf = ({ body }: Call): string => {
  const { text, rich_message } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  return JSON.stringify(text ?? rich_message);
};

interface ChargeLog {
  arrival(call: Call): void;
  effect(call: Call): void;
  /** This process charges nothing any more but what is under way already. */
  died(environment: number): void;
  /** The process lives: only of this call itself it does not know what it was. */
  answerLost(call: Call): void;
  /** Calls of a model that the faults keep from the accounts. */
  lost(): number;
}

/** Follows the calls of models to the accounts of the person and of the chat, which the process that asked writes side by side. */
const createChargeLog = (): ChargeLog => {
  const processes = new Map<
    number,
    { asked: number; readonly user: Set<string>; readonly chat: Set<string> }
  >();
  const dead = new Set<number>();
  let unanswered = 0;
  const of = (environment: number) => {
    const found = processes.get(environment) ?? {
      asked: 0,
      user: new Set<string>(),
      chat: new Set<string>(),
    };
    processes.set(environment, found);
    return found;
  };
  return {
    arrival(call) {
      if (isQuestion(call)) of(call.environment).asked += 1;
    },
    effect(call) {
      const charge = chargeOf(call);
      if (charge?.account === "user" || charge?.account === "chat")
        of(call.environment)[charge.account].add(charge.mark);
    },
    died: (environment) => void dead.add(environment),
    answerLost(call) {
      if (!isQuestion(call)) return;
      of(call.environment).asked -= 1;
      unanswered += 1;
    },
    lost: () =>
      [...dead]
        .map(of)
        .reduce((sum, { asked, user, chat }) => sum + asked - Math.min(user.size, chat.size), unanswered),
  };
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
