// What the commands over the stack's table share: .env, the table's name, and what an operator reads when something is wrong.
// Called by budget.ts and failed.ts.

import { existsSync } from "node:fs";
import { asError } from "../src/errors.ts";

/** The command was called wrongly; the message says how it is called. Whatever else is thrown is AWS' doing. */
export class OperatorMistake extends Error {
  override name = "OperatorMistake";
}

const NO_TABLE = `HERMES_SESSIONS_TABLE is not set: "npx serverless info --verbose" prints it as SessionsTableName.
Put it into .env, or pass --table NAME.`;

const CHECK =
  "Check the AWS credentials and the region of this shell (AWS_PROFILE, AWS_REGION), and the name of";

type Environment = Readonly<Record<string, string | undefined>>;

export const tableName = (given: string | undefined, env: Environment): string => {
  const name = given?.trim() || env["HERMES_SESSIONS_TABLE"]?.trim();
  if (!name) throw new OperatorMistake(NO_TABLE);
  return name;
};

/** What `parse` throws is about the arguments. */
export const understood = <T>(parse: () => T, usage: string): T => {
  try {
    return parse();
  } catch (error) {
    throw new OperatorMistake(`${asError(error).message}\n\n${usage}`);
  }
};

/** Runs an entry point: prints what `command` resolves with. `named`: what the operator has named, and may have named wrongly. */
export const runForOperator = async (
  command: (env: Environment) => Promise<string>,
  named: string,
): Promise<void> => {
  if (existsSync(".env")) process.loadEnvFile(".env");
  try {
    process.stdout.write(await command(process.env));
  } catch (error) {
    const isMistake = error instanceof OperatorMistake;
    const advice = isMistake ? "" : `${CHECK} ${named}.\n`;
    process.stderr.write(`${asError(error).message.trimEnd()}\n${advice}`);
    process.exitCode = isMistake ? 2 : 1;
  }
};
