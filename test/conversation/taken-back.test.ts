// What was taken back (/undo, /retry) is not shown as said when it is looked for later.

import { describe, expect, it } from "vitest";
import {
  type Conversation,
  calls,
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  startConversation,
} from "./conversation.ts";

const say = async (chat: Conversation, text: string, answer: string): Promise<void> => {
  chat.model.enqueue(reply(answer));
  await chat.ask(text);
};

/** What the model is told of it. */
const search = async (chat: Conversation, args: object): Promise<string> => {
  chat.model.enqueue(calls(["session_search", args]), reply("Found."));
  await chat.ask("Look it up");
  return lines(lastTurnRequest(chat.model)).at(-1) ?? "";
};

describe("what compaction took out of this conversation", () => {
  it.concurrent("is found in it, without what was taken back", async () => {
    await using chat = await startConversation();
    await say(chat, "I moved to Elm Street", "Noted.");
    await say(chat, "My PIN is tulip", "I did not need to know.");
    await chat.ask("/undo");
    for (let index = 0; index < 8; index += 1) await say(chat, `Leg ${index} ${"sail ".repeat(200)}`, "Aye.");
    chat.model.enqueue(reply("## Goal\nA voyage."));
    expect(await chat.ask("/compress")).toContain("🗜 Compressed");

    const found = await search(chat, { query: "elm street" });
    expect(found).toContain("I moved to Elm Street");
    expect(found).toContain("this conversation");
    expect(found).not.toContain("tulip");
    expect(await search(chat, { query: "tulip" })).toContain("Nothing was found");
    expect(await search(chat, { query: "voyage" })).toContain("Nothing was found");
    expect(errorsIn(chat)).toEqual([]);
  });
});

describe("a past conversation", () => {
  it.concurrent("is found without what was taken back in it", async () => {
    await using chat = await startConversation();
    await say(chat, "My PIN is tulip", "I did not need to know.");
    await chat.ask("/undo");
    await say(chat, "Name a flower", "The daffodil.");
    chat.model.enqueue(reply("The crocus."));
    await chat.ask("/retry");
    await chat.ask("/new");

    expect(await search(chat, { query: "tulip" })).toContain("Nothing was found");
    expect(await search(chat, { query: "daffodil" })).toContain("Nothing was found");
    const found = await search(chat, { query: "flower" });
    expect(found).toContain("The crocus.");
    expect(found).not.toMatch(/tulip|daffodil/);
    expect(found.match(/"text":"Name a flower"/g)).toHaveLength(1);
    expect(await search(chat, {})).toMatch(/"preview":"Name a flower"/);
  });

  it.concurrent("has no title of what was said first and taken back, but one of what stands", async () => {
    await using chat = await startConversation();
    await say(chat, "My PIN is tulip", "I did not need to know.");
    expect(await chat.ask("/title")).toContain("tulip");
    await chat.ask("/undo");
    expect(await chat.ask("/title")).toContain("No title yet");
    await say(chat, "Name a flower", "The daffodil.");
    expect(await chat.ask("/title")).toBe("Title: Name a flower");
    await say(chat, "And a tree", "The elm.");
    await chat.ask("/undo");
    expect(await chat.ask("/title")).toBe("Title: Name a flower");
  });

  it.concurrent("is found without a long turn that was taken back in it, also when it was resumed since", async () => {
    await using chat = await startConversation();
    await say(chat, "Name a flower", "The crocus.");
    const rounds = Array.from({ length: 26 }, (_, round) =>
      calls(["todo", { todos: [{ id: "1", content: `Step ${round}` }] }]),
    );
    chat.model.enqueue(...rounds, reply("Done."));
    await chat.ask("My PIN is tulip, and it takes long");
    await chat.ask("/undo");
    await chat.ask("/title Flowers");
    await chat.ask("/new");
    expect(await search(chat, { query: "tulip" })).toContain("Nothing was found");

    await chat.ask("/resume Flowers");
    await say(chat, "Name another flower", "The daffodil.");
    await chat.ask("/new");
    expect(await search(chat, { query: "tulip" })).toContain("Nothing was found");
    const found = await search(chat, { query: "flower" });
    expect(found).toContain("The daffodil.");
    expect(found).not.toContain("tulip");
    const { session_id: id } = JSON.parse(found.slice(found.indexOf("{"), found.lastIndexOf("}") + 1))
      .sessions[0];
    expect(await search(chat, { session_id: id })).not.toContain("tulip");
    expect(await search(chat, { session_id: id, around_message_id: 3 })).not.toContain("tulip");
  });
});
