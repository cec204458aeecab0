// What people write and what only the operator may know stays out of the log, whatever goes wrong.

import { describe, expect, it } from "vitest";
import { LOCAL_BOT_TOKEN, LOCAL_WEBHOOK_SECRET } from "../../local/environment.ts";
import type { Step } from "../../local/model/chat-api.ts";
import { type Deployment, httpEvent, saidTo, startDeployment, textUpdate } from "../support/deployment.ts";
import { putItem, rowsOf } from "../support/stored.ts";

/** Said by a person, the model, a tool and an API that quotes what it was sent. */
const MARK = "Zanzibar-4711";
const KEY = "sk-the-key-of-the-operator";

const SECRETS = [MARK, KEY, LOCAL_BOT_TOKEN, LOCAL_BOT_TOKEN.split(":")[1] ?? "", LOCAL_WEBHOOK_SECRET];

const PLUGIN = `
  export function register(host) {
    host.addTool({
      name: "explode",
      description: "Fails.",
      parameters: { type: "object", properties: { what: { type: "string" } } },
      toolset: "explode",
      parallel: true,
      repeatable: true,
      run: async ({ what }) => { throw new Error("cannot explode " + what); },
    });
  }
`;

const talkative = (logLevel: string) =>
  startDeployment({
    env: { POWERTOOLS_LOG_LEVEL: logLevel, DEEPSEEK_API_KEY: KEY },
    home: { "plugins/explode.mjs": PLUGIN, "config.yaml": "agent:\n  api_max_retries: 1\n" },
  });

const expectDiscretion = (deployment: Deployment): void => {
  const written = deployment.logs.join("\n");
  expect(SECRETS.filter((secret) => written.includes(secret))).toEqual([]);
};

/** Failures of the model, as APIs word them: they quote what they were sent, and the key it was sent with. */
const FAILURES: readonly Step[] = [
  { status: 400, error: `Failed to parse "${MARK} and \\"${MARK}\\"": expected a value` },
  { status: 400, error: `1 validation error: {'loc': ('body', 'messages'), 'input': 'It's ${MARK}'}` },
  { status: 401, error: `Incorrect API key provided: ${KEY}` },
  { status: 500, error: `upstream refused key ${KEY} for \`${MARK}\`` },
  {
    status: 400,
    error: { message: `Input "${MARK.repeat(500)}" is too long`, type: "invalid_request_error" },
  },
  { cutAfter: 1, reset: true, reply: { content: `${MARK} and more` } },
  "drop",
];

describe("the log at INFO", () => {
  it.concurrent("says what happened to a message, and not what it said", async () => {
    await using deployment = await talkative("INFO");
    await deployment.say(`hello ${MARK}`);
    await deployment.say(`remember: ${MARK}, milk`);
    await deployment.say(`/title ${MARK}`);
    await deployment.say("/new");
    await deployment.say(`Search for ${MARK} in our past chats`);
    await deployment.say(`http://${MARK}.invalid/page`);
    expect(saidTo(deployment.telegram)).toHaveLength(6);
    expectDiscretion(deployment);
  });

  it.concurrent("quotes neither people nor keys when the model or a tool fails", async () => {
    await using deployment = await talkative("INFO");
    for (const failure of FAILURES) {
      deployment.model.enqueue(failure);
      await deployment.say(`what about ${MARK}?`);
    }
    deployment.model.enqueue({
      reply: { reasoning: "Boom.", toolCalls: [{ name: "explode", arguments: { what: MARK } }] },
    });
    await deployment.say(`explode ${MARK}`);
    expect(deployment.logs.filter((line) => /"level":"(WARN|ERROR)"/.test(line)).length).toBeGreaterThan(6);
    expectDiscretion(deployment);
    expect(saidTo(deployment.telegram).join()).not.toContain(KEY);
  });

  it.concurrent("keeps the bot's token and people's words out of what Telegram refuses or loses", async () => {
    await using deployment = await talkative("INFO");
    const { telegram } = deployment;
    telegram.fail("sendMessage", {
      status: 400,
      description: `Bad Request: can't parse entities: "${MARK}"`,
    });
    await deployment.say(`hello ${MARK}`);
    telegram.fail("sendMessage", { status: 401, description: `Unauthorized: ${LOCAL_BOT_TOKEN}` });
    await deployment.say(`hello ${MARK}`);
    await deployment.retried();
    telegram.fail("sendMessage", "drop-before");
    await deployment.say(`hello ${MARK}`);
    await deployment.retried();
    expect(saidTo(telegram)).toHaveLength(3);
    expect(deployment.logs.join("\n")).toContain("check TELEGRAM_BOT_TOKEN");
    expectDiscretion(deployment);
  });

  it.concurrent("keeps both out of what the door, the table and the history refuse", async () => {
    await using deployment = await talkative("INFO");
    const body = JSON.stringify(textUpdate(MARK));
    await deployment.invoke(httpEvent(body, { "x-telegram-bot-api-secret-token": `${MARK}-as-a-secret` }));
    await deployment.invoke(httpEvent(`{"update_id": "${MARK}"}`));
    await deployment.invoke(httpEvent(`{"update_id": 1, "message": {"text": "${MARK}", `));
    await deployment.invoke({ source: MARK });
    await deployment.invoke({ source: "hermes.cron", job: { prompt: MARK }, scheduledTime: MARK });

    deployment.dynamodb.fail("error", { operation: "PutItem", times: 3 });
    await deployment.webhook(textUpdate(MARK));
    await deployment.say(`hello ${MARK}`);
    const [row] = await rowsOf(deployment.dynamodb.endpoint);
    if (row === undefined) throw new Error("nothing was stored");
    await putItem(deployment.dynamodb.endpoint, { ...row, message: { role: MARK, content: MARK } });
    await deployment.function.recycle();
    deployment.dynamodb.fail("error", { operation: "DeleteItem", times: 3 });
    await deployment.say(`hello again ${MARK}`);
    await deployment.retried();
    expect(saidTo(deployment.telegram)).toHaveLength(2);
    expect(deployment.logs.length).toBeGreaterThan(8);
    expectDiscretion(deployment);
  });
});
