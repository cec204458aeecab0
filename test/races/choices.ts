// Everything that may happen next in a simulated world. The first choice is the ordinary one: whoever runs goes on, then
// what has arrived is started. The others are preemptions (somebody else goes first) and faults. Called by run.ts.

import type { Call } from "./container.ts";
import { type Arrival, arrivalOf, ended, type Running, start, type World } from "./world.ts";

export interface Choice {
  /** The same in every run with the same choices before it. */
  readonly label: string;
  readonly kind: "next" | "preemption" | "fault";
  readonly take: () => void;
}

/** A frozen container misses its lease and the grace of a takeover … */
const FROZEN_MS = 36_000;
/** … and what others do in the meantime, Lambda's first retry included. */
const THAW_MS = 100_000;
/** Beyond a heartbeat, and below any time-out of a model or tool. */
const SLOW_MS = 9_000;
/** Within a send's own time-out. */
const SLOW_SEND_MS = 7_000;
/** Within a lease. */
const EARLY_MS = 10_000;
/** Left of the invocation: not enough for another step of the loop (turn-setup.ts), enough to hand over. */
const HURRY_MS = 50_000;

/** What may happen next. The others are worked out when they are asked for: most steps are only played again. */
export interface Choices {
  readonly ordinary: Choice;
  readonly others: readonly Choice[];
}

/** Undefined when nothing can happen before time goes on. */
export const choicesIn = (world: World): Choices | undefined => {
  const [ordinary, ...rest] = [...actorsIn(world), ...thaws(world)];
  if (ordinary === undefined) return undefined;
  return {
    ordinary,
    get others() {
      const { current } = world;
      const preemptions = [...rest, ...outOfOrder(world)];
      return [
        ...preemptions.map((choice) => ({ ...choice, kind: "preemption" as const })),
        ...(current !== undefined && isReady(world, current) ? faultsAt(world, current) : []),
      ];
    },
  };
};

const isReady = (world: World, running: Running): boolean => nextCall(world, running) !== undefined;

const nextCall = (world: World, { container }: Running): Call | undefined =>
  container.state === "running"
    ? container.calls.find(({ notBefore }) => notBefore <= world.time.now)
    : undefined;

/** Whoever could act now, the ordinary one first; of those that were preempted the latest. */
const actorsIn = (world: World): readonly Choice[] => {
  const { current, time } = world;
  const others = world.running.filter((running) => running !== current).reverse();
  const due = world.arrivals.filter(({ dueAt }) => dueAt <= time.now);
  const starting = [
    ...due.filter(({ kind }) => kind === "wake"),
    ...due.filter(({ kind }) => kind === "webhook"),
  ];
  return [
    ...(current === undefined ? [] : steps(world, [current])),
    ...starting.map((arrival) => starts(world, arrival)),
    ...steps(world, others),
  ];
};

const steps = (world: World, from: readonly Running[]): readonly Choice[] =>
  from.flatMap((running) => {
    const call = nextCall(world, running);
    return call === undefined ? [] : [step(world, running, call)];
  });

const step = (world: World, running: Running, call: Call): Choice => ({
  label: `${running.container.name} ${call.id} ${call.label}`,
  kind: "next",
  take() {
    world.current = running;
    running.container.answer(call, call.perform());
  },
});

const starts = (world: World, arrival: Arrival): Choice => ({
  label: `start ${arrival.name} (attempt ${arrival.attempt})`,
  kind: "next",
  take: () => void start(world, arrival),
});

/** Calls that the current container made at the same time are answered in any order. */
const outOfOrder = (world: World): readonly Choice[] => {
  const { current } = world;
  if (current === undefined || current.container.state !== "running") return [];
  const ready = current.container.calls.filter(({ notBefore }) => notBefore <= world.time.now);
  return ready.slice(1).map((call) => step(world, current, call));
};

const thaws = (world: World): readonly Choice[] =>
  world.running
    .filter(({ frozenAt = Number.POSITIVE_INFINITY }) => world.time.now >= frozenAt + FROZEN_MS)
    .map((running) => ({
      label: `thaw ${running.container.name}`,
      kind: "next",
      take() {
        thaw(running);
        world.current = running;
      },
    }));

export const thaw = (running: Running): void => {
  running.frozenAt = undefined;
  running.thawAt = undefined;
  running.container.thaw();
};

const faultsAt = (world: World, running: Running): readonly Choice[] => {
  const call = nextCall(world, running);
  if (call === undefined) return [];
  const { name } = running.container;
  const fault = (what: string, take: () => void): Choice => ({
    label: `${what} ${name} at ${call.id} ${call.label}`,
    kind: "fault",
    take() {
      world.faults += 1;
      take();
    },
  });
  return [
    ...crashes(world, running, fault),
    ...freezes(world, running, fault),
    ...troubles(world, running, call, fault),
    ...repetitions(world, running, fault),
  ];
};

type Fault = (what: string, take: () => void) => Choice;

/** What is in flight when a container dies takes effect, or never arrives. */
const crashes = (world: World, running: Running, fault: Fault): readonly Choice[] => {
  const { container } = running;
  const crash = (reaches: boolean) => () => {
    if (reaches) for (const call of container.calls) call.perform();
    world.judge.struck(container);
    ended(world, running, "crashed");
  };
  const hasEffect = container.calls.some((call) => call.hasEffect);
  const isWake = running.arrival.kind === "wake";
  return [
    fault("crash", crash(false)),
    ...(hasEffect ? [fault("crash, calls arrive,", crash(true))] : []),
    ...(isWake ? [fault("crash, asked again early,", crashAndHurry(world, crash(false)))] : []),
  ];
};

/** Lambda promises no minute between attempts: this retry finds the dead holder's lease. */
const crashAndHurry = (world: World, crash: () => void) => () => {
  crash();
  const retry = world.arrivals.at(-1);
  if (retry !== undefined) retry.dueAt = world.time.now + EARLY_MS;
};

/** What is in flight arrives before the others go on, or (the table's only) when the container wakes. */
const freezes = (world: World, running: Running, fault: Fault): readonly Choice[] => {
  const { container } = running;
  const freeze = (reaches: boolean) => () => {
    container.freeze();
    for (const call of [...container.calls])
      if (reaches || call.kind !== "table") container.answer(call, call.perform());
    world.judge.struck(container);
    const { now } = world.time;
    Object.assign(running, { frozenAt: now, thawAt: now + FROZEN_MS + THAW_MS });
    // What comes next comes late; only where others are at work they go on at once.
    if (world.running.length === 1) world.time.now += FROZEN_MS;
  };
  const mayWait = container.calls.some(({ kind, hasEffect }) => kind === "table" && hasEffect);
  return [fault("freeze", freeze(true)), ...(mayWait ? [fault("freeze, calls wait,", freeze(false))] : [])];
};

const troubles = (world: World, running: Running, call: Call, fault: Fault): readonly Choice[] => {
  const { container, arrival } = running;
  const isMeta = call.label.startsWith("UpdateItem META");
  const choices = [
    fault("refuse", () => {
      if (isMeta) world.judge.struck(container);
      container.answer(call, { error: call.refusal() });
    }),
  ];
  if (call.hasEffect || call.unknown !== undefined)
    choices.push(
      fault("lose the answer of", () => {
        // Without an `unknown` the SDK asks the same again: the call stays where it is.
        call.perform();
        if (call.kind === "send") world.judge.struck(container);
        if (call.unknown !== undefined) container.answer(call, { error: call.unknown() });
      }),
    );
  if (["model", "tool", "send"].includes(call.kind) && call.notBefore === 0)
    choices.push(
      fault("slow", () => {
        call.notBefore = world.time.now + (call.kind === "send" ? SLOW_SEND_MS : SLOW_MS);
      }),
    );
  if (arrival.kind === "wake" && running.deadlineAt > world.time.now + HURRY_MS)
    choices.push(
      fault("deadline of", () => {
        running.deadlineAt = world.time.now + HURRY_MS;
      }),
    );
  return choices;
};

/** Lambda delivers an event twice at once; Telegram brings an update again, answered or not. */
const repetitions = (world: World, { arrival }: Running, fault: Fault): readonly Choice[] => {
  const again = Array.from({ length: world.brought }, (_, index) => index + 1).map((number) =>
    fault(`again u${number} beside`, () => {
      const name = `u${number}`;
      start(world, push(world, arrivalOf(world, { name, kind: "webhook", requestId: name, number })));
    }),
  );
  if (arrival.kind !== "wake") return again;
  return [
    fault("twin of", () => void start(world, push(world, { ...arrival, dueAt: world.time.now }))),
    ...again,
  ];
};

const push = (world: World, arrival: Arrival): Arrival => {
  world.arrivals.push(arrival);
  return arrival;
};
