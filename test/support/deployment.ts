// A deployment in small: the packaged artifact in processes of its own behind Lambda's Runtime API, with stand-ins for
// DynamoDB, Telegram, Lambda's Invoke, the Scheduler and the model. Every test has its own, with nothing in common.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Update } from "@grammyjs/types";
import { inject } from "vitest";
import { type AgentCoreStandIn, startAgentCore } from "../../local/agentcore/server.ts";
import { createTable, type DynamoDbStandIn, startDynamoDb } from "../../local/dynamodb.ts";
import {
  LOCAL_BOT_TOKEN,
  LOCAL_BOT_USERNAME,
  LOCAL_BUCKET,
  LOCAL_DATA_SOURCE_ID,
  LOCAL_KNOWLEDGE_BASE_ID,
  LOCAL_MEMORY_ID,
  LOCAL_SCHEDULE_GROUP,
  LOCAL_TABLE,
  LOCAL_USER_ID,
  LOCAL_WEBHOOK_SECRET,
  localEnvironment,
} from "../../local/environment.ts";
import { type KnowledgeBaseStandIn, startKnowledgeBase } from "../../local/knowledge-base/server.ts";
import { type LambdaStandIn, startLambda } from "../../local/lambda.ts";
import type { Step } from "../../local/model/chat-api.ts";
import { type ModelStandIn, startModel } from "../../local/model/server.ts";
import { type LambdaFunction, type Outcome, startFunction } from "../../local/runtime-api.ts";
import { type S3StandIn, startS3 } from "../../local/s3/server.ts";
import { type SchedulerStandIn, startScheduler } from "../../local/scheduler/server.ts";
import { startTelegram, type TelegramStandIn } from "../../local/telegram/server.ts";
import { makeTextUpdate } from "../../local/telegram/updates.ts";
import { createManualTimers } from "../local/manual-timers.ts";

export interface DeploymentOptions {
  /** What the model answers; absent: the conversationalist. */
  readonly script?: readonly Step[];
  /** Beside or instead of a small deployment's variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onTableRequest?: (target: string, body: unknown) => void;
  /** The one key the model's API accepts; absent: any. */
  readonly modelKey?: string;
  /** Files a person put into HERMES_HOME, by name: `config.yaml`, `plugins/mine.mjs`. */
  readonly home?: Readonly<Record<string, string>>;
  /** How long an invocation may last; 900 s as deployed. */
  readonly timeoutMs?: number;
  /** Of the services a deployment can do without. */
  readonly services?: readonly ("memory" | "search")[];
}

export interface Deployment {
  readonly telegram: TelegramStandIn;
  readonly model: ModelStandIn;
  readonly lambda: LambdaStandIn;
  /** Its time stands still, but for `later`, `tick` and `retried`. */
  readonly scheduler: SchedulerStandIn;
  readonly dynamodb: DynamoDbStandIn;
  readonly s3: S3StandIn;
  /** Asked only where `services` names it; its time stands still. */
  readonly agentcore: AgentCoreStandIn;
  /** Likewise. */
  readonly knowledgeBase: KnowledgeBaseStandIn;
  readonly function: LambdaFunction;
  /** Lines the function logged, as written. */
  readonly logs: readonly string[];
  /** The wall clock of the function, ms since the epoch. */
  now(): number;
  /** One event, to its answer. */
  invoke(event: unknown): Promise<Outcome>;
  /** An update as the webhook gets it; what the answer asks of Telegram is done. Resolves with the HTTP answer. */
  webhook(update: Update): Promise<{ readonly statusCode: number; readonly body?: string }>;
  /** Ada says something in her private chat; resolves when all that came of it is done. */
  say(text: string): Promise<void>;
  /** Resolves when nothing is being worked on. */
  settled(): Promise<void>;
  /** Time goes by, for the stand-ins and for containers that start then; resolves when all that came of it is done. */
  later(ms: number): Promise<void>;
  /** Time goes by until the next schedule has fired. */
  tick(): Promise<void>;
  /** Two minutes go by: Lambda tries again what failed, in containers that start with that much on the clock. */
  retried(): Promise<void>;
  close(): Promise<void>;
}

/** As many as a test needs; closed by `await using`, or by hand. */
export const startDeployment = async (
  options: DeploymentOptions = {},
): Promise<Deployment & AsyncDisposable> => {
  const directory = mkdtempSync(join(tmpdir(), "hermes-deployment-"));
  const { onTableRequest, script, modelKey } = options;
  let lateMs = pastMidnight();
  const timers = createManualTimers(Date.now() + lateMs);
  const dynamodb = await startDynamoDb(onTableRequest === undefined ? {} : { onRequest: onTableRequest });
  const [telegram, model, s3, agentcore, knowledgeBase, lambda, scheduler] = await Promise.all([
    startTelegram({ token: LOCAL_BOT_TOKEN, username: LOCAL_BOT_USERNAME }),
    startModel({
      ...(script === undefined ? {} : { script }),
      ...(modelKey === undefined ? {} : { apiKey: modelKey }),
    }),
    startS3({ buckets: [LOCAL_BUCKET] }),
    startAgentCore({ memoryId: LOCAL_MEMORY_ID, timers }),
    startKnowledgeBase({
      knowledgeBaseId: LOCAL_KNOWLEDGE_BASE_ID,
      dataSourceId: LOCAL_DATA_SOURCE_ID,
      timers,
    }),
    startLambda({
      timers,
      invoke: async (_name, event, _type, { requestId }) =>
        resultOf(await lambdaFunction.invoke(event, { requestId })),
    }),
    startScheduler({
      timers,
      groups: [LOCAL_SCHEDULE_GROUP],
      invoke: (name, event): string => lambda.enqueue(name, event),
    }),
    createTable(dynamodb.endpoint, LOCAL_TABLE),
  ]);
  const endpoints = {
    telegram: telegram.url,
    dynamodb: dynamodb.endpoint,
    lambda: lambda.endpoint,
    scheduler: scheduler.endpoint,
    s3: s3.endpoint,
    ...(options.services?.includes("memory") ? { agentcore: agentcore.endpoint } : {}),
    ...(options.services?.includes("search") ? { knowledgeBase: knowledgeBase.endpoint } : {}),
    model: model.url,
  };
  const logs: string[] = [];
  const now = () => Date.now() + lateMs;
  const nodeArguments: string[] = lateMs === 0 ? [] : [`--import=${clockAhead(lateMs)}`];
  for (const [name, text] of Object.entries(options.home ?? {}))
    writeInto(join(directory, "home"), name, text);
  const lambdaFunction = startFunction({
    directory: inject("artifact"),
    handler: "src/handler.handler",
    env: { ...localEnvironment({}, endpoints, directory), HERMES_DISPATCH: "async", ...options.env },
    nodeArguments,
    now,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    onLog: (line) => logs.push(line),
  });
  const later = async (ms: number) => {
    await lambdaFunction.recycle();
    lateMs += ms;
    nodeArguments.splice(0, nodeArguments.length, `--import=${clockAhead(lateMs)}`);
    await timers.advance(ms);
    await lambda.idle();
  };
  const tick = async () => {
    const dueMs = scheduler.nextDue();
    if (dueMs === undefined) throw new Error("no schedule is due");
    await later(Math.max(0, dueMs - timers.now()));
  };
  const close = async () => {
    await lambdaFunction.close();
    const standIns = [telegram, model, s3, agentcore, knowledgeBase, lambda, scheduler];
    await Promise.all(standIns.map((one) => one.close()));
    await dynamodb.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const webhook = webhookOf(telegram, lambdaFunction);
  return {
    telegram,
    model,
    lambda,
    scheduler,
    dynamodb,
    s3,
    agentcore,
    knowledgeBase,
    function: lambdaFunction,
    logs,
    now,
    invoke: (event) => lambdaFunction.invoke(event),
    webhook,
    async say(text) {
      const { statusCode } = await webhook(textUpdate(text));
      if (statusCode !== 200) throw new Error(`the webhook answered ${statusCode}`);
      await lambda.idle();
    },
    settled: () => lambda.idle(),
    later,
    tick,
    retried: () => later(RETRY_MS),
    close,
    [Symbol.asyncDispose]: close,
  };
};

/** Lambda's second retry comes two minutes after the first (facts/platform.md 2), long after any lease has run out. */
const RETRY_MS = 120_000;

const DAY_MS = 86_400_000;
/** Longer than any test speaks with one deployment. */
const LAST_OF_A_DAY_MS = 120_000;

/** Budgets are a day's, in UTC: what would be caught by midnight begins behind it. Returns by how much, in ms. */
const pastMidnight = (): number => {
  const leftMs = DAY_MS - (Date.now() % DAY_MS);
  return leftMs < LAST_OF_A_DAY_MS ? leftMs : 0;
};

/** A module that sets the wall clock of the process that imports it ahead. */
const clockAhead = (ms: number): string => {
  const source = `const now = Date.now; Date.now = () => now() + ${ms};`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
};

const writeInto = (folder: string, name: string, text: string): void => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

const resultOf = (outcome: Outcome): unknown => {
  if (outcome.kind === "error") throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
  return outcome.result;
};

const webhookOf =
  (telegram: TelegramStandIn, lambdaFunction: LambdaFunction): Deployment["webhook"] =>
  async (update) => {
    telegram.observe(update);
    const answer = resultOf(await lambdaFunction.invoke(httpEvent(JSON.stringify(update)))) as {
      readonly statusCode: number;
      readonly body?: string;
    };
    if (answer.statusCode === 200 && answer.body) await telegram.executeWebhookReply(answer.body);
    return answer;
  };

export const httpEvent = (body: string, headers: Readonly<Record<string, string>> = {}) => ({
  version: "2.0",
  rawPath: "/",
  headers: {
    "content-type": "application/json",
    "x-telegram-bot-api-secret-token": LOCAL_WEBHOOK_SECRET,
    ...headers,
  },
  requestContext: { http: { method: "POST", path: "/" } },
  body,
  isBase64Encoded: false,
});

let updates = 500_000;

/** Ada's next message in her private chat. */
export const textUpdate = (text: string): Update => {
  updates += 1;
  return makeTextUpdate({
    updateId: updates,
    messageId: updates,
    date: Math.floor(Date.now() / 1_000),
    chat: { id: LOCAL_USER_ID },
    from: { id: LOCAL_USER_ID, first_name: "Ada" },
    text,
  });
};

/** What the bot said to Ada, as she reads it, in order. */
export const saidTo = (telegram: TelegramStandIn, chatId = LOCAL_USER_ID): readonly string[] =>
  telegram.messages(chatId).map((message) => message.text ?? JSON.stringify(message.rich_message));
