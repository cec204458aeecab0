// What takes two processes, or a sender that is told no: each by name, to be run against the healthy build and against one
// that is broken in exactly that place. Used by broken-builds.test.ts.

import { violations } from "./compare.ts";
import { createGate, type Gate, type Held } from "./gate.ts";
import { openRun, type Run, runOnce } from "./run.ts";
import { calls, type Shape, says, titleAnswer } from "./shape.ts";
import { plainAnswer } from "./shapes.ts";
import { newSkill } from "./shapes-kept.ts";
import { type Allowed, NOTHING_ALLOWED, type Point } from "./strike.ts";
import type { World } from "./world.ts";

/** Runs in a world of its own; resolves with what is wrong. */
export type Scenario = (world: World) => Promise<readonly string[]>;

/** Longer than a lease and its grace, as design.md 5 has them. */
const LEASE_PASSES_MS = 60_000;

const ASKS = /^model\..* turn$/;
const OPENS = /META commit rows$/;
const REPORTS = /^runtime\./;

const begin = async (world: World, shape: Shape): Promise<Run & { readonly gate: Gate }> => {
  const run = await openRun(world, shape);
  return { ...run, gate: createGate(world.proxy, run.strike) };
};

/** Says something, and holds the question to the model: the turn is open, and its holder waits. */
const openTurn = async ({
  gate,
  stage,
}: {
  readonly gate: Gate;
  readonly stage: Run["stage"];
}): Promise<Held> => {
  const [asks, opens] = [gate.hold(ASKS), gate.effect(OPENS)];
  await stage.say("Hello");
  const held = await asks;
  await opens;
  return held;
};

/** Any other event of the chat, after the lease has run out; resolves when it is done. */
const takeOver = async (
  world: World,
  { gate, stage }: { readonly gate: Gate; readonly stage: Run["stage"] },
) => {
  world.shift(LEASE_PASSES_MS);
  const report = gate.effect(REPORTS);
  stage.wake();
  await report;
};

/** Whoever is frozen past the lease, or killed, does not get to write down what the one call cost (agent/meter.ts). */
const UNCOUNTED = { uncounted: 1 };

const compared = async (
  world: World,
  shape: Shape,
  run: Run,
  allowed: Partial<Allowed> = {},
): Promise<readonly string[]> => {
  await run.recover();
  const got = await run.end();
  const expected = await runOnce(world, shape);
  return violations(expected.outcome, got.outcome, {
    ...NOTHING_ALLOWED,
    retries: 1,
    ...UNCOUNTED,
    ...allowed,
  });
};

/** The model does not say the same when it is asked again. */
const spoken = (...marks: readonly [string, ...string[]]): Shape => {
  const left = [...marks];
  return { ...plainAnswer, answer: () => says(left.shift() ?? marks[0], "Hello, Ada.") };
};

/** The holder is frozen while it waits for the model, and comes back when another is sending its own answer. */
export const frozenBeforeItsCommit: Scenario = async (world) => {
  const run = await begin(world, spoken("mark-early", "mark-late"));
  const answers = run.gate.hold(ASKS, "after");
  const opens = run.gate.effect(OPENS);
  await run.stage.say("Hello");
  const first = await answers;
  await opens;
  first.freeze();
  world.shift(LEASE_PASSES_MS);
  const sends = run.gate.hold(/sendMessage$/);
  run.stage.wake();
  const second = await sends;
  const report = run.gate.effect(REPORTS, first.call.environment);
  first.release();
  first.thaw();
  await report;
  second.release();
  return compared(world, spoken("mark-late"), run);
};

/** The model calls a tool, and not the same one when it is asked again. */
const toolTurn = (...marks: readonly [string, ...string[]]): Shape => {
  const left = [...marks];
  return {
    title: "a turn with a tool",
    drive: (stage) => stage.say("Hello"),
    answer: ({ lines }) =>
      lines.some((line) => line.startsWith("assistant:"))
        ? says("mark-end", "Done.")
        : calls(left.shift() ?? marks[0], ["peek", { n: 1 }]),
  };
};

/** A row of a frozen holder arrives when a later one has written another in its place. */
export const rowThatComesLate: Scenario = async (world) => {
  const run = await begin(world, toolTurn("mark-early", "mark-late"));
  const asks = await openTurn(run);
  const puts = run.gate.hold(/PutItem MSG$/);
  asks.release();
  const put = await puts;
  put.freeze();
  await takeOver(world, run);
  const arrives = run.gate.effect(/PutItem MSG$/, put.call.environment);
  put.release();
  await arrives;
  put.thaw();
  return compared(world, toolTurn("mark-late"), run);
};

const twoMessages: Shape = {
  title: "two messages",
  async drive(stage) {
    await stage.say("Hello");
    await stage.settled();
    await stage.say("Goodbye");
  },
  answer: ({ lines }) =>
    lines.at(-1) === "user: Goodbye" ? says("mark-2", "Goodbye, Ada.") : says("mark-1", "Hello, Ada."),
};

/** A message arrives while the holder gives the lease back: its own event found the session busy and has gone. */
export const messageAtTheRelease: Scenario = async (world) => {
  const run = await begin(world, twoMessages);
  const releases = run.gate.hold(/close and release$/);
  await run.stage.say("Hello");
  const release = await releases;
  release.freeze();
  // The webhook's and the wake's.
  const reports = [run.gate.effect(REPORTS), run.gate.effect(REPORTS)];
  await run.stage.say("Goodbye");
  await Promise.all(reports);
  const released = run.gate.effect(/close and release$/, release.call.environment);
  release.release();
  await released;
  release.thaw();
  return compared(world, twoMessages, run);
};

export const updateThatWasAnswered: Scenario = async (world) => {
  const run = await begin(world, plainAnswer);
  await run.stage.say("Hello");
  await run.stage.settled();
  await run.stage.sayAgain();
  return compared(world, plainAnswer, run);
};

/** Lambda's first retry comes while the lease of the run that died is still good. */
export const retryThatIsTooEarly: Scenario = async (world) => {
  const run = await begin(world, plainAnswer);
  const held = await openTurn(run);
  held.release("kill-before");
  await run.stage.settled();
  await world.retry(LEASE_PASSES_MS);
  return compared(world, plainAnswer, run, { retries: 2 });
};

/** Lambda delivers one event twice: the first run is frozen, the second takes over and dies. */
export const twinThatDies: Scenario = async (world) => {
  const twin = Promise.withResolvers<void>();
  world.doubleNext(twin.promise);
  const run = await begin(world, plainAnswer);
  const first = await openTurn(run);
  first.freeze();
  world.shift(LEASE_PASSES_MS);
  const asksToo = run.gate.hold(ASKS);
  twin.resolve();
  (await asksToo).release("kill-before");
  first.thaw();
  first.release();
  return compared(world, plainAnswer, run);
};

/** The holder is frozen between storing its answer and sending it; another sends it meanwhile. */
export const frozenBeforeItsSend: Scenario = async (world) => {
  const run = await begin(world, plainAnswer);
  const commits = run.gate.hold(/commit out$/, "after");
  await run.stage.say("Hello");
  const commit = await commits;
  commit.freeze();
  commit.release();
  await takeOver(world, run);
  commit.thaw();
  // The title is asked for while the answer is being sent, before the first write that would be refused.
  return compared(world, plainAnswer, run, { askedAgain: [titleAnswer.mark] });
};

/** The table takes no entry for a while: whoever delivers must be told to come again. */
export const tableThatTakesNothing: Scenario = async (world) => {
  const run = await begin(world, plainAnswer);
  world.dynamodb.fail("error", { operation: "PutItem", times: 3 });
  await run.stage.say("Hello");
  return compared(world, plainAnswer, run);
};

/** The list of skills that a session began with stays in its prompt, also when the model adds one. */
export const promptThatStays: Scenario = async (world) => {
  const { outcome } = await runOnce(world, newSkill);
  return outcome.prompts === 1 ? [] : [`the session had ${outcome.prompts} system prompts`];
};

/** Two processes have listed the skills; one of them makes another and dies, and its turn is ended by the other. */
export const skillOfAnother: Scenario = async (world) => {
  const run = await begin(world, newSkill);
  const held = await openTurn(run);
  await takeOver(world, run);
  held.release();
  await run.recover();
  await run.end();
  const dies = { name: "telegram.sendMessage", occurrence: 1, fault: "kill-before" } as const;
  return faultsIn(newSkill, dies)(world);
};

/** One point of a shape, or several in a row. */
export const faultsIn =
  (shape: Shape, ...points: readonly [Point, ...Point[]]): Scenario =>
  async (world) => {
    const expected = await runOnce(world, shape);
    const { outcome, allowed, met } = await runOnce(world, shape, points);
    return met ? violations(expected.outcome, outcome, allowed) : ["a fault was not met"];
  };
