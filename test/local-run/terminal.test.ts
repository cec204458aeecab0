// `npm start`, with a script at its stdin and with a person at a terminal.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { type ModelStandIn, startModel } from "../../local/model/server.ts";
import { inOrderOf, onlyLoopback, openProject, TERMINAL, temporary } from "./kit.ts";

const CLEAN = { status: 0, left: [] };

const startOwnModel = async () => {
  const model = await startModel({ apiKey: "sk-own" });
  onTestFinished(() => model.close());
  return model;
};

const keyFor = (model: ModelStandIn) => ({
  DEEPSEEK_API_KEY: "sk-own",
  DEEPSEEK_BASE_URL: `${model.url}/v1`,
});

describe("npm start with lines at its stdin", () => {
  it("takes them one by one, and reaches nothing but loopback", async () => {
    const project = openProject();
    const { env, attempts } = onlyLoopback();
    const run = await project.run(["npm", "start"], {
      env: { ...env, HERMES_LOCAL_STATE: project.state() },
      input: "My name is Grace\n\nask me about lunch\nYes\nWhat is my name?\n/status",
    });
    expect(run).toMatchObject(CLEAN);
    const said = [
      "Ada      My name is Grace",
      "Hermes   Nice to meet you, Grace.",
      "Ada      ask me about lunch",
      "tool     clarify {",
      "Hermes   Shall we lunch?",
      "[ Yes ]",
      "Ada      (presses “Yes”)",
      "Hermes   You said: “Yes”.",
      "Ada      What is my name?",
      "Hermes   Your name is Grace.",
      "Ada      /status",
    ];
    expect(inOrderOf(run.output, said)).toEqual(said);
    expect(run.output).not.toContain("failed");
    expect(attempts()).toBe("");
    expect(existsSync(join(project.directory, ".hermes"))).toBe(false);
  });

  it("takes the model's variables from .env, and no other", async () => {
    const model = await startOwnModel();
    const own = { ...keyFor(model), TELEGRAM_ALLOWED_USERS: "7", TELEGRAM_API_ROOT: "http://192.0.2.1" };
    const project = openProject({
      ".env": Object.entries({ ...own, AWS_PROFILE: "work", AWS_ENDPOINT_URL_DYNAMODB: "http://192.0.2.3" })
        .map((pair) => pair.join("="))
        .join("\n"),
    });
    const { env, attempts } = onlyLoopback();
    const run = await project.run(TERMINAL, {
      env: { ...env, HERMES_LOCAL_STATE: project.state() },
      input: "hello",
    });
    expect(run).toMatchObject(CLEAN);
    expect(run.output).toContain(`The model answers: deepseek at ${model.url}/v1, with your key`);
    expect(run.output).toContain("Hermes   Hello!");
    expect(model.requests.length).toBeGreaterThan(0);
    expect(attempts()).toBe("");
  });

  it("says so when another run has the state", async () => {
    const project = openProject();
    const state = project.state();
    const other = await startDynamoDb({ path: join(state, "dynamodb") });
    await fetch(other.endpoint, { method: "POST" });
    const run = await project.run(TERMINAL, { env: { HERMES_LOCAL_STATE: state }, input: "hello" });
    await other.close();
    expect(run).toMatchObject({ status: 1, left: [] });
    expect(run.output).toMatch(/^Another local run is using .*\n$/);
  });

  it.each([
    [{ HERMES_LOCAL_SERVICES: "memory,bogus" }, 'HERMES_LOCAL_SERVICES: "bogus" is none of memory, search.'],
    [{ HERMES_PROVIDER: "bogus" }, "HERMES_PROVIDER: must be deepseek, bedrock or openai."],
  ])("stops at once at %o, which nobody can have meant", async (own, words) => {
    const project = openProject();
    const run = await project.run(TERMINAL, {
      env: { ...own, HERMES_LOCAL_STATE: project.state() },
      input: "hello",
    });
    expect(run).toMatchObject({ status: 1, left: [] });
    expect(run.output.startsWith(words)).toBe(true);
    expect(run.output).not.toContain("    at ");
  });

  it("tells in a line what the function logs, and keeps it in full beside the state", async () => {
    const project = openProject();
    const state = project.state();
    const run = await project.run(TERMINAL, {
      env: { HERMES_LOCAL_STATE: state, HERMES_LOCAL_SERVICES: "memory,search" },
      input: "read https://nobody.invalid/page",
    });
    expect(run).toMatchObject(CLEAN);
    expect(run.output).toContain("this machine, with AgentCore Memory and a Knowledge Base; state in");
    expect(run.output).toMatch(/^log {6}WARN a page could not be read: the host is not known$/m);
    expect(run.output).toContain(`(in full: ${join(state, "log.jsonl")})`);
    expect(run.output).not.toContain('"stack"');
    const [line = ""] = readFileSync(join(state, "log.jsonl"), "utf8").split("\n");
    expect(JSON.parse(line)).toMatchObject({
      level: "WARN",
      error: { stack: expect.arrayContaining(["HermesError: the host is not known"]) },
    });
  });

  it("fails, and ends, when the function does", async () => {
    const project = openProject({ "src/handler.ts": 'throw new Error("broken at the top");' });
    const run = await project.run(TERMINAL, {
      env: { HERMES_LOCAL_STATE: project.state() },
      input: "hello\nagain",
    });
    expect(run).toMatchObject({ status: 1, left: [] });
    expect(run.output).toContain("failed   Error: broken at the top");
  });
});

/** util-linux's `script` runs a command at a terminal of its own. */
const hasScript = process.platform === "linux" && existsSync("/usr/bin/script");

const openTty = (directory: string, env: Readonly<Record<string, string>>) => {
  const child: ChildProcess = spawn("script", ["-qec", TERMINAL.join(" "), "/dev/null"], {
    cwd: directory,
    env: { PATH: process.env["PATH"], TERM: "xterm", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let screen = "";
  const looking = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    screen += stripVTControlCharacters(text);
    for (const look of [...looking]) look();
  });
  return {
    type: (keys: string) => void child.stdin?.write(keys),
    /** Resolves when the screen shows these words behind what was waited for before. */
    shows: (words: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          const at = screen.indexOf(words);
          if (at < 0) return;
          screen = screen.slice(at + words.length);
          looking.delete(look);
          resolve();
        };
        looking.add(look);
        look();
      }),
    exited: new Promise<number | null>((resolve) => child.once("exit", resolve)),
  };
};

describe.skipIf(!hasScript)("npm start at a terminal", () => {
  it("shows tools and drafts as they come, obeys /stop in the middle, and ends at Ctrl-D", async () => {
    const model = await startOwnModel();
    const project = openProject();
    const state = project.state();
    const tty = openTty(project.directory, {
      HERMES_LOCAL_STATE: state,
      ...keyFor(model),
      HOME: temporary(),
    });
    await tty.shows("Ctrl-D leaves");
    await tty.shows("you> ");
    tty.type("Plan: milk, eggs\r");
    await tty.shows("tool     todo {");
    await tty.shows("Hermes   Done. Your list:");
    await model.waitForRequest(3); // the session's title

    const held = Promise.withResolvers<void>();
    const reply = {
      content: "Once upon a time there was a keeper of a lighthouse who never slept.",
      toolCalls: [{ name: "todo", arguments: {} }],
      hold: { after: 6, until: held.promise },
    };
    model.enqueue({ reply });
    tty.type("Tell me a story\r");
    await tty.shows("writes   Once");
    tty.type("/stop\r");
    await tty.shows("/stop");
    await tty.shows("you> "); // the webhook has taken it
    held.resolve();
    await tty.shows("Hermes   ⏹ Stopped.");

    tty.type("what did I say?\r");
    await tty.shows("“Tell me a story”");
    tty.type("\u0004");
    expect(await tty.exited).toBe(0);
    const free = await startDynamoDb({ path: join(state, "dynamodb") });
    await free.close();
  });

  it("ends at Ctrl-C, whatever runs", async () => {
    const model = await startOwnModel();
    model.enqueue("hang");
    const project = openProject();
    const state = project.state();
    const tty = openTty(project.directory, {
      HERMES_LOCAL_STATE: state,
      ...keyFor(model),
      HOME: temporary(),
    });
    await tty.shows("you> ");
    tty.type("hello\r");
    await model.waitForRequest(1);
    tty.type("\u0003");
    expect(await tty.exited).toBe(130);
  });
});
