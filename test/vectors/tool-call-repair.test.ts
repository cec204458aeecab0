// Hermes' cases for badly written tool calls. Not run: `may_run_in_parallel`, which asks about MCP servers and
// upstream's terminal and file tools; ours say so themselves (`Tool.parallel`), and the loop's tests cover it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repairArguments, repairToolName } from "../../src/agent/tool-call-repair.ts";

type Case = { readonly id: string } & (
  | { readonly fn: "repair_arguments"; readonly input: string; readonly expected_json: unknown }
  | { readonly fn: "repair_tool_name"; readonly input: string; readonly expected: string | null }
  | { readonly fn: "may_run_in_parallel" }
);

const folder = process.env["VECTORS"] ?? import.meta.dirname;
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(join(folder, "tool_call_repair.json"), "utf8"),
);

/** As the suite's notes name them. */
const VALID_TOOLS = [
  "todo",
  "patch",
  "browser_click",
  "browser_navigate",
  "web_search",
  "read_file",
  "write_file",
  "terminal",
  "execute_code",
  "session_search",
];

describe("arguments are repaired as Hermes does", () => {
  it.each(cases.filter((one) => one.fn === "repair_arguments"))("$id: $input", ({ input, expected_json }) => {
    expect(JSON.parse(repairArguments(input))).toEqual(expected_json);
  });
});

describe("tool names are recognised as Hermes does", () => {
  it.each(cases.filter((one) => one.fn === "repair_tool_name"))("$id: $input", ({ input, expected }) => {
    expect(repairToolName(input, VALID_TOOLS) ?? null).toBe(expected);
  });
});

it("knows every kind of case in the suite", () => {
  const kinds = new Set(cases.map((one) => one.fn));
  expect(["repair_arguments", "repair_tool_name", "may_run_in_parallel"]).toEqual(
    expect.arrayContaining([...kinds]),
  );
});
