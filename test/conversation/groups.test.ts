// Several people: whose session is whose, and who is not heard at all.

import type { Update } from "@grammyjs/types";
import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import {
  ADA,
  BOB,
  calls,
  errorsIn,
  GROUP,
  lastTurnRequest,
  lines,
  promptText,
  STRANGER,
  said,
  startConversation,
} from "./conversation.ts";

const BOT = "@hermes_lambda_bot";

/** As Telegram delivers what an admin says in the group's own name. */
const anonymously = (update: Update): Update => {
  const from = { id: 1_087_968_824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" };
  Object.assign(update.message ?? {}, { from, sender_chat: update.message?.chat });
  return update;
};

describe("in a group", () => {
  it.concurrent("each person has a session of their own", async () => {
    await using chat = await startConversation();

    await chat.send(said(`${BOT} my name is Grace.`, { chat: GROUP }));
    await chat.send(said(`${BOT} what is my name?`, { chat: GROUP, from: BOB }));
    await chat.send(said(`${BOT} what is my name?`, { chat: GROUP, from: ADA }));

    const [, toBob, toAda] = saidTo(chat.telegram, GROUP.id);
    expect(toBob).toContain("You have not told me your name");
    expect(toAda).toContain("Your name is Grace.");
    expect(lines(lastTurnRequest(chat.model))[0]).toBe("user: my name is Grace.");
    expect((await chat.rows(`agent:main:telegram:group:${GROUP.id}:${BOB.id}`)).length).toBe(2);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("a topic is one session, in which everybody's words carry their name", async () => {
    await using chat = await startConversation();
    const inTopic = { chat: { ...GROUP, is_forum: true as const }, threadId: 7 };

    await chat.send(said(`${BOT} my name is Grace.`, inTopic));
    await chat.send(said(`${BOT} what is my name?`, { ...inTopic, from: BOB }));

    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: [Ada] my name is Grace.",
      expect.stringMatching(/^assistant: /),
      "user: [Bob] what is my name?",
    ]);
    expect(String(lastTurnRequest(chat.model).body.messages.at(-1)?.content)).toContain(
      "From: Bob (user 43)",
    );
    expect(chat.telegram.messages(GROUP.id).map((message) => message.message_thread_id)).toEqual([7, 7]);
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("only what is addressed to the bot is answered: a mention, or a reply to it", async () => {
    await using chat = await startConversation();

    await chat.send(said("Good morning, all", { chat: GROUP }));
    await chat.send(said("@another_bot good morning", { chat: GROUP }));
    expect(chat.telegram.calls()).toEqual([]);
    await chat.send(said(`Good morning, ${BOT}`, { chat: GROUP }));

    const answer = chat.telegram.messages(GROUP.id)[0];
    const update = said("And to you", { chat: GROUP });
    Object.assign(update.message ?? {}, { reply_to_message: answer });
    await chat.send(update);

    expect(saidTo(chat.telegram, GROUP.id)).toHaveLength(2);
    expect(lines(lastTurnRequest(chat.model)).at(-1)).toMatch(
      /^user: \[Replying to: "Hello![\s\S]*And to you$/,
    );
  });

  it.concurrent("what somebody said as a chat stays theirs, whoever asks for another answer", async () => {
    await using chat = await startConversation();
    const inTopic = { chat: { ...GROUP, is_forum: true as const }, threadId: 7 };
    await chat.send(anonymously(said(`${BOT} hello`, inTopic)));
    await chat.send(said(`/retry${BOT}`, { ...inTopic, from: BOB }));

    const question = String(lastTurnRequest(chat.model).body.messages.at(-1)?.content);
    expect(question).toMatch(/From: Group\n/);
    expect(question).not.toContain("Bob");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("whoever speaks as a chat has no memory and no account but the chat's", async () => {
    const OTHER = { ...GROUP, id: -1009999999999 };
    await using chat = await startConversation({
      services: ["memory"],
      env: { TELEGRAM_GROUP_ALLOWED_CHATS: `${GROUP.id},${OTHER.id}` },
    });
    const say = (text: string, group = GROUP) =>
      chat.send(anonymously(said(`${BOT} ${text}`, { chat: group })));
    chat.model.enqueue(calls(["memory_remember", { content: "The merger is in May." }]), {
      reply: { content: "Aye.", usage: { prompt: 1_000_000 } },
    });
    await say("remember: I plan a merger in May");
    chat.agentcore.extract();
    await say("what of the merger?", OTHER);

    expect(saidTo(chat.telegram, GROUP.id)).toEqual(["Aye."]);
    expect(saidTo(chat.telegram, OTHER.id)).toHaveLength(1);
    expect(chat.agentcore.records()).toEqual([]);
    expect(chat.agentcore.events()).toEqual([]);
    expect(promptText(lastTurnRequest(chat.model))).not.toContain("in May");
    await say("/usage", OTHER);
    expect(saidTo(chat.telegram, OTHER.id).at(-1)).toMatch(/You, jobs included: under \$0\.0001/);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("another group is not served, whoever of the strangers speaks there", async () => {
    await using chat = await startConversation({ env: { TELEGRAM_REFUSAL: "true" } });
    const elsewhere = { ...GROUP, id: -1009999999999 };

    await chat.send(said(`${BOT} hello`, { chat: elsewhere, from: STRANGER }));
    await chat.send(said(`/whoami${BOT}`, { chat: elsewhere, from: STRANGER }));

    expect(chat.telegram.calls()).toEqual([]);
    expect(chat.model.requests).toEqual([]);
  });
});

describe("a stranger", () => {
  it.concurrent("gets nothing, not even typing, and leaves nothing behind", async () => {
    await using chat = await startConversation();

    await chat.send(said("Hello?", { from: STRANGER }));
    await chat.send(said("/start", { from: STRANGER }));
    await chat.send(said("/stop", { from: STRANGER }));

    expect(chat.telegram.calls()).toEqual([]);
    expect(chat.model.requests).toEqual([]);
    expect(await chat.meta("agent:main:telegram:dm:666")).toEqual({});
  });

  it.concurrent("is told their id once a day where the operator wants that", async () => {
    await using chat = await startConversation({ env: { TELEGRAM_REFUSAL: "true" } });

    await chat.send(said("Hello?", { from: STRANGER }));
    await chat.send(said("Anybody?", { from: STRANGER }));
    await chat.function.recycle();
    await chat.send(said("/start", { from: STRANGER }));

    expect(saidTo(chat.telegram, STRANGER.id)).toEqual([
      "I do not know you yet. Your Telegram id is 666: whoever runs this bot can let you in with it.",
    ]);
    expect(chat.model.requests).toEqual([]);
  });
});
