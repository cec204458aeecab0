// The embedded stack: DynamoDB, Telegram, Lambda's Invoke and the model, on loopback, with their state in one folder.
// Used by the serverless plugin and the terminal; tests start the stand-ins they need one by one.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createTable, startDynamoDb } from "./dynamodb.ts";
import {
  type Env,
  hasRealModel,
  LOCAL_BOT_TOKEN,
  LOCAL_BOT_USERNAME,
  LOCAL_TABLE,
  localEnvironment,
} from "./environment.ts";
import { startLambda } from "./lambda.ts";
import { startModel } from "./model/server.ts";
import { createNarrator, type Narrator } from "./narrator.ts";
import { startTelegram, type TelegramStandIn } from "./telegram/server.ts";

export interface StackOptions {
  /** Where state stays from one run to the next. */
  readonly directory: string;
  /** The person's own variables, of which the model's are taken. */
  readonly own: Env;
  /** Runs the function; called for its wakes. */
  readonly invoke: (event: unknown, requestId: string) => Promise<unknown>;
  /** Where the conversation is told. */
  readonly write: (line: string) => void;
}

export interface Stack {
  /** For the function. */
  readonly env: Readonly<Record<string, string>>;
  readonly telegram: TelegramStandIn;
  readonly narrator: Narrator;
  /** Resolves when no wake is being worked on. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { directory, own } = options;
  mkdirSync(directory, { recursive: true });
  const narrator = createNarrator(options.write);
  const dynamodb = await startDynamoDb({
    path: join(directory, "dynamodb"),
    onRequest: narrator.onTableRequest,
  });
  const [telegram, lambda, model] = await Promise.all([
    startTelegram({
      token: LOCAL_BOT_TOKEN,
      username: LOCAL_BOT_USERNAME,
      stateFile: join(directory, "telegram.json"),
      onCall: narrator.onBotCall,
    }),
    startLambda({ invoke: (_name, event, _type, { requestId }) => options.invoke(event, requestId) }),
    startModel(),
    createTable(dynamodb.endpoint, LOCAL_TABLE),
  ]);
  narrator.begin(hasRealModel(own));
  return {
    env: localEnvironment(
      own,
      { telegram: telegram.url, dynamodb: dynamodb.endpoint, lambda: lambda.endpoint, model: model.url },
      directory,
    ),
    telegram,
    narrator,
    idle: () => lambda.idle(),
    async close() {
      await Promise.all([telegram.close(), lambda.close(), model.close()]);
      await dynamodb.close();
    },
  };
};
