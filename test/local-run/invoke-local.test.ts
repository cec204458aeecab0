// `serverless invoke local`, run as a newcomer runs it.

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { startModel } from "../../local/model/server.ts";
import { answerIn, inOrderOf, invokeLocal, NODE, onlyLoopback, openProject } from "./kit.ts";

const OK = { statusCode: 200 };
const CLEAN = { status: 0, left: [] };

describe("a recorded message", () => {
  it("is told as a conversation, goes on where it was, and reaches nothing but loopback", async () => {
    const project = openProject();
    const { env, attempts } = onlyLoopback();
    const [here, there] = [project.state(), project.state()];
    // As typed, `npx` included; two at once have nothing in common.
    const npx = (state: string) =>
      project.run(["npx", "serverless", ...invokeLocal("telegram-text").slice(2)], {
        env: { ...env, HERMES_LOCAL_STATE: state },
      });
    const first = await Promise.all([npx(here), npx(there)]);
    for (const run of first) {
      expect(run).toMatchObject(CLEAN);
      const said = [
        "The scripted model answers (set DEEPSEEK_API_KEY",
        "Ada      Please plan my errands: buy milk",
        "tool     todo {",
        'result   {"todos":[',
        "Hermes   Done. Your list:",
        "I am the scripted stand-in model",
        "sendMessage to chat 42",
        '"statusCode": 200',
      ];
      expect(inOrderOf(run.output, said)).toEqual(said);
      expect(run.output).not.toContain("written to me");
      expect(answerIn(run.output)).toMatchObject(OK);
    }

    const again = await npx(here);
    expect(again).toMatchObject(CLEAN);
    expect(again.output).toContain(
      "You had written to me once before, the last time: “Please plan my errands",
    );
    expect(attempts()).toBe("");
    expect(existsSync(join(project.directory, ".hermes"))).toBe(false);
    expect(readdirSync(join(project.directory, ".esbuild"))).toEqual([]);
  }, 60_000);

  it("is a duplicate, answered with silence, when it keeps its recorded ids", async () => {
    const project = openProject();
    const env = { HERMES_LOCAL_STATE: project.state(), HERMES_LOCAL_KEEP_IDS: "1" };
    expect((await project.invokeLocal("telegram-text", env)).output).toContain("Hermes   Done.");
    const { status, output } = await project.invokeLocal("telegram-text", env);
    expect(status).toBe(0);
    expect(output).toContain("(nothing was sent)");
    expect(output).not.toContain("Hermes   ");
    expect(answerIn(output)).toMatchObject(OK);
  }, 60_000);
});

describe("other recorded events", () => {
  it.each([
    [
      "cron-tick",
      200,
      ["Scheduler “Morning briefing” is due", "Hermes   Cronjob Response: Morning briefing"],
    ],
    ["telegram-sticker", 200, ["Ada      (sticker)", "Hermes   I cannot read stickers yet"]],
    ["telegram-photo", 200, ["Ada      (photo) What is on this picture?", "Hermes   You said"]],
    ["telegram-wrong-secret", 401, ["Ada      Let me in", "(nothing was sent)"]],
    ["telegram-malformed", 400, ["Somebody POST of a body that is no update", "(nothing was sent)"]],
  ])(
    "%s is answered with %i and told",
    async (event, statusCode, said) => {
      const project = openProject();
      const run = await project.invokeLocal(event, { HERMES_LOCAL_STATE: project.state() });
      expect(run).toMatchObject(CLEAN);
      expect(inOrderOf(run.output, said)).toEqual(said);
      expect(answerIn(run.output)).toMatchObject({ statusCode });
    },
    60_000,
  );
});

describe("the person's own variables", () => {
  it("count only where they choose the model", async () => {
    const model = await startModel({ apiKey: "sk-own" });
    const project = openProject({
      ".env": [
        "DEEPSEEK_API_KEY=sk-own",
        `DEEPSEEK_BASE_URL=${model.url}/v1`,
        "TELEGRAM_BOT_TOKEN=1:of-a-real-bot",
        "TELEGRAM_WEBHOOK_SECRET=of-a-real-bot-0123456789abcdefghijkl",
        "TELEGRAM_ALLOWED_USERS=7",
        "TELEGRAM_API_ROOT=http://192.0.2.1",
        "HERMES_SESSIONS_TABLE=real-table",
        "HERMES_HOME=/nowhere",
        "AWS_PROFILE=work",
        "AWS_REGION=eu-west-3",
        "AWS_SESSION_TOKEN=real",
        "AWS_ENDPOINT_URL=http://192.0.2.2",
        "AWS_ENDPOINT_URL_DYNAMODB=http://192.0.2.3",
      ].join("\n"),
    });
    const { env, attempts } = onlyLoopback();
    const run = await project.run(invokeLocal("telegram-text"), {
      env: { ...env, HERMES_LOCAL_STATE: project.state() },
    });
    expect(run).toMatchObject(CLEAN);
    expect(run.output).toContain(`The model answers: deepseek at ${model.url}/v1, with your key`);
    expect(run.output).toContain("Hermes   Done. Your list:");
    expect(run.output).not.toMatch(/of-a-real-bot|sk-own/);
    expect(model.requests.length).toBeGreaterThan(0);
    expect(attempts()).toBe("");
    await model.close();
  }, 60_000);
});

describe("a run that goes wrong", () => {
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
  }, 60_000);

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
  }, 60_000);

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
  }, 60_000);
});

describe("a Node that is too old", () => {
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
