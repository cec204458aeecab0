// `npm run webhook -- register <url> | status | remove`: connects a deployed function to its bot.
// Reads TELEGRAM_BOT_TOKEN, TELEGRAM_WEBHOOK_SECRET and TELEGRAM_API_ROOT from the environment, else from .env; with
// HERMES_SKILLS_S3_BUCKET the skills of the bucket are in the command menu from the beginning.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createWebhookAdmin,
  type WebhookAdmin,
  type WebhookState,
} from "../src/adapters/telegram/webhook-admin.ts";
import { menuCommands } from "../src/agent/command-menu.ts";
import { asError, TelegramError } from "../src/errors.ts";
import type { SkillSummary } from "../src/skill-ports.ts";
import { readSkills } from "./read-skills.ts";

const USAGE = `Usage:
  npm run webhook -- register <url>   point the bot at a deployed function, with its command menu
  npm run webhook -- status           show where the bot's updates go and how that is going
  npm run webhook -- remove           take the webhook off; Telegram keeps updates for 24 hours
`;

const NO_URL = `register needs the function's URL. "npx serverless deploy" prints it at its end,
"npx serverless info" prints it again:
  npm run webhook -- register https://….lambda-url.<region>.on.aws/
`;

const NO_TOKEN = `TELEGRAM_BOT_TOKEN is not set. @BotFather gives it to you; put it into .env or the environment.
`;

const NO_SECRET = `TELEGRAM_WEBHOOK_SECRET must be 32 to 256 characters of A-Z a-z 0-9 _ -, and the same as in the deployment.
Make one:  node -p "crypto.randomBytes(32).toString('base64url')"
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs one command and returns the exit code. */
export async function webhookCommand(
  args: readonly string[],
  env: Environment,
  print: (text: string) => void,
): Promise<number> {
  const [command = "", url] = args;
  const problem = problemOf(command, url, env);
  if (problem) {
    print(problem);
    return 2;
  }
  const admin = createWebhookAdmin({
    token: env["TELEGRAM_BOT_TOKEN"] ?? "",
    apiRoot: env["TELEGRAM_API_ROOT"] || "https://api.telegram.org",
  });
  try {
    const secret = env["TELEGRAM_WEBHOOK_SECRET"] ?? "";
    print(await run(admin, { command, url: url ?? "", secret, skills: () => readSkills(env, print) }));
    return 0;
  } catch (error) {
    print(`${asError(error).message}\n${adviceFor(error)}`);
    return 1;
  }
}

function problemOf(command: string, url: string | undefined, env: Environment): string | undefined {
  if (!["register", "status", "remove"].includes(command)) return USAGE;
  if (!env["TELEGRAM_BOT_TOKEN"]) return NO_TOKEN;
  if (command !== "register") return undefined;
  if (!url) return NO_URL;
  if (!/^https:\/\/[^\s/]+/.test(url))
    return `${url} is not an https address; Telegram delivers to no other.\n`;
  return /^[\w-]{32,256}$/.test(env["TELEGRAM_WEBHOOK_SECRET"] ?? "") ? undefined : NO_SECRET;
}

interface Order {
  readonly command: string;
  readonly url: string;
  readonly secret: string;
  /** For the command menu. */
  skills(): Promise<readonly SkillSummary[]>;
}

async function run(admin: WebhookAdmin, { command, url, secret, skills }: Order): Promise<string> {
  if (command === "remove") {
    await admin.remove();
    return "The webhook is removed. Updates wait at Telegram, for 24 hours at most.\n";
  }
  if (command === "register") {
    const commands = menuCommands(await skills());
    await admin.register({ url, secret });
    await admin.setMenu(commands).catch((error: unknown) => {
      throw new MenuNotSet(error);
    });
  }
  return describe(await admin.state());
}

function describe(state: WebhookState): string {
  if (!state.url)
    return `@${state.botName} has no webhook. Register one: npm run webhook -- register <url>\n`;
  const failed = state.lastError
    ? `${new Date(state.lastError.at).toISOString()}  ${state.lastError.message}`
    : "none";
  return [
    `Bot                 @${state.botName}`,
    `Webhook             ${state.url}`,
    `Updates asked for   ${state.allowedUpdates.join(", ") || "Telegram's default set"}`,
    `Updates waiting     ${state.pendingUpdates}`,
    `Last failure        ${failed}`,
    "",
  ].join("\n");
}

/** The webhook was set before. */
class MenuNotSet extends Error {
  override name = "MenuNotSet";
  constructor(cause: unknown) {
    super(asError(cause).message, { cause });
  }
}

const NO_MENU = `The webhook is set, and the bot answers there; only its command menu is as it was.
`;

const MENU_REFUSED = `Telegram does not accept one of its commands: look at the names and descriptions of the skills, then register again.
`;

function adviceFor(error: unknown): string {
  if (error instanceof MenuNotSet) {
    const isRefused = error.cause instanceof TelegramError && error.cause.failure === "form";
    return `${NO_MENU}${isRefused ? MENU_REFUSED : adviceFor(error.cause)}`;
  }
  if (!(error instanceof TelegramError))
    return "This is not Telegram's doing; the message above is all there is.\n";
  switch (error.failure) {
    case "operator":
      return "The token is wrong or was revoked: @BotFather, /mybots, API Token. Then set TELEGRAM_BOT_TOKEN again.\n";
    case "rate":
      return `Try again in ${Math.ceil((error.retryAfterMs ?? 0) / 1000)} seconds.\n`;
    case "refused":
    case "unknown":
      return "Check the network and TELEGRAM_API_ROOT, then run the same command again; repeating it is harmless.\n";
    default:
      return "Telegram does not accept this address: it must be public, https, on port 443, 80, 88 or 8443.\n";
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (existsSync(".env")) process.loadEnvFile(".env");
  process.exitCode = await webhookCommand(process.argv.slice(2), process.env, (text) => {
    process.stdout.write(text);
  });
}
