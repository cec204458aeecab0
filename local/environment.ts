// The environment of a local run. Only the model's variables are taken from the person's own (.env or shell); every
// other name the function knows is replaced, so that a recorded event reaches neither real Telegram nor an account.

import { join, resolve } from "node:path";

export type Env = Record<string, string | undefined>;

/** Names a person may set for a local run: which model answers, and with what key. */
const MODEL_VARIABLES = [
  "HERMES_PROVIDER",
  "HERMES_MODEL",
  "HERMES_FALLBACK_MODEL",
  "DEEPSEEK_API_KEY",
  "DEEPSEEK_BASE_URL",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
] as const;

/** Whatever begins so is ours, the SDKs' or Powertools', and must not come from the person's shell. */
const REPLACED = /^(TELEGRAM_|HERMES_|GATEWAY_|AWS_|DEEPSEEK_|OPENAI_|POWERTOOLS_|_X_AMZN_)/;

/** What a person can do something about; it is told without a stack trace. */
export class LocalRunError extends Error {
  override readonly name = "LocalRunError";
}

/** The bot and the person of the recorded events. */
export const LOCAL_BOT_TOKEN = "7000000001:local-bot-token-of-the-recorded-events";
export const LOCAL_WEBHOOK_SECRET = "local-webhook-secret-0123456789abcdef";
export const LOCAL_BOT_USERNAME = "hermes_lambda_bot";
export const LOCAL_USER_ID = 42;
export const LOCAL_TABLE = "hermes-sessions";
export const LOCAL_SCHEDULE_GROUP = "hermes";
export const LOCAL_BUCKET = "hermes-skills";
export const LOCAL_MEMORY_ID = "hermes-local00001";
export const LOCAL_KNOWLEDGE_BASE_ID = "LOCALKB001";
export const LOCAL_DATA_SOURCE_ID = "LOCALDS001";
export const LOCAL_FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:hermes";
const LOCAL_SCHEDULER_ROLE = "arn:aws:iam::000000000000:role/hermes-local-scheduler";

export interface Endpoints {
  readonly telegram: string;
  readonly dynamodb: string;
  readonly lambda: string;
  /** Absent: there are no schedules. */
  readonly scheduler?: string;
  /** Absent: there are no skills. */
  readonly s3?: string;
  /** Absent: the built-in memory. */
  readonly agentcore?: string;
  /** Absent: skills are searched by their words. */
  readonly knowledgeBase?: string;
  /** The scripted model; used when no key for a real one is set. */
  readonly model: string;
}

/** Where state stays from one run to the next: HERMES_LOCAL_STATE, else `.hermes` in the project. */
export const stateDirectory = (own: Env, projectDirectory: string): string =>
  own["HERMES_LOCAL_STATE"] ? resolve(own["HERMES_LOCAL_STATE"]) : join(projectDirectory, ".hermes");

/** HERMES_LOCAL_KEEP_IDS: a recorded event keeps its ids, so that the second run of it is a duplicate. */
export const keepsIds = (own: Env): boolean => Boolean(own["HERMES_LOCAL_KEEP_IDS"]);

/** The real model the person's variables name, in words; undefined when they do not, or give no key for it. */
export const realModel = (own: Env): string | undefined => {
  const provider = own["HERMES_PROVIDER"] || "deepseek";
  if (provider !== "deepseek" && provider !== "openai") return undefined;
  const prefix = provider.toUpperCase();
  if (!own[`${prefix}_API_KEY`]) return undefined;
  const model = own["HERMES_MODEL"] ? ` ${own["HERMES_MODEL"]}` : "";
  const host = own[`${prefix}_BASE_URL`] ? ` at ${own[`${prefix}_BASE_URL`]}` : "";
  return `${provider}${model}${host}`;
};

/** Which model answers, in words, and why when it is not the person's own. Throws LocalRunError. */
export const whoAnswers = (own: Env): string => {
  const real = realModel(own);
  if (real !== undefined) return `The model answers: ${real}, with your key`;
  const provider = own["HERMES_PROVIDER"] || "deepseek";
  if (provider === "bedrock") return "Local runs know no Bedrock: the scripted model answers";
  if (provider !== "deepseek" && provider !== "openai")
    throw new LocalRunError(
      "HERMES_PROVIDER: must be deepseek, bedrock or openai. Local runs know no Bedrock.",
    );
  return `The scripted model answers (set ${provider.toUpperCase()}_API_KEY for the real one)`;
};

const SERVICES = ["memory", "search"] as const;
export type LocalService = (typeof SERVICES)[number];

/**
 * HERMES_LOCAL_SERVICES: which of the services a deployment can do without a local run has, `memory` (AgentCore) and `search`
 * (a Knowledge Base), comma-separated. Throws LocalRunError.
 */
export const localServices = (own: Env): ReadonlySet<LocalService> => {
  const names = (own["HERMES_LOCAL_SERVICES"] ?? "").split(",").map((name) => name.trim());
  const unknown = names.filter((name) => name !== "" && !isService(name));
  if (unknown.length > 0) {
    const quoted = unknown.map((name) => JSON.stringify(name)).join(", ");
    throw new LocalRunError(`HERMES_LOCAL_SERVICES: ${quoted} is none of ${SERVICES.join(", ")}.`);
  }
  return new Set(names.filter(isService));
};

const isService = (name: string): name is LocalService => SERVICES.some((one) => one === name);

/** All the function's variables for a local run; `directory` is where state stays from one run to the next. */
export const localEnvironment = (
  own: Env,
  endpoints: Endpoints,
  directory: string,
): Record<string, string> => ({
  ...(realModel(own) !== undefined
    ? picked(own)
    : { DEEPSEEK_API_KEY: "scripted", DEEPSEEK_BASE_URL: `${endpoints.model}/v1` }),
  TELEGRAM_BOT_TOKEN: LOCAL_BOT_TOKEN,
  TELEGRAM_WEBHOOK_SECRET: LOCAL_WEBHOOK_SECRET,
  TELEGRAM_BOT_USERNAME: LOCAL_BOT_USERNAME,
  TELEGRAM_ALLOWED_USERS: String(LOCAL_USER_ID),
  TELEGRAM_GROUP_ALLOWED_CHATS: "-1001234567890",
  TELEGRAM_REQUIRE_MENTION: "true",
  TELEGRAM_API_ROOT: endpoints.telegram,
  HERMES_SESSIONS_TABLE: LOCAL_TABLE,
  HERMES_HOME: join(directory, "home"),
  HERMES_DISPATCH: "inline",
  POWERTOOLS_LOG_LEVEL: "WARN",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_LAMBDA_FUNCTION_NAME: "hermes",
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
  ...(endpoints.scheduler === undefined
    ? {}
    : {
        HERMES_SCHEDULER_ROLE_ARN: LOCAL_SCHEDULER_ROLE,
        HERMES_SCHEDULER_GROUP: LOCAL_SCHEDULE_GROUP,
        AWS_ENDPOINT_URL_SCHEDULER: endpoints.scheduler,
      }),
  ...optionalServices(endpoints),
  // Any service without a stand-in ends here, and is refused, instead of reaching an account.
  AWS_ENDPOINT_URL: endpoints.lambda,
});

const optionalServices = ({ s3, agentcore, knowledgeBase }: Endpoints): Record<string, string> => ({
  ...(s3 === undefined ? {} : { HERMES_SKILLS_S3_BUCKET: LOCAL_BUCKET, AWS_ENDPOINT_URL_S3: s3 }),
  ...(agentcore === undefined
    ? {}
    : {
        HERMES_AGENTCORE_MEMORY_ID: LOCAL_MEMORY_ID,
        AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: agentcore,
      }),
  ...(knowledgeBase === undefined
    ? {}
    : {
        HERMES_KNOWLEDGE_BASE_ID: LOCAL_KNOWLEDGE_BASE_ID,
        HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: LOCAL_DATA_SOURCE_ID,
        AWS_ENDPOINT_URL_BEDROCK_AGENT: knowledgeBase,
        AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME: knowledgeBase,
      }),
});

const picked = (own: Env): Record<string, string> =>
  Object.fromEntries(
    MODEL_VARIABLES.flatMap((name) => {
      const value = own[name];
      return value ? [[name, value]] : [];
    }),
  );

/** Makes `target` (a process's environment) the environment of a local run, in place. */
export const replaceEnvironment = (target: Env, values: Readonly<Record<string, string>>): void => {
  for (const name of Object.keys(target)) if (REPLACED.test(name)) delete target[name];
  Object.assign(target, values);
};
