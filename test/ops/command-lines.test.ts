// The operator's commands over the table, as they are typed: what they take, and what they say when something is missing.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalTable, startTable } from "../adapters/dynamodb/local-table.ts";

const RUN = resolve(import.meta.dirname, "../../local/run.cjs");
const folder = mkdtempSync(join(tmpdir(), "hermes-ops-"));

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(async () => {
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

/** With this .env, and nothing of this machine's environment. */
const run = (line: string, dotEnv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  new Promise<{ readonly status: number; readonly output: string }>((done) => {
    const [command = "", ...args] = line.split(" ");
    const endpoint = local.dynamoDb.endpoint;
    const directory = mkdtempSync(join(folder, "run-"));
    writeFileSync(join(directory, ".env"), dotEnv.join("\n"));
    execFile(
      process.execPath,
      [RUN, `../ops/${command}.ts`, ...args],
      {
        cwd: directory,
        env: {
          PATH: process.env["PATH"],
          HOME: directory,
          AWS_ENDPOINT_URL: endpoint,
          AWS_EC2_METADATA_DISABLED: "true",
          ...CREDENTIALS,
          ...env,
        },
      },
      (error, stdout, stderr) => done({ status: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });

const CHECK =
  "Check the AWS credentials and the region of this shell (AWS_PROFILE, AWS_REGION), and the name of";

describe("a command over the table", () => {
  it.each(["budget set user 42 --day 5", "failed list"])(
    "says that the table's name alone is missing: %s",
    async (line) => {
      expect(await run(line, ["HERMES_SESSIONS_TABLE="])).toEqual({
        status: 2,
        output:
          'HERMES_SESSIONS_TABLE is not set: "npx serverless info --verbose" prints it as SessionsTableName.\n' +
          "Put it into .env, or pass --table NAME.\n",
      });
    },
  );

  it("reads the table and the region from .env, and takes the negative id of a channel", async () => {
    const dotEnv = ["HERMES_SESSIONS_TABLE=hermes", "AWS_REGION=local"];
    expect(await run("budget set user -1001 --day 5", dotEnv)).toEqual({
      status: 0,
      output: "user -1001: $5.00 a person's day, from the next turn on.\n",
    });
    expect((await run("budget show", dotEnv)).output).toContain("user#-1001  $5.00 a person's day");
    expect(await run("budget --table hermes unset user -1001", dotEnv)).toMatchObject({ status: 0 });
    expect(await run("failed list", dotEnv)).toEqual({ status: 0, output: "Nothing was given up on.\n" });
  });

  it.each([
    ["budget show", "the table.", {}, "Region is missing"],
    ["failed list", "the table and of the function.", {}, "Region is missing"],
    ["budget show --table elsewhere", "the table.", { AWS_REGION: "local" }, "there is no table elsewhere"],
  ])("says what to look at when AWS does not answer: %s", async (line, named, env, reason) => {
    const { status, output } = await run(line, ["HERMES_SESSIONS_TABLE=hermes"], env);
    expect(status).toBe(1);
    expect(output).toContain(reason);
    expect(output).toContain(`\n${CHECK} ${named}\n`);
  });

  it.each([
    ["budget set user -1 --dya 5", "Unknown option '--dya'"],
    ["budget set user --day 5", "Say whom"],
    ["budget spend", "Usage:"],
    ["failed list --all", "Unknown option '--all'"],
    ["failed show 7", "There is no number 7"],
  ])("says what is wrong with %s, and nothing of AWS", async (line, reason) => {
    const { status, output } = await run(line, ["HERMES_SESSIONS_TABLE=hermes", "AWS_REGION=local"]);
    expect(status).toBe(2);
    expect(output).toContain(reason);
    expect(output).not.toContain(CHECK);
  });
});
