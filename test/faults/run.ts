// One run of a shape in a chat of its own: the events, what Lambda and Telegram do when something fails, the next
// message, and what came of it. Used by sweep.ts.

import type { Update } from "@grammyjs/types";
import { type RecordedRequest, type Step, textOf } from "../../local/model/chat-api.ts";
import { httpEvent, saidTo } from "../support/deployment.ts";
import type { StoredItem } from "../support/stored.ts";
import type { Call } from "./calls.ts";
import { buttonUpdate, recordItem, type Scene, sessionsOf, textUpdate, tickOf } from "./incoming.ts";
import { goOn, type Kept, keptOf, leaveMidnight, putBeside } from "./kept.ts";
import { type Outcome, type RowState, stateOf } from "./outcome.ts";
import {
  AND_NOW,
  type Answer,
  andNow,
  askedBy,
  type Shape,
  type Stage,
  summaryAnswer,
  titleAnswer,
} from "./shape.ts";
import { type Allowed, createStrike, type Point, type Strike } from "./strike.ts";
import { type OpenTable, openTable, storedText } from "./table.ts";
import { resultOf, type World } from "./world.ts";

export interface Ran {
  /** Until the next message. */
  readonly calls: readonly Call[];
  readonly outcome: Outcome;
  /** Of these, those since the last fault. */
  readonly recovery: readonly Call[];
  readonly allowed: Allowed;
  /** All faults were met. */
  readonly met: boolean;
}

/** A run that is under way, for those who say themselves what happens in it. */
export interface Run {
  readonly stage: Stage;
  readonly strike: Strike;
  /** Lambda tries again what failed, until nothing is left to try. */
  recover(): Promise<void>;
  /** The person asks once more; what came of it all. */
  end(): Promise<Ran>;
}

interface Running extends Scene {
  readonly shape: Shape;
  readonly table: OpenTable;
  readonly strike: Strike;
  readonly updates: Update[];
  readonly asked: string[];
  readonly askedThoughStored: string[];
  readonly prompts: Set<string>;
  readonly toolRuns: string[];
  readonly errands: Map<string, Promise<void>>;
  /** Refusals of the model from earlier runs. */
  readonly refusedBefore: number;
  retries: number;
}

export const runOnce = async (world: World, shape: Shape, points: readonly Point[] = []): Promise<Ran> => {
  const run = await openRun(world, shape, points);
  await shape.drive(run.stage);
  await run.recover();
  return run.end();
};

export const openRun = async (world: World, shape: Shape, points: readonly Point[] = []): Promise<Run> => {
  const running = await begin(world, shape, points);
  const { strike } = running;
  const stage = stageOf(running);
  world.proxy.watch(strike);
  world.reply({
    model: (request) => answer(running, stage, request),
    async tool(path) {
      running.toolRuns.push(path);
      shape.onTool?.(path, stage);
      return `done ${path}`;
    },
  });
  return {
    stage,
    strike,
    recover: () => recover(running),
    async end() {
      await strike.end();
      await goOn(running, shape);
      await stage.say(AND_NOW);
      await recover(running);
      const outcome = await outcomeOf(running);
      running.table.close();
      const { calls, callsSince: recovery, allowed, met } = strike;
      return { calls, recovery, outcome, allowed, met };
    },
  };
};

/** Ids of chats are as long as real ones, so that none is part of another number. */
const FIRST_CHAT = 7_100_000_000;

const begin = async (world: World, shape: Shape, points: readonly Point[]): Promise<Running> => {
  await leaveMidnight(world);
  const chatId = FIRST_CHAT + world.nextNumber();
  const running = {
    ...{ world, shape, chatId, jobId: `job${chatId}`, table: openTable(world.dynamodb.endpoint) },
    dueAt: new Date(world.now()).toISOString(),
    strike: createStrike(points, shape.unrepeatable ?? []),
    ...{ updates: [], asked: [], askedThoughStored: [], prompts: new Set<string>(), toolRuns: [] },
    ...{ errands: new Map(), retries: 0 },
    refusedBefore: world.model.refusals.length,
  };
  await putBeside(running, shape.beside);
  if (shape.before !== undefined) await putPast(running, shape.before);
  if (shape.isKept) await running.table.put([recordItem(running)]);
  return running;
};

// ---- what happened in the chat before: said once a world, then copied

const pasts = new WeakMap<World, Promise<{ readonly chatId: number; readonly items: string }>>();

const putPast = async (running: Running, words: readonly string[]): Promise<void> => {
  const past = pasts.get(running.world) ?? sayAll(running, words);
  pasts.set(running.world, past);
  const { chatId, items } = await past;
  const copied = items.replaceAll(String(chatId), String(running.chatId));
  await running.table.put(JSON.parse(copied) as never);
};

const sayAll = async (running: Running, words: readonly string[]) => {
  const chatId = FIRST_CHAT + running.world.nextNumber();
  const before = {
    ...running,
    chatId,
    strike: createStrike([], []),
    asked: [],
    askedThoughStored: [],
    prompts: new Set<string>(),
  };
  const stage = stageOf(before);
  running.world.proxy.watch(before.strike);
  running.world.reply({ model: (request) => answer(before, stage, request), tool: async () => "" });
  for (const text of words) {
    await stage.say(text);
    await running.world.lambda.idle();
  }
  return { chatId, items: JSON.stringify(await running.table.itemsOf(sessionsOf(before).chat)) };
};

// ---- the outside

const stageOf = (running: Running): Stage => {
  const { world, chatId, jobId, strike, errands } = running;
  return {
    chatId,
    jobId,
    async say(text) {
      const update = textUpdate(running, text);
      running.updates.push(update);
      await deliver(running, update);
    },
    async sayAgain() {
      const last = running.updates.at(-1);
      if (last !== undefined) await deliver(running, last);
    },
    async press() {
      const update = buttonUpdate(running);
      running.updates.push(update);
      await deliver(running, update);
    },
    wake: () =>
      void world.lambda.enqueue("hermes", { source: "hermes.wake", session: sessionsOf(running).chat }),
    settled: () => world.lambda.idle(),
    recovered: () => recover(running),
    tick: (prompt) => void world.lambda.enqueue("hermes", tickOf(running, prompt)),
    shift: world.shift,
    seen: strike.seen,
    once(name, work) {
      const errand = errands.get(name) ?? work();
      errands.set(name, errand);
      return errand;
    },
  };
};

const DELIVERIES = 4;

/** As Telegram delivers: the same update again until it is taken, and nothing else of this chat before. */
const deliver = async ({ world }: Running, update: Update): Promise<void> => {
  world.telegram.observe(update);
  for (let time = 1; time <= DELIVERIES; time += 1) {
    const outcome = await world.function.invoke(httpEvent(JSON.stringify(update)));
    if (outcome.kind === "error") continue;
    const { statusCode, body } = resultOf(outcome) as { readonly statusCode: number; readonly body?: string };
    if (statusCode < 200 || statusCode > 299) continue;
    if (body) await world.telegram.executeWebhookReply(body);
    return;
  }
  throw new Error(`an update was not taken in ${DELIVERIES} deliveries`);
};

/** Lambda's own retries, a minute and two minutes later; then the notice, in which nothing more is waited for. */
const WAITS_MS = [60_000, 120_000, 60_000, 120_000] as const;

const recover = async (running: Running): Promise<void> => {
  const { world, errands } = running;
  for (const ms of WAITS_MS) {
    await Promise.all(errands.values());
    await world.lambda.idle();
    if (world.lambda.waiting() === 0) return;
    running.retries += 1;
    await world.advance(ms);
  }
  await world.lambda.idle();
};

// ---- the model

const answer = async (running: Running, stage: Stage, request: RecordedRequest): Promise<Step> => {
  const asked = askedBy(request);
  const { mark, reply } = await answerTo(running.shape, stage, asked);
  running.asked.push(mark);
  if (asked.errand === undefined) running.prompts.add(textOf(request.body.messages[0]?.content));
  const { chat, job } = sessionsOf(running);
  const stored = await Promise.all([running.table.itemsOf(chat), running.table.itemsOf(job)]);
  const isStored = stored.some((items) => storedText(items).includes(mark));
  // What the model is shown again of its own it is not asked for again: an update that came twice (design.md 5, step 4).
  const isShown = request.body.messages.some((message) => JSON.stringify(message).includes(mark));
  if (isStored && !isShown) running.askedThoughStored.push(mark);
  return { reply };
};

const answerTo = (
  shape: Shape,
  stage: Stage,
  asked: Parameters<Shape["answer"]>[0],
): Answer | Promise<Answer> => {
  if (asked.errand === "title") return titleAnswer;
  if (asked.errand === "summary") return summaryAnswer;
  return asked.lines.at(-1)?.endsWith(AND_NOW) ? andNow : shape.answer(asked, stage);
};

// ---- what came of it

const outcomeOf = async (running: Running): Promise<Outcome> => {
  const { world, shape, table, chatId, jobId, asked, askedThoughStored, toolRuns, retries } = running;
  const unname = (text: string) => timeless(text.replaceAll(jobId, "JOB").replaceAll(String(chatId), "CHAT"));
  const { chat, job } = sessionsOf(running);
  const reading = { unname, tidy: shape.tidy ?? ((rows: readonly RowState[]) => rows) };
  return {
    sessions: {
      chat: stateOf(await table.itemsOf(chat), reading),
      job: stateOf(await table.itemsOf(job), reading),
    },
    replies: saidTo(world.telegram, chatId).map(unname),
    jobs: (await table.jobsOf(chat)).map((item) => unname(jobLine(item))),
    schedules: world.scheduler
      .schedules()
      .filter(({ Target }) => Target.Input?.includes(String(chatId)))
      .map(({ ScheduleExpression, State }) => `${ScheduleExpression} ${State}`),
    asked: counted(asked),
    askedThoughStored,
    prompts: running.prompts.size,
    kept: unnamed(await keptOf(running), unname),
    toolRuns: counted(toolRuns),
    retries,
    failures: (await Promise.all([table.failuresOf(chat), table.failuresOf(job)])).flat().length,
    refusals: world.model.refusals.slice(running.refusedBefore),
  };
};

/** All texts in it are ours or ids. */
const unnamed = (kept: Kept, unname: (text: string) => string): Kept =>
  JSON.parse(unname(JSON.stringify(kept))) as Kept;

/** Ids of jobs that runs make, versions of files that name the chat, times and days: they differ from run to run. */
const timeless = (text: string): string =>
  text
    .replace(/\b([0-9a-f]{12}|[0-9a-f]{32})\b/g, "ID")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/\b\d{4}-\d\d-\d\d\b/g, "DAY")
    .replace(/\w{3} \d{1,2} \w{3,4} \d{4}, \d\d:\d\d/g, "TIME");

const jobLine = ({ job }: StoredItem): string => {
  const { name, state, completed, failures, last } = job as Readonly<Record<string, unknown>>;
  return JSON.stringify({ name, state, completed, failures, last });
};

const counted = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
