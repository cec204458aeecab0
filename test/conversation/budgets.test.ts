// Budgets through the packaged function: told once and kindly, silent then, raised by the operator without a deploy.

import { describe, expect, it } from "vitest";
import { createNotices } from "../../src/adapters/dynamodb/notices.ts";
import { saidTo } from "../support/deployment.ts";
import { budget, TINY, withTable } from "./budget-kit.ts";
import {
  BOB,
  calls,
  errorsIn,
  GROUP,
  lastTurnRequest,
  lines,
  reply,
  said,
  startConversation,
  tick,
  turnRequests,
} from "./conversation.ts";

const SPENT =
  /^🌙 The budget for your day \(under \$0\.0001\) is used up\. It starts afresh at 0[12]:00 \(Europe\/Berlin\)\./;

/** As much of an answer as the model's output limit let through. */
const cutShort = (content: string) => ({ reply: { content, finish: "length" } });

const ZONE = { HERMES_TIMEZONE: "Europe/Berlin" };

describe("a person whose day is spent", () => {
  it.concurrent("is told once and kindly, then met with silence, and answered again as soon as the limit is raised", async () => {
    await using chat = await startConversation({ env: ZONE });
    await budget(chat, "set user 42", { day: TINY });
    expect(await chat.ask("My name is Grace.")).toContain("Nice to meet you, Grace.");

    const told = await chat.ask("Are you there?");
    expect(told).toMatch(SPENT);
    expect(told).toContain("What you write until then stays in our conversation.");
    expect(told).toContain("Whoever runs this bot can raise it.");
    expect(await chat.ask("Hello?")).toBe("");
    expect(turnRequests(chat.model)).toHaveLength(1);
    expect(await chat.ask("/usage")).toMatch(
      /You, jobs included: \$0\.\d{4} of under \$0\.0001, \$0\.00 left/,
    );

    await budget(chat, "set user 42", { day: "5" });
    chat.model.enqueue(reply("Your name is Grace, and I am here."));
    expect(await chat.ask("What is my name?")).toBe("Your name is Grace, and I am here.");
    // What nobody answered is one message to the model.
    const { messages } = lastTurnRequest(chat.model).body;
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(String(messages.at(-1)?.content)).toMatch(/Are you there\?[\s\S]*Hello\?[\s\S]*What is my name\?/);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is told again when the raised limit is spent as well", async () => {
    await using chat = await startConversation({ env: ZONE });
    await budget(chat, "set user 42", { day: "0" });
    expect(await chat.ask("Hello")).toContain("nothing may be spent");
    expect(await chat.ask("Hello")).toBe("");
    await budget(chat, "set user 42", { day: TINY });
    await chat.ask("My name is Grace.");
    expect(await chat.ask("Hello")).toMatch(SPENT);
    expect(await chat.ask("Hello")).toBe("");
  });

  it.concurrent("has one day in all chats, and others have their own", async () => {
    await using chat = await startConversation({ env: ZONE });
    await budget(chat, "set user 42", { day: TINY });
    await chat.send(said("@hermes_lambda_bot My name is Grace.", { chat: GROUP }));
    expect(saidTo(chat.telegram, GROUP.id).at(-1)).toContain("Grace");

    expect(await chat.ask("Hello")).toMatch(SPENT);
    await chat.send(said("@hermes_lambda_bot Hello?", { chat: GROUP }));
    expect(saidTo(chat.telegram, GROUP.id)).toHaveLength(1);
    await chat.send(said("@hermes_lambda_bot My name is Bob.", { from: BOB, chat: GROUP }));
    expect(saidTo(chat.telegram, GROUP.id).at(-1)).toContain("Nice to meet you, Bob.");
  });

  it.concurrent("is told of no fresh start where nothing may be spent at all", async () => {
    await using chat = await startConversation();
    await budget(chat, "set user 42", { day: "0" });
    expect(await chat.ask("Hello")).toBe(
      "🌙 The budget for your day is $0: nothing may be spent. What you write stays in our conversation. Whoever runs this bot can raise it.",
    );
    await budget(chat, "set user 42", { day: "1", turn: "0" });
    expect(await chat.ask("Hello")).toBe(
      "🌙 The budget for one answer is $0: nothing may be spent. What you write stays in our conversation. Whoever runs this bot can raise it.",
    );
    expect(chat.model.requests).toEqual([]);
  });

  it.concurrent("keeps what was written of an answer when its continuation cannot be paid, and goes on from there", async () => {
    await using chat = await startConversation({ env: ZONE });
    await budget(chat, "set user 42", { day: TINY });
    chat.model.enqueue(cutShort("Once upon a time there was"));
    const told = await chat.ask("Tell me a story");
    expect(told).toMatch(/^Once upon a time there was\n\n🌙 The budget for your day .* is used up\./);
    expect(turnRequests(chat.model)).toHaveLength(1);
    expect(await chat.ask("Go on")).toBe("");

    await budget(chat, "set user 42", { day: "5" });
    chat.model.enqueue(reply("a queen."));
    expect(await chat.ask("And now?")).toBe("a queen.");
    expect(lines(lastTurnRequest(chat.model)).slice(0, 2)).toEqual([
      "user: Tell me a story",
      "assistant: Once upon a time there was",
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("who was told elsewhere hears all the same why an answer breaks off", async () => {
    await using chat = await startConversation();
    await budget(chat, "set user 42", { day: TINY });
    await withTable(chat, (table) => createNotices(table).claim("budget#user#42#1", chat.now(), "a group"));
    chat.model.enqueue(cutShort("Good"));
    expect(await chat.ask("Good morning")).toMatch(/^Good\n\n🌙 The budget for your day/);
    expect(await chat.ask("And now?")).toBe("");
  });

  it.concurrent("is served the next day", async () => {
    await using chat = await startConversation();
    await budget(chat, "set user 42", { day: TINY });
    await chat.ask("My name is Grace.");
    expect(await chat.ask("Hello")).toContain("is used up");
    await chat.later(86_400_000);
    chat.model.enqueue(reply("Good morning."));
    expect(await chat.ask("And now?")).toBe("Good morning.");
  });
});

describe("a turn that costs too much", () => {
  it.concurrent("ends in its middle with a word, keeps what it did, and the next turn goes on", async () => {
    await using chat = await startConversation();
    await budget(chat, "set default", { turn: TINY });
    chat.model.enqueue(calls(["roll_dice", { dice: "1d6" }]), reply("Rolled."));

    expect(await chat.ask("Roll a die")).toMatch(/^⚠️ I stopped: one answer may cost under \$0\.0001/);
    expect(turnRequests(chat.model)).toHaveLength(1);
    expect(await chat.ask("go on")).toBe("Rolled.");
    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: Roll a die",
      "assistant: <roll_dice>",
      expect.stringMatching(/^tool: /),
      "user: go on",
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("keeps before the person what was written between its tools, once", async () => {
    const models = { "deepseek-flash": { input: 0, cached: 0, output: 1 } };
    await using chat = await startConversation({
      home: { "config.yaml": JSON.stringify({ prices: { models } }) },
    });
    await budget(chat, "set default", { turn: "0.0002" });
    const rolls = (content: string) => ({
      reply: {
        ...{ content, reasoning: "A tool helps.", usage: { prompt: 1_000, completion: 100 } },
        toolCalls: [{ name: "roll_dice", arguments: { dice: "1d6" } }],
      },
    });
    chat.model.enqueue(
      rolls("I roll once."),
      rolls("And again."),
      rolls("And a third time."),
      reply("Never."),
    );
    const told = await chat.ask("Roll some dice");
    expect(told).toMatch(/^I roll once\.\n\nAnd again\.\n\n⚠️ I stopped: one answer may cost/);
    // It stands in the history where it was written, and nowhere else.
    const stored = (await chat.rows()).map((row) => JSON.stringify(row));
    expect(stored.filter((row) => row.includes("I roll once."))).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain("⚠️ I stopped");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("counts what it spent before its process died", async () => {
    await using chat = await startConversation();
    await budget(chat, "set default", { turn: "0.0005" });
    await chat.ask("My name is Grace.");
    expect((await chat.meta())["totals"]).toMatchObject({ lastTurn: expect.any(Number) });
    await chat.setMeta("turn", {
      entries: ["0000000000000001"],
      origin: { chatId: 42, chatType: "dm", userId: 42 },
      ...{ firstSeq: 1, hops: 0, steps: 1, cost: 500 },
    });
    const before = turnRequests(chat.model).length;
    await chat.send(said("Hello"));
    expect(saidTo(chat.telegram).at(-2)).toContain("⚠️ I stopped: one answer may cost $0.0005");
    expect(turnRequests(chat.model)).toHaveLength(before + 1);
  });
});

describe("a job", () => {
  it.concurrent("over its day's budget tells its owner's chat once a day, is not paused for it, and runs when it is raised", async () => {
    await using chat = await startConversation();
    await budget(chat, "set job 3f2a9c1b7d4e", { day: TINY });
    const run = async (hour: number) => {
      const before = saidTo(chat.telegram).length;
      await chat.invoke(tick({ prompt: "Count.", at: `2026-11-23T${hour}:00:00Z` }));
      await chat.settled();
      return saidTo(chat.telegram).slice(before);
    };
    expect(await run(10)).toHaveLength(1);
    expect(await run(11)).toEqual([
      expect.stringMatching(
        /^⚠️ Cron job 'Morning briefing' did not finish:\n🌙 The budget for this job's day \(under \$0\.0001\) is used up\./,
      ),
    ]);
    expect([await run(12), await run(13), await run(14)]).toEqual([[], [], []]);
    expect(chat.model.requests).toHaveLength(1);
    // Its owner has money of their own.
    expect(await chat.ask("My name is Grace.")).toContain("Grace");

    await budget(chat, "set job 3f2a9c1b7d4e", { day: "1" });
    expect(await run(15)).toHaveLength(1);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("counts for its owner's day, and stops with it", async () => {
    await using chat = await startConversation();
    await budget(chat, "set user 42", { day: TINY });
    await chat.invoke(tick({ prompt: "Count." }));
    await chat.settled();
    expect(await chat.ask("Hello")).toContain("The budget for your day");
    const before = saidTo(chat.telegram).length;
    for (const day of [24, 25, 26]) {
      await chat.invoke(tick({ prompt: "Count.", at: `2026-11-${day}T09:00:00Z` }));
      await chat.settled();
    }
    // That a job did not run is another piece of news, and one is enough.
    expect(saidTo(chat.telegram).slice(before)).toEqual([
      expect.stringMatching(/^⚠️ Cron job 'Morning briefing' did not finish:\n🌙 The budget for your day/),
    ]);
  });

  it.concurrent("that is met by its owner's spent day leaves the chat its own word about it", async () => {
    await using chat = await startConversation({ env: ZONE });
    await budget(chat, "set user 42", { day: TINY });
    await chat.ask("My name is Grace.");
    await chat.invoke(tick({ prompt: "Count." }));
    await chat.settled();
    expect(saidTo(chat.telegram).at(-1)).toMatch(
      /^⚠️ Cron job 'Morning briefing' did not finish:\n🌙 The budget for your day .* None of your jobs runs until then\./,
    );
    expect(await chat.ask("Hello")).toMatch(SPENT);
    expect(await chat.ask("Hello")).toBe("");
  });

  it.concurrent("says how far its answer came when the rest cannot be paid", async () => {
    await using chat = await startConversation();
    await budget(chat, "set job 3f2a9c1b7d4e", { turn: TINY });
    chat.model.enqueue(cutShort("It is sunny and"));
    await chat.invoke(tick({ prompt: "Weather?" }));
    await chat.settled();
    expect(saidTo(chat.telegram).at(-1)).toBe(
      "⚠️ Cron job 'Morning briefing' failed:\n⚠️ I stopped: one run may cost under $0.0001, and this one has. Whoever runs this bot can raise it.\n\nIt came as far as this:\n\nIt is sunny and",
    );
  });

  it.concurrent("that may cost nothing says so, and promises nothing for tomorrow", async () => {
    await using chat = await startConversation();
    await budget(chat, "set job 3f2a9c1b7d4e", { day: "0" });
    await chat.invoke(tick({ prompt: "Weather?" }));
    await chat.settled();
    expect(saidTo(chat.telegram).at(-1)).toBe(
      "⚠️ Cron job 'Morning briefing' did not finish:\n🌙 The budget for this job's day is $0: nothing may be spent. Whoever runs this bot can raise it.",
    );
    expect(chat.model.requests).toEqual([]);
  });

  it.concurrent("that was to run once says that it did not, whoever knows already", async () => {
    await using chat = await startConversation();
    expect(await chat.ask("Remind me in 10 minutes to drink tea")).not.toContain("⚠️");
    await budget(chat, "set user 42", { day: "0" });
    expect(await chat.ask("Hello")).toContain("nothing may be spent");
    await chat.tick();
    expect(saidTo(chat.telegram).at(-1)).toMatch(
      /^⚠️ Cron job '.*' did not finish:\n🌙 The budget for your day/,
    );
  });
});

describe("without money", () => {
  it.concurrent("/retry says so every time, and leaves the answer that stands", async () => {
    await using chat = await startConversation();
    expect(await chat.ask("My name is Grace.")).toContain("Grace");
    await budget(chat, "set user 42", { day: "0" });
    const rows = (await chat.rows()).length;
    for (const _ of ["once", "again"])
      expect(await chat.ask("/retry")).toMatch(
        /^🌙 The budget for your day is \$0: nothing may be spent\..* Nothing was taken back\.$/,
      );
    expect(await chat.rows()).toHaveLength(rows);

    await budget(chat, "set user 42", { day: "5" });
    chat.model.enqueue(reply("Grace it is."));
    expect(await chat.ask("/retry")).toBe("Grace it is.");
    expect(lines(lastTurnRequest(chat.model))).toEqual(["user: My name is Grace."]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("a conversation gets no title", async () => {
    await using chat = await startConversation();
    await budget(chat, "set user 42", { day: TINY });
    await chat.ask("My name is Grace.");
    expect(chat.model.requests).toHaveLength(1);
    expect((await chat.meta())["title"]).toBeUndefined();
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("/compress makes excerpts, but no message that goes unanswered costs the history its words", async () => {
    await using chat = await startConversation();
    for (const name of ["Grace", "Ida", "Joan", "Mary", "Ruth", "Vera"])
      await chat.ask(`My name is ${name}. ${"I like to tell long stories about it. ".repeat(20)}`);
    await budget(chat, "set user 42", { day: "0" });
    const asked = chat.model.requests.length;

    await chat.setMeta("lastPrompt", 900_000);
    expect(await chat.ask("Hello")).toContain("nothing may be spent");
    const summaries = async () =>
      (await chat.rows()).filter((row) => JSON.stringify(row).includes("summary"));
    expect(await summaries()).toEqual([]);

    expect(await chat.ask("/compress")).toMatch(
      /^🗜 Compressed: 13 messages are now \d+, the rest is excerpts, for no summary could be made\.$/,
    );
    expect(JSON.stringify(await summaries())).toContain("Made without a model");
    expect(chat.model.requests).toHaveLength(asked);
  });
});

describe("a ledger that cannot be read", () => {
  it.concurrent("keeps nobody from an answer, and is an error in the operator's log", async () => {
    await using chat = await startConversation();
    await chat.ask("My name is Grace.");
    chat.dynamodb.fail("error", { operation: "BatchGetItem", times: 3 });
    expect(await chat.ask("What is my name?")).toContain("Your name is Grace.");
    expect(errorsIn(chat)).toEqual([expect.stringContaining("the ledger could not be read")]);
    expect(await chat.ask("/usage")).toMatch(/This chat: .* in 3 model calls/);
    chat.dynamodb.fail("error", { operation: "BatchGetItem", times: 3 });
    expect(await chat.ask("/usage")).toContain("What today has cost cannot be read right now.");
  });
});

describe("/usage", () => {
  it.concurrent("tells what the session, its last turn, the day and the chat have cost, and what is left", async () => {
    await using chat = await startConversation({ env: ZONE });
    await chat.ask("My name is Grace.");
    await chat.ask("What is my name?");
    const told = await chat.ask("/usage");
    expect(told).toMatch(/Cost: \$0\.\d{4}, (under )?\$0\.\d{4} of it in the last turn/);
    expect(told).toMatch(/Today, until 0[12]:00 \(Europe\/Berlin\)/);
    expect(told).toMatch(/You, jobs included: \$0\.\d{4} of \$1\.00, \$(0\.99|1\.00) left/);
    // The two answers and the title.
    expect(told).toMatch(/This chat: \$0\.\d{4} in 3 model calls/);
    expect(told).toContain("One turn may cost $0.25, a job's day $0.25");
    expect(await budget(chat, "show")).toMatch(/all together {2}\$0\.\d{4} {2}3 calls, prompt/);
  });

  it.concurrent("says of the session what it says of the chat's day: titles, summaries and what fails are in both", async () => {
    await using chat = await startConversation();
    const same = async () => {
      const told = await chat.ask("/usage");
      const session = /: (\d+) turns, (\d+) model calls[\s\S]*Cost: (under )?(\$[\d.]+)/.exec(told);
      expect(told).toContain(`This chat: ${session?.[4]} in ${session?.[2]} model calls`);
      return Number(session?.[2]);
    };
    chat.model.enqueue(
      { cutAfter: 3, reply: { content: "I shall never", toolCalls: [{ name: "roll_dice", arguments: {} }] } },
      calls(["roll_dice", { dice: "1d6" }]),
      reply("Rolled."),
    );
    expect(await chat.ask("Roll a die")).toContain("Rolled.");
    expect(await same()).toBeGreaterThanOrEqual(3);
    for (const name of ["Grace", "Ida", "Joan", "Mary", "Ruth", "Vera", "Zora"])
      await chat.ask(`My name is ${name}. ${"I like to tell long stories about it. ".repeat(20)}`);
    const before = await same();
    expect(await chat.ask("/compress")).toContain("🗜 Compressed");
    expect(await same()).toBe(before + 1);
  });

  it.concurrent("has of a turn at work what it has spent so far, so that a process that dies takes nothing with it", async () => {
    await using chat = await startConversation();
    let totals: unknown;
    chat.model.enqueue(calls(["roll_dice", { dice: "1d6" }]), async () => {
      ({ totals } = await chat.meta());
      return reply("Rolled.");
    });
    await chat.ask("Roll a die");
    expect(totals).toMatchObject({ turns: 0, calls: 1, cost: expect.any(Number) });
  });

  it.concurrent("has its limits from config.yaml where the table says nothing", async () => {
    await using chat = await startConversation({ home: { "config.yaml": "budgets:\n  user_day_usd: 3\n" } });
    expect(await chat.ask("/usage")).toContain("$0.00 of $3.00, $3.00 left");
  });
});
