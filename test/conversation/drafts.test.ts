// What a person sees while the answer is being written: a growing draft in private, "typing…" in a group.

import { describe, expect, it } from "vitest";
import type { BotApiCall } from "../../local/telegram/bot-api.ts";
import { DM_SESSION, GROUP, lastTurnRequest, said, startConversation, stopPressed } from "./conversation.ts";

const isDraft = ({ method }: BotApiCall) => method === "sendRichMessageDraft";
const markdownOf = (call: BotApiCall) =>
  (call.payload["rich_message"] as { readonly markdown?: string } | undefined)?.markdown ?? "";

/** Released by the test when it has seen what it waited for. */
const gate = () => Promise.withResolvers<void>();

describe("while the answer is being written", () => {
  it.concurrent("a private chat shows it growing, with a stop button, under one id, and nothing after the answer", async () => {
    await using chat = await startConversation();
    const more = gate();
    const content = "Ships sail.\n\nThey sail on the sea, and they come back.";
    chat.model.enqueue({ reply: { content, hold: { after: 2, until: more.promise } } });

    await chat.webhook(said("Tell me about ships"));
    const first = await chat.telegram.waitFor(isDraft);
    expect(markdownOf(first)).toMatch(/^Ships sail\.?$/);
    more.resolve();
    await chat.settled();

    const drafts = chat.telegram.calls("sendRichMessageDraft");
    for (const { payload } of drafts)
      expect(payload).toMatchObject({ chat_id: 42, can_stop: true, draft_id: first.payload["draft_id"] });
    const visible = chat.telegram.calls().filter(({ method }) => /^send(?!ChatAction)/.test(method));
    expect(visible.at(-1)).toMatchObject({ method: "sendMessage", payload: { text: content } });
    expect(visible.slice(0, -1).every(isDraft)).toBe(true);
  });

  it.concurrent("each turn has a draft of its own", async () => {
    await using chat = await startConversation();
    const [first, second] = [gate(), gate()];
    chat.model.enqueue({ reply: { content: "One moment.", hold: { after: 1, until: first.promise } } });
    await chat.webhook(said("First"));
    const firstDraft = await chat.telegram.waitFor(isDraft);
    first.resolve();
    await chat.settled();

    chat.model.enqueue({ reply: { content: "Another moment.", hold: { after: 1, until: second.promise } } });
    await chat.webhook(said("Second"));
    const secondDraft = await chat.telegram.waitFor(
      (call) => isDraft(call) && markdownOf(call).startsWith("Another"),
    );
    second.resolve();
    await chat.settled();

    expect(secondDraft.payload["draft_id"]).not.toBe(firstDraft.payload["draft_id"]);
  });

  it.concurrent("a group sees typing, no draft, and an answer to the message in its topic", async () => {
    await using chat = await startConversation();
    const more = gate();
    const forum = { ...GROUP, is_forum: true as const };
    chat.model.enqueue({ reply: { content: "Aye.", hold: { after: 0, until: more.promise } } });
    const question = said("@hermes_lambda_bot are we afloat?", { chat: forum, threadId: 7 });

    await chat.webhook(question);
    const typing = await chat.telegram.waitFor(
      ({ method, via }) => method === "sendChatAction" && via === "http",
    );
    more.resolve();
    await chat.settled();

    expect(typing.payload).toMatchObject({ chat_id: GROUP.id, action: "typing", message_thread_id: 7 });
    expect(chat.telegram.calls("sendRichMessageDraft")).toEqual([]);
    expect(chat.telegram.messages(GROUP.id)).toMatchObject([
      { text: "Aye.", message_thread_id: 7, reply_to_message: { message_id: question.message?.message_id } },
    ]);
    expect(lastTurnRequest(chat.model).body.messages[0]?.content).toContain("Telegram (group, topic 7)");
  });

  it.concurrent("a topic of a private chat has the draft and the answer, and a session of its own", async () => {
    await using chat = await startConversation();
    const more = gate();
    chat.model.enqueue({ reply: { content: "Aye, sir.", hold: { after: 1, until: more.promise } } });

    await chat.webhook(said("Are we afloat?", { threadId: 5 }));
    const draft = await chat.telegram.waitFor(isDraft);
    more.resolve();
    await chat.settled();

    expect(draft.payload).toMatchObject({ chat_id: 42, message_thread_id: 5 });
    expect(chat.telegram.messages(42)).toMatchObject([{ text: "Aye, sir.", message_thread_id: 5 }]);
    expect(await chat.rows(`${DM_SESSION}:5`)).toHaveLength(2);
    expect(await chat.rows()).toEqual([]);
  });

  it.concurrent("the webhook's own answer shows typing before anything else has happened", async () => {
    await using chat = await startConversation();

    const { body } = await chat.webhook(said("Hello"));
    await chat.settled();

    expect(JSON.parse(body ?? "{}")).toEqual({ method: "sendChatAction", chat_id: 42, action: "typing" });
  });

  it.concurrent("a server that knows no drafts gets none twice, and the answer all the same", async () => {
    await using chat = await startConversation();
    chat.telegram.unsupported(["sendRichMessageDraft", "sendMessageDraft", "sendRichMessage"]);
    const more = gate();
    chat.model.enqueue({
      reply: { content: "# Ships\n\nThey sail.", hold: { after: 3, until: more.promise } },
    });

    await chat.webhook(said("Tell me about ships"));
    await chat.telegram.waitFor(({ method }) => method === "sendMessageDraft");
    more.resolve();
    await chat.settled();

    expect(chat.telegram.calls("sendRichMessageDraft")).toHaveLength(1);
    expect(chat.telegram.messages(42)).toMatchObject([{ text: expect.stringContaining("They sail.") }]);
  });

  it.concurrent("Telegram's stop button ends the turn at the next tool boundary, and needs no words", async () => {
    await using chat = await startConversation();
    const more = gate();
    chat.model.enqueue({
      reply: {
        content: "I shall roll.",
        toolCalls: [{ name: "roll_dice", arguments: { dice: "1d6" } }],
        hold: { after: 3, until: more.promise },
      },
    });
    await chat.webhook(said("Roll dice"));
    const draft = await chat.telegram.waitFor(isDraft);

    await chat.webhook(stopPressed(Number(draft.payload["draft_id"])));
    more.resolve();
    await chat.settled();

    expect(chat.model.requests).toHaveLength(1);
    expect(chat.telegram.messages(42)).toEqual([]);
    expect(await chat.ask("What is my name?")).toContain("You have not told me your name");
    expect(chat.model.refusals).toEqual([]);
  });
});
