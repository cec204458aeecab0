// The embedded stack: DynamoDB, Telegram, Lambda's Invoke, the Scheduler, S3 and the model, on loopback, state in one folder;
// AgentCore Memory and a Knowledge Base where they are asked for.
// Used by the serverless plugin and the terminal; tests start the stand-ins they need one by one.

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { asError } from "../src/errors.ts";
import { startAgentCore } from "./agentcore/server.ts";
import { createTable, startDynamoDb } from "./dynamodb.ts";
import {
  type Endpoints,
  type Env,
  LOCAL_BOT_TOKEN,
  LOCAL_BOT_USERNAME,
  LOCAL_BUCKET,
  LOCAL_DATA_SOURCE_ID,
  LOCAL_KNOWLEDGE_BASE_ID,
  LOCAL_MEMORY_ID,
  LOCAL_SCHEDULE_GROUP,
  LOCAL_TABLE,
  LocalRunError,
  type LocalService,
  localEnvironment,
  localServices,
  stateDirectory,
  whoAnswers,
} from "./environment.ts";
import { startKnowledgeBase } from "./knowledge-base/server.ts";
import { type LambdaStandIn, startLambda } from "./lambda.ts";
import { endLeases } from "./leases.ts";
import { listenToLog } from "./log-lines.ts";
import { startModel } from "./model/server.ts";
import { createNarrator, LOG_FILE, type Narrator } from "./narrator.ts";
import { startS3 } from "./s3/server.ts";
import { startScheduler } from "./scheduler/server.ts";
import { updateOf } from "./stamp.ts";
import { startTelegram, type TelegramStandIn } from "./telegram/server.ts";

export interface StackOptions {
  readonly projectDirectory: string;
  /** The person's own variables, of which the model's are taken. */
  readonly own: Env;
  /** Runs the function; called for its wakes. */
  readonly invoke: (event: unknown, requestId: string) => Promise<unknown>;
  /** Where the conversation is told. */
  readonly write: (lines: string) => void;
  readonly colours?: boolean;
}

export interface Stack {
  /** For the function. */
  readonly env: Readonly<Record<string, string>>;
  readonly telegram: TelegramStandIn;
  readonly narrator: Narrator;
  /** Makes an event known to Telegram and the reader before the function gets it. */
  arrive(event: unknown, options?: { readonly isShown: boolean }): void;
  /** The id of a person's next message in a chat. */
  nextMessageId(chatId: number): number;
  /** Lets schedules fire, or keeps them from it, as they are to begin with. */
  scheduling(isOn: boolean): void;
  /** Resolves when no wake is being worked on. */
  idle(): Promise<void>;
  /** Wakes that threw. */
  failures(): number;
  close(): Promise<void>;
}

export { LocalRunError };

export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { own } = options;
  const directory = stateDirectory(own, options.projectDirectory);
  const run = runIn(directory, options);
  const narrator = createNarrator(options);
  const opened: { close(): Promise<void> }[] = [];
  const kept = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  let failures = 0;
  const wake = (event: unknown, requestId: string) =>
    options.invoke(event, requestId).catch((error: unknown) => {
      failures += 1;
      narrator.failed(asError(error));
      throw error;
    });
  try {
    const dynamodb = kept(await openTables(directory, narrator));
    kept(tellLog(join(directory, LOG_FILE), narrator));
    const stateFile = join(directory, "telegram.json");
    const telegram = kept(await openTelegram(stateFile, narrator));
    const lambda = kept(
      await startLambda({ invoke: (_name, event, _type, { requestId }) => wake(event, requestId) }),
    );
    const scheduler = kept(await openScheduler(directory, narrator, lambda));
    const s3 = kept(await startS3({ buckets: [LOCAL_BUCKET], stateFile: join(directory, "skills.json") }));
    const optional = await openOptional(run.services, directory, kept);
    const model = kept(await startModel());
    if (existsSync(stateFile)) addPictures(telegram, readFileSync(stateFile, "utf8"));
    narrator.begin(run);
    const endpoints = {
      telegram: telegram.url,
      dynamodb: dynamodb.endpoint,
      lambda: lambda.endpoint,
      scheduler: scheduler.endpoint,
      s3: s3.endpoint,
      ...optional,
      model: model.url,
    };
    return {
      // Powertools' logger writes to the console that is listened to.
      env: { ...localEnvironment(own, endpoints, directory), POWERTOOLS_DEV: "true" },
      telegram,
      narrator,
      arrive(event, { isShown } = { isShown: true }) {
        const update = updateOf(event);
        if (update !== undefined) telegram.observe(update);
        addPictures(telegram, JSON.stringify(update ?? {}));
        if (isShown) narrator.arrival(event);
      },
      nextMessageId: messageIds(telegram),
      scheduling: (isOn) => scheduler.hold(!isOn),
      idle: () => lambda.idle(),
      failures: () => failures,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** What is said of a run at its beginning. Throws LocalRunError, before anything is started. */
const runIn = (directory: string, { own, projectDirectory }: StackOptions) => {
  const path = relative(projectDirectory, directory);
  const isOutside = path === "" || path.startsWith("..");
  return {
    answers: whoAnswers(own),
    services: localServices(own),
    directory: isOutside ? directory : path,
  };
};

/** One line each for the person; in full, with stack traces, in a file of the run's own. */
const tellLog = (file: string, narrator: Narrator) => {
  writeFileSync(file, "");
  const listening = listenToLog((entry) => {
    appendFileSync(file, `${JSON.stringify(entry)}\n`);
    narrator.onLog(entry);
  });
  return { close: async () => listening.close() };
};

const openTables = async (directory: string, narrator: Narrator) => {
  mkdirSync(directory, { recursive: true });
  const dynamodb = await startDynamoDb({
    path: join(directory, "dynamodb"),
    onRequest: narrator.onTableRequest,
  }).catch((cause: Error) => {
    if (!cause.message.includes("in use")) throw cause;
    throw new LocalRunError(
      `Another local run is using ${directory}. Wait until it is over, or give this one a folder of its own: ` +
        "HERMES_LOCAL_STATE=/tmp/another",
      { cause },
    );
  });
  try {
    await createTable(dynamodb.endpoint, LOCAL_TABLE);
    await endLeases(dynamodb.endpoint, LOCAL_TABLE);
    return dynamodb;
  } catch (error) {
    await dynamodb.close();
    throw error;
  }
};

const openTelegram = (stateFile: string, narrator: Narrator) =>
  startTelegram({
    token: LOCAL_BOT_TOKEN,
    username: LOCAL_BOT_USERNAME,
    stateFile,
    onCall: narrator.onBotCall,
  });

/** What is due goes through Lambda's queue, as on the service: a tick that fails is retried by Lambda. */
const openScheduler = (directory: string, narrator: Narrator, lambda: LambdaStandIn) =>
  startScheduler({
    groups: [LOCAL_SCHEDULE_GROUP],
    stateFile: join(directory, "scheduler.json"),
    isHeld: true,
    invoke: (name, event) => lambda.enqueue(name, event),
    onCall: narrator.onSchedulerCall,
    onDelivery: ({ payload }) => narrator.arrival(payload),
  });

/** What was asked for of the services a deployment can do without. */
const openOptional = async (
  services: ReadonlySet<LocalService>,
  directory: string,
  kept: <T extends { close(): Promise<void> }>(one: T) => T,
): Promise<Pick<Endpoints, "agentcore" | "knowledgeBase">> => {
  const memory = services.has("memory")
    ? kept(
        await startAgentCore({
          memoryId: LOCAL_MEMORY_ID,
          stateFile: join(directory, "memory.json"),
          extractAfterMs: LEARNING_MS,
        }),
      )
    : undefined;
  const search = services.has("search")
    ? kept(
        await startKnowledgeBase({
          knowledgeBaseId: LOCAL_KNOWLEDGE_BASE_ID,
          dataSourceId: LOCAL_DATA_SOURCE_ID,
          stateFile: join(directory, "knowledge-base.json"),
          indexAfterMs: INDEXING_MS,
        }),
      )
    : undefined;
  return {
    ...(memory === undefined ? {} : { agentcore: memory.endpoint }),
    ...(search === undefined ? {} : { knowledgeBase: search.endpoint }),
  };
};

/** Shorter than the services', so that a person at the terminal sees it. */
const LEARNING_MS = 2_000;
const INDEXING_MS = 1_000;

/** Ids that grow with the time and are not in use, also by an earlier run. */
const messageIds = (telegram: TelegramStandIn): Stack["nextMessageId"] => {
  let last = 0;
  return (chatId) => {
    const inUse = telegram.messages(chatId).map(({ message_id }) => message_id);
    last = Math.max(Math.floor(Date.now() / 1_000), last + 1, ...inUse.map((id) => id + 1));
    return last;
  };
};

/** The pictures of recorded messages exist nowhere: each is one pixel. */
const addPictures = (telegram: TelegramStandIn, json: string): void => {
  for (const [, id = ""] of json.matchAll(/"file_id":"([^"]+)"/g)) {
    telegram.addFile(id, PIXEL, `pictures/${id}.png`);
  }
};

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
