// `npm start`: a chat in the terminal. Each line becomes a Telegram update and goes through the same pipeline as a
// webhook; drafts, tool calls and answers are shown as they come.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { type Env, LOCAL_USER_ID, LOCAL_WEBHOOK_SECRET, replaceEnvironment } from "./environment.ts";
import { startStack } from "./stack.ts";
import { makeTextUpdate } from "./telegram/updates.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Longest a turn may take, as on Lambda. */
const TIMEOUT_MS = 900_000;

const ownVariables = (): Env => {
  try {
    return { ...parseEnv(readFileSync(`${root}.env`, "utf8")), ...process.env };
  } catch {
    return { ...process.env }; // no .env: the shell's variables alone
  }
};

const invoke = async (event: unknown, awsRequestId: string): Promise<unknown> => {
  const { handler } = await import("../src/handler.ts");
  const deadline = Date.now() + TIMEOUT_MS;
  const getRemainingTimeInMillis = () => deadline - Date.now();
  return handler(event, { awsRequestId, functionName: "hermes", getRemainingTimeInMillis } as never);
};

const webhookEvent = (update: object): object => ({
  version: "2.0",
  rawPath: "/",
  headers: {
    "content-type": "application/json",
    "x-telegram-bot-api-secret-token": LOCAL_WEBHOOK_SECRET,
  },
  requestContext: { http: { method: "POST", path: "/" } },
  body: JSON.stringify(update),
  isBase64Encoded: false,
});

const main = async (): Promise<void> => {
  const stack = await startStack({
    directory: `${root}.hermes`,
    own: ownVariables(),
    invoke,
    write: console.log,
  });
  replaceEnvironment(process.env, stack.env);
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: "you> " });
  console.log("Type a message, /help for commands, Ctrl-D to leave.");
  terminal.prompt();
  for await (const line of terminal) {
    const turn = line.trim() === "" ? undefined : say(stack, line).then(() => terminal.prompt());
    // At a keyboard the next line may come while a turn runs, as in Telegram; a script's lines come one by one.
    if (!process.stdin.isTTY) await turn;
  }
  await stack.idle();
  await stack.close();
  process.exit();
};

let lastUpdateId = 0;

const say = async (stack: Awaited<ReturnType<typeof startStack>>, text: string): Promise<void> => {
  const now = Date.now();
  lastUpdateId = Math.max(now, lastUpdateId + 1);
  const update = makeTextUpdate({
    updateId: lastUpdateId,
    messageId: Math.floor(now / 1_000) % 2_147_483_647,
    date: Math.floor(now / 1_000),
    chat: { id: LOCAL_USER_ID },
    from: { id: LOCAL_USER_ID, first_name: "Ada" },
    text,
  });
  stack.telegram.observe(update);
  const answer = await invoke(webhookEvent(update), randomUUID());
  const { statusCode } = answer as { statusCode: number };
  if (statusCode !== 200) console.log(`The function answered ${statusCode}; its log is above.`);
};

await main();
