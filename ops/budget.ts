// `npm run budget -- show | set | unset`: what a day has cost, and the limits. They hold from the next turn on, without a deploy.
// Uses the AWS credentials of the shell, and the table that `npx serverless deploy` made; reads the environment, else .env.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  type Account,
  listAccounts,
  listLimits,
  setLimits,
  unsetLimits,
} from "../src/adapters/dynamodb/ledger-admin.ts";
import { openTable, type Table } from "../src/adapters/dynamodb/table.ts";
import { dayOf, dollars, microsOf, thousands } from "../src/usage/money.ts";
import { NO_SPENDING, sumOf } from "../src/usage/spending.ts";
import type { Limits, LimitsOf } from "../src/usage-ports.ts";
import { OperatorMistake, runForOperator, tableName, understood } from "./operator.ts";

const USAGE = `Usage:
  npm run budget -- show [--day 2026-11-24]     who spent what that day (UTC; default: today), and the limits
  npm run budget -- set WHOM [limits]           limits in US dollars; what is not named stays as it is
  npm run budget -- unset WHOM                  back to the limits of everybody, or of home/config.yaml

WHOM      limits
  default   --day 2 --turn 0.5 --job-day 0.5    everybody's day, turns and jobs
  user 42   --day 5 --turn 0.5                  of one person
  job ID    --day 1 --turn 0.5                  of one job

Options:
  --table NAME      default: HERMES_SESSIONS_TABLE ("npx serverless info --verbose" prints SessionsTableName)
`;

/** Words after the command, and options as they were written. */
export interface BudgetWish {
  readonly words: readonly string[];
  readonly day?: string | undefined;
  readonly turn?: string | undefined;
  readonly "job-day"?: string | undefined;
}

interface Stack {
  readonly table: Table;
  now(): number;
}

/** Runs one command; resolves with what is printed. Throws with a sentence for the operator. */
export const budgetCommand = async ({ table, now }: Stack, wish: BudgetWish): Promise<string> => {
  const [command, ...whom] = wish.words;
  if (command === "show") return show(table, wish.day ?? dayOf(now()));
  const of = limitsOf(whom);
  if (command === "unset") {
    await unsetLimits(table, of);
    return `${whom.join(" ")}: has no limits of its own any more.\n`;
  }
  const limits = wishedLimits(of, wish);
  await setLimits(table, of, limits);
  return `${whom.join(" ")}: ${inWords(limits)}, from the next turn on.\n`;
};

const show = async (table: Table, day: string): Promise<string> => {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))
    throw new OperatorMistake(`--day: "${day}" is no day such as 2026-11-24.`);
  const [accounts, limits] = await Promise.all([listAccounts(table, day), listLimits(table)]);
  // Every call is on one person's account, once; chats and jobs are other views of the same money.
  const people = accounts.filter(({ name }) => name.startsWith("user#"));
  const total = { name: "all together", ...people.reduce(sumOf, NO_SPENDING) };
  return [
    `${day} (UTC)`,
    ...(accounts.length === 0 ? ["  nothing was spent"] : [total, ...accounts].map(listed)),
    "Limits beside those of home/config.yaml",
    ...(limits.length === 0 ? ["  none"] : limits.map(({ name, limits: of }) => `  ${name}  ${inWords(of)}`)),
    "",
  ].join("\n");
};

const listed = ({ name, cost, calls, estimated, usage }: Account): string => {
  const { prompt, cached, completion, reasoning } = usage;
  const guessed = estimated === 0 ? "" : `, ${estimated} estimated`;
  return (
    `  ${name}  ${dollars(cost)}  ${calls} calls${guessed}, prompt ${thousands(prompt)} (${thousands(cached)} cached), ` +
    `completion ${thousands(completion)} (${thousands(reasoning)} reasoning)`
  );
};

const limitsOf = ([kind, id, ...more]: readonly string[]): LimitsOf => {
  const isAlone = more.length === 0;
  if (kind === "default" && id === undefined) return { kind };
  if (kind === "user" && isAlone && /^-?\d{1,16}$/.test(id ?? "")) return { kind, id: Number(id) };
  if (kind === "job" && isAlone && id !== undefined) return { kind, id };
  throw new OperatorMistake('Say whom: "default", "user 42" or "job 3f2a9c1b7d4e".');
};

const wishedLimits = (of: LimitsOf, wish: BudgetWish): Limits => {
  const [day, turn, jobDay] = [wish.day, wish.turn, wish["job-day"]].map(microsIn);
  if (of.kind !== "default" && jobDay !== undefined)
    throw new OperatorMistake("--job-day is everybody's; a job's own is `set job ID --day`.");
  const limits = {
    ...(day === undefined ? {} : of.kind === "job" ? { jobDay: day } : { userDay: day }),
    ...(turn === undefined ? {} : { turn }),
    ...(jobDay === undefined ? {} : { jobDay }),
  };
  if (Object.keys(limits).length === 0)
    throw new OperatorMistake("Say how much: --day, --turn or --job-day.");
  return limits;
};

const microsIn = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text))
    throw new OperatorMistake(`"${text}" is no amount of US dollars such as 1.50.`);
  return microsOf(Number(text));
};

const inWords = ({ userDay, turn, jobDay }: Limits): string =>
  [
    ...(userDay === undefined ? [] : [`${dollars(userDay)} a person's day`]),
    ...(turn === undefined ? [] : [`${dollars(turn)} a turn`]),
    ...(jobDay === undefined ? [] : [`${dollars(jobDay)} a job's day`]),
  ].join(", ");

/** Throws for options there are none of. */
const wishIn = (args: readonly string[]) => {
  const isId = (word: string, index: number) => args[index - 1] === "user" && /^-\d+$/.test(word);
  const { positionals: words, values } = parseArgs({
    // A negative id (a channel that writes) looks like an option; behind "--" nothing does.
    args: [...args.filter((word, index) => !isId(word, index)), "--", ...args.filter(isId)],
    allowPositionals: true,
    options: {
      table: { type: "string" },
      day: { type: "string" },
      turn: { type: "string" },
      "job-day": { type: "string" },
    },
  });
  return { words, ...values };
};

const main = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const { table, ...wish } = understood(() => wishIn(process.argv.slice(2)), USAGE);
  if (!["show", "set", "unset"].includes(wish.words[0] ?? "")) throw new OperatorMistake(USAGE);
  const stack = { table: openTable({ name: tableName(table, env) }), now: Date.now };
  return budgetCommand(stack, wish);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await runForOperator(main, "the table");
