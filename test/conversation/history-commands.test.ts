// /undo, /retry and /compress: what the next prompt looks like after them. No row is ever deleted.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import {
  type Conversation,
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  said,
  startConversation,
  turnRequests,
} from "./conversation.ts";

const talk = async (chat: Conversation, ...exchanges: readonly (readonly [string, string])[]) => {
  for (const [index, [question, answer]] of exchanges.entries()) {
    chat.model.enqueue(reply(answer), ...(index === 0 ? [reply("A talk")] : []));
    await chat.ask(question);
  }
};

describe("/undo", () => {
  it.concurrent("takes back the last exchange, or the last two", async () => {
    await using chat = await startConversation();
    await talk(chat, ["One", "1"], ["Two", "2"], ["Three", "3"], ["Four", "4"]);

    expect(await chat.ask("/undo")).toBe("↩️ Took back the last exchange.");
    expect(await chat.ask("/undo 2")).toBe("↩️ Took back the last 2 exchanges.");
    await chat.function.recycle();
    await talk(chat, ["Five", "5"]);

    expect(lines(lastTurnRequest(chat.model))).toEqual(["user: One", "assistant: 1", "user: Five"]);
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("says when there is nothing to take back, or what it does not understand", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/undo")).toBe("There is nothing to undo.");
    expect(await chat.ask("/undo everything")).toBe("Say how many turns to take back: /undo or /undo 2.");
    expect(await chat.ask("/undo -1")).toBe("Say how many turns to take back: /undo or /undo 2.");
  });
});

describe("/retry", () => {
  it.concurrent("asks the last message again as if its answer had never been given", async () => {
    await using chat = await startConversation();
    await talk(chat, ["One", "1"], ["Two", "two?"]);
    chat.model.enqueue(reply("2"));

    expect(await chat.ask("/retry")).toBe("2");
    await talk(chat, ["Three", "3"]);

    expect(lines(turnRequests(chat.model).at(-2) ?? lastTurnRequest(chat.model))).toEqual([
      "user: One",
      "assistant: 1",
      "user: Two",
    ]);
    expect(lines(lastTurnRequest(chat.model)).slice(2)).toEqual(["user: Two", "assistant: 2", "user: Three"]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("asks again all that was said together", async () => {
    await using chat = await startConversation();
    const thinking = Promise.withResolvers<void>();
    chat.model.enqueue(
      async () => {
        await thinking.promise;
        return reply("Yes?");
      },
      reply("A talk"),
      reply("Both?"),
    );
    await chat.webhook(said("Are you there"));
    await chat.model.waitForRequest(1);
    await chat.webhook(said("Rope"));
    await chat.webhook(said("and tar"));
    thinking.resolve();
    await chat.settled();
    expect(saidTo(chat.telegram)).toEqual(["Yes?", "Both?"]);

    chat.model.enqueue(reply("Rope and tar."));
    expect(await chat.ask("/retry")).toBe("Rope and tar.");

    const [first, second] = turnRequests(chat.model).slice(-2);
    const words = (request = lastTurnRequest(chat.model)) =>
      String(request.body.messages.at(-1)?.content).replace(
        /\n*<message-context>[^<]*<\/message-context>/g,
        "",
      );
    expect(words(first)).toMatch(/^Rope\n\nand tar/);
    expect(words(second)).toBe(words(first));
  });

  it.concurrent("says when there is no message", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/retry")).toBe("There is no message to answer again.");
  });
});

describe("/compress", () => {
  it.concurrent("puts a summary in the place of what is old: the next prompt begins with it", async () => {
    await using chat = await startConversation();
    const long = "sail ".repeat(200);
    await talk(
      chat,
      ...Array.from(
        { length: 8 },
        (_, index) => [`Question ${index} ${long}`, `Answer ${index} ${long}`] as const,
      ),
    );
    chat.model.enqueue(reply("## Goal\nThey talk about sails."));

    expect(await chat.ask("/compress the colour of sails")).toMatch(
      /^🗜 Compressed: 16 messages are now \d+, the rest is a summary\.$/,
    );
    await chat.function.recycle();
    await talk(chat, ["And now?", "Now this."]);

    const summary = chat.model.requests.at(-2);
    expect(String(summary?.body.messages.at(-1)?.content)).toContain("the colour of sails");
    const prompt = lines(lastTurnRequest(chat.model));
    expect(prompt[0]).toMatch(/^user: \[CONTEXT COMPACTION — REFERENCE ONLY\][\s\S]*They talk about sails\./);
    expect(prompt.join("\n")).not.toContain("Question 0");
    expect(prompt.slice(-3)).toEqual([
      expect.stringContaining("user: Question 7"),
      expect.stringContaining("assistant: Answer 7"),
      "user: And now?",
    ]);
    const rows = await chat.rows();
    expect(rows.length).toBe(8 * 2 + 1 + 2);
    expect((await chat.meta())["base"]).toBeGreaterThan(1);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("says when there is nothing to compress", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/compress")).toBe("There is nothing to compress yet.");
    await chat.ask("Hello");
    expect(await chat.ask("/compress")).toBe("There is nothing to compress yet.");
  });

  it.concurrent("makes do without the model when that fails", async () => {
    await using chat = await startConversation();
    const long = "sail ".repeat(200);
    await talk(
      chat,
      ...Array.from(
        { length: 7 },
        (_, index) => [`Question ${index} ${long}`, `Answer ${index} ${long}`] as const,
      ),
    );
    chat.model.enqueue({ status: 400, error: "no" });

    expect(await chat.ask("/compress")).toContain("🗜 Compressed");
    await talk(chat, ["And now?", "Now this."]);

    expect(lines(lastTurnRequest(chat.model))[0]).toContain(
      "(Made without a model: excerpts, oldest first.)",
    );
    expect(lines(lastTurnRequest(chat.model))[0]).toContain("Question 0");
  });
});
