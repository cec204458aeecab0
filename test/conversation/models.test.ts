// Which model answers: the fallback, an OpenAI-compatible endpoint, Bedrock.

import { describe, expect, it } from "vitest";
import { startModel } from "../../local/model/server.ts";
import { saidTo } from "../support/deployment.ts";
import {
  calls,
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  startConversation,
  turnRequests,
} from "./conversation.ts";

describe("the fallback model", () => {
  it.concurrent("answers when the first cannot be paid, for the rest of the turn, and not in the next", async () => {
    await using chat = await startConversation({ env: { HERMES_FALLBACK_MODEL: "deepseek-v4-pro" } });
    await chat.ask("Hello");
    chat.model.enqueue(
      { status: 402, error: "Insufficient Balance" },
      calls(["roll_dice", { dice: "1d6" }]),
      reply("Rolled."),
      reply("Back again."),
    );

    expect(await chat.ask("Roll a die")).toBe("Rolled.");
    expect(await chat.ask("Thanks")).toBe("Back again.");

    expect(turnRequests(chat.model).map(({ body }) => body.model)).toEqual([
      "deepseek-flash",
      "deepseek-flash",
      "deepseek-v4-pro",
      "deepseek-v4-pro",
      "deepseek-flash",
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("that fails as well is said once, in words the person can use", async () => {
    await using chat = await startConversation({ env: { HERMES_FALLBACK_MODEL: "deepseek-v4-pro" } });
    chat.model.enqueue(
      { status: 402, error: "Insufficient Balance" },
      { status: 402, error: "Insufficient Balance" },
    );

    expect(await chat.ask("Hello")).toContain("No reply: billing or credits exhausted");
    expect(saidTo(chat.telegram)).toHaveLength(1);
    expect(await chat.ask("My name is Grace.")).not.toContain("⚠️");
  });
});

describe("a model that fails in the middle of its answer", () => {
  it.concurrent("loses the rest of it, not the beginning, and can go on from there", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(
      { reply: { content: "Once upon a time there was", finish: "length" } },
      { status: 402, error: "Insufficient Balance" },
    );
    expect(await chat.ask("Tell me a story")).toMatch(
      /^Once upon a time there was\n\n⚠️ The rest is missing: billing or credits exhausted\./,
    );
    chat.model.enqueue(reply("a queen."));
    expect(await chat.ask("Go on")).toBe("a queen.");
    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: Tell me a story",
      "assistant: Once upon a time there was",
      "user: Go on",
    ]);
    expect(chat.model.refusals).toEqual([]);
  });
});

describe("another provider", () => {
  it.concurrent("that speaks OpenAI's API holds the same conversation, without DeepSeek's own fields", async () => {
    const model = await startModel({ models: ["gpt-5-mini"], apiKey: "sk-local" });
    await using chat = await startConversation({
      env: {
        HERMES_PROVIDER: "openai",
        HERMES_MODEL: "gpt-5-mini",
        OPENAI_API_KEY: "sk-local",
        OPENAI_BASE_URL: `${model.url}/v1`,
      },
    });
    try {
      await chat.ask("My name is Grace.");
      await chat.ask("Remember: buy rope, buy tar");
      await chat.function.recycle();
      expect(await chat.ask("What is my name?")).toContain("Your name is Grace.");

      const { body, text } = lastTurnRequest(model);
      expect(body.model).toBe("gpt-5-mini");
      expect(text).not.toContain("reasoning_content");
      expect(body).not.toHaveProperty("thinking");
      expect(chat.model.requests).toEqual([]);
      expect(model.refusals).toEqual([]);
      expect(errorsIn(chat)).toEqual([]);
    } finally {
      await model.close();
    }
  });

  it.concurrent("inside AWS is called with a token made from the role, and holds the same conversation", async () => {
    const model = await startModel({ models: ["openai.gpt-oss-120b"] });
    await using chat = await startConversation({
      env: {
        HERMES_PROVIDER: "bedrock",
        HERMES_MODEL: "openai.gpt-oss-120b",
        AWS_BEDROCK_BASE_URL: `${model.url}/v1`,
        DEEPSEEK_API_KEY: "",
      },
    });
    try {
      await chat.ask("My name is Grace.");
      await chat.ask("Remember: buy rope, buy tar");
      await chat.function.recycle();
      expect(await chat.ask("What is my name?")).toContain("Your name is Grace.");

      const { body, headers, text } = lastTurnRequest(model);
      expect(body.model).toBe("openai.gpt-oss-120b");
      expect(headers["authorization"]).toMatch(/^Bearer bedrock-api-key-/);
      expect(text).not.toContain("reasoning_content");
      expect(chat.logs.join("\n")).not.toContain("bedrock-api-key-");
      expect(model.refusals).toEqual([]);
      expect(errorsIn(chat)).toEqual([]);
    } finally {
      await model.close();
    }
  });

  it.concurrent("can be the fallback of the first, and no thought passes from one to the other", async () => {
    const model = await startModel({ models: ["openai.gpt-oss-120b"] });
    await using chat = await startConversation({
      env: {
        HERMES_FALLBACK_MODEL: "bedrock:openai.gpt-oss-120b",
        AWS_BEDROCK_BASE_URL: `${model.url}/v1`,
      },
    });
    try {
      chat.model.enqueue(calls(["roll_dice", { dice: "1d6" }]), {
        status: 402,
        error: "Insufficient Balance",
      });
      expect(await chat.ask("Roll a die")).toContain("The tool roll_dice answered");
      expect(await chat.ask("What did I say?")).toContain("Roll a die");

      expect(lastTurnRequest(model).text).not.toContain("A tool helps.");
      expect(chat.model.refusals).toEqual([]);
      expect(model.refusals).toEqual([]);
    } finally {
      await model.close();
    }
  });
});
