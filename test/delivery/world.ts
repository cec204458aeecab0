// A whole deployment in one time: containers of the packaged artifact, Telegram with its real delivery, Lambda with its
// retries and on-failure notices, the table and the model. The simulation and the tests of hostile conditions live in it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Update } from "@grammyjs/types";
import {
  createTable,
  type DynamoDbOptions,
  type DynamoDbStandIn,
  startDynamoDb,
} from "../../local/dynamodb.ts";
import {
  LOCAL_BOT_TOKEN,
  LOCAL_BOT_USERNAME,
  LOCAL_TABLE,
  LOCAL_WEBHOOK_SECRET,
  localEnvironment,
} from "../../local/environment.ts";
import { type LambdaStandIn, startLambda } from "../../local/lambda.ts";
import type { FailureNotice, InvokeFunction } from "../../local/lambda-events.ts";
import { type ModelStandIn, type ModelStandInOptions, startModel } from "../../local/model/server.ts";
import type { Outcome } from "../../local/runtime-api.ts";
import type { PostUpdate, WebhookResponse } from "../../local/telegram/delivery.ts";
import { startTelegram, type TelegramOptions, type TelegramStandIn } from "../../local/telegram/server.ts";
import { type Containers, type ContainersOptions, createContainers } from "./containers.ts";
import { createWorldClock, settle, type WorldClock } from "./world-clock.ts";

export interface WorldOptions extends Pick<ContainersOptions, "skewMs" | "timeoutMs" | "onRun"> {
  /** The unpacked artifact. */
  readonly artifact: string;
  readonly containers?: number;
  /** How much faster than the machine's time passes in general. */
  readonly speed?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Files a person put into HERMES_HOME, by name. */
  readonly home?: Readonly<Record<string, string>>;
  readonly table?: Pick<DynamoDbOptions, "onRequest" | "faultFor">;
  readonly telegram?: Pick<TelegramOptions, "onCall" | "faultFor" | "random">;
  readonly model?: Pick<ModelStandInOptions, "script" | "respond" | "onRequest">;
  /** In place of a Telegram that is always within reach: where the function finds it, given where it is. */
  readonly telegramRoot?: (url: string) => string;
  /** What Lambda does with an asynchronous event; given how to run it. Absent: runs it. */
  readonly dispatch?: (run: InvokeFunction) => InvokeFunction;
}

export interface World {
  readonly clock: WorldClock;
  readonly telegram: TelegramStandIn;
  readonly model: ModelStandIn;
  readonly lambda: LambdaStandIn;
  readonly dynamodb: DynamoDbStandIn;
  readonly containers: Containers;
  readonly logs: readonly string[];
  /** Of events whose retries were used up; each has been delivered to the function. */
  readonly notices: readonly FailureNotice[];
  /** One HTTP request of Telegram's. Throws when there is no answer. */
  post: PostUpdate;
  /** Delivers an update as Telegram does. */
  deliver(update: Update, post?: PostUpdate): Promise<void>;
  /** Resolves when no container works and nothing is about to. Who sleeps, sleeps on. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

export const startWorld = async (options: WorldOptions): Promise<World & AsyncDisposable> => {
  const directory = mkdtempSync(join(tmpdir(), "hermes-world-"));
  for (const [name, text] of Object.entries(options.home ?? {}))
    writeInto(join(directory, "home"), name, text);
  const clock = createWorldClock(join(directory, "clock"), options.speed);
  const active = createCounter();
  const logs: string[] = [];
  const notices: FailureNotice[] = [];
  const dynamodb = await startDynamoDb(options.table);
  await createTable(dynamodb.endpoint, LOCAL_TABLE);
  const telegram = await startTelegram({
    token: LOCAL_BOT_TOKEN,
    username: LOCAL_BOT_USERNAME,
    timers: clock,
    ...options.telegram,
  });
  await setWebhook(telegram);
  const model = await startModel(options.model);
  const run: InvokeFunction = async (_name, event, _type, { requestId }) =>
    resultOf(await active.during(containers.invoke(event, requestId)));
  const lambda = await startLambda({
    timers: clock,
    invoke: options.dispatch?.(run) ?? run,
    onFailure(notice) {
      notices.push(notice);
      lambda.enqueue("hermes", snsEvent(notice));
    },
  });
  const endpoints = {
    telegram: options.telegramRoot?.(telegram.url) ?? telegram.url,
    dynamodb: dynamodb.endpoint,
    lambda: lambda.endpoint,
    model: model.url,
  };
  const containers = createContainers({
    directory: options.artifact,
    env: { ...localEnvironment({}, endpoints, directory), HERMES_DISPATCH: "async", ...options.env },
    clock,
    limit: options.containers ?? 4,
    onLog: (line) => logs.push(line),
    ...(options.skewMs === undefined ? {} : { skewMs: options.skewMs }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.onRun === undefined ? {} : { onRun: options.onRun }),
  });
  const post: PostUpdate = async (update, headers) =>
    answerOf(await active.during(containers.invoke(httpEvent(update, headers), crypto.randomUUID())));
  const close = async () => {
    await containers.close();
    await Promise.all([telegram.close(), model.close(), lambda.close()]);
    await dynamodb.close();
    clock.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return {
    clock,
    telegram,
    model,
    lambda,
    dynamodb,
    containers,
    logs,
    notices,
    post,
    async deliver(update, postOne = post) {
      const result = await telegram.deliver(update, { post: postOne });
      if (result?.outcome !== "delivered") throw new Error(`an update was not delivered: ${result?.outcome}`);
    },
    quiet: active.none,
    close,
    [Symbol.asyncDispose]: close,
  };
};

const writeInto = (folder: string, name: string, text: string): void => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

const KINDS = ["message", "edited_message", "callback_query", "channel_post", "stopped_message_generation"];

const setWebhook = async ({ url, token }: TelegramStandIn): Promise<void> => {
  const payload = {
    url: "https://hermes.lambda-url.us-east-1.on.aws/",
    secret_token: LOCAL_WEBHOOK_SECRET,
    allowed_updates: KINDS,
  };
  const response = await fetch(`${url}/bot${token}/setWebhook`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
  });
  if (!response.ok) throw new Error(await response.text());
};

/** How often something is going on, and when it is not. */
const createCounter = () => {
  const idle = new Set<() => void>();
  let count = 0;
  return {
    async during<T>(work: Promise<T>): Promise<T> {
      count += 1;
      try {
        return await work;
      } finally {
        count -= 1;
        if (count === 0) for (const resolve of [...idle]) resolve();
      }
    },
    async none(): Promise<void> {
      // What an end sets off begins within a few turns of the event loop: an event in Lambda's queue, a next update.
      for (let quiet = 0; quiet < 5; quiet += 1) {
        await settle();
        if (count === 0) continue;
        quiet = -1;
        await new Promise<void>((resolve) => {
          const done = () => {
            idle.delete(done);
            resolve();
          };
          idle.add(done);
        });
      }
    },
  };
};

const resultOf = (outcome: Outcome): unknown => {
  if (outcome.kind === "error")
    throw Object.assign(new Error(outcome.errorMessage), { name: outcome.errorType });
  return outcome.result;
};

/** A Function URL answers 502 for a function that failed. */
const answerOf = (outcome: Outcome): WebhookResponse => {
  if (outcome.kind === "error") return { status: 502, headers: {}, body: "Internal Server Error" };
  const {
    statusCode,
    headers = {},
    body = "",
  } = outcome.result as {
    readonly statusCode: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  return { status: statusCode, headers, body };
};

const httpEvent = (update: Update, headers: Readonly<Record<string, string>>) => ({
  version: "2.0",
  rawPath: "/",
  headers,
  requestContext: { http: { method: "POST", path: "/" } },
  body: JSON.stringify(update),
  isBase64Encoded: false,
});

const snsEvent = (notice: FailureNotice) => ({
  Records: [
    {
      EventSource: "aws:sns",
      EventVersion: "1.0",
      EventSubscriptionArn: "arn:aws:sns:us-east-1:000000000000:hermes-failures:0",
      Sns: {
        Type: "Notification",
        MessageId: "0",
        TopicArn: "arn:aws:sns:us-east-1:000000000000:hermes-failures",
        Subject: null,
        Message: JSON.stringify(notice),
        Timestamp: notice.timestamp,
      },
    },
  ],
});
