// What the tests of the front door share: the environment of a small deployment, events, contexts, a quiet log.

import type { Context } from "aws-lambda";
import { parseConfig } from "../src/config.ts";
import type { Log, LogFields } from "../src/log.ts";
import type { TelegramMessage, TelegramUpdate } from "../src/telegram-update.ts";
import type { Arrival, EntryId, Origin, SessionKey, Turn } from "../src/turn.ts";

export const SECRET = "local-webhook-secret-0123456789abcdef";
export const BOT = { id: 7_000_000_001, username: "hermes_lambda_bot" };

export const environment: Readonly<Record<string, string>> = {
  TELEGRAM_BOT_TOKEN: `${BOT.id}:local-token`,
  TELEGRAM_WEBHOOK_SECRET: SECRET,
  TELEGRAM_BOT_USERNAME: BOT.username,
  TELEGRAM_ALLOWED_USERS: "42",
  DEEPSEEK_API_KEY: "key",
  AWS_LAMBDA_FUNCTION_NAME: "hermes",
};

export const configWith = (variables: Readonly<Record<string, string | undefined>> = {}) =>
  parseConfig({ ...environment, ...variables });

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface Line {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** A log that can be read afterwards. */
export const writtenLog = (): { readonly log: Log; readonly lines: Line[] } => {
  const lines: Line[] = [];
  const at = (level: keyof Log) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields });
  };
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
};

/** A clock that stands still; a sleep ends at once when `impatient`, else only with its signal. */
export const steadyClock = (nowMs: number, impatient = false) => ({
  now: () => nowMs,
  sleep: (_ms: number, signal?: AbortSignal): Promise<void> =>
    impatient
      ? Promise.resolve()
      : new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
});

export const contextWith = <T extends object>(added: T): Context & T =>
  ({ awsRequestId: "request-1", getRemainingTimeInMillis: () => 60_000, ...added }) as Context & T;

export const httpEvent = (
  body: unknown,
  changes: { method?: string; headers?: Record<string, string> } = {},
) => ({
  version: "2.0",
  rawPath: "/",
  headers: {
    "content-type": "application/json",
    "x-telegram-bot-api-secret-token": SECRET,
    ...changes.headers,
  },
  requestContext: { http: { method: changes.method ?? "POST", path: "/" } },
  body: typeof body === "string" ? body : JSON.stringify(body),
  isBase64Encoded: false,
});

export const ADA = { id: 42, is_bot: false, first_name: "Ada", last_name: "Lovelace", language_code: "en" };
export const PRIVATE = { id: 42, type: "private" };
export const GROUP = { id: -1_001_234_567_890, type: "supergroup", title: "Lab" };

export const message = (
  changes: Partial<TelegramMessage> & Readonly<Record<string, unknown>>,
): TelegramMessage => ({
  message_id: 5,
  date: 1_790_000_000,
  chat: PRIVATE,
  from: ADA,
  ...changes,
});

export const update = (changes: Omit<TelegramUpdate, "update_id">): TelegramUpdate => ({
  update_id: 9_000_001,
  ...changes,
});

export const arrivalFrom = (
  origin: Origin,
  changes: Partial<Arrival> = {},
): Turn & { readonly kind: "arrival" } => ({
  kind: "arrival",
  source: "telegram",
  entry: {
    kind: "message",
    id: "0000000009000001" as EntryId,
    origin,
    at: 0,
    text: "hello",
    photos: [],
  },
  session: "agent:main:telegram:dm:42" as SessionKey,
  addressed: true,
  requestId: "request-1",
  ...changes,
});
