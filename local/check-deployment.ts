// What `serverless package` and `deploy` ask before anything is built: would the function start with these variables, and
// read this home/config.yaml? The function's own parsers answer. Called by serverless-plugin.cjs.

import { parseConfig } from "../src/config.ts";
import { HermesError } from "../src/errors.ts";
import { parseConfig as parseHomeConfig } from "../src/home/config.ts";
import { parseYaml } from "../src/yaml.ts";

export interface Deployment {
  /** The function's variables as serverless.yml resolves to: text, or a reference that CloudFormation replaces. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** The text of home/config.yaml; absent = there is none, and the defaults hold. */
  readonly homeConfig?: string;
}

export interface Findings {
  /** With any of these the function refuses to start, or to take a turn. */
  readonly problems: readonly string[];
  /** What the function would say in its log alone. */
  readonly warnings: readonly string[];
}

/** Never throws, and says no value of a variable. */
export const checkDeployment = ({ environment, homeConfig = "" }: Deployment): Findings => {
  const variables = variableFindings(environment);
  const home = homeFindings(homeConfig);
  return {
    problems: [...variables.problems, ...home.problems],
    warnings: [...variables.warnings, ...home.warnings],
  };
};

/** Secrets are parameters too (serverless.yml): they need not be in a file. */
const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ["TELEGRAM_BOT_TOKEN", "telegramBotToken"],
  ["TELEGRAM_WEBHOOK_SECRET", "telegramWebhookSecret"],
  ["DEEPSEEK_API_KEY", "deepseekApiKey"],
  ["OPENAI_API_KEY", "openaiApiKey"],
]);

const HOME_CONFIG = "home/config.yaml";

export const refusalOf = (problems: readonly string[]): string => {
  const names = problems.map(nameIn).filter((name) => /^[A-Z0-9_]+$/.test(name));
  const parameters = names.flatMap((name) => PARAMETERS.get(name) ?? []);
  const passed = parameters.map((parameter) => ` --param="${parameter}=…"`).join("");
  return [
    "The function would not work like this:",
    ...problems.map((problem) => `- ${problem}`),
    ...(names.length === 0
      ? []
      : [`Put them into .env (see .env.example)${passed && ` or pass them:${passed}`}`]),
  ].join("\n");
};

const nameIn = (problem: string): string => problem.slice(0, problem.indexOf(":"));

/** Stands for a value that is not known yet. Where one has a form to keep, it keeps it, so that the rest is looked at too. */
const STAND_INS: Readonly<Record<string, string>> = {
  TELEGRAM_BOT_TOKEN: "1:known-later",
  TELEGRAM_WEBHOOK_SECRET: "known-later-known-later-known-later",
  HERMES_SCHEDULER_ROLE_ARN: "arn:aws:iam::000000000000:role/known-later",
};
const KNOWN_LATER = "known-later";

/** An intrinsic function (`!Ref`), or a dynamic reference to Secrets Manager or SSM: CloudFormation puts the value in. */
const isKnownLater = (value: unknown): boolean =>
  (typeof value === "object" && value !== null) ||
  (typeof value === "string" && value.includes("{{resolve:"));

const variableFindings = (environment: Deployment["environment"]): Findings => {
  const later = new Set(Object.keys(environment).filter((name) => isKnownLater(environment[name])));
  const values = Object.entries(environment).map(([name, value]): [string, string] => [
    name,
    later.has(name) ? (STAND_INS[name] ?? KNOWN_LATER) : String(value ?? ""),
  ]);
  try {
    // Lambda sets it.
    const { warnings } = parseConfig({ ...Object.fromEntries(values), AWS_LAMBDA_FUNCTION_NAME: "hermes" });
    return { problems: [], warnings };
  } catch (error) {
    return { problems: clausesOf(error).filter((clause) => !later.has(nameIn(clause))), warnings: [] };
  }
};

/** config.ts has a line for each problem, below one that says that there are some. */
const clausesOf = (error: unknown): readonly string[] => {
  if (!(error instanceof HermesError)) throw error;
  return error.message.split("\n- ").slice(1);
};

const homeFindings = (text: string): Findings => {
  try {
    const { unknownKeys } = parseHomeConfig(text, HOME_CONFIG, parseYaml);
    const warnings = unknownKeys.map((key) => `${HOME_CONFIG}: ${key} is not known here and has no effect`);
    return { problems: [], warnings };
  } catch (error) {
    if (!(error instanceof HermesError)) throw error;
    // Of a file that is no YAML the first line says where; the others show its text.
    return { problems: [error.message.split("\n", 1).join("")], warnings: [] };
  }
};
