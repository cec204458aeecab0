// Somebody says something while the agent works on what they said before: nothing waits longer than it must, nothing is
// lost, and nothing is answered twice.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import { rowsOf } from "../support/stored.ts";
import {
  calls,
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  said,
  startConversation,
  turnRequests,
} from "./conversation.ts";

const gated = () => {
  const gate = Promise.withResolvers<void>();
  return { until: gate.promise, open: () => gate.resolve() };
};

describe("a message that arrives while a turn works", () => {
  it.concurrent("joins it at the next tool boundary, and both are answered together", async () => {
    await using chat = await startConversation();
    const thinking = gated();
    chat.model.enqueue(async () => {
      await thinking.until;
      return calls(["roll_dice", { dice: "1d6" }]);
    }, reply("Both done."));
    await chat.webhook(said("Roll a die"));
    await chat.model.waitForRequest(1);

    const { statusCode } = await chat.webhook(said("And greet Bob"));
    await chat.webhook(said("And Eve"));
    thinking.open();
    await chat.settled();

    expect(statusCode).toBe(200);
    expect(turnRequests(chat.model)).toHaveLength(2);
    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: Roll a die",
      "assistant: <roll_dice>",
      expect.stringMatching(/^tool: /),
      expect.stringMatching(/^user: And greet Bob/),
      ...(lines(lastTurnRequest(chat.model)).length > 4 ? ["user: And Eve"] : []),
    ]);
    expect(saidTo(chat.telegram)).toEqual(["Both done."]);
    expect((await chat.rows()).map(({ message }) => (message as { role: string }).role)).toEqual([
      "user",
      "assistant",
      "tool",
      "user",
      "user",
      "assistant",
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("waits for the next turn when this one ends without a tool; several become one turn", async () => {
    await using chat = await startConversation();
    await chat.ask("Hello");
    const held = gated();
    chat.model.enqueue(
      { reply: { content: "First answer.", hold: { after: 1, until: held.until } } },
      reply("Second answer."),
    );
    await chat.webhook(said("One"));
    await chat.model.waitForRequest(chat.model.requests.length + 1);
    await chat.webhook(said("Two"));
    await chat.webhook(said("Three"));
    held.open();
    await chat.settled();

    expect(saidTo(chat.telegram).slice(1)).toEqual(["First answer.", "Second answer."]);
    expect(turnRequests(chat.model)).toHaveLength(3);
    expect(lines(lastTurnRequest(chat.model)).slice(2, 5)).toEqual([
      "user: One",
      "assistant: First answer.",
      expect.stringMatching(/^user: Two/),
    ]);
    expect(JSON.stringify(lastTurnRequest(chat.model).body.messages)).toContain("Three");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is not folded in twice when Telegram brings it again", async () => {
    await using chat = await startConversation();
    await chat.ask("Earlier");
    const thinking = gated();
    const again = said("Once only");
    chat.model.enqueue(
      reply("Said once."),
      async () => {
        await thinking.until;
        return calls(["roll_dice", { dice: "1d6" }]);
      },
      reply("Rolled."),
    );
    await chat.send(again);
    await chat.webhook(said("Roll a die"));
    await chat.model.waitForRequest(chat.model.requests.length + 1);
    await chat.webhook(again);
    thinking.open();
    await chat.settled();

    const words = (await rowsOf(chat.dynamodb.endpoint)).map(
      ({ message }) => (message as { content: string }).content,
    );
    expect(words.filter((text) => text === "Once only")).toHaveLength(1);
    expect(saidTo(chat.telegram).slice(-2)).toEqual(["Said once.", "Rolled."]);
    expect(errorsIn(chat)).toEqual([]);
  });
});

describe("/new while a turn works", () => {
  it.concurrent("hangs up on the model and begins a session in which nothing of it is left", async () => {
    await using chat = await startConversation();
    const never = gated();
    chat.model.enqueue({ reply: { content: "Once upon a time", hold: { after: 2, until: never.until } } });
    await chat.webhook(said("Tell me a long story"));
    const request = await chat.model.waitForRequest(1);

    await chat.webhook(said("/new"));

    expect(await request.over).toBe("left");
    await chat.settled();
    never.open();
    expect(saidTo(chat.telegram)).toEqual([expect.stringMatching(/^✨ New session started/)]);
    chat.model.enqueue(reply("Here I am."));
    expect(await chat.ask("Still there?")).toBe("Here I am.");
    expect(lines(lastTurnRequest(chat.model))).toEqual(["user: Still there?"]);
    expect(errorsIn(chat)).toEqual([]);
  });
});
