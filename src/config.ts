// Every variable of the deployment (design.md 7), read once by handler.ts and turned into a typed record.
// All problems are reported at once, by name, and never with their values: some are secrets.

import * as z from "zod/mini";
import type { Access } from "./access.ts";
import type { AddressingRules } from "./addressing.ts";
import { HermesError } from "./errors.ts";
import type { Bot } from "./mentions.ts";
import { type ModelConfig, modelConfigs, modelProblems } from "./model-config.ts";
import type { SessionKeyOptions } from "./session-key.ts";
import { flag, idSet, mentionPatterns, oneOf, rootUrl, shaped, timeZone } from "./variables.ts";

/** Where jobs deliver that name no chat: Hermes' TELEGRAM_HOME_CHANNEL and the topics beside it. */
export interface HomeChannel {
  readonly chatId?: number;
  readonly threadId?: number;
  /** Wins over `threadId`. */
  readonly cronThreadId?: number;
}

export interface TelegramConfig {
  readonly token: string;
  readonly webhookSecret: string;
  readonly apiRoot: string;
  readonly bot: Bot;
  readonly access: Access;
  readonly addressing: AddressingRules;
  /** Where jobs deliver that name no chat. */
  readonly homeChannel: HomeChannel;
  /** A stranger in a private chat is told their id, once a day. */
  readonly refusal: boolean;
}

export interface Config {
  readonly telegram: TelegramConfig;
  readonly model: ModelConfig;
  readonly fallbackModel?: ModelConfig;
  readonly sessions: { readonly table: string; readonly keys: SessionKeyOptions };
  readonly skills?: {
    readonly bucket: string;
    readonly prefix: string;
    readonly knowledgeBase?: { readonly id: string; readonly dataSourceId: string };
  };
  readonly scheduler?: { readonly roleArn: string; readonly group: string };
  readonly agentcoreMemoryId?: string;
  readonly home: string;
  readonly dispatch: "async" | "inline";
  /** Unset = config.yaml has the next word. */
  readonly timezone?: string;
  /** Set on Lambda; needed to wake ourselves. */
  readonly functionName?: string;
  readonly region?: string;
  /** What was set but does nothing or is about to bite; for one log line at start. */
  readonly warnings: readonly string[];
}

const ID = /^-?\d{1,16}$/;
const optional = z.optional(z.string());

const Variables = z.object({
  TELEGRAM_BOT_TOKEN: shaped(
    /^[1-9]\d{0,15}:[A-Za-z0-9_-]+$/,
    "the token @BotFather gave you, digits:letters",
  ),
  TELEGRAM_WEBHOOK_SECRET: shaped(/^[A-Za-z0-9_-]{32,256}$/, "32 to 256 characters of A-Z a-z 0-9 _ -"),
  TELEGRAM_BOT_USERNAME: z.optional(shaped(/^@?[A-Za-z0-9_]{2,32}$/, "the bot's name, as in @name")),
  TELEGRAM_API_ROOT: rootUrl("https://api.telegram.org"),
  TELEGRAM_ALLOWED_USERS: idSet(ID),
  TELEGRAM_GROUP_ALLOWED_USERS: idSet(ID),
  TELEGRAM_GROUP_ALLOWED_CHATS: idSet(ID),
  TELEGRAM_ALLOW_ALL_USERS: flag(false),
  GATEWAY_ALLOWED_USERS: idSet(ID),
  GATEWAY_ALLOW_ALL_USERS: flag(false),
  TELEGRAM_REFUSAL: flag(false),
  TELEGRAM_REQUIRE_MENTION: flag(false),
  TELEGRAM_MENTION_PATTERNS: mentionPatterns,
  TELEGRAM_FREE_RESPONSE_CHATS: idSet(ID),
  TELEGRAM_ALLOWED_CHATS: idSet(ID),
  TELEGRAM_ALLOWED_TOPICS: idSet(/^\d{1,16}$/),
  TELEGRAM_IGNORED_THREADS: idSet(/^\d{1,16}$/),
  TELEGRAM_GUEST_MODE: flag(false),
  TELEGRAM_EXCLUSIVE_BOT_MENTIONS: flag(true),
  TELEGRAM_HOME_CHANNEL: z.optional(shaped(ID, "the id of a chat")),
  TELEGRAM_HOME_CHANNEL_THREAD_ID: z.optional(shaped(/^\d{1,16}$/, "the id of a topic")),
  TELEGRAM_CRON_THREAD_ID: z.optional(shaped(/^\d{1,16}$/, "the id of a topic")),
  HERMES_SESSION_BACKEND: oneOf(["dynamodb"], "dynamodb"),
  HERMES_SESSIONS_TABLE: z._default(
    shaped(/^[A-Za-z0-9_.-]{3,255}$/, "the name of a DynamoDB table"),
    "hermes-sessions",
  ),
  HERMES_GROUP_SESSIONS_PER_USER: flag(true),
  HERMES_THREAD_SESSIONS_PER_USER: flag(false),
  HERMES_SKILLS_S3_BUCKET: optional,
  HERMES_SKILLS_S3_PREFIX: z._default(z.string(), ""),
  HERMES_KNOWLEDGE_BASE_ID: z.optional(shaped(/^[0-9a-zA-Z]{10}$/, "10 letters and digits")),
  HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: z.optional(shaped(/^[0-9a-zA-Z]{10}$/, "10 letters and digits")),
  HERMES_SCHEDULER_ROLE_ARN: z.optional(
    shaped(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, "the ARN of an IAM role"),
  ),
  HERMES_SCHEDULER_GROUP: z._default(
    shaped(/^[0-9A-Za-z_.-]{1,64}$/, "1 to 64 of 0-9 A-Z a-z - _ ."),
    "hermes",
  ),
  HERMES_AGENTCORE_MEMORY_ID: z.optional(
    shaped(/^[a-zA-Z][\w-]{0,99}-[a-zA-Z0-9]{10}$/, "the id of a memory, such as hermes-a1B2c3D4e5"),
  ),
  HERMES_HOME: z._default(shaped(/^\//, "an absolute path"), "/tmp/hermes"),
  HERMES_DISPATCH: oneOf(["async", "inline"], "async"),
  HERMES_TIMEZONE: z.optional(timeZone),
  AWS_LAMBDA_FUNCTION_NAME: optional,
  AWS_REGION: optional,
});

type Values = z.infer<typeof Variables>;
type Env = Readonly<Record<string, string>>;

// A template writes an unset variable as an empty one.
const setOnly = (env: Readonly<Record<string, string | undefined>>): Env =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );

/** What one variable demands of another. Read from the raw values, so that it is reported with everything else. */
const crossProblems = (env: Env): readonly string[] => {
  const problems = [...modelProblems(env)];
  if (env["HERMES_DISPATCH"] !== "inline" && env["AWS_LAMBDA_FUNCTION_NAME"] === undefined) {
    problems.push("AWS_LAMBDA_FUNCTION_NAME: missing; Lambda sets it, elsewhere set HERMES_DISPATCH=inline");
  }
  const groups = ["TELEGRAM_GROUP_ALLOWED_USERS", "TELEGRAM_GROUP_ALLOWED_CHATS"].find((name) => name in env);
  if (groups !== undefined && env["TELEGRAM_BOT_USERNAME"] === undefined) {
    problems.push(`TELEGRAM_BOT_USERNAME: missing; with ${groups} set it is how a mention is recognised`);
  }
  const source = "HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID";
  if (env["HERMES_KNOWLEDGE_BASE_ID"] !== undefined && env[source] === undefined) {
    problems.push(`${source}: missing; with HERMES_KNOWLEDGE_BASE_ID set it is where skills are sent to`);
  }
  return problems;
};

const LISTS = [
  "TELEGRAM_ALLOWED_USERS",
  "TELEGRAM_GROUP_ALLOWED_USERS",
  "TELEGRAM_GROUP_ALLOWED_CHATS",
  "GATEWAY_ALLOWED_USERS",
] as const;

const warningsOf = (values: Values): readonly string[] => {
  const open = values.TELEGRAM_ALLOW_ALL_USERS || values.GATEWAY_ALLOW_ALL_USERS;
  const noLists = LISTS.every((name) => values[name].size === 0);
  return [
    ...(noLists && !open ? ["nobody may speak to this bot: set TELEGRAM_ALLOWED_USERS"] : []),
    ...(values.HERMES_KNOWLEDGE_BASE_ID && !values.HERMES_SKILLS_S3_BUCKET
      ? ["HERMES_KNOWLEDGE_BASE_ID: does nothing without HERMES_SKILLS_S3_BUCKET"]
      : []),
    ...(values.TELEGRAM_ALLOW_ALL_USERS ? ["TELEGRAM_ALLOW_ALL_USERS: everybody may speak to this bot"] : []),
    ...([...values.TELEGRAM_GROUP_ALLOWED_USERS].some((id) => id.startsWith("-"))
      ? ["TELEGRAM_GROUP_ALLOWED_USERS: ids of chats belong into TELEGRAM_GROUP_ALLOWED_CHATS"]
      : []),
    ...values.TELEGRAM_MENTION_PATTERNS.bad.map(
      (position) => `TELEGRAM_MENTION_PATTERNS: pattern ${position} is no regular expression and is ignored`,
    ),
  ];
};

const accessOf = (values: Values): Access => ({
  users: values.TELEGRAM_ALLOWED_USERS,
  groupUsers: values.TELEGRAM_GROUP_ALLOWED_USERS,
  groupChats: values.TELEGRAM_GROUP_ALLOWED_CHATS,
  gatewayUsers: values.GATEWAY_ALLOWED_USERS,
  allowAllUsers: values.TELEGRAM_ALLOW_ALL_USERS,
  gatewayAllowAll: values.GATEWAY_ALLOW_ALL_USERS,
});

const addressingOf = (values: Values): AddressingRules => ({
  requireMention: values.TELEGRAM_REQUIRE_MENTION,
  mentionPatterns: values.TELEGRAM_MENTION_PATTERNS.patterns,
  freeResponseChats: values.TELEGRAM_FREE_RESPONSE_CHATS,
  allowedChats: values.TELEGRAM_ALLOWED_CHATS,
  allowedTopics: values.TELEGRAM_ALLOWED_TOPICS,
  ignoredThreads: values.TELEGRAM_IGNORED_THREADS,
  guestMode: values.TELEGRAM_GUEST_MODE,
  exclusiveBotMentions: values.TELEGRAM_EXCLUSIVE_BOT_MENTIONS,
});

const homeChannelOf = (values: Values): HomeChannel => ({
  ...(values.TELEGRAM_HOME_CHANNEL === undefined ? {} : { chatId: Number(values.TELEGRAM_HOME_CHANNEL) }),
  ...(values.TELEGRAM_HOME_CHANNEL_THREAD_ID === undefined
    ? {}
    : { threadId: Number(values.TELEGRAM_HOME_CHANNEL_THREAD_ID) }),
  ...(values.TELEGRAM_CRON_THREAD_ID === undefined
    ? {}
    : { cronThreadId: Number(values.TELEGRAM_CRON_THREAD_ID) }),
});

const telegramOf = (values: Values): TelegramConfig => {
  const username = values.TELEGRAM_BOT_USERNAME?.replace("@", "");
  return {
    token: values.TELEGRAM_BOT_TOKEN,
    webhookSecret: values.TELEGRAM_WEBHOOK_SECRET,
    apiRoot: values.TELEGRAM_API_ROOT,
    // A token begins with the bot's own id.
    bot: {
      id: Number.parseInt(values.TELEGRAM_BOT_TOKEN, 10),
      ...(username === undefined ? {} : { username }),
    },
    access: accessOf(values),
    addressing: addressingOf(values),
    homeChannel: homeChannelOf(values),
    refusal: values.TELEGRAM_REFUSAL,
  };
};

const skillsOf = (values: Values): Pick<Config, "skills"> => {
  const { HERMES_SKILLS_S3_BUCKET: bucket, HERMES_SKILLS_S3_PREFIX: prefix } = values;
  const { HERMES_KNOWLEDGE_BASE_ID: id, HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: dataSourceId } = values;
  if (bucket === undefined) return {};
  // One without the other is refused by crossProblems.
  const knowledgeBase =
    id === undefined || dataSourceId === undefined ? {} : { knowledgeBase: { id, dataSourceId } };
  return { skills: { bucket, prefix, ...knowledgeBase } };
};

const schedulerOf = (values: Values): Pick<Config, "scheduler"> => {
  const { HERMES_SCHEDULER_ROLE_ARN: roleArn, HERMES_SCHEDULER_GROUP: group } = values;
  return roleArn === undefined ? {} : { scheduler: { roleArn, group } };
};

const placeOf = (
  values: Values,
): Pick<Config, "agentcoreMemoryId" | "timezone" | "functionName" | "region"> => {
  const { HERMES_AGENTCORE_MEMORY_ID: memory, HERMES_TIMEZONE: timezone } = values;
  const { AWS_LAMBDA_FUNCTION_NAME: name, AWS_REGION: region } = values;
  return {
    ...(timezone === undefined ? {} : { timezone }),
    ...(memory === undefined ? {} : { agentcoreMemoryId: memory }),
    ...(name === undefined ? {} : { functionName: name }),
    ...(region === undefined ? {} : { region }),
  };
};

/** Throws one HermesError `config` that names every variable which is missing or wrong, and what it should be. */
export const parseConfig = (raw: Readonly<Record<string, string | undefined>>): Config => {
  const env = setOnly(raw);
  const parsed = Variables.safeParse(env);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    ...crossProblems(env),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new HermesError("config", `the configuration is refused:\n- ${problems.join("\n- ")}`);
  }
  const values = parsed.data;
  return {
    telegram: telegramOf(values),
    ...modelConfigs(env),
    sessions: {
      table: values.HERMES_SESSIONS_TABLE,
      keys: {
        groupSessionsPerUser: values.HERMES_GROUP_SESSIONS_PER_USER,
        threadSessionsPerUser: values.HERMES_THREAD_SESSIONS_PER_USER,
      },
    },
    ...skillsOf(values),
    ...schedulerOf(values),
    ...placeOf(values),
    home: values.HERMES_HOME,
    dispatch: values.HERMES_DISPATCH,
    warnings: warningsOf(values),
  };
};
