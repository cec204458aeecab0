// One function, its processes and everything outside of them, for many runs one after the other, each in a chat of its
// own. The clock of all processes is one file, so that time moves for them when a test moves it. Used by run.ts.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type AgentCoreStandIn, startAgentCore } from "../../local/agentcore/server.ts";
import { createTable, type DynamoDbStandIn, startDynamoDb } from "../../local/dynamodb.ts";
import {
  type Endpoints,
  LOCAL_BOT_TOKEN,
  LOCAL_BOT_USERNAME,
  LOCAL_BUCKET,
  LOCAL_DATA_SOURCE_ID,
  LOCAL_KNOWLEDGE_BASE_ID,
  LOCAL_MEMORY_ID,
  LOCAL_SCHEDULE_GROUP,
  LOCAL_TABLE,
  localEnvironment,
} from "../../local/environment.ts";
import { close, listen, readBody } from "../../local/http.ts";
import { type KnowledgeBaseStandIn, startKnowledgeBase } from "../../local/knowledge-base/server.ts";
import { type LambdaStandIn, startLambda } from "../../local/lambda.ts";
import type { FailureNotice } from "../../local/lambda-events.ts";
import type { RecordedRequest, Step } from "../../local/model/chat-api.ts";
import { type ModelStandIn, startModel } from "../../local/model/server.ts";
import { type LambdaFunction, type Outcome, startFunction } from "../../local/runtime-api.ts";
import { type S3StandIn, startS3 } from "../../local/s3/server.ts";
import { type SchedulerStandIn, startScheduler } from "../../local/scheduler/server.ts";
import { startTelegram, type TelegramStandIn } from "../../local/telegram/server.ts";
import type { Timers } from "../../local/timers.ts";
import { createManualTimers } from "../local/manual-timers.ts";
import { type CallProxy, startProxy, type Upstreams } from "./proxy.ts";

export interface WorldOptions {
  /** The unpacked artifact. */
  readonly artifact: string;
  /** Files a person put into HERMES_HOME. */
  readonly home?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Of what a deployment can do without: a bucket of skills, AgentCore Memory, a Knowledge Base over the skills. */
  readonly services?: readonly ("skills" | "memory" | "search")[];
}

/** What the outside answers; each run brings its own. */
export interface Replies {
  model(request: RecordedRequest): Promise<Step>;
  tool(path: string): Promise<string>;
}

export interface World {
  readonly telegram: TelegramStandIn;
  readonly model: ModelStandIn;
  readonly lambda: LambdaStandIn;
  readonly dynamodb: DynamoDbStandIn;
  readonly scheduler: SchedulerStandIn;
  readonly s3: S3StandIn;
  /** Its time moves with Lambda's. */
  readonly agentcore: AgentCoreStandIn;
  /** Likewise; what it is sent is searched when a test says so. */
  readonly knowledgeBase: KnowledgeBaseStandIn;
  readonly function: LambdaFunction;
  readonly proxy: CallProxy;
  readonly logs: string[];
  /** As the processes see it. */
  now(): number;
  /** Lambda's waits end, and the clock of every process moves. */
  advance(ms: number): Promise<void>;
  /** Only the processes' clock. */
  shift(ms: number): void;
  /** Only Lambda's. */
  retry(ms: number): Promise<void>;
  /**
   * The next event is delivered a second time when `twin` resolves, under the same request id (facts/platform.md 2: "the
   * same event may arrive twice"); it counts as done when one of them succeeds.
   */
  doubleNext(twin: Promise<void>): void;
  reply(replies: Replies): void;
  nextNumber(): number;
  close(): Promise<void>;
}

export const openWorld = async (options: WorldOptions): Promise<World> => {
  const directory = mkdtempSync(join(tmpdir(), "hermes-faults-"));
  const clock = openClock(join(directory, "clock"));
  for (const [name, text] of Object.entries(options.home ?? {})) {
    mkdirSync(dirname(join(directory, "home", name)), { recursive: true });
    writeFileSync(join(directory, "home", name), text);
  }
  const timers = createManualTimers(clock.now());
  const answers: { current: Replies } = { current: SILENCE };
  const state: { twin?: Promise<void> } = {};
  const outside = await startOutside(answers, {
    timers,
    invoke: (_name, event, _type, { requestId }) => {
      const invoke = async () => resultOf(await lambdaFunction.invoke(event, { requestId }));
      const twin = state.twin?.then(invoke);
      delete state.twin;
      return twin === undefined ? invoke() : eitherOf(invoke(), twin);
    },
    onFailure: (notice) => void outside.lambda.enqueue("hermes", snsEvent(notice)),
  });
  const { telegram, model, lambda, dynamodb, scheduler, s3, agentcore, knowledgeBase, tools } = outside;
  const upstreams = {
    dynamodb: dynamodb.endpoint,
    telegram: telegram.url,
    model: model.url,
    lambda: lambda.endpoint,
    scheduler: scheduler.endpoint,
    s3: s3.endpoint,
    agentcore: agentcore.endpoint,
    knowledgeBase: knowledgeBase.endpoint,
    tool: tools.url,
  };
  const proxy = await startProxy(upstreams, clock.now);
  const logs: string[] = [];
  const lambdaFunction = startFunction({
    directory: options.artifact,
    handler: "src/handler.handler",
    env: {
      ...localEnvironment({}, asConfigured(upstreams, options), directory),
      HERMES_DISPATCH: "async",
      TELEGRAM_ALLOW_ALL_USERS: "true",
      TELEGRAM_ALLOWED_USERS: "",
    },
    nodeArguments: [`--import=${clock.module}`],
    now: clock.now,
    onEnvironment: proxy.variablesOf,
    onLog: (line) => logs.push(line),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  let numbers = 0;
  return {
    ...{ telegram, model, lambda, dynamodb, scheduler, s3, agentcore, knowledgeBase },
    ...{ function: lambdaFunction, proxy, logs },
    now: clock.now,
    shift: clock.shift,
    retry: timers.advance,
    doubleNext: (twin) => {
      state.twin = twin;
    },
    async advance(ms) {
      clock.shift(ms);
      await timers.advance(ms);
    },
    reply: (replies) => {
      answers.current = replies;
    },
    nextNumber: () => {
      numbers += 1;
      return numbers;
    },
    async close() {
      await lambdaFunction.close();
      const { close: closeTools } = tools;
      await Promise.all([proxy.close(), telegram.close(), model.close(), lambda.close(), closeTools()]);
      await Promise.all([scheduler, s3, agentcore, knowledgeBase].map((one) => one.close()));
      await dynamodb.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** Only what a deployment has is in its environment. */
const asConfigured = (upstreams: Upstreams, { services = [] }: WorldOptions): Endpoints => {
  const { s3, agentcore, knowledgeBase, ...always } = upstreams;
  return {
    ...always,
    ...(services.includes("skills") ? { s3 } : {}),
    ...(services.includes("memory") ? { agentcore } : {}),
    ...(services.includes("search") ? { knowledgeBase } : {}),
  };
};

/** Both come to an end, whatever becomes of the first. */
const eitherOf = async (...runs: readonly Promise<unknown>[]): Promise<unknown> => {
  const ended = await Promise.allSettled(runs);
  const done = ended.find((run) => run.status === "fulfilled");
  if (done !== undefined) return done.value;
  throw ended.find((run) => run.status === "rejected")?.reason;
};

const SILENCE: Replies = {
  model: async () => ({ status: 400, error: "nobody is running anything" }),
  tool: async () => "",
};

type LambdaOptions = Parameters<typeof startLambda>[0] & { readonly timers: Timers };

const startOutside = async (answers: { readonly current: Replies }, lambdaOptions: LambdaOptions) => {
  const dynamodb = await startDynamoDb();
  const { timers } = lambdaOptions;
  const knowledgeBaseId = LOCAL_KNOWLEDGE_BASE_ID;
  const [telegram, model, lambda, scheduler, s3, agentcore, knowledgeBase, tools] = await Promise.all([
    startTelegram({ token: LOCAL_BOT_TOKEN, username: LOCAL_BOT_USERNAME }),
    startModel({ respond: (request) => answers.current.model(request) }),
    startLambda(lambdaOptions),
    // Schedules are kept and do not fire: ticks are the runs' own.
    startScheduler({ invoke: async () => undefined, groups: [LOCAL_SCHEDULE_GROUP], isHeld: true }),
    startS3({ buckets: [LOCAL_BUCKET] }),
    startAgentCore({ memoryId: LOCAL_MEMORY_ID, timers }),
    startKnowledgeBase({ knowledgeBaseId, dataSourceId: LOCAL_DATA_SOURCE_ID, timers }),
    startTools((path) => answers.current.tool(path)),
    createTable(dynamodb.endpoint, LOCAL_TABLE),
  ]);
  return { dynamodb, telegram, model, lambda, scheduler, s3, agentcore, knowledgeBase, tools };
};

/** Where the tools of plugin.ts do what they do. */
const startTools = async (answer: (path: string) => Promise<string>) => {
  const server = createServer(async (request, response) => {
    await readBody(request);
    response.end(await answer(request.url ?? "/"));
  });
  return { url: await listen(server), close: () => close(server) };
};

const DAY_MS = 86_400_000;

/**
 * When a world begins, UTC: a day ends in every sweep, after the run that all others are compared with (kept.ts says how long
 * runs are). So it makes no difference at which hour of the day the tests are started.
 */
const BEGINS_AT_MS = (23 * 60 + 10) * 60_000;

const untilItBegins = (): number => (BEGINS_AT_MS - (Date.now() % DAY_MS) + DAY_MS) % DAY_MS;

/** A wall clock that is ahead of the machine's by what a file says, read at every look at it. */
const openClock = (file: string) => {
  let aheadMs = untilItBegins();
  const shift = (ms: number) => {
    aheadMs += ms;
    writeFileSync(file, String(aheadMs));
  };
  shift(0);
  const source = `import { readFileSync } from "node:fs";
    const now = Date.now;
    Date.now = () => now() + Number(readFileSync(${JSON.stringify(file)}, "utf8"));`;
  return {
    now: () => Date.now() + aheadMs,
    shift,
    module: `data:text/javascript,${encodeURIComponent(source)}`,
  };
};

/** Lambda's on-failure destination is a topic that calls the same function (serverless.yml). */
const snsEvent = (notice: FailureNotice) => ({
  Records: [{ EventSource: "aws:sns", Sns: { Message: JSON.stringify(notice) } }],
});

export const resultOf = (outcome: Outcome): unknown => {
  if (outcome.kind === "error") throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
  return outcome.result;
};
