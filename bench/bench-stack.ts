// One small deployment for measuring: stand-ins behind recorders, and the function's environment.

import { createTable, startDynamoDb } from "../local/dynamodb.ts";
import { LOCAL_BOT_TOKEN, LOCAL_BOT_USERNAME, LOCAL_TABLE, localEnvironment } from "../local/environment.ts";
import { startLambda } from "../local/lambda.ts";
import { startModel } from "../local/model/server.ts";
import { startTelegram } from "../local/telegram/server.ts";
import { type Exchange, record } from "./recorder.ts";

export interface BenchStack {
  readonly env: Readonly<Record<string, string>>;
  /** The table itself, past the recorder. */
  readonly table: string;
  /** Every request the function made, in order; empty it between measurements. */
  readonly exchanges: Exchange[];
  /** What each request takes longer from now on; the model thinks longer than anything else takes, as it does. */
  slowDown(ms: number): void;
  /** Wakes that were rung and not run: measurements ring their own. */
  readonly wakes: unknown[];
  close(): Promise<void>;
}

export const startBenchStack = async (directory: string): Promise<BenchStack> => {
  const exchanges: Exchange[] = [];
  const wakes: unknown[] = [];
  let delayMs = 0;
  const dynamodb = await startDynamoDb();
  await createTable(dynamodb.endpoint, LOCAL_TABLE);
  const telegram = await startTelegram({ token: LOCAL_BOT_TOKEN, username: LOCAL_BOT_USERNAME });
  const lambda = await startLambda({ invoke: async (_name, event) => wakes.push(event) });
  const model = await startModel();
  const recorders = await Promise.all(
    Object.entries({
      dynamodb: dynamodb.endpoint,
      telegram: telegram.url,
      lambda: lambda.endpoint,
      model: model.url,
    }).map(
      async ([service, url]) =>
        [
          service,
          await record(service, url, exchanges, () => (service === "model" ? 8 * delayMs : delayMs)),
        ] as const,
    ),
  );
  const urls = Object.fromEntries(recorders.map(([service, recorder]) => [service, recorder.url]));
  const { dynamodb: table = "", telegram: bot = "", lambda: invoke = "", model: chat = "" } = urls;
  return {
    env: {
      ...localEnvironment({}, { dynamodb: table, telegram: bot, lambda: invoke, model: chat }, directory),
      HERMES_DISPATCH: "async",
      TELEGRAM_ALLOWED_USERS: "*",
    },
    table: dynamodb.endpoint,
    exchanges,
    slowDown(ms) {
      delayMs = ms;
    },
    wakes,
    async close() {
      await Promise.all(recorders.map(([, recorder]) => recorder.close()));
      await Promise.all([telegram.close(), lambda.close(), model.close()]);
      await dynamodb.close();
    },
  };
};
