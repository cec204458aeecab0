// The model refuses, fails or is not there: the person is told in one line what that means for them, nobody else's
// words reach them, and the next message is answered.

import { describe, expect, it } from "vitest";
import type { Step } from "../../local/model/chat-api.ts";
import { textOf } from "../../local/model/chat-api.ts";
import type { ModelStandIn } from "../../local/model/server.ts";
import { saidTo, startDeployment } from "../support/deployment.ts";

/** Requests of turns; titles and summaries are asked for without tools. */
const asked = (model: ModelStandIn) => model.requests.filter(({ body }) => body.tools !== undefined);

const overloaded: Step = { status: 503, error: "busy at gpu-17.internal", headers: { "retry-after": "0" } };

/** One attempt instead of three: no waits between them. */
const IMPATIENT = { "config.yaml": "agent:\n  api_max_retries: 1\n" };

describe("a wrong key", () => {
  it.concurrent("is the operator's to fix, and neither the person nor the log sees any of it", async () => {
    await using deployment = await startDeployment({
      modelKey: "sk-the-right-key",
      env: { DEEPSEEK_API_KEY: "sk-a-key-that-was-revoked" },
    });
    await deployment.say("hello");
    expect(deployment.model.refusals).toHaveLength(1);
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/^⚠️ .*operator must fix the key/)]);
    const told = [...saidTo(deployment.telegram), ...deployment.logs].join("\n");
    expect(told).toContain("refused the key (401)");
    expect(told).not.toMatch(/revoked|Authentication Fails|\*\*\*\*/);
  });

  it.concurrent("does not stand in the way of a fallback model", async () => {
    await using deployment = await startDeployment({
      env: { HERMES_FALLBACK_MODEL: "deepseek-v4-pro" },
    });
    deployment.model.enqueue({ status: 401, error: "Authentication Fails" });
    await deployment.say("hello");
    expect(asked(deployment.model).map(({ body }) => body.model)).toEqual([
      "deepseek-flash",
      "deepseek-v4-pro",
    ]);
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/^Hello!/)]);
  });
});

describe("a model that is down", () => {
  it.concurrent("is asked three times, then the person is told, and the next message is answered", async () => {
    await using deployment = await startDeployment();
    deployment.model.enqueue(overloaded, overloaded, overloaded);
    await deployment.say("hello");
    expect(asked(deployment.model)).toHaveLength(3);
    expect(saidTo(deployment.telegram)).toEqual([
      expect.stringMatching(/^⚠️ No reply: the model is overloaded/),
    ]);
    expect(saidTo(deployment.telegram).join()).not.toContain("gpu-17");

    await deployment.say("are you back?");
    expect(asked(deployment.model)).toHaveLength(4);
    const question = textOf(asked(deployment.model).at(-1)?.body.messages.at(-1)?.content);
    expect(question).toMatch(/^hello\b[\s\S]*are you back\?/);
    expect(saidTo(deployment.telegram)).toHaveLength(2);
    expect(saidTo(deployment.telegram)[1]).not.toMatch(/^⚠️/);
  });

  it.concurrent("is waited for as long as it asks", async () => {
    await using deployment = await startDeployment();
    deployment.model.enqueue({ status: 429, error: "slow down", headers: { "retry-after": "1" } });
    await deployment.say("hello");
    const [first, second] = asked(deployment.model).map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/^Hello!/)]);
  });

  it.concurrent("costs one answer and not the chat, in whatever way it is down", async () => {
    await using deployment = await startDeployment({ home: IMPATIENT });
    const ways: readonly (readonly [Step, RegExp])[] = [
      ["drop", /could not be reached/],
      [{ cutAfter: 1, reset: true, reply: { reasoning: "so, ".repeat(50) } }, /API failed/],
      [{ status: 500, error: "panic" }, /API failed/],
      [{ status: 402, error: "Insufficient Balance" }, /must top up/],
      [{ status: 404, error: "Model Not Exist" }, /correct its name/],
    ];
    for (const [step, told] of ways) {
      deployment.model.enqueue(step);
      await deployment.say("hello");
      expect(saidTo(deployment.telegram).at(-1)).toMatch(told);
    }
    await deployment.say("hello again");
    expect(saidTo(deployment.telegram)).toHaveLength(ways.length + 1);
    expect(saidTo(deployment.telegram).at(-1)).toMatch(/^Hello!/);
  });

  it.concurrent("because nothing listens at its address is told apart from one that refuses", async () => {
    await using deployment = await startDeployment({
      home: IMPATIENT,
      env: { DEEPSEEK_BASE_URL: "http://127.0.0.1:9/v1" },
    });
    await deployment.say("hello");
    expect(saidTo(deployment.telegram)).toEqual([expect.stringMatching(/^⚠️ .*could not be reached/)]);
  });
});

describe("a history that is too long for the model", () => {
  const tooLong: Step = { status: 400, error: "This model's maximum context length is 131072 tokens." };

  it.concurrent("is summed up, and the message that was too much is answered", async () => {
    await using deployment = await startDeployment();
    for (const n of [1, 2, 3, 4, 5, 6]) {
      deployment.model.enqueue({
        reply: { content: `Answer ${n}. ${"All that is known of it. ".repeat(80)}` },
      });
      await deployment.say(`Question ${n}`);
    }
    deployment.model.enqueue(tooLong);
    await deployment.say("What did I say before?");

    const turns = asked(deployment.model);
    expect(turns).toHaveLength(8);
    const [refused, accepted] = turns.slice(-2);
    expect(accepted?.text.length).toBeLessThan((refused?.text.length ?? 0) - 1_000);
    expect(textOf(accepted?.body.messages.at(-1)?.content)).toContain("What did I say before?");
    expect(saidTo(deployment.telegram).at(-1)).toContain("Question 6");
    expect(deployment.model.refusals).toEqual([]);
  });

  it.concurrent("and cannot be summed up further ends the turn with advice", async () => {
    await using deployment = await startDeployment();
    deployment.model.enqueue(tooLong);
    await deployment.say("hello");
    expect(saidTo(deployment.telegram)).toEqual([
      expect.stringMatching(/^⚠️ .*too large.*\n.*\/compress.*\/new/),
    ]);
    await deployment.say("hello");
    expect(saidTo(deployment.telegram)).toHaveLength(2);
  });
});
