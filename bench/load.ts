// Many people at once: how many updates a second go through the local stack, and how long the model waits to be asked when
// everybody speaks at the same time. Called by run.ts.

import { createTable, startDynamoDb } from "../local/dynamodb.ts";
import { LOCAL_BOT_TOKEN, LOCAL_BOT_USERNAME, LOCAL_TABLE, localEnvironment } from "../local/environment.ts";
import { startLambda } from "../local/lambda.ts";
import { textOf } from "../local/model/chat-api.ts";
import { startModel } from "../local/model/server.ts";
import { type LambdaFunction, startFunction } from "../local/runtime-api.ts";
import { startTelegram } from "../local/telegram/server.ts";
import { quantile, saidBy } from "./events.ts";

export interface Load {
  readonly updates: number;
  readonly people: number;
  readonly updatesPerSecond: number;
  readonly environments: number;
  /** Webhook's request to model's request, ms. */
  readonly medianMs: number;
  readonly p95Ms: number;
}

const PEOPLE = 24;
const MESSAGES = 4;

/** As many environments as a small machine runs side by side; more would measure the machine's scheduler. */
const ENVIRONMENTS = 4;

export const measureLoad = async (directory: string, artifact: string): Promise<Load> => {
  const sentMs = new Map<string, number>();
  const waitedMs: number[] = [];
  const dynamodb = await startDynamoDb();
  await createTable(dynamodb.endpoint, LOCAL_TABLE);
  const telegram = await startTelegram({ token: LOCAL_BOT_TOKEN, username: LOCAL_BOT_USERNAME });
  const model = await startModel({
    onRequest: ({ body }) => {
      const words = textOf(body.messages.at(-1)?.content);
      const name = /message \d+ of \d+/.exec(words)?.[0] ?? "";
      const sent = sentMs.get(name);
      if (sent !== undefined && sentMs.delete(name)) waitedMs.push(performance.now() - sent);
    },
  });
  const pool = limit(ENVIRONMENTS);
  const lambda = await startLambda({ invoke: (_name, event) => pool(() => invoked(fn, event)) });
  const urls = {
    ...{ telegram: telegram.url, dynamodb: dynamodb.endpoint, lambda: lambda.endpoint, model: model.url },
  };
  const env = {
    ...localEnvironment({}, urls, directory),
    HERMES_DISPATCH: "async",
    TELEGRAM_ALLOWED_USERS: "*",
  };
  const fn = startFunction({ directory: artifact, handler: "src/handler.handler", env });

  const speak = async (person: number): Promise<void> => {
    for (let n = 1; n <= MESSAGES; n += 1) {
      const text = `message ${n} of ${8_000 + person}`;
      sentMs.set(text, performance.now());
      await pool(() => invoked(fn, saidBy(8_000 + person, text)));
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: PEOPLE }, (_, person) => speak(person)));
  await lambda.idle();
  const seconds = (performance.now() - startMs) / 1_000;
  await fn.close();
  await Promise.all([telegram.close(), model.close(), lambda.close()]);
  await dynamodb.close();
  const updates = PEOPLE * MESSAGES;
  return {
    updates,
    people: PEOPLE,
    updatesPerSecond: updates / seconds,
    environments: ENVIRONMENTS,
    medianMs: quantile(waitedMs, 0.5),
    p95Ms: quantile(waitedMs, 0.95),
  };
};

const invoked = async (fn: LambdaFunction, event: unknown): Promise<unknown> => {
  const outcome = await fn.invoke(event);
  if (outcome.kind === "error") throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
  return outcome.result;
};

/** At most so many at a time; the others wait in line. */
const limit = (places: number) => {
  const waiting: (() => void)[] = [];
  let free = places;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((begin) => waiting.push(begin));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
};
