// The simulated world: one chat, its updates, Telegram's and Lambda's deliveries, and the containers they run in. What
// happens next in it is decided in choices.ts; run.ts moves it.

import { withFate } from "./chance.ts";
import { type Container, createContainer, type Time } from "./container.ts";
import { createEngine, type Engine } from "./engine.ts";
import { type Environment, type Mutant, runWake, runWebhook, type Setting } from "./invocation.ts";
import { createJudge, type Judge } from "./judge.ts";
import { createOutside } from "./outside.ts";
import { SESSION, seed } from "./seed.ts";

export interface Scenario {
  readonly name: string;
  /** What is said, in the order in which Telegram delivers it. Each names itself: m1, m2. */
  readonly updates: readonly string[];
  /** Nobody has spoken in the chat yet. */
  readonly isNew?: boolean;
  /** So many of them, the last ones, come only when all else is at rest: the next message works. */
  readonly probes?: number;
  /** How far the containers' clocks are off, one after the other and then again. */
  readonly skewsMs?: readonly number[];
  readonly mutant?: Mutant;
}

/** What Lambda or Telegram is about to start. */
export interface Arrival {
  readonly name: string;
  readonly kind: "wake" | "webhook";
  readonly requestId: string;
  /** Of a webhook. */
  readonly number: number;
  readonly attempt: number;
  readonly isNotice: boolean;
  dueAt: number;
}

export interface Running {
  readonly container: Container;
  readonly arrival: Arrival;
  readonly cut: AbortController;
  deadlineAt: number;
  /** Set while it stands still. */
  frozenAt: number | undefined;
  thawAt: number | undefined;
}

export interface World {
  readonly scenario: Scenario;
  readonly time: Time;
  readonly engine: Engine;
  readonly judge: Judge;
  readonly setting: Setting;
  readonly arrivals: Arrival[];
  readonly running: Running[];
  readonly accepted: Set<number>;
  /** Containers that have ended, until they are let go with the world. */
  readonly over: Container[];
  readonly trace: string[];
  /** Updates brought at least once. */
  brought: number;
  current: Running | undefined;
  /** How often each name was given. */
  readonly names: Map<string, number>;
  /** An event and its notice were given up by Lambda: what they were for may wait for the next message. */
  isExhausted: boolean;
  started: number;
  faults: number;
}

const START_MS = 1_790_000_000_000;
const INVOCATION_MS = 895_000;

export const createWorld = (scenario: Scenario): World => {
  const time: Time = { now: START_MS };
  const engine = createEngine();
  const judge = createJudge(time, engine, SESSION);
  if (scenario.isNew !== true) seed(engine, START_MS);
  const world: World = {
    ...{ scenario, time, engine, judge },
    setting: {
      ...{ engine, judge, session: SESSION, mutant: scenario.mutant },
      outside: createOutside(judge),
      ring: (by) => ring(world, by.name),
    },
    arrivals: [],
    running: [],
    accepted: new Set(),
    over: [],
    trace: [],
    brought: 0,
    current: undefined,
    names: new Map(),
    isExhausted: false,
    ...{ started: 0, faults: 0 },
  };
  bring(world, 1);
  return world;
};

/** Named after whoever rang, so that one more delivery elsewhere does not rename what comes after it. */
const ring = (world: World, by: string): void => {
  const requestId = nameOf(world, `wake-of-${by}`);
  world.arrivals.push(arrivalOf(world, { name: requestId, kind: "wake", requestId }));
};

/** The n-th of a name. */
const nameOf = ({ names }: World, name: string): string => {
  const times = (names.get(name) ?? 0) + 1;
  names.set(name, times);
  return name.endsWith("/") || times > 1 ? `${name}${times}` : name;
};

/** Telegram brings an update of the chat once the one before it was answered. */
export const bring = (world: World, number: number): void => {
  const { updates } = world.scenario;
  if (number > updates.length) return;
  world.brought = number;
  const name = `u${number}`;
  world.arrivals.push(arrivalOf(world, { name, kind: "webhook", requestId: name, number }));
};

export const arrivalOf = (
  world: World,
  given: Pick<Arrival, "name" | "kind" | "requestId"> & Partial<Arrival>,
): Arrival => ({ number: 0, attempt: 1, isNotice: false, dueAt: world.time.now, ...given });

export const start = (world: World, arrival: Arrival): Running => {
  world.arrivals.splice(world.arrivals.indexOf(arrival), 1);
  world.started += 1;
  const { time, scenario } = world;
  const { skewsMs = [0] } = scenario;
  const container = createContainer(time, {
    name: nameOf(world, `${arrival.name}/`),
    kind: arrival.kind,
    skewMs: skewsMs[world.started % skewsMs.length] ?? 0,
  });
  const running: Running = {
    ...{ container, arrival },
    cut: new AbortController(),
    deadlineAt: time.now + INVOCATION_MS,
    ...{ frozenAt: undefined, thawAt: undefined },
  };
  world.running.push(running);
  world.current = running;
  const environment: Environment = {
    container,
    requestId: arrival.requestId,
    signal: running.cut.signal,
    remainingMs: () => running.deadlineAt - time.now,
  };
  withFate(container.name, container.clock.now, () => work(world, running, environment)).then(
    () => ended(world, running, "returned"),
    (error: unknown) => ended(world, running, "threw", error),
  );
  return running;
};

const work = async (
  world: World,
  { arrival, container }: Running,
  environment: Environment,
): Promise<void> => {
  if (arrival.kind === "wake") return runWake(world.setting, environment);
  const { number } = arrival;
  const text = world.scenario.updates[number - 1] ?? "";
  if (world.scenario.mutant?.answersBeforeStoring === true) {
    ring(world, container.name);
    acknowledge(world, number);
  }
  return runWebhook(world.setting, environment, { number, text });
};

export const ended = (
  world: World,
  running: Running,
  state: "crashed" | "returned" | "threw",
  why?: unknown,
): void => {
  const { container, arrival } = running;
  const at = world.running.indexOf(running);
  if (at < 0) return;
  world.running.splice(at, 1);
  const left = container.calls.filter(({ hasEffect }) => hasEffect).map(({ label }) => label);
  if (state === "returned" && left.length > 0)
    world.judge.accuse(`${container.name} returned and left running: ${left.join(", ")}`);
  container.end(state);
  world.trace.push(`      ${container.name} ${state}${why instanceof Error ? `: ${why.message}` : ""}`);
  world.over.push(container);
  if (arrival.kind === "webhook" && state === "returned") acknowledge(world, arrival.number);
  if (state !== "returned") retry(world, arrival);
};

const acknowledge = (world: World, number: number): void => {
  if (world.accepted.has(number)) return;
  world.accepted.add(number);
  const { updates, probes = 0 } = world.scenario;
  if (number < updates.length - probes) bring(world, number + 1);
};

const WEBHOOK_RETRY_MS = 1_000;
const WAKE_RETRY_MS = 60_000;
const WAKE_ATTEMPTS = 3;

/** Telegram asks again until it is answered; Lambda twice, one and two minutes later, and then tells the on-failure target. */
const retry = (world: World, arrival: Arrival): void => {
  const { now } = world.time;
  const { kind, attempt, isNotice } = arrival;
  if (kind === "webhook") {
    world.arrivals.push({ ...arrival, attempt: attempt + 1, dueAt: now + WEBHOOK_RETRY_MS });
  } else if (attempt < WAKE_ATTEMPTS) {
    world.arrivals.push({ ...arrival, attempt: attempt + 1, dueAt: now + attempt * WAKE_RETRY_MS });
  } else if (!isNotice) {
    world.arrivals.push({ ...arrival, name: `${arrival.name}!`, attempt: 1, isNotice: true, dueAt: now });
  } else {
    world.isExhausted = true;
  }
};
