// One small deployment for measuring: stand-ins behind recorders, and the function's environment.

import { startAgentCore } from "../local/agentcore/server.ts";
import { createTable, startDynamoDb } from "../local/dynamodb.ts";
import {
  LOCAL_BOT_TOKEN,
  LOCAL_BOT_USERNAME,
  LOCAL_BUCKET,
  LOCAL_DATA_SOURCE_ID,
  LOCAL_KNOWLEDGE_BASE_ID,
  LOCAL_MEMORY_ID,
  LOCAL_SCHEDULE_GROUP,
  LOCAL_TABLE,
  localEnvironment,
} from "../local/environment.ts";
import { startKnowledgeBase } from "../local/knowledge-base/server.ts";
import { startLambda } from "../local/lambda.ts";
import { type ModelStandIn, startModel } from "../local/model/server.ts";
import { type S3StandIn, startS3 } from "../local/s3/server.ts";
import { startScheduler } from "../local/scheduler/server.ts";
import { startTelegram } from "../local/telegram/server.ts";
import { type Exchange, record } from "./recorder.ts";

export interface BenchStack {
  readonly env: Readonly<Record<string, string>>;
  /** The table itself, past the recorder. */
  readonly table: string;
  /** The bucket of skills, empty to begin with. */
  readonly s3: S3StandIn;
  readonly model: ModelStandIn;
  /** Every request the function made, in order; empty it between measurements. */
  readonly exchanges: Exchange[];
  /** What each request takes longer from now on; the model thinks longer than anything else takes, as it does. */
  slowDown(ms: number): void;
  /** Wakes that were rung and not run: measurements ring their own. */
  readonly wakes: unknown[];
  close(): Promise<void>;
}

export interface BenchStackOptions {
  /** What a deployment can do without: AgentCore Memory and a Knowledge Base. */
  readonly hasServices?: boolean;
}

export const startBenchStack = async (
  directory: string,
  { hasServices = false }: BenchStackOptions = {},
): Promise<BenchStack> => {
  const exchanges: Exchange[] = [];
  const wakes: unknown[] = [];
  let delayMs = 0;
  const dynamodb = await startDynamoDb();
  await createTable(dynamodb.endpoint, LOCAL_TABLE);
  const telegram = await startTelegram({ token: LOCAL_BOT_TOKEN, username: LOCAL_BOT_USERNAME });
  const lambda = await startLambda({ invoke: async (_name, event) => wakes.push(event) });
  const scheduler = await startScheduler({
    groups: [LOCAL_SCHEDULE_GROUP],
    isHeld: true,
    invoke: async () => {},
  });
  const s3 = await startS3({ buckets: [LOCAL_BUCKET] });
  const services = hasServices ? await startServices() : undefined;
  const model = await startModel();
  const delayOf = (service: string) => () => (service === "model" ? 8 * delayMs : delayMs);
  const recorded = async (service: string, url: string) => record(service, url, exchanges, delayOf(service));
  const recorders = {
    telegram: await recorded("telegram", telegram.url),
    dynamodb: await recorded("dynamodb", dynamodb.endpoint),
    lambda: await recorded("lambda", lambda.endpoint),
    scheduler: await recorded("scheduler", scheduler.endpoint),
    s3: await recorded("s3", s3.endpoint),
    model: await recorded("model", model.url),
  };
  const urlsOf = Object.entries(recorders).map(([service, { url }]) => [service, url] as const);
  const urls = Object.fromEntries(urlsOf) as { readonly [Name in keyof typeof recorders]: string };
  return {
    env: {
      ...localEnvironment({}, { ...urls, ...services?.endpoints }, directory),
      HERMES_DISPATCH: "async",
      TELEGRAM_ALLOWED_USERS: "*",
    },
    table: dynamodb.endpoint,
    s3,
    model,
    exchanges,
    slowDown(ms) {
      delayMs = ms;
    },
    wakes,
    async close() {
      await Promise.all(Object.values(recorders).map((recorder) => recorder.close()));
      const standIns = [telegram, lambda, scheduler, s3, model, ...(services?.standIns ?? [])];
      await Promise.all(standIns.map((standIn) => standIn.close()));
      await dynamodb.close();
    },
  };
};

/** Not recorded: what they cost is not measured, only what they add to the prompt. */
const startServices = async () => {
  const memory = await startAgentCore({ memoryId: LOCAL_MEMORY_ID });
  const search = await startKnowledgeBase({
    knowledgeBaseId: LOCAL_KNOWLEDGE_BASE_ID,
    dataSourceId: LOCAL_DATA_SOURCE_ID,
  });
  return {
    endpoints: { agentcore: memory.endpoint, knowledgeBase: search.endpoint },
    standIns: [memory, search],
  };
};
