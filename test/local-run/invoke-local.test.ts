// `serverless invoke local`, run as a newcomer runs it.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startModel } from "../../local/model/server.ts";
import { answerIn, inOrderOf, invokeLocal, onlyLoopback, openProject } from "./kit.ts";

const OK = { statusCode: 200 };
const CLEAN = { status: 0, left: [] };

describe.concurrent("a recorded message", () => {
  it("is told as a conversation, goes on when it is said again, and reaches nothing but loopback", async () => {
    const project = openProject();
    const { env, attempts } = onlyLoopback();
    const [here, there] = [project.state(), project.state()];
    // As typed, `npx` included; two at once have nothing in common.
    const npx = (state: string, own: Readonly<Record<string, string>> = {}) =>
      project.run(["npx", "serverless", ...invokeLocal("telegram-text").slice(2)], {
        env: { ...env, ...own, HERMES_LOCAL_STATE: state },
      });
    const keepIds = { HERMES_LOCAL_KEEP_IDS: "1" };
    const first = await Promise.all([npx(here), npx(there, keepIds)]);
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

    const duplicate = await npx(there, keepIds);
    expect(duplicate).toMatchObject(CLEAN);
    expect(duplicate.output).toContain("(nothing was sent)");
    expect(duplicate.output).not.toContain("Hermes   ");
    expect(answerIn(duplicate.output)).toMatchObject(OK);

    const again = await npx(here);
    expect(again).toMatchObject(CLEAN);
    expect(again.output).toContain(
      "You had written to me once before, the last time: “Please plan my errands",
    );
    expect(attempts()).toBe("");
    expect(existsSync(join(project.directory, ".hermes"))).toBe(false);
    expect(readdirSync(join(project.directory, ".esbuild"))).toEqual([]);
  }, 180_000);
});

describe.concurrent("other recorded events", () => {
  it.each([
    [
      "cron-tick",
      200,
      ["Scheduler “Morning briefing” is due", "Hermes   Cronjob Response: Morning briefing"],
    ],
    ["telegram-sticker", 200, ["Ada      (sticker)", "Hermes   I cannot read stickers yet"]],
    ["telegram-wrong-secret", 401, ["Ada      Let me in", "(nothing was sent)"]],
    ["telegram-malformed", 400, ["Somebody sends POST with a body that is no update", "(nothing was sent)"]],
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

describe.concurrent("the person's own variables", () => {
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
  });
});
