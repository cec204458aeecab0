// What happens to a chat with time and size: it starts afresh by itself where that is asked for, and is compacted.

import { describe, expect, it } from "vitest";
import { calls, errorsIn, lastTurnRequest, lines, reply, startConversation } from "./conversation.ts";

/** About 250 tokens. */
const LONG = "The ship sails on and on. ".repeat(40);

const HOUR_MS = 3_600_000;
const IDLE = "session_reset:\n  mode: idle\n  idle_minutes: 60\n";
const SMALL = "compression:\n  threshold_tokens: 4000\n";

describe("the automatic reset", () => {
  it.concurrent("begins a new session after the silence that was set, and says so to the person and the model", async () => {
    await using chat = await startConversation({ home: { "config.yaml": IDLE } });
    chat.model.enqueue(reply("Aye, Albatross."), reply("The harbour"));
    await chat.ask("The harbour code is Albatross.");
    const { sessionId } = await chat.meta();

    await chat.setMeta("updatedAt", Date.now() - 2 * HOUR_MS);
    chat.model.enqueue(reply("Hello again."), reply("A greeting"));
    const answer = await chat.ask("Hello");

    expect((await chat.meta())["sessionId"]).not.toBe(sessionId);
    expect(answer).toMatch(/reset/i);
    expect(answer).toMatch(/Hello again\.$/);
    const [, first] = lastTurnRequest(chat.model).body.messages;
    expect(lines(lastTurnRequest(chat.model))).toEqual(["user: Hello"]);
    expect(String(first?.content)).toContain("Note: The previous conversation was closed after a long pause");

    chat.model.enqueue(calls(["session_search", { query: "harbour code" }]), reply("Albatross."));
    await chat.ask("What was the harbour code?");
    expect(lines(lastTurnRequest(chat.model)).slice(0, 2)).toEqual([
      "user: Hello",
      "assistant: Hello again.",
    ]);
    expect(lines(lastTurnRequest(chat.model)).at(-1)).toContain("The harbour code is Albatross.");
    expect(await chat.ask("/resume The harbour")).toContain("↩️ Back in");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is quiet where it shall not notify, and off where nothing was set", async () => {
    await using quiet = await startConversation({ home: { "config.yaml": `${IDLE}  notify: false\n` } });
    await quiet.ask("Hello");
    await quiet.setMeta("updatedAt", Date.now() - 2 * HOUR_MS);
    quiet.model.enqueue(reply("Hello again."));
    expect(await quiet.ask("Hello")).toBe("Hello again.");

    await using plain = await startConversation();
    await plain.ask("My name is Grace.");
    await plain.setMeta("updatedAt", Date.now() - 1_000 * HOUR_MS);
    expect(await plain.ask("What is my name?")).toContain("Your name is Grace.");
  });
});

describe("a chat that grows beyond its budget", () => {
  it.concurrent("is compacted before the next answer, goes on, and keeps every row", async () => {
    await using chat = await startConversation({ home: { "config.yaml": SMALL } });
    for (let index = 1; index <= 8; index++) await chat.ask(`Question ${index}. ${LONG}`);

    const summary = chat.model.requests.find(({ text }) => text.includes("You summarise"));
    expect(summary).toBeDefined();
    const { base, seq } = (await chat.meta()) as { base: number; seq: number };
    expect(base).toBeGreaterThan(1);
    expect(await chat.rows()).toHaveLength(seq);
    await chat.function.recycle();
    const answer = await chat.ask("What is my name?");
    expect(answer).not.toContain("⚠️");
    expect(lines(lastTurnRequest(chat.model))[0]).toContain("[CONTEXT COMPACTION — REFERENCE ONLY]");
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("by the tools of one short turn is answered even where nothing can be compacted", async () => {
    await using chat = await startConversation({ home: { "config.yaml": SMALL } });
    chat.model.enqueue(
      { reply: { toolCalls: [{ name: "roll_dice", arguments: { dice: "1d6" } }], usage: { prompt: 9_000 } } },
      { reply: { toolCalls: [{ name: "roll_dice", arguments: { dice: "1d8" } }], usage: { prompt: 9_500 } } },
      reply("Two rolls."),
    );

    expect(await chat.ask("Roll twice")).toBe("Two rolls.");
    expect(await chat.ask("My name is Grace.")).toContain("Nice to meet you, Grace.");
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("so far that the model refuses it is compacted and asked again", async () => {
    await using chat = await startConversation();
    for (let index = 1; index <= 6; index++) await chat.ask(`Question ${index}. ${LONG}`);
    chat.model.enqueue(
      { status: 400, error: "This model's maximum context length is 1048576 tokens." },
      reply("## Goal\nA voyage."),
      reply("Here is the answer."),
    );

    expect(await chat.ask("And now?")).toBe("Here is the answer.");

    const prompt = lines(lastTurnRequest(chat.model));
    expect(prompt[0]).toContain("A voyage.");
    expect(prompt.at(-1)).toBe("user: And now?");
    expect(errorsIn(chat)).toEqual([]);
  });
});
