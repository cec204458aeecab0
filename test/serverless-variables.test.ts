// What an operator may set reaches the deployed function: every variable the code reads is in serverless.yml.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");

/** Upper-case names with an underscore, as variables are spelled. */
const variablesIn = (text: string): ReadonlySet<string> =>
  new Set(text.match(/\b(?:TELEGRAM|HERMES|GATEWAY|DEEPSEEK|OPENAI|AWS)_[A-Z0-9_]+\b/g));

const NOT_PASSED: Readonly<Record<string, string>> = {
  AWS_LAMBDA_FUNCTION_NAME: "set by Lambda",
  AWS_REGION: "set by Lambda",
  HERMES_DISPATCH: "a deployed function answers the webhook first; inline is for local runs",
  HERMES_HOME: "/tmp is the only place a function may write",
};

const known = variablesIn(read("src/config.ts") + read("src/model-config.ts"));
const environment = read("serverless.yml").split("environment:")[1]?.split("\n  iam:")[0] ?? "";
const passed = new Set(environment.match(/^ {4}[A-Z0-9_]+(?=:)/gm)?.map((name) => name.trim()));

/** Read by others than the configuration. */
const PASSED_BESIDE: Readonly<Record<string, string>> = { POWERTOOLS_LOG_LEVEL: "the logger's own" };

describe("serverless.yml", () => {
  it("passes on every variable the configuration knows", () => {
    const missing = [...known].filter((name) => !passed.has(name) && !(name in NOT_PASSED));
    expect(known.size).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  });

  it("sets nothing that nobody reads", () => {
    expect([...passed].filter((name) => !known.has(name) && !(name in PASSED_BESIDE))).toEqual([]);
  });

  it("takes nothing from an operator that the README's table does not explain, and the other way round", () => {
    const table = read("README.md").split("## Configure it")[1]?.split("\n## ")[0] ?? "";
    const explained = table.match(/^\|[^|]+/gm)?.join("") ?? "";
    const asked = new Set(environment.match(/(?<=\$\{env:)[A-Z0-9_]+/g));
    for (const secret of [
      "TELEGRAM_BOT_TOKEN",
      "TELEGRAM_WEBHOOK_SECRET",
      "DEEPSEEK_API_KEY",
      "OPENAI_API_KEY",
    ])
      asked.add(secret); // as parameters
    expect([...variablesIn(explained), "POWERTOOLS_LOG_LEVEL"].toSorted()).toEqual([...asked].toSorted());
  });
});
