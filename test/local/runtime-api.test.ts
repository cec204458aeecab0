import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type EnvironmentHandle, type FunctionOptions, startFunction } from "../../local/runtime-api.ts";

/** A handler that shows what its environment is, in a function of its own. */
const startWith = (handler: string, options: Partial<FunctionOptions> = {}) => {
  const directory = mkdtempSync(join(tmpdir(), "hermes-runtime-"));
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  writeFileSync(join(directory, "index.js"), handler);
  const one = startFunction({ directory, handler: "index.handler", env: {}, ...options });
  onTestFinished(async () => {
    await one.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return one;
};

const COUNTING = `let count = 0;
export const handler = async (event, context) => {
  count += 1;
  if (event.wait) await new Promise((resolve) => setTimeout(resolve, event.wait));
  return { pid: process.pid, count, event, id: context.awsRequestId, left: context.getRemainingTimeInMillis() };
};`;

interface Counted {
  readonly pid: number;
  readonly count: number;
  readonly id: string;
  readonly left: number;
}

const resultOf = (outcome: Awaited<ReturnType<ReturnType<typeof startFunction>["invoke"]>>): Counted => {
  if (outcome.kind !== "result") throw new Error(outcome.errorMessage);
  return outcome.result as Counted;
};

describe("the Runtime API", () => {
  it("runs events of one environment one after the other, warm", async () => {
    const one = startWith(COUNTING, { timeoutMs: 60_000 });
    const first = resultOf(await one.invoke({}, { requestId: "r-1" }));
    const second = resultOf(await one.invoke({}));
    expect(first).toMatchObject({ count: 1, id: "r-1" });
    expect(first.left).toBeGreaterThan(0);
    expect(first.left).toBeLessThanOrEqual(60_000);
    expect(second).toMatchObject({ count: 2, pid: first.pid });
  });

  it("starts another environment for an event that comes while the first is busy", async () => {
    const one = startWith(COUNTING);
    const [a, b] = await Promise.all([one.invoke({ wait: 100 }), one.invoke({ wait: 100 })]);
    expect(resultOf(a).pid).not.toBe(resultOf(b).pid);
  });

  it("starts cold after a recycling", async () => {
    const one = startWith(COUNTING);
    const first = resultOf(await one.invoke({}));
    await one.recycle();
    const second = resultOf(await one.invoke({}));
    expect(second.count).toBe(1);
    expect(second.pid).not.toBe(first.pid);
  });

  it("reports what a handler throws, and the environment lives on", async () => {
    const one = startWith(`let count = 0;
      export const handler = async () => { count += 1; if (count === 1) throw new TypeError("no"); return count; };`);
    expect(await one.invoke({})).toEqual({ kind: "error", errorType: "TypeError", errorMessage: "no" });
    expect(await one.invoke({})).toEqual({ kind: "result", result: 2 });
  });

  it.each([
    ["does not load", 'throw new Error("no configuration");', "no configuration"],
    ["exits", "export const handler = () => process.exit(3);", "the runtime exited with status 3"],
  ])("reports a function that %s", async (_, handler, errorMessage) => {
    expect(await startWith(handler).invoke({})).toMatchObject({ kind: "error", errorMessage });
  });

  it("reports an environment that is killed in the middle, and the next event starts another", async () => {
    const logged = Promise.withResolvers<void>();
    const one = startWith(
      'export const handler = (event) => { console.log("at work"); return event.hang ? new Promise(() => setInterval(() => {}, 1e6)) : 1; };',
      { onLog: () => logged.resolve() },
    );
    const killed = one.invoke({ hang: true });
    await logged.promise;
    one.kill();
    expect(await killed).toMatchObject({
      kind: "error",
      errorType: "Runtime.ExitError",
      errorMessage: "the runtime exited with SIGKILL",
    });
    expect(await one.invoke({})).toEqual({ kind: "result", result: 1 });
  });

  it("gives the function its own variables and none of the machine's", async () => {
    process.env["LOCAL_RUNTIME_PROBE"] = "of the machine";
    onTestFinished(() => void delete process.env["LOCAL_RUNTIME_PROBE"]);
    const one = startWith("export const handler = async () => process.env;", { env: { GIVEN: "yes" } });
    const outcome = await one.invoke({});
    expect(outcome).toMatchObject({
      kind: "result",
      result: { GIVEN: "yes", AWS_LAMBDA_FUNCTION_NAME: "hermes", LAMBDA_TASK_ROOT: expect.any(String) },
    });
    expect(outcome.kind === "result" && outcome.result).not.toHaveProperty("LOCAL_RUNTIME_PROBE");
  });

  it("passes on what the function logs, line by line", async () => {
    const lines: string[] = [];
    const one = startWith('export const handler = async () => { console.log("a\\nb"); };', {
      onLog: (line) => lines.push(line),
    });
    await one.invoke({});
    await one.close();
    expect(lines).toEqual(["a", "b"]);
  });

  it("hands out each environment before it starts, to be given variables and to be killed alone", async () => {
    const environments: EnvironmentHandle[] = [];
    const one = startWith(
      "export const handler = async () => ({ pid: process.pid, own: process.env.OWN });",
      {
        env: { OWN: "of the function" },
        onEnvironment: (environment) => {
          environments.push(environment);
          return { OWN: `of environment ${environment.number}` };
        },
      },
    );
    const [first, second] = await Promise.all([one.invoke({}), one.invoke({})]);
    expect([first, second]).toMatchObject([
      { result: { own: "of environment 1" } },
      { result: { own: "of environment 2" } },
    ]);
    environments[0]?.signal("SIGKILL");
    // The one that is dying gets no event any more, the other does.
    expect(await one.invoke({})).toEqual(second);
  });

  it("tells how much time is left by the clock it was given", async () => {
    const aheadMs = 60_000;
    const one = startWith(COUNTING, { timeoutMs: 5_000, now: () => Date.now() + aheadMs });
    const { left } = resultOf(await one.invoke({}));
    expect(left).toBeGreaterThan(aheadMs);
    expect(left).toBeLessThanOrEqual(aheadMs + 5_000);
  });
});
