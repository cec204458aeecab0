// What skills in the bucket cost the turns of people who do not use them: none, 50 and 500 of them, in a process that has just
// begun and in one that goes on, with the manifest kept in the bucket and without. Called by run.ts.

import { LOCAL_BUCKET } from "../local/environment.ts";
import { textOf } from "../local/model/chat-api.ts";
import { type LambdaFunction, startFunction } from "../local/runtime-api.ts";
import { MANIFEST_PATH } from "../src/skills/manifest.ts";
import type { BenchStack } from "./bench-stack.ts";
import { median, saidBy, wakeOf } from "./events.ts";
import { type Exchange, roundTrips } from "./recorder.ts";
import { putSkills } from "./skill-files.ts";

/** Of a wake, to the model's request. */
export interface Reached {
  /** The median. */
  readonly ms: number;
  /** The longest chain of requests that wait for one another. */
  readonly trips: readonly Exchange[];
  /** Requests begun before it, by service. */
  readonly requests: Readonly<Record<string, number>>;
  /** Of the whole turn. */
  readonly all: number;
}

export interface SkillsCost {
  readonly skills: number;
  /** The list in the system prompt, those that come with the bot among them. */
  readonly indexChars: number;
  readonly cold: Reached;
  /** The same with the manifest gone: every SKILL.md has to be read, as far as one load goes. */
  readonly coldAnew: Reached;
  readonly warmFirst: Reached;
  readonly warmFurther: Reached;
}

const RUNS = 9;

/** Short enough that a load of 200 files, 16 at a time, ends within the time a listing has (LISTING_MS, 2 s). */
const DELAY_MS = 120;

/** A load of the index reads 200 skills that it does not know: after these all of them are in the manifest. */
const LOADS = 4;

let people = 9_000;

export const measureSkills = async (stack: BenchStack, artifact: string): Promise<readonly SkillsCost[]> => {
  const costs: SkillsCost[] = [];
  let there = 0;
  for (const skills of [0, 50, 500]) {
    putSkills(stack, there, skills);
    there = skills;
    costs.push(await measureWith(stack, artifact, skills));
  }
  return costs;
};

const measureWith = async (stack: BenchStack, artifact: string, skills: number): Promise<SkillsCost> => {
  const start = () => startFunction({ directory: artifact, handler: "src/handler.handler", env: stack.env });
  const warm = start();
  const inNewProcess = async (userId: number): Promise<Run> => {
    await invoked(warm, saidBy(userId, "Good morning"));
    const cold = start();
    return runWake(stack, cold, userId).finally(() => cold.close());
  };
  const inThis = async (userId: number): Promise<Run> => {
    await invoked(warm, saidBy(userId, "Good morning"));
    return runWake(stack, warm, userId);
  };
  const newcomer = () => {
    people += 1;
    return people;
  };
  const coldAnew = await repeated(stack, () => {
    stack.s3.remove(LOCAL_BUCKET, MANIFEST_PATH);
    return inNewProcess(newcomer());
  });
  for (let load = 0; load < LOADS; load += 1) await inThis(newcomer());
  const indexChars = listedChars(stack);
  const cold = await repeated(stack, () => inNewProcess(newcomer()));
  const warmFirst = await repeated(stack, () => inThis(newcomer()));
  const regular = newcomer();
  await inThis(regular);
  const warmFurther = await repeated(stack, () => inThis(regular));
  await warm.close();
  return { skills, indexChars, cold, coldAnew, warmFirst, warmFurther };
};

interface Run {
  readonly ms: number;
  readonly exchanges: readonly Exchange[];
}

const runWake = async (stack: BenchStack, lambda: LambdaFunction, userId: number): Promise<Run> => {
  stack.exchanges.length = 0;
  const startMs = performance.now();
  await invoked(lambda, wakeOf(userId));
  const exchanges = stack.exchanges.splice(0);
  return { ms: askedMs(exchanges) - startMs, exchanges };
};

const askedMs = (exchanges: readonly Exchange[]): number => {
  const asked = exchanges.find(({ service }) => service === "model");
  if (asked === undefined) throw new Error("the turn asked no model");
  return asked.startMs;
};

/** Timed as it is, and once more with every request slowed down, to see what waits for what. */
const repeated = async (stack: BenchStack, once: () => Promise<Run>): Promise<Reached> => {
  const times: number[] = [];
  for (let n = 0; n < RUNS; n += 1) times.push((await once()).ms);
  stack.slowDown(DELAY_MS);
  const { exchanges } = await once();
  stack.slowDown(0);
  const until = exchanges.filter(({ startMs }) => startMs < askedMs(exchanges));
  const byService = Map.groupBy(until, ({ service }) => service);
  return {
    ms: median(times),
    trips: roundTrips(until.filter(({ endMs }) => endMs <= askedMs(exchanges))),
    requests: Object.fromEntries([...byService].map(([service, of]) => [service, of.length])),
    all: exchanges.length,
  };
};

const listedChars = ({ model }: BenchStack): number => {
  // A title is asked for without tools, and without the list.
  const asked = model.requests.findLast(({ body: { tools = [] } }) => tools.length > 0);
  const system = textOf(asked?.body.messages[0]?.content);
  const [list = ""] = /<available_skills>[\s\S]*<\/available_skills>/.exec(system) ?? [];
  return list.length;
};

const invoked = async (lambda: LambdaFunction, event: unknown): Promise<void> => {
  const outcome = await lambda.invoke(event);
  if (outcome.kind === "error") throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
};

const KINDS = [
  ["cold process, a new session", "cold"],
  ["the same without the manifest", "coldAnew"],
  ["warm process, a new session", "warmFirst"],
  ["warm process, a further message", "warmFurther"],
] as const;

export const skillsTable = (costs: readonly SkillsCost[]): string => {
  const line = (name: string, cellOf: (cost: SkillsCost) => string) =>
    name.padEnd(38) + costs.map((cost) => cellOf(cost).padEnd(26)).join("");
  const requestsOf = ({ requests, all }: Reached) =>
    `${Object.entries(requests)
      .map(([service, count]) => `${service} ${count}`)
      .join(", ")} (${all})`;
  return [
    line("skills in the bucket", ({ skills }) => `${skills}`),
    line("  their list in the prompt", ({ indexChars }) => `${indexChars} characters`),
    ...KINDS.flatMap(([name, kind]) => [
      line(`  ${name}`, (cost) => `${cost[kind].ms.toFixed(0)} ms`),
      line("    sequential round trips", (cost) => `${cost[kind].trips.length}`),
      line("    requests (of the whole turn)", (cost) => requestsOf(cost[kind])),
    ]),
  ].join("\n");
};
