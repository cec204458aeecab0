// `npm start`: a chat in the terminal. Each line becomes a Telegram update and goes through the same pipeline as a
// webhook; drafts, tool calls and answers are shown as they come.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import { createInterface, type Interface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import type { Update } from "@grammyjs/types";
import { asError } from "../src/errors.ts";
import {
  type Env,
  LOCAL_FUNCTION_ARN,
  LOCAL_USER_ID,
  LOCAL_WEBHOOK_SECRET,
  replaceEnvironment,
} from "./environment.ts";
import { LocalRunError, type Stack, startStack } from "./stack.ts";
import { makeTextUpdate } from "./telegram/updates.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

type Press = NonNullable<Update["callback_query"]>;

/** Longest a turn may take, as on Lambda. */
const TIMEOUT_MS = 900_000;

const PERSON = { id: LOCAL_USER_ID, is_bot: false, first_name: "Ada" };

/** At a keyboard the next line may come while a turn runs, as in Telegram; a script's lines come one by one. */
const isInteractive = Boolean(process.stdin.isTTY && process.stdout.isTTY);

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
  return handler(event, {
    awsRequestId,
    functionName: "hermes",
    invokedFunctionArn: LOCAL_FUNCTION_ARN,
    getRemainingTimeInMillis,
  } as never);
};

const webhookEvent = (update: Update): object => ({
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

let lastUpdateId = 0;

/** The line as words, or as the press of a button that is shown and says just that. */
const updateFor = (stack: Stack, text: string): Update => {
  const now = Date.now();
  lastUpdateId = Math.max(now, lastUpdateId + 1);
  const message = stack.telegram.messages(LOCAL_USER_ID).findLast(({ reply_markup }) => reply_markup);
  const button = message?.reply_markup?.inline_keyboard.flat().find((one) => one.text === text);
  if (message !== undefined && typeof button?.["callback_data"] === "string") {
    const id = String(lastUpdateId);
    const press = { id, from: PERSON, chat_instance: id, data: button["callback_data"], message };
    return { update_id: lastUpdateId, callback_query: press as unknown as Press };
  }
  return makeTextUpdate({
    updateId: lastUpdateId,
    messageId: stack.nextMessageId(LOCAL_USER_ID),
    date: Math.floor(now / 1_000),
    chat: { id: LOCAL_USER_ID },
    from: PERSON,
    text,
  });
};

/** One update to the webhook, which stores it and wakes the function; the turn then runs on its own. */
const say = async (stack: Stack, text: string): Promise<void> => {
  const event = webhookEvent(updateFor(stack, text));
  stack.arrive(event, { isShown: !isInteractive });
  try {
    const { statusCode, body } = (await invoke(event, randomUUID())) as { statusCode: number; body?: string };
    if (statusCode !== 200) throw new Error(`the webhook answered ${statusCode}`);
    if (body) await stack.telegram.executeWebhookReply(body);
  } catch (error) {
    stack.narrator.failed(asError(error));
    process.exitCode = 1;
  }
};

/** Above the line that is being typed, which stays as it is. */
const writeAbove = (terminal: Interface, lines: string): void => {
  moveCursor(process.stdout, 0, -terminal.getCursorPos().rows);
  cursorTo(process.stdout, 0);
  clearScreenDown(process.stdout);
  process.stdout.write(`${lines}\n`);
  terminal.prompt(true);
};

const chat = async (stack: Stack, terminal: Interface, prompt: () => void): Promise<void> => {
  replaceEnvironment(process.env, { ...stack.env, HERMES_DISPATCH: "async" });
  stack.scheduling(true);
  prompt();
  for await (const line of terminal) {
    const text = line.trim();
    // Telegram brings the updates of a chat one at a time, each when the one before was taken.
    if (text !== "") await say(stack, text);
    if (!isInteractive) await stack.idle();
    prompt();
  }
  stack.scheduling(false);
  await stack.idle();
  if (stack.failures() > 0) process.exitCode = 1;
};

const openTerminal = (): Interface => {
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: isInteractive,
    prompt: "you> ",
  });
  // What is under way is left as it is, as by a crash: the next run finds and finishes it.
  terminal.on("SIGINT", () => process.exit(130));
  return terminal;
};

const main = async (): Promise<void> => {
  /** While there is somebody at it. */
  let terminal: Interface | undefined;
  const stack = await startStack({
    projectDirectory: root,
    own: ownVariables(),
    invoke,
    write: (lines) => (terminal === undefined ? console.log(lines) : writeAbove(terminal, lines)),
    colours: Boolean(process.stdout.isTTY),
  });
  if (isInteractive) console.log("Write a message, or /help; a button's words press it; Ctrl-D leaves.");
  try {
    const opened = openTerminal();
    if (isInteractive) terminal = opened;
    opened.once("close", () => {
      terminal = undefined;
    });
    await chat(stack, opened, () => terminal?.prompt());
  } finally {
    await stack.close();
  }
};

try {
  await main();
} catch (error) {
  console.error(error instanceof LocalRunError ? error.message : error);
  process.exitCode = 1;
}
process.exit();
