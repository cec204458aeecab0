// One simulated run from beginning to rest: at each step somebody decides what happens, and at the end the run is judged.
// Called by explore.ts and by the tests.

import { type Choice, type Choices, choicesIn, thaw } from "./choices.ts";
import { hashOf } from "./engine.ts";
import { isStop } from "./invocation.ts";
import { SEEDED_ROWS, SESSION } from "./seed.ts";
import { type End, judgeEnd } from "./verdict.ts";
import { bring, createWorld, ended, type Running, type Scenario, type World } from "./world.ts";

/** Beyond it a run counts as one that never comes to rest. */
const MAX_STEPS = 1_500;

/** Picks what happens at a step, or ends the run unjudged. */
export type Decide = (choices: Choices, step: number, world: World) => Choice | undefined;

export interface Outcome {
  readonly violations: readonly string[];
  readonly steps: number;
  readonly trace: readonly string[];
  /** Choices other than the ordinary one, by step: what replays this run. */
  readonly schedule: Schedule;
}

export interface Deviation {
  readonly step: number;
  readonly label: string;
}

export type Schedule = readonly Deviation[];

export const run = async (scenario: Scenario, decide: Decide): Promise<Outcome> => {
  const { stackTraceLimit } = Error;
  // Thousands of refusals and aborts a second, whose stacks nobody reads.
  Error.stackTraceLimit = 0;
  const world = createWorld(scenario);
  const schedule: Deviation[] = [];
  let steps = 0;
  const outcome = (): Outcome => ({
    violations: [...world.judge.violations],
    trace: world.trace,
    ...{ steps, schedule },
  });
  try {
    for (; world.judge.violations.length === 0; steps += 1) {
      const choices = await choicesWhenSettled(world);
      if (choices === undefined) break;
      const choice = decide(choices, steps, world);
      if (choice === undefined) return outcome();
      note(world, choice, steps, schedule);
      choice.take();
      if (steps > MAX_STEPS) world.judge.accuse("this run does not come to rest");
    }
    if (world.judge.violations.length === 0) judgeEnd(endOf(world));
    return outcome();
  } finally {
    await dispose(world);
    Error.stackTraceLimit = stackTraceLimit;
  }
};

const endOf = ({ engine, judge, faults, accepted, scenario }: World): End => ({
  ...{ engine, judge, faults, session: SESSION },
  seeded: scenario.isNew === true ? 0 : SEEDED_ROWS,
  accepted: [...accepted].sort((a, b) => a - b),
  stops: scenario.updates.flatMap((text, index) => (isStop(text) ? [index + 1] : [])),
});

const note = (world: World, { label, kind }: Choice, step: number, schedule: Deviation[]): void => {
  if (kind !== "next") schedule.push({ step, label });
  const seconds = ((world.time.now % 1_000_000_000) / 1_000).toFixed(1);
  world.trace.push(`${String(step).padStart(4)} ${seconds} ${kind === "next" ? " " : "!"} ${label}`);
};

/** Lets everything run that waits for nothing but its turn; when all stand still, time goes on to what comes next. */
const choicesWhenSettled = async (world: World): Promise<Choices | undefined> => {
  for (;;) {
    await settled();
    if (world.judge.violations.length > 0) return undefined;
    const choices = choicesIn(world);
    if (choices !== undefined) return choices;
    if (!(await passTime(world)) && !bringProbe(world)) return undefined;
  }
};

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Beyond any lease: whoever is dead by then is known to be. */
const SILENCE_MS = 60_000;

/** The next message comes when all else is at rest, and finds nothing left undone. */
const bringProbe = (world: World): boolean => {
  if (world.brought === world.scenario.updates.length) return false;
  if (!world.isExhausted) judgeEnd(endOf(world));
  world.time.now += SILENCE_MS;
  bring(world, world.brought + 1);
  return true;
};

interface Coming {
  readonly at: number;
  readonly happen: () => void | Promise<void>;
}

const passTime = async (world: World): Promise<boolean> => {
  const coming = world.running.flatMap((running) => comingOf(world, running));
  for (const { dueAt } of world.arrivals) coming.push({ at: dueAt, happen: () => {} });
  const next = coming.reduce<Coming | undefined>(
    (earliest, one) => (earliest === undefined || one.at < earliest.at ? one : earliest),
    undefined,
  );
  if (next === undefined) return false;
  world.time.now = Math.max(world.time.now, next.at);
  await next.happen();
  return true;
};

const comingOf = (world: World, running: Running): Coming[] => {
  const { container, thawAt, deadlineAt } = running;
  const coming: Coming[] = [{ at: deadlineAt, happen: () => cut(world, running) }];
  if (thawAt !== undefined) coming.push({ at: thawAt, happen: () => thaw(running) });
  const timer = container.nextTimer();
  if (timer !== undefined) coming.push({ at: timer, happen: () => container.fireTimer() });
  for (const { notBefore } of container.state === "running" ? container.calls : [])
    coming.push({ at: notBefore, happen: () => {} });
  return coming;
};

/** Lambda is about to end the invocation: its signal aborts, and what is open then is for the retry. */
const cut = async (world: World, running: Running): Promise<void> => {
  running.cut.abort(new Error("the invocation is about to be cut"));
  await settled();
  world.judge.struck(running.container);
  ended(world, running, "threw");
};

const dispose = async (world: World): Promise<void> => {
  for (const { container } of world.running) container.dispose();
  for (const container of world.over) container.dispose();
  await settled();
};

/** Two worlds with the same stamp have the same future, and are judged alike in it. */
export const stampOf = (world: World): number => {
  const { time, engine, running, arrivals, judge, current, accepted, brought, isExhausted } = world;
  const containers = running.map(({ container, arrival, frozenAt, thawAt, deadlineAt }) => {
    const { name, state, seen, calls } = container;
    const pending = calls.map(({ id, notBefore }) => `${id} ${notBefore}`);
    return [name, state, seen, ...pending, arrival.attempt, frozenAt, thawAt, deadlineAt].join();
  });
  const queued = arrivals.map(({ name, attempt, isNotice, dueAt }) =>
    [name, attempt, isNotice, dueAt].join(),
  );
  const sent = judge.deliveries.map(({ text, mayRepeat }) => [text, mayRepeat].join());
  const parts = [
    time.now,
    engine.digest(),
    current?.container.name,
    [...accepted].join(),
    brought,
    isExhausted,
  ];
  return hashOf(
    [parts, containers, queued, sent, [...judge.toolRuns]].map((part) => part.join("|")).join("\n"),
  );
};

/** The ordinary choice everywhere but at the deviations of `schedule`. */
export const following =
  (schedule: Schedule): Decide =>
  (choices, step) => {
    const deviation = schedule.find((one) => one.step === step);
    if (deviation === undefined) return choices.ordinary;
    return choices.others.find(({ label }) => label === deviation.label) ?? choices.ordinary;
  };
