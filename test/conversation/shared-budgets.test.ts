// Budgets where several people share a session, a topic of a forum: one person's spent day takes nothing from the others.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import { budget, TINY } from "./budget-kit.ts";
import {
  ADA,
  BOB,
  type Conversation,
  calls,
  errorsIn,
  GROUP,
  lastTurnRequest,
  promptText,
  reply,
  said,
  startConversation,
  turnRequests,
} from "./conversation.ts";

const BOT = "@hermes_lambda_bot";
const TOPIC = { chat: { ...GROUP, is_forum: true as const }, threadId: 7 };
const CY = { id: 44, is_bot: false, first_name: "Cy" };

const start = () => startConversation({ env: { TELEGRAM_ALLOWED_USERS: "42,43,44" } });

const inTopic = (from: typeof ADA, text: string) => said(`${BOT} ${text}`, { ...TOPIC, from });
const heard = ({ telegram }: Conversation) => saidTo(telegram, GROUP.id);

/** Somebody's day is spent, and they have been told. */
const spend = async (chat: Conversation, from: typeof ADA) => {
  await budget(chat, `set user ${from.id}`, { day: TINY });
  chat.model.enqueue(reply("Hello."));
  await chat.send(inTopic(from, "Hello"));
  await chat.send(inTopic(from, "Hello?"));
  expect(heard(chat).at(-1)).toContain("The budget for your day");
};

/** What these say while a turn of Bob's is at work, which ends without a tool. */
const whileAtWork = async (chat: Conversation, ...words: readonly (readonly [typeof ADA, string])[]) => {
  chat.model.enqueue(async () => {
    for (const [from, text] of words) await chat.webhook(inTopic(from, text));
    return reply("First things first.");
  });
  await chat.webhook(inTopic(BOB, "First of all"));
  await chat.settled();
};

describe("in a shared session", () => {
  it.concurrent("one whose money is not spent is answered, whoever else writes at the same time", async () => {
    await using chat = await start();
    await spend(chat, ADA);
    const before = heard(chat).length;
    await whileAtWork(chat, [BOB, "How are you?"], [ADA, "And hello from Ada"]);
    expect(heard(chat).slice(before)[0]).toBe("First things first.");
    expect(heard(chat).slice(before)).toHaveLength(2);
    // What was said without money stays in the conversation, for whoever speaks next.
    chat.model.enqueue(reply("Good night."));
    await chat.send(inTopic(BOB, "Good night"));
    expect(promptText(lastTurnRequest(chat.model))).toMatch(
      /How are you\?[\s\S]*And hello from Ada[\s\S]*Good night/,
    );
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("what is asked first without money keeps nobody's question back", async () => {
    await using chat = await start();
    await spend(chat, ADA);
    const before = heard(chat).length;
    await whileAtWork(chat, [ADA, "Write me a book"], [BOB, "How are you?"]);
    expect(heard(chat).slice(before)).toEqual(["First things first.", expect.stringMatching(/^You said: /)]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("each whose money is spent is told so once, also when they write at the same time", async () => {
    await using chat = await start();
    for (const { id } of [ADA, CY]) await budget(chat, `set user ${id}`, { day: "0" });
    const before = heard(chat).length;
    await whileAtWork(chat, [ADA, "One"], [CY, "Two"], [ADA, "Three"]);
    expect(heard(chat).slice(before)).toEqual([
      "First things first.",
      expect.stringContaining("nothing may be spent"),
      expect.stringContaining("nothing may be spent"),
    ]);
    expect(errorsIn(chat)).toEqual([]);
  });
});

describe("what is said while a turn works, at its next tool", () => {
  it.concurrent("joins at the cost of whoever asked only if its speaker has money", async () => {
    await using chat = await start();
    await spend(chat, ADA);
    const [before, asked] = [heard(chat).length, turnRequests(chat.model).length];
    chat.model.enqueue(async () => {
      await chat.webhook(inTopic(ADA, "And write me a book"));
      return calls(["roll_dice", { dice: "1d6" }]);
    }, reply("Rolled."));
    await chat.webhook(inTopic(BOB, "Roll a die"));
    await chat.settled();
    expect(heard(chat).slice(before)).toEqual(["Rolled."]);
    expect(turnRequests(chat.model)).toHaveLength(asked + 2);
    expect(promptText(lastTurnRequest(chat.model))).not.toContain("write me a book");
  });

  it.concurrent("joins no turn whose own money is spent: it is answered by the next", async () => {
    await using chat = await start();
    await budget(chat, `set user ${ADA.id}`, { day: TINY });
    chat.model.enqueue(async () => {
      await chat.webhook(inTopic(BOB, "What is a die?"));
      return calls(["roll_dice", { dice: "1d6" }]);
    }, reply("A cube."));
    await chat.webhook(inTopic(ADA, "Roll a die"));
    await chat.settled();
    expect(heard(chat)).toEqual([expect.stringContaining("The budget for your day"), "A cube."]);
    expect(errorsIn(chat)).toEqual([]);
  });
});
