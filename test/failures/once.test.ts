// Whatever is delivered twice, refused once or cut off in the middle: one row for what was said, one reply, and the
// model is asked once.

import { describe, expect, it } from "vitest";
import type { DynamoDbFault } from "../../local/dynamodb.ts";
import type { ModelStandIn } from "../../local/model/server.ts";
import { type Deployment, saidTo, startDeployment, textUpdate } from "../support/deployment.ts";
import { inboxOf, metaOf, rowsOf } from "../support/stored.ts";

/** Requests of turns; titles are asked for without tools. */
const asked = (model: ModelStandIn) => model.requests.filter(({ body }) => body.tools);

/** What there is of `n` exchanges, and that nothing is left to do. */
const expectExchanges = async (
  { dynamodb, model, telegram, lambda }: Deployment,
  n: number,
): Promise<void> => {
  const rows = await rowsOf(dynamodb.endpoint);
  const roles = rows.map(({ message }) => (message as { role: string }).role);
  expect(roles).toEqual(Array.from({ length: n }, () => ["user", "assistant"]).flat());
  expect(saidTo(telegram)).toHaveLength(n);
  expect(asked(model)).toHaveLength(n);
  expect(await inboxOf(dynamodb.endpoint)).toEqual([]);
  expect(await metaOf(dynamodb.endpoint)).not.toHaveProperty("until");
  expect(lambda.waiting()).toBe(0);
};

// First in the file: it waits most.
describe("one call of the table that fails", () => {
  /** Every call of a webhook and its turn, one turn after the other: the n-th turn's n-th call meets the fault. */
  const sweep = async (fault: DynamoDbFault) => {
    let left = Number.POSITIVE_INFINITY;
    const faulty: string[] = [];
    const deployment = await startDeployment({
      onTableRequest: (target) => {
        left -= 1;
        if (left !== 0) return;
        faulty.push(target);
        deployment.dynamodb.fail(fault);
      },
    });
    await deployment.say("hello");
    for (let n = 1; faulty.length === n - 1; n += 1) {
      left = n;
      await deployment.say(`message ${n}`);
      if (left > 0) return { deployment, faulty, exchanges: n + 1 };
    }
    throw new Error("a fault was not met");
  };

  it.concurrent.each(["error", "throttle", "drop-after"] as const)(
    "(%s) is made again and has one effect, whichever call it is",
    async (fault) => {
      const { deployment, faulty, exchanges } = await sweep(fault);
      await using _ = deployment;
      expect(new Set(faulty.map((target) => target.split(".")[1])).size).toBeGreaterThanOrEqual(4);
      await expectExchanges(deployment, exchanges);
      expect(deployment.logs.filter((line) => line.includes('"level":"ERROR"'))).toEqual([]);
    },
    180_000,
  );
});

describe("an update", () => {
  it.concurrent("that is delivered again after it was answered is not answered again", async () => {
    await using deployment = await startDeployment();
    const update = textUpdate("hello");
    await deployment.webhook(update);
    await deployment.settled();
    await expectExchanges(deployment, 1);

    // The claim is read while the model is asked already (design.md 5, step 4): such a request is given up.
    deployment.model.enqueue("hang", "hang");
    for (let times = 0; times < 2; times += 1) {
      expect(await deployment.webhook(update)).toMatchObject({ statusCode: 200 });
      await deployment.settled();
    }
    const [, ...repeated] = asked(deployment.model);
    expect(await Promise.all(repeated.map(({ over }) => over))).toEqual(repeated.map(() => "left"));
    expect(await rowsOf(deployment.dynamodb.endpoint)).toHaveLength(2);
    expect(saidTo(deployment.telegram)).toHaveLength(1);
    expect(await inboxOf(deployment.dynamodb.endpoint)).toEqual([]);
  });

  it.concurrent("that is delivered twice at once is answered once", async () => {
    await using deployment = await startDeployment();
    const update = textUpdate("hello");
    const until = Promise.all([deployment.webhook(update), deployment.webhook(update)]);
    deployment.model.enqueue({ reply: { content: "At last.", hold: { after: 0, until } } });
    expect(await until).toMatchObject([{ statusCode: 200 }, { statusCode: 200 }]);
    await deployment.settled();
    await expectExchanges(deployment, 1);
  });

  it.concurrent("that is delivered again while it is being answered is answered once", async () => {
    await using deployment = await startDeployment();
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
    deployment.model.enqueue({ reply: { content: "At last.", hold: { after: 1, until } } });
    const update = textUpdate("hello");
    await deployment.webhook(update);
    await deployment.model.waitForRequest(1);
    await deployment.webhook(update);
    goOn();
    await deployment.settled();
    await expectExchanges(deployment, 1);
  });

  it.concurrent("whose wake Lambda refuses is kept by Telegram, and answered once when it comes again", async () => {
    await using deployment = await startDeployment();
    const update = textUpdate("hello");
    deployment.lambda.fail("error", 3);
    expect(await deployment.webhook(update)).toMatchObject({
      statusCode: 503,
      headers: { "Retry-After": "1" },
    });
    await deployment.settled();
    expect(saidTo(deployment.telegram)).toEqual([]);
    expect(await deployment.webhook(update)).toMatchObject({ statusCode: 200 });
    await deployment.settled();
    await expectExchanges(deployment, 1);
  });

  it.concurrent("whose wake Lambda refuses once, or takes without saying so, is answered once", async () => {
    await using deployment = await startDeployment();
    const faults = ["throttle", "error", "drop-after"] as const;
    for (const fault of faults) {
      deployment.lambda.fail(fault);
      await deployment.say("hello");
    }
    await expectExchanges(deployment, faults.length);
  });
});

describe("a tick of a job", () => {
  const tick = {
    source: "hermes.cron",
    job: {
      id: "morning",
      name: "Morning",
      prompt: "Say good morning.",
      origin: { platform: "telegram", chat_id: 42, chat_type: "dm", user_id: 42 },
    },
    scheduledTime: "2026-11-23T09:00:00Z",
  };

  it.concurrent("that comes twice, at once or in sequence, runs the job once", async () => {
    await using deployment = await startDeployment();
    const { lambda, model, telegram } = deployment;
    lambda.enqueue("hermes", tick);
    lambda.enqueue("hermes", tick);
    await deployment.settled();
    lambda.enqueue("hermes", tick);
    await deployment.settled();
    expect(asked(model)).toHaveLength(1);
    expect(saidTo(telegram)).toHaveLength(1);
    expect(lambda.waiting()).toBe(0);

    lambda.enqueue("hermes", { ...tick, scheduledTime: "2026-11-24T09:00:00Z" });
    await deployment.settled();
    expect(saidTo(telegram)).toHaveLength(2);
  });
});

describe("a turn that is killed", () => {
  it.concurrent("while the model speaks is begun again by Lambda's retry, and answered once", async () => {
    await using deployment = await startDeployment();
    const never = new Promise<void>(() => undefined);
    deployment.model.enqueue({ reply: { content: "I was about to s", hold: { after: 2, until: never } } });
    await deployment.webhook(textUpdate("hello"));
    const request = await deployment.model.waitForRequest(1);
    deployment.function.kill();
    expect(await request.over).toBe("left");
    await deployment.settled();
    expect(deployment.lambda.waiting()).toBe(1);
    expect(saidTo(deployment.telegram)).toEqual([]);

    await deployment.retried();
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/^Hello!/)]);
    expect(asked(deployment.model)).toHaveLength(2);
    expect(await rowsOf(deployment.dynamodb.endpoint)).toHaveLength(2);
    expect(await inboxOf(deployment.dynamodb.endpoint)).toEqual([]);
  });

  it.concurrent("after the answer was stored sends it, and does not ask again", async () => {
    await using deployment = await startDeployment();
    deployment.telegram.fail("sendMessage", "hang");
    await deployment.webhook(textUpdate("hello"));
    await deployment.telegram.waitFor(({ method }) => method === "sendMessage");
    deployment.function.kill();
    await deployment.settled();
    await deployment.retried();
    await expectExchanges(deployment, 1);
  });
});
