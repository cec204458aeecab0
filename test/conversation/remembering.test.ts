// A conversation goes on: over turns, over processes, and without a byte of the prompt changing behind it.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import {
  errorsIn,
  lastTurnRequest,
  lines,
  promptText,
  reply,
  said,
  startConversation,
  turnRequests,
} from "./conversation.ts";

describe("a conversation", () => {
  it.concurrent("is remembered from one message to the next", async () => {
    await using chat = await startConversation();

    await chat.ask("My name is Grace.");
    const answer = await chat.ask("What is my name?");

    expect(answer).toContain("Your name is Grace.");
    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: My name is Grace.",
      expect.stringContaining("assistant: Nice to meet you, Grace."),
      "user: What is my name?",
    ]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is remembered by a process that was not there", async () => {
    await using chat = await startConversation();

    await chat.ask("My name is Grace.");
    await chat.function.recycle();
    await chat.ask("I like ships.");
    await chat.function.recycle();
    const answer = await chat.ask("What is my name?");

    expect(answer).toContain("Your name is Grace.");
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("never changes a byte of what the model has read already, tools and processes included", async () => {
    await using chat = await startConversation();

    await chat.ask("My name is Grace.");
    await chat.ask("Remember: buy rope, buy tar");
    await chat.function.recycle();
    await chat.ask("What is my name?");
    await chat.ask("Ask me about the weather");
    await chat.ask("Yes");

    const prompts = turnRequests(chat.model).map(promptText);
    expect(prompts.length).toBeGreaterThanOrEqual(6);
    for (const [index, prompt] of prompts.entries()) {
      const before = prompts[index - 1] ?? "";
      expect(prompt.slice(0, before.length)).toBe(before);
    }
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("sends the clock with the message and keeps it out of the system prompt", async () => {
    await using chat = await startConversation();

    await chat.ask("Good morning");

    const [system, message] = lastTurnRequest(chat.model).body.messages;
    expect(system?.content).not.toMatch(/\d\d:\d\d/);
    expect(message?.content).toMatch(
      /^Good morning\n\n<message-context>\nTime: \w{3} \d{4}-\d\d-\d\d \d\d:\d\d GMT/,
    );
    expect(message?.content).toContain("From: Ada");
  });

  it.concurrent("is served more and more from the provider's prefix cache, as /usage shows", async () => {
    await using chat = await startConversation();

    await chat.ask("My name is Grace.");
    const first = (await chat.meta())["totals"] as { prompt: number; cached: number };
    await chat.ask("What is my name?");
    const second = (await chat.meta())["totals"] as { prompt: number; cached: number };
    const usage = await chat.ask("/usage");

    const hit = (second.cached - first.cached) / (second.prompt - first.prompt);
    expect(hit).toBeGreaterThan(0.9);
    expect(second.cached).toBeGreaterThan(first.cached);
    expect(usage).toMatch(/2 turns, 3 model calls/);
    expect(usage).toContain(`${Math.round((100 * second.cached) / second.prompt)} % from the cache`);
  });

  it.concurrent("goes on after a model that failed, with what was said meanwhile", async () => {
    await using chat = await startConversation();
    chat.model.enqueue({ status: 401, error: "Authentication Fails, Your api key: ****pted is invalid" });

    const failed = await chat.ask("My name is Grace.");
    chat.model.enqueue(reply("You are Grace."));
    const answered = await chat.ask("Who am I?");

    expect(failed).toContain("Its operator must fix the key");
    expect(failed).not.toContain("pted");
    expect(answered).toBe("You are Grace.");
    const [before, after] = turnRequests(chat.model).map(promptText);
    expect(after?.slice(0, (before?.length ?? 0) - 2)).toBe(before?.slice(0, -2));
    expect(lastTurnRequest(chat.model).body.messages[1]?.content).toContain("Who am I?");
  });

  it.concurrent("runs within the webhook where the operator wants no second invocation", async () => {
    await using chat = await startConversation({ env: { HERMES_DISPATCH: "inline" } });

    const { statusCode, body } = await chat.webhook(said("My name is Grace."));

    expect({ statusCode, body }).toEqual({ statusCode: 200, body: "" });
    expect(saidTo(chat.telegram)).toEqual([expect.stringContaining("Nice to meet you, Grace.")]);
    await chat.function.recycle();
    expect(await chat.ask("What is my name?")).toContain("Your name is Grace.");
  });
});
