// Long-term memory in a conversation: what one session keeps the next one knows, each person's is their own, and the person sees
// it, forgets it, and switches it off.

import { describe, expect, it } from "vitest";
import { textOf } from "../../local/model/chat-api.ts";
import { saidTo } from "../support/deployment.ts";
import {
  ADA,
  BOB,
  type Conversation,
  calls,
  errorsIn,
  GROUP,
  lastTurnRequest,
  lines,
  photo,
  pressed,
  promptText,
  reply,
  said,
  startConversation,
  turnRequests,
} from "./conversation.ts";

const questionIn = ({ model }: Conversation): string =>
  textOf(lastTurnRequest(model).body.messages.findLast(({ role }) => role === "user")?.content);

/** The buttons under the bot's last message to Ada. */
const buttonsIn = ({ telegram }: Conversation) => {
  const message = telegram.messages(ADA.id).at(-1);
  const keyboard = message?.reply_markup?.inline_keyboard ?? [];
  return keyboard.flat().map((button) => ({
    messageId: message?.message_id ?? 0,
    data: "callback_data" in button ? String(button.callback_data) : "",
    label: String(button.text),
  }));
};

const press = async (chat: Conversation, label: string): Promise<string> => {
  const button = buttonsIn(chat).find((one) => one.label === label);
  if (button === undefined) throw new Error(`there is no button ${label}`);
  const before = saidTo(chat.telegram).length;
  await chat.send(pressed(chat, button));
  return saidTo(chat.telegram).slice(before).join("\n\n");
};

describe("the built-in memory", () => {
  const note = (content: string, target = "user") => calls(["memory", { action: "add", target, content }]);

  it.concurrent("is known to the next session, with its first message and no other, and to nobody else", async () => {
    await using chat = await startConversation({ env: { TELEGRAM_ALLOWED_USERS: "42,43" } });
    chat.model.enqueue(note("Ada is a harbour master."), reply("Noted."));
    await chat.ask("Remember what I do");
    await chat.ask("/new");

    await chat.ask("Hello");
    expect(questionIn(chat)).toContain("Ada is a harbour master.");
    const before = promptText(lastTurnRequest(chat.model));
    await chat.function.recycle();
    await chat.ask("And again");
    expect(questionIn(chat)).not.toContain("harbour master");
    expect(promptText(lastTurnRequest(chat.model)).startsWith(before)).toBe(true);

    await chat.send(said("Hello", { from: BOB }));
    expect(promptText(lastTurnRequest(chat.model))).not.toContain("harbour master");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("of each speaker goes with their own words where several share a conversation", async () => {
    await using chat = await startConversation({
      env: { TELEGRAM_ALLOWED_USERS: "42,43", HERMES_GROUP_SESSIONS_PER_USER: "false" },
    });
    chat.model.enqueue(note("Ada sails."), reply("Noted."));
    await chat.ask("Remember that I sail");
    chat.model.enqueue(note("Bob dives."), reply("Noted."));
    await chat.send(said("Remember that I dive", { from: BOB }));

    await chat.send(said("@hermes_lambda_bot hello", { chat: GROUP, from: ADA }));
    expect(questionIn(chat)).toContain("Ada sails.");
    expect(questionIn(chat)).not.toContain("Bob dives.");
    await chat.send(said("@hermes_lambda_bot hello", { chat: GROUP, from: BOB }));
    expect(questionIn(chat)).toContain("Bob dives.");
    expect(questionIn(chat)).not.toContain("Ada sails.");
  });

  it.concurrent("of one is open to them though what another said before was stopped, and takes none of that", async () => {
    const topic = { chat: { ...GROUP, is_forum: true as const }, threadId: 7 };
    const inTopic = (from: typeof ADA, text: string) =>
      said(`@hermes_lambda_bot ${text}`, { ...topic, from });
    await using chat = await startConversation({ env: { TELEGRAM_ALLOWED_USERS: "42,43" } });
    chat.model.enqueue(async () => {
      await chat.webhook(said("/stop@hermes_lambda_bot", { ...topic, from: BOB }));
      return calls(["roll_dice", { dice: "1d6" }]);
    });
    await chat.send(inTopic(BOB, "Remember that I dive"));

    chat.model.enqueue(note("Bob dives."), note("Ada is allergic to nuts."), reply("Noted."));
    await chat.send(inTopic(ADA, "Remember that I am allergic to nuts"));

    const [first, second] = lines(lastTurnRequest(chat.model)).filter((line) => line.startsWith("tool: {"));
    expect(first).toContain("that of user 42");
    expect(second).toContain("Ada is allergic to nuts.");
    expect(await chat.ask("/memory")).toMatch(/1\. Ada is allergic to nuts\.$/m);
    expect(await chat.ask("/memory")).not.toContain("Bob");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("holds no key that was pasted, and the model is told so", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(
      note("The key is sk-proj-FakeFakeFakeFakeFake, for maps."),
      reply("Noted, without it."),
    );
    await chat.ask("Remember my key");
    expect(lines(lastTurnRequest(chat.model)).at(-1)).toContain("is not kept");
    await chat.ask("/new");
    await chat.ask("Hello");
    expect(questionIn(chat)).toContain("The key is [redacted], for maps.");
    expect(promptText(lastTurnRequest(chat.model))).not.toContain("FakeFake");
  });

  it.concurrent("goes with a picture that has no words, where that comes first", async () => {
    await using chat = await startConversation();
    chat.telegram.addFile("ship", Buffer.from("iVBORw0KGgo=", "base64"), "photos/ship.png");
    chat.model.enqueue(note("Ada sails."), reply("Noted."));
    await chat.ask("Remember that I sail");
    await chat.ask("/new");
    await chat.send(photo("ship"));
    expect(promptText(lastTurnRequest(chat.model))).toContain("Ada sails.");
  });

  it.concurrent("goes with a message that is asked again, and with its sender's words whoever asks", async () => {
    await using chat = await startConversation({
      env: { TELEGRAM_ALLOWED_USERS: "42,43", HERMES_GROUP_SESSIONS_PER_USER: "false" },
    });
    chat.model.enqueue(note("Ada sails."), reply("Noted."));
    await chat.ask("Remember that I sail");
    await chat.ask("/new");
    await chat.ask("Hello");
    await chat.ask("/retry");
    expect(questionIn(chat)).toContain("Ada sails.");
    await chat.ask("And again");
    expect(promptText(lastTurnRequest(chat.model)).split("Ada sails.")).toHaveLength(2);

    await chat.send(said("@hermes_lambda_bot hello", { chat: GROUP, from: ADA }));
    await chat.send(said("/retry@hermes_lambda_bot", { chat: GROUP, from: BOB }));
    expect(questionIn(chat)).toMatch(/From: Ada \(user 42\)[\s\S]*Ada sails\./);
    expect(questionIn(chat)).not.toContain("Bob");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is shown as words, whatever markup is in it", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(note("Likes [tea](https://evil.example)"), reply("Noted."));
    await chat.ask("Remember this");
    await chat.ask("/memory");
    await press(chat, "🗑 1");
    const sent = chat.telegram.messages(ADA.id).slice(-2);
    expect(sent).toHaveLength(2);
    for (const message of sent) expect(JSON.stringify(message)).not.toMatch(/"url":|text_link/);
    expect(saidTo(chat.telegram).at(-1)).toContain("Likes [tea](https://evil.example)");
  });

  it.concurrent("is shown by /memory, forgotten by its buttons, and by nothing that is typed", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(note("Ada sails."), note("The boat is called Grace.", "memory"), reply("Noted."));
    await chat.ask("Remember this");

    expect(await chat.ask("/memory")).toMatch(/1\. Ada sails\.\n2\. The boat is called Grace\./);
    expect(await press(chat, "🗑 1")).toMatch(
      /^Forgotten: Ada sails\.[\s\S]*1\. The boat is called Grace\.$/m,
    );
    expect(await chat.ask("/memory confirm all")).toContain("Shall I forget everything");
    expect(await chat.ask("/memory forget all")).toContain("Shall I forget everything");
    expect(await chat.ask("/memory")).toContain("Grace");
    await chat.ask("/memory forget all");
    expect(await press(chat, "🗑 Yes, forget everything")).toContain("I have forgotten everything");
    expect(await chat.ask("/memory")).toBe("I remember nothing about you.");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is left alone in a chat where it is switched off", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(note("Ada sails."), reply("Noted."));
    await chat.ask("Remember this");
    expect(await chat.ask("/memory off")).toContain("off in this chat");
    await chat.ask("/new");

    chat.model.enqueue(note("Ada dives."), reply("I cannot."));
    await chat.ask("Remember that too");

    expect(promptText(lastTurnRequest(chat.model))).not.toContain("Ada sails.");
    expect(lines(lastTurnRequest(chat.model)).at(-1)).toContain("switched off in this chat");
    expect(await chat.ask("/memory")).toMatch(/off in this chat[\s\S]*1\. Ada sails\./);
    await chat.ask("/memory on");
    await chat.ask("/new");
    await chat.ask("Hello");
    expect(questionIn(chat)).toContain("Ada sails.");
  });
});

describe("a memory that can neither list nor forget", () => {
  const MUTE = `export const register = (host) => host.setMemory({
    name: "mute", tools: [], recall: async () => "", remember: async () => {},
  });`;

  it.concurrent("is not passed off as empty, nor as one that forgot", async () => {
    await using chat = await startConversation({ home: { "plugins/mute.mjs": MUTE } });
    expect(await chat.ask("/memory")).toMatch(/^A memory of this bot cannot list what it holds/);
    await chat.ask("/memory forget all");
    expect(await press(chat, "🗑 Yes, forget everything")).toMatch(/cannot be told to forget: ask whoever/);
  });
});

describe("AgentCore Memory", () => {
  const start = () => startConversation({ services: ["memory"], env: { TELEGRAM_ALLOWED_USERS: "42,43" } });

  it.concurrent("learns one event a turn with both sides, and recalls what it made of it for that person", async () => {
    await using chat = await start();
    chat.model.enqueue(calls(["todo", { todos: [] }]), reply("Nice boat."));
    await chat.ask("I own a boat called Grace.");

    const [event, ...others] = chat.agentcore.events();
    expect(others).toEqual([]);
    expect(JSON.stringify(event)).toContain("I own a boat called Grace.");
    expect(JSON.stringify(event)).toContain("Nice boat.");
    expect(JSON.stringify(event)).not.toContain("todo");

    chat.agentcore.extract();
    await chat.ask("/new");
    await chat.ask("What is my boat called?");
    expect(questionIn(chat)).toMatch(
      /<memory-context>[\s\S]*I own a boat called Grace\.[\s\S]*<\/memory-context>$/,
    );
    await chat.send(said("What is my boat called?", { from: BOB }));
    expect(promptText(lastTurnRequest(chat.model))).not.toContain("I own a boat");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("holds no key that was pasted, and the model is told so", async () => {
    await using chat = await start();
    const content = "The key is sk-proj-FakeFakeFakeFakeFake, for maps.";
    chat.model.enqueue(calls(["memory_remember", { content }]), reply("Noted, without it."));
    await chat.ask("Remember my key");
    expect(lines(lastTurnRequest(chat.model)).at(-1)).toContain("is not kept");
    expect(await chat.ask("/memory")).toContain("The key is [redacted], for maps.");
  });

  /** Longer than the service wants between two events of one conversation. */
  const PAUSE_MS = 5_000;

  const heard = ({ agentcore }: Conversation): readonly string[] =>
    agentcore
      .events()
      .map(({ payload }) => payload.map(({ conversational }) => conversational?.content.text).join(" → "));

  it.concurrent("that is down costs a turn nothing but its memory, and learns afterwards what it missed", async () => {
    await using chat = await start();
    // Its client is loaded with this: a first call can be so slow for it that its failure would pause the memory.
    await chat.ask("/memory");
    chat.agentcore.fail("error", { times: 1_000 });
    chat.model.enqueue(reply("One."));
    await chat.ask("I own a boat.");
    await chat.later(PAUSE_MS);
    chat.model.enqueue(reply("Two."));
    await chat.ask("I own a dog.");
    expect(heard(chat)).toEqual([]);

    chat.agentcore.heal();
    await chat.later(PAUSE_MS);
    // What was tried may have arrived: it goes once more as it went, and the others with the turn after.
    chat.model.enqueue(reply("Three."));
    await chat.ask("I own a cat.");
    expect(heard(chat)).toEqual(["I own a boat. → One."]);
    await chat.later(PAUSE_MS);
    chat.model.enqueue(reply("Four."));
    await chat.ask("I own a cow.");

    expect(heard(chat).toSorted()).toEqual([
      "I own a boat. → One.",
      "I own a dog. → Two. → I own a cat. → Three. → I own a cow. → Four.",
    ]);
    expect(saidTo(chat.telegram)).toHaveLength(5);
    expect(await chat.meta()).not.toHaveProperty("owed");
  });

  it.concurrent("is told by a later session what was said in those it was down for, once", async () => {
    await using chat = await startConversation({
      services: ["memory"],
      home: { "config.yaml": "session_reset:\n  mode: idle\n  idle_minutes: 60\n" },
    });
    const say = async (text: string) => {
      chat.model.enqueue(reply("Aye."));
      await chat.ask(text);
    };
    chat.agentcore.fail("error", { times: 1_000, operation: "CreateEvent" });
    await say("I own a boat.");
    await say("It is blue.");
    await chat.ask("/new");
    await say("I own a dog.");
    await chat.later(2 * 3_600_000);
    await say("I own a cat.");
    expect(heard(chat)).toEqual([]);
    expect(JSON.stringify((await chat.meta())["owed"])).not.toMatch(/boat|blue|dog|cat/);

    chat.agentcore.heal();
    await chat.later(PAUSE_MS);
    await say("I own a cow.");
    await chat.later(PAUSE_MS);
    await say("I own a hen.");

    expect(heard(chat).toSorted()).toEqual([
      "I own a boat. → Aye.",
      "I own a cat. → Aye. → I own a cow. → Aye. → I own a hen. → Aye.",
      "I own a dog. → Aye.",
      "It is blue. → Aye.",
    ]);
    expect(await chat.meta()).not.toHaveProperty("owed");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("that took an event and could not say so has it once", async () => {
    await using chat = await start();
    chat.agentcore.fail("drop-after", { times: 2, operation: "CreateEvent" });
    chat.model.enqueue(reply("One."));
    await chat.ask("I own a boat.");
    expect(heard(chat)).toHaveLength(1);
    await chat.later(PAUSE_MS);
    chat.model.enqueue(reply("Two."));
    await chat.ask("I own a dog.");
    await chat.ask("/new");
    expect(heard(chat).toSorted()).toEqual(["I own a boat. → One.", "I own a dog. → Two."]);
  });

  it.concurrent("is told what it missed of a session once, also when that is resumed", async () => {
    await using chat = await start();
    chat.agentcore.fail("error", { times: 1_000, operation: "CreateEvent" });
    chat.model.enqueue(reply("Woof."));
    await chat.ask("I own a dog.");
    await chat.ask("/title The dog");
    await chat.ask("/new");
    expect(heard(chat)).toEqual([]);
    chat.agentcore.heal();
    await chat.later(PAUSE_MS);
    chat.model.enqueue(reply("Moo."));
    await chat.ask("I own a cow.");
    await chat.ask("/resume The dog");
    await chat.later(PAUSE_MS);
    chat.model.enqueue(reply("Miaow."));
    await chat.ask("I own a cat.");
    expect(heard(chat).toSorted()).toEqual([
      "I own a cat. → Miaow.",
      "I own a cow. → Moo.",
      "I own a dog. → Woof.",
    ]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is not told in one chat what was said there before everything was forgotten in another", async () => {
    await using chat = await start();
    const say = async (text: string, from = ADA) => {
      chat.model.enqueue(reply("Aye."));
      await chat.send(said(`@hermes_lambda_bot ${text}`, { chat: GROUP, from }));
    };
    chat.agentcore.fail("error", { times: 1_000, operation: "CreateEvent" });
    await say("I own a boat.");
    await say("I own a bell.", BOB);
    chat.agentcore.heal();
    await chat.later(PAUSE_MS);
    await chat.ask("/memory forget all");
    await press(chat, "🗑 Yes, forget everything");

    await say("I own a cat.");
    await say("I own a cow.", BOB);

    expect(heard(chat).join()).toMatch(/I own a cat\./);
    expect(heard(chat).join()).toMatch(/I own a bell\./);
    expect(heard(chat).join()).not.toMatch(/I own a boat\./);
  });

  it.concurrent("is not told afterwards what was said before everything was forgotten", async () => {
    await using chat = await start();
    chat.agentcore.fail("error", { times: 1_000, operation: "CreateEvent" });
    await chat.ask("I own a boat.");
    await chat.ask("/memory forget all");
    await press(chat, "🗑 Yes, forget everything");
    expect(chat.agentcore.events()).toEqual([]);

    chat.agentcore.heal();
    await chat.later(PAUSE_MS);
    chat.model.enqueue(reply("Miaow."));
    await chat.ask("I own a cat.");

    expect(JSON.stringify(chat.agentcore.events())).toContain("I own a cat.");
    expect(JSON.stringify(chat.agentcore.events())).not.toContain("I own a boat.");
  });

  it.concurrent("learns from a turn whose long run of tools compacted its own beginning away", async () => {
    await using chat = await startConversation({
      services: ["memory"],
      home: { "config.yaml": "compression:\n  threshold_tokens: 4000\n" },
    });
    const todos = (round: number) => [{ id: String(round), content: "The ship sails on. ".repeat(50) }];
    for (let round = 1; round <= 14; round += 1) {
      const toolCalls = [{ name: "todo", arguments: { todos: todos(round) } }];
      chat.model.enqueue({ reply: { toolCalls, usage: { prompt: round === 14 ? 9_000 : 1_000 } } });
    }
    chat.model.enqueue(reply("## Goal\nA voyage."), reply("All planned."));

    expect(await chat.ask("I own a boat called Grace.")).toBe("All planned.");

    const rows = await chat.rows();
    const said = rows.findIndex((row) => JSON.stringify(row).includes("boat called Grace")) + 1;
    expect(Number((await chat.meta())["base"])).toBeGreaterThan(said);
    expect(JSON.stringify(chat.agentcore.events())).toMatch(/boat called Grace[\s\S]*All planned\./);
  });

  it.concurrent("that hangs is waited for no longer than its budget", async () => {
    await using chat = await start();
    chat.agentcore.fail("hang", { operation: "RetrieveMemoryRecords", times: 10 });
    const before = Date.now();

    await chat.webhook(said("My name is Grace."));
    await chat.telegram.waitFor(({ method }) => method === "sendMessage");

    expect(Date.now() - before).toBeLessThan(10_000);
    await chat.settled();
    expect(chat.logs.join("\n")).toContain("memory failed: recall");
  });

  it.concurrent("forgets only when the person presses the button of the question", async () => {
    await using chat = await start();
    chat.model.enqueue(calls(["memory_remember", { content: "Ada sails." }]), reply("Noted."));
    await chat.ask("Remember that I sail");
    const [record] = chat.agentcore.records();
    chat.model.enqueue(calls(["memory_forget", { action: "forget_all" }]));

    const question = await chat.ask("Forget everything");

    expect(record).toBeDefined();
    expect(question).not.toBe("");
    expect(chat.agentcore.records()).toHaveLength(1);
    expect(await press(chat, "🗑 Yes, forget everything")).toContain("I have forgotten everything");
    expect(chat.agentcore.records()).toEqual([]);
    expect(chat.agentcore.events()).toEqual([]);
  });

  it.concurrent("is neither told of jobs nor written by them", async () => {
    await using chat = await start();
    chat.model.enqueue(reply("Good morning."));
    await chat.invoke({
      source: "hermes.cron",
      job: {
        ...{ id: "3f2a9c1b7d4e", name: "Morning", prompt: "Greet" },
        origin: { platform: "telegram", chat_id: "42", chat_type: "dm", user_id: "42" },
      },
      scheduledTime: new Date().toISOString(),
    });
    await chat.settled();

    expect(saidTo(chat.telegram).join()).toContain("Good morning.");
    expect(chat.agentcore.events()).toEqual([]);
    const names = turnRequests(chat.model).flatMap(({ body }) =>
      body.tools?.map((tool) => tool.function.name),
    );
    expect(names).not.toContain("memory_remember");
  });
});
