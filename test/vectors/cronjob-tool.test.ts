import { describe, expect, it } from "vitest";
import { createCronjob } from "../../src/tools/cronjob.ts";
import { configWith } from "../front-door.ts";
import { jobPorts, OWNER } from "../jobs/kit.ts";
import { contextOf } from "../tools/context.ts";
import { casesOf } from "./read-vectors.ts";

type Result = Readonly<Record<string, unknown>>;

interface Case {
  readonly id: string;
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  readonly expected_last: Result;
}

/** `job.name` of `{ job: { name } }`; `…_length` is the length of the text. */
const fieldOf = (result: Result, path: string): unknown => {
  const [name = "", ...rest] = path.replace(/_length$/, "").split(".");
  const value = result[name];
  const found = rest.length === 0 ? value : fieldOf((value ?? {}) as Result, rest.join("."));
  return path.endsWith("_length") ? String(found).length : found;
};

const play = async ({ calls }: Case): Promise<Result> => {
  const ports = jobPorts();
  const context = contextOf({ session: OWNER });
  const tool = createCronjob({
    ...ports,
    keys: { groupSessionsPerUser: true, threadSessionsPerUser: false },
    delivery: configWith({}).telegram,
    log: context.log,
  });
  const results: Result[] = [];
  for (const [index, call] of calls.entries()) {
    const args = Object.fromEntries(
      Object.entries(call).map(([name, value]) => [
        name,
        value === "$1.job_id" ? results[0]?.["job_id"] : value,
      ]),
    );
    const { text } = await tool.run(args, { ...context, operation: `call-${index}` });
    results.push(JSON.parse(text) as Result);
  }
  return results.at(-1) ?? {};
};

describe("the cronjob tool answers as Hermes' does", () => {
  it.each(casesOf<Case>("cronjob_tool"))("$id", async (one) => {
    const last = await play(one);
    for (const [path, value] of Object.entries(one.expected_last)) {
      if (path === "error_contains") expect(last["error"]).toContain(value);
      else expect([path, fieldOf(last, path)]).toEqual([path, value]);
    }
  });
});
