// A chat has many sessions over time: /new, /title, /resume, and titles that come by themselves.

import { describe, expect, it } from "vitest";
import { calls, errorsIn, lastTurnRequest, lines, reply, startConversation } from "./conversation.ts";

describe("/new", () => {
  it.concurrent("begins with an empty prompt, and what was said before can still be searched", async () => {
    await using chat = await startConversation();
    await chat.ask("The harbour code is Albatross.");

    expect(await chat.ask("/new")).toMatch(/^✨ New session started\. Model: deepseek-flash\.$/);
    chat.model.enqueue(calls(["session_search", { query: "harbour code" }]), reply("It is Albatross."));
    expect(await chat.ask("What was the harbour code?")).toBe("It is Albatross.");

    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: What was the harbour code?",
      "assistant: <session_search>",
      expect.stringContaining("The harbour code is Albatross."),
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("takes a title, which no other replaces", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/new Sailing trip")).toContain("✨ New session started: Sailing trip");
    await chat.ask("We leave on Monday.");

    expect(await chat.ask("/title")).toBe("Title: Sailing trip");
    expect(chat.model.requests).toHaveLength(1);
    expect(await chat.ask("/status")).toContain("Session Sailing trip");
  });

  it.concurrent("keeps what was set for the chat, and a second one in a row loses nothing", async () => {
    await using chat = await startConversation();
    await chat.ask("/model deepseek-v4-pro");
    await chat.ask("Remember me.");

    await chat.ask("/new");
    await chat.ask("/new");
    await chat.ask("Hello");

    expect(lastTurnRequest(chat.model).body.model).toBe("deepseek-v4-pro");
    expect(await chat.ask("/resume")).toContain("2 messages");
  });
});

describe("a title", () => {
  it.concurrent("is made once, after the first exchange, and names the session in /resume", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(reply("Ships sail."), reply('"Ships and the sea."'));

    await chat.ask("Tell me about ships");
    await chat.ask("Thanks");
    await chat.ask("/new");
    await chat.ask("Hello");

    const titles = chat.model.requests.filter(({ body }) => body.tools === undefined);
    expect(titles).toHaveLength(2);
    expect(titles[0]?.body).toMatchObject({ thinking: { type: "disabled" } });
    const list = await chat.ask("/resume");
    expect(list).toMatch(
      /^Ships and the sea\.? \(\d{4}-\d\d-\d\d, 4 messages\)\n\/resume Ships and the sea\.?$/,
    );
  });

  it.concurrent("that the model does not give is missing, and the answer comes all the same", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(reply("Ships sail."), { status: 400, error: "no" });

    expect(await chat.ask("Tell me about ships")).toBe("Ships sail.");
    expect(await chat.ask("/title")).toBe("No title yet. Set one with /title TEXT.");
    await chat.ask("/new");
    expect(await chat.ask("/resume")).toMatch(/^\d{8}_\d{6}_[0-9a-f]{8} \(/);
  });

  it.concurrent("can be set, is cut to 80 characters and belongs to one session of the chat", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/title Too early")).toContain("There is no session to name yet");
    await chat.ask("Hello");
    expect(await chat.ask(`/title ${"Sea ".repeat(40)}`)).toBe(`Title: ${"Sea ".repeat(40).slice(0, 77)}...`);
    expect(await chat.ask("/title Sea")).toBe("Title: Sea");
    await chat.ask("/new");
    await chat.ask("Hello again");

    expect(await chat.ask("/title sea")).toBe('Another session is called "sea" already.');
    expect(errorsIn(chat)).toEqual([]);
  });
});

describe("/resume", () => {
  it.concurrent("goes on where a session was left, by title and by id, in whatever process", async () => {
    await using chat = await startConversation();
    await chat.ask("My name is Grace.");
    await chat.ask("/title Names");
    await chat.ask("/new");
    await chat.ask("My name is Hopper.");
    const second = String((await chat.meta())["sessionId"]);

    expect(await chat.ask("/resume names")).toBe('↩️ Back in "Names".');
    expect(await chat.ask("/usage")).toContain("1 turns, 2 model calls");
    await chat.function.recycle();
    expect(await chat.ask("What is my name?")).toContain("Your name is Grace.");
    expect(lines(lastTurnRequest(chat.model))[0]).toBe("user: My name is Grace.");

    expect(await chat.ask(`/resume ${second}`)).toContain("↩️ Back in");
    expect(await chat.ask("What is my name?")).toContain("Your name is Hopper.");
    await chat.ask("/resume Names");
    expect(await chat.ask("What did I say?")).toContain("What is my name?");
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("says when there is none, and none of that name", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/resume")).toBe("There is no past session yet.");
    await chat.ask("Hello");
    await chat.ask("/new");
    expect(await chat.ask("/resume Atlantis")).toBe(
      'There is no past session called "Atlantis". /resume lists them.',
    );
  });
});

describe("session_search", () => {
  it.concurrent("finds a session by the title a person gave it, and no longer by the one before", async () => {
    await using chat = await startConversation();
    await chat.ask("Three nights, two people.");
    await chat.ask("/title Zanzibar");
    await chat.ask("/title Valparaíso");
    await chat.ask("/new");

    const searches = [{ query: "valparaiso" }, { query: "zanzibar" }].map((args): [string, object] => [
      "session_search",
      args,
    ]);
    chat.model.enqueue(calls(...searches), reply("In Valparaíso."));
    await chat.ask("Where did we want to go?");

    // Side by side, and stored as they come back.
    const results = lines(lastTurnRequest(chat.model)).slice(-2).toSorted();
    expect(results).toEqual([
      expect.stringContaining("Nothing was found"),
      expect.stringMatching(/"matched":"title"[\s\S]*Three nights, two people\./),
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("finds what compaction wrote, and shows it as a summary", async () => {
    await using chat = await startConversation();
    for (let index = 0; index < 8; index += 1) await chat.ask(`Question ${index} ${"sail ".repeat(200)}`);
    chat.model.enqueue(reply("## Goal\nThe regatta is chosen."));
    expect(await chat.ask("/compress")).toContain("🗜 Compressed");
    await chat.ask("/new");

    chat.model.enqueue(calls(["session_search", { query: "regatta" }]), reply("It is chosen."));
    await chat.ask("What became of the race?");

    const found = lines(lastTurnRequest(chat.model)).at(-1);
    expect(found).toContain('"matched":"summary"');
    expect(found).toContain("The regatta is chosen.");
    expect(found).not.toContain("CONTEXT COMPACTION");
    expect(errorsIn(chat)).toEqual([]);
  });
});
