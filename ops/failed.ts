// `npm run failed -- list | show N | replay N | forget N`: what the agent has given up on, and another try at it.
// Uses the AWS credentials of the shell, and the table and the function that `npx serverless deploy` made; reads the
// environment, else .env.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createDoorbell, openLambda } from "../src/adapters/doorbell.ts";
import { forgetFailure, listFailures } from "../src/adapters/dynamodb/failures.ts";
import { createInbox } from "../src/adapters/dynamodb/inbox.ts";
import { openTable, type Table } from "../src/adapters/dynamodb/table.ts";
import type { Doorbell, Failure } from "../src/ports.ts";
import type { Entry, EntryId } from "../src/turn.ts";
import { OperatorMistake, runForOperator, tableName, understood } from "./operator.ts";

const USAGE = `Usage:
  npm run failed -- list         what was given up on, oldest first
  npm run failed -- show N       all of number N
  npm run failed -- replay N     put its entries back into their inbox and wake the function
  npm run failed -- forget N     delete the record

Options:
  --table NAME      default: HERMES_SESSIONS_TABLE ("npx serverless info --verbose" prints SessionsTableName)
  --function NAME   default: hermes-dev-hermes (another stage than dev: hermes-STAGE-hermes)
`;

interface Stack {
  readonly table: Table;
  readonly doorbell: Doorbell;
}

/** Runs one command; resolves with what is printed. Throws with a sentence for the operator. */
export const failedCommand = async (stack: Stack, command: string, number?: string): Promise<string> => {
  const failures = await listFailures(stack.table);
  if (command === "list")
    return failures.length === 0 ? "Nothing was given up on.\n" : failures.map(listed).join("\n");
  const failure = failures[Number(number) - 1];
  if (failure === undefined)
    throw new OperatorMistake(
      `There is no number ${number ?? "(none given)"}; list shows ${failures.length}.`,
    );
  if (command === "show") return `${JSON.stringify(failure, null, 2)}\n`;
  if (command === "replay") await replay(stack, failure);
  await forgetFailure(stack.table, failure);
  return command === "replay" ? `${failure.entries.length} entries are back in the inbox.\n` : "Forgotten.\n";
};

const listed = ({ at, session, tries, entries, undelivered }: Failure, index: number): string => {
  const what = entries.map(({ kind }) => kind).join(", ") || "entries that are gone";
  const how = undelivered === undefined ? "" : ", with an answer that was not delivered";
  return `${index + 1}. ${new Date(at).toISOString()}  ${session}  ${what} after ${tries} tries${how}\n`;
};

/**
 * What was given up counts as answered: it comes back under ids of its own, in its order. They follow from the record, so that
 * a replay that was cut short (no such function, a lost connection) can be run again and brings nothing twice.
 */
const replay = async ({ table, doorbell }: Stack, { session, entries, at }: Failure): Promise<void> => {
  if (entries.length === 0)
    throw new OperatorMistake("Its entries were gone already: there is nothing to put back.");
  const inbox = createInbox(table);
  for (const entry of entries) await inbox.put(session, again(entry, at));
  await doorbell.wake(session);
};

const again = (entry: Entry, givenUpAt: number): Entry => {
  if (entry.kind !== "tick") return { ...entry, id: `${entry.id}#again${givenUpAt}` as EntryId };
  // A job's run is known by its time, and so is what it posts: this is a new run, whatever state the job is in.
  const scheduledTime = new Date(givenUpAt).toISOString();
  return {
    ...entry,
    id: `t#${entry.job.id}#${scheduledTime}` as EntryId,
    scheduledTime,
    at: givenUpAt,
    isManual: true,
  };
};

const argumentsIn = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { table: { type: "string" }, function: { type: "string", default: "hermes-dev-hermes" } },
  });

const main = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const { positionals, values } = understood(() => argumentsIn(process.argv.slice(2)), USAGE);
  const [command = "", number] = positionals;
  if (!["list", "show", "replay", "forget"].includes(command)) throw new OperatorMistake(USAGE);
  const table = openTable({ name: tableName(values.table, env) });
  const doorbell = createDoorbell({ functionName: values.function, client: openLambda() });
  return failedCommand({ table, doorbell }, command, number);
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runForOperator(main, "the table and of the function");
