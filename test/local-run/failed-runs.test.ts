// `serverless invoke local` that cannot go well: it says so, fails, and leaves no process behind.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { startModel } from "../../local/model/server.ts";
import { inOrderOf, invokeLocal, NODE, openProject } from "./kit.ts";

describe.concurrent("a run that goes wrong", () => {
  const LOST = { left: [] };

  it("says so at once when another one has the state", async () => {
    const project = openProject();
    const state = project.state();
    const other = await startDynamoDb({ path: join(state, "dynamodb") });
    await fetch(other.endpoint, { method: "POST" }); // it opens its store at the first request
    const run = await project.invokeLocal("telegram-text", { HERMES_LOCAL_STATE: state });
    await other.close();
    expect(run).toMatchObject({ ...LOST, status: 1 });
    expect(run.output).toContain(`Another local run is using ${state}`);
    expect(run.output).not.toContain("    at ");
  });

  it.each([
    [
      "the function does not load",
      { "src/handler.ts": 'throw new Error("broken at the top");' },
      "broken at the top",
    ],
    [
      "the function throws",
      { "src/handler.ts": 'export const handler = async () => { throw new Error("broken inside"); };' },
      "broken inside",
    ],
    [
      "the function answers that it failed",
      { "src/handler.ts": "export const handler = async () => ({ statusCode: 503 });" },
      '"statusCode": 503',
    ],
    ["the function does not build", { "src/handler.ts": "const = 1;" }, "Expected identifier"],
  ])(
    "fails and leaves nothing behind when %s",
    async (_, files, words) => {
      const project = openProject(files);
      const run = await project.invokeLocal("telegram-text", { HERMES_LOCAL_STATE: project.state() });
      expect(run).toMatchObject({ ...LOST, status: 1 });
      expect(run.output).toContain(words);
    },
    60_000,
  );

  it("fails when the stack cannot start", async () => {
    const project = openProject();
    const state = project.state();
    writeFileSync(state, "a file, not a folder");
    const run = await project.invokeLocal("telegram-text", { HERMES_LOCAL_STATE: state });
    expect(run).toMatchObject({ ...LOST, status: 1 });
  });

  it("ends at Ctrl-C, and the next run answers what was left open", async () => {
    const project = openProject();
    const state = project.state();
    const model = await startModel({ script: ["hang"] });
    const key = { DEEPSEEK_API_KEY: "k", DEEPSEEK_BASE_URL: `${model.url}/v1` };
    const running = project.start(invokeLocal("telegram-text"), {
      env: { HERMES_LOCAL_STATE: state, ...key },
    });
    await Promise.race([model.waitForRequest(1), running.finished]);
    running.signal("SIGINT");
    expect(await running.finished).toMatchObject({ ...LOST, status: 130 });
    await model.close();

    const { status, output } = await project.invokeLocal("telegram-command-start", {
      HERMES_LOCAL_STATE: state,
    });
    expect(status).toBe(0);
    const said = ["Hermes   Done. Your list:", "Hermes   Hello, I am Hermes."];
    expect(inOrderOf(output, said)).toEqual(said);
  });
});

describe.concurrent("a Node that is too old", () => {
  const asNode20 = (project: ReturnType<typeof openProject>) => {
    const preload = join(project.directory, "old.cjs");
    writeFileSync(
      preload,
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });',
    );
    return { NODE_OPTIONS: `--require ${preload}` };
  };

  it.each([
    ["npm start", [NODE, "local/run.cjs", "./terminal.ts"]],
    ["serverless", invokeLocal("telegram-text")],
  ])(
    "is told in one line by %s",
    async (_, command) => {
      const project = openProject();
      const { status, output } = await project.run(command, { env: asNode20(project) });
      expect(status).toBe(1);
      expect(output.trim().split("\n")).toEqual([
        expect.stringMatching(/^Hermes needs Node 22\.12 or newer, found 20\.20\.2\. Run `npm ci`/),
      ]);
    },
    60_000,
  );
});
