// A deployment that was set up wrong: whoever runs it reads what to mend, and no message of a person is lost meanwhile.

import { describe, expect, it } from "vitest";
import { createTable } from "../../local/dynamodb.ts";
import { saidTo, startDeployment, textUpdate } from "../support/deployment.ts";

const initError = async (env: Readonly<Record<string, string>>): Promise<string> => {
  await using deployment = await startDeployment({ env });
  const outcome = await deployment.invoke({ source: "hermes.wake", session: "agent:main:telegram:dm:42" });
  if (outcome.kind !== "error") throw new Error("the function started");
  return outcome.errorMessage;
};

describe("variables", () => {
  it.concurrent("that are missing are all named by the one message with which the start fails", async () => {
    const message = await initError({
      TELEGRAM_BOT_TOKEN: "",
      TELEGRAM_WEBHOOK_SECRET: "",
      TELEGRAM_BOT_USERNAME: "",
      DEEPSEEK_API_KEY: "",
      HERMES_TIMEZONE: "Middle-earth/Shire",
    });
    const named = [...message.matchAll(/^- (\w+): /gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual([
      "DEEPSEEK_API_KEY",
      "HERMES_TIMEZONE",
      "TELEGRAM_BOT_TOKEN",
      "TELEGRAM_BOT_USERNAME",
      "TELEGRAM_WEBHOOK_SECRET",
    ]);
  });

  it.concurrent("with a secret that is too short refuse to start, without repeating it", async () => {
    const message = await initError({ TELEGRAM_WEBHOOK_SECRET: "short-and-guessable" });
    expect(message).toMatch(/^- TELEGRAM_WEBHOOK_SECRET: must be 32 to 256 characters/m);
    expect(message).not.toContain("short-and-guessable");
  });
});

describe("a table that is not there", () => {
  it.concurrent("makes the webhook answer 503, so that Telegram keeps the update until there is one", async () => {
    await using deployment = await startDeployment({ env: { HERMES_SESSIONS_TABLE: "not-made-yet" } });
    const update = textUpdate("hello");
    expect(await deployment.webhook(update)).toMatchObject({
      statusCode: 503,
      headers: { "Retry-After": "1" },
    });
    expect(deployment.logs.join("\n")).toContain("HERMES_SESSIONS_TABLE: there is no table not-made-yet");

    await createTable(deployment.dynamodb.endpoint, "not-made-yet");
    expect(await deployment.webhook(update)).toMatchObject({ statusCode: 200 });
    await deployment.settled();
    expect(saidTo(deployment.telegram)).toHaveLength(1);
  });

  it.concurrent("makes a background event fail, so that Lambda tries it again", async () => {
    await using deployment = await startDeployment({ env: { HERMES_SESSIONS_TABLE: "not-made-yet" } });
    const tick = {
      source: "hermes.cron",
      job: { id: "j1", prompt: "Say hello.", origin: { platform: "telegram", chat_id: 42 } },
      scheduledTime: "2026-11-23T09:00:00Z",
    };
    expect(await deployment.invoke(tick)).toMatchObject({ kind: "error" });
    const wake = { source: "hermes.wake", session: "agent:main:telegram:dm:42" };
    expect(await deployment.invoke(wake)).toMatchObject({
      kind: "error",
      errorMessage: expect.stringContaining("there is no table not-made-yet"),
    });
  });
});
