// Telegram is down, slow or says no while an answer is being delivered: no reply is lost, none comes twice, and the
// model is not asked again for what it has said.

import { describe, expect, it } from "vitest";
import { LOCAL_USER_ID } from "../../local/environment.ts";
import type { Behaviour } from "../../local/telegram/bot-api.ts";
import { type Deployment, saidTo, startDeployment, textUpdate } from "../support/deployment.ts";
import { inboxOf, metaOf } from "../support/stored.ts";

/** Requests of turns; titles are asked for without tools. */
const askedOften = ({ model }: Deployment) => model.requests.filter(({ body }) => body.tools).length;

const sends = ({ telegram }: Deployment) =>
  telegram.calls().filter(({ method }) => method === "sendMessage" || method === "sendRichMessage");

const down: Behaviour = { status: 502, description: "Bad Gateway" };

describe("an answer that cannot be delivered", () => {
  it.concurrent("is sent again until Telegram takes it, without asking the model again", async () => {
    await using deployment = await startDeployment();
    deployment.telegram.fail("sendMessage", down, 2);
    await deployment.say("hello");
    expect(sends(deployment)).toHaveLength(3);
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/^Hello!/)]);
    expect(askedOften(deployment)).toBe(1);
    expect(deployment.lambda.waiting()).toBe(0);
    expect(await inboxOf(deployment.dynamodb.endpoint)).toEqual([]);
  });

  it.concurrent("waits in fresh invocations for a Telegram that is down for longer than one lasts", async () => {
    await using deployment = await startDeployment({ timeoutMs: 28_000 });
    deployment.telegram.fail("sendMessage", down, 3);
    await deployment.say("/whoami");
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/^User: Ada/)]);
    // One of them has some 3 s for waiting: 28 s less the grace before its end and the reserve of a delivery.
    const [first, last] = [sends(deployment)[0]?.at ?? 0, sends(deployment).at(-1)?.at ?? 0];
    expect(last - first).toBeGreaterThan(3_500);
    expect(await metaOf(deployment.dynamodb.endpoint)).not.toHaveProperty("out");
  });

  it.concurrent.each([
    ["that did not arrive", "drop-before", 1],
    ["that did arrive", "drop-after", 2],
  ] as const)("and %s unheard goes out once more, when Telegram answers again", async (_, fault, visible) => {
    await using deployment = await startDeployment();
    deployment.telegram.fail("sendChatAction", down, 2); // the webhook's own, and the first sign of life
    deployment.telegram.fail("sendMessage", fault);
    await deployment.say("hello");
    const { telegram } = deployment;
    const calls = telegram.calls().filter(({ via }) => via === "http");
    expect(calls.map(({ method }) => method).slice(-4)).toEqual([
      "sendMessage",
      "sendChatAction",
      "sendChatAction",
      "sendMessage",
    ]);
    expect(saidTo(telegram)).toEqual(Array.from({ length: visible }, () => expect.stringMatching(/^Hello!/)));
    expect(askedOften(deployment)).toBe(1);
    expect(deployment.lambda.waiting()).toBe(0);
  });

  it.concurrent("is not sent a third time: the person is told that it may be missing, and can ask for it", async () => {
    await using deployment = await startDeployment();
    deployment.telegram.fail("sendMessage", "drop-before", 2);
    await deployment.say("hello");
    expect(sends(deployment)).toHaveLength(3);
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/may not have arrived/)]);
    expect(deployment.logs.join("\n")).toContain("a part of an answer may not have arrived");
    await deployment.say("What did I say before?");
    expect(saidTo(deployment.telegram)).toHaveLength(2);
  });

  it.concurrent("goes on with the part that did not arrive", async () => {
    await using deployment = await startDeployment();
    const paragraph = (name: string) => `The ${name} part. ${"word ".repeat(5_000)}`;
    deployment.model.enqueue({
      reply: { content: ["first", "second", "third"].map(paragraph).join("\n\n") },
    });
    const { telegram } = deployment;
    const broken = telegram
      .waitFor(({ method }) => method === "sendRichMessage")
      .then(() => telegram.fail("sendRichMessage", "hang"));
    await Promise.all([deployment.webhook(textUpdate("hello")), broken]);
    await telegram.waitFor(({ fault }) => fault === "hang");
    deployment.function.kill();
    await deployment.settled();
    expect(saidTo(telegram)).toHaveLength(1);

    await deployment.retried();
    const said = saidTo(telegram).join();
    expect(said.match(/The \w+ part/g)).toEqual(["The first part", "The second part", "The third part"]);
    expect(askedOften(deployment)).toBe(1);
  });

  it.concurrent("waits as long as Telegram asks for, within the same invocation", async () => {
    await using deployment = await startDeployment();
    deployment.telegram.fail("sendMessage", {
      status: 429,
      description: "Too Many Requests: retry after 1",
      retry_after: 1,
    });
    await deployment.say("hello");
    const [refused, sent] = sends(deployment);
    expect((sent?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(saidTo(deployment.telegram)).toHaveLength(1);
    expect(deployment.lambda.waiting()).toBe(0);
  });

  it.concurrent("to somebody who blocked the bot ends quietly, and they are answered when they come back", async () => {
    await using deployment = await startDeployment();
    deployment.telegram.fail("sendMessage", {
      status: 403,
      description: "Forbidden: bot was blocked by the user",
    });
    await deployment.say("hello");
    expect(sends(deployment)).toHaveLength(1);
    expect(deployment.lambda.waiting()).toBe(0);
    const meta = await metaOf(deployment.dynamodb.endpoint);
    expect(Object.keys(meta ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(until|by|out|turn)$/)]),
    );

    await deployment.say("What did I say before?");
    expect(saidTo(deployment.telegram)).toEqual([expect.stringContaining("hello")]);
  });
});

describe("a form that Telegram refuses", () => {
  const TABLE = "Here it is:\n\n| name | age |\n| --- | --- |\n| **Ada** | 36 |";
  const refusal: Behaviour = {
    status: 400,
    description: "Bad Request: can't parse entities: unexpected end",
  };

  const answered = async (prepare: (deployment: Deployment) => void) => {
    const deployment = await startDeployment();
    prepare(deployment);
    deployment.model.enqueue({ reply: { content: TABLE } });
    await deployment.say("hello");
    return deployment;
  };

  it.concurrent("gives way to the next simpler one, down to plain text, and no word is lost", async () => {
    await using deployment = await answered(({ telegram }) => {
      telegram.fail("sendRichMessage", refusal);
      telegram.fail("sendMessage", refusal);
    });
    const [rich, entities, plain] = sends(deployment);
    expect(rich?.payload).toHaveProperty("rich_message");
    expect(entities?.payload).toHaveProperty("entities");
    expect(plain?.payload).not.toHaveProperty("entities");
    expect(sends(deployment)).toHaveLength(3);
    expect(saidTo(deployment.telegram)).toEqual([
      expect.stringMatching(/Here it is:[\s\S]*Ada[\s\S]*age: 36/),
    ]);
    expect(deployment.lambda.waiting()).toBe(0);
  });

  it.concurrent("is not tried again in a later process: the retry goes on with the simpler one", async () => {
    await using deployment = await answered(({ telegram }) => {
      telegram.fail("sendRichMessage", refusal);
      telegram.fail("sendMessage", "drop-before");
    });
    await deployment.retried();
    expect(sends(deployment).map(({ method }) => method)).toEqual([
      "sendRichMessage",
      "sendMessage",
      "sendMessage",
    ]);
    expect(saidTo(deployment.telegram)).toHaveLength(1);
    expect(askedOften(deployment)).toBe(1);
  });

  it.concurrent("because the server is older than it arrives all the same", async () => {
    await using deployment = await answered(({ telegram }) =>
      telegram.unsupported(["sendRichMessage", "sendRichMessageDraft", "sendMessageDraft"]),
    );
    expect(saidTo(deployment.telegram)).toEqual([expect.stringContaining("Ada")]);
    expect(deployment.telegram.messages(LOCAL_USER_ID)[0]?.text).toBeDefined();
  });

  it.concurrent("in every form costs that part, is an error in the log, and does not hold up the chat", async () => {
    await using deployment = await answered(({ telegram }) => {
      telegram.fail("sendRichMessage", refusal);
      telegram.fail("sendMessage", refusal, 2);
    });
    expect(deployment.logs.join("\n")).toContain("a part was refused in every form and is left out");
    expect(deployment.lambda.waiting()).toBe(0);
    await deployment.say("hello again");
    expect(saidTo(deployment.telegram)).toHaveLength(1);
  });
});
