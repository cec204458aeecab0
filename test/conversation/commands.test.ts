// Commands that tell and set: answered from what is stored, without the model.

import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/agent/command-list.ts";
import { saidTo } from "../support/deployment.ts";
import { BOB, errorsIn, GROUP, lastTurnRequest, said, startConversation } from "./conversation.ts";

describe("commands", () => {
  it.concurrent("/start says hello and /help names every command of the menu", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/start")).toMatch(/^Hello, I am Hermes\./);
    const help = await chat.ask("/help");
    expect(help.match(/^\/\w+/gm)).toEqual(COMMANDS.map(({ name }) => `/${name}`));
    expect(await chat.ask("/commands")).toBe(help);
    expect(chat.model.requests).toEqual([]);
    expect(await chat.rows()).toEqual([]);
  });

  it.concurrent("one that is unknown is quoted back, and the chat goes on", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/teleport home")).toBe(
      "Unknown command /teleport. Type /help to see what's available, or resend without the leading slash to send as a regular message.",
    );
    expect(await chat.ask("My name is Grace.")).toContain("Nice to meet you, Grace.");
    expect(chat.model.requests).toHaveLength(2);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("/status and /usage tell session, model and tokens", async () => {
    await using chat = await startConversation({ env: { HERMES_TIMEZONE: "Europe/Berlin" } });

    expect(await chat.ask("/usage")).toContain("0 turns, 0 model calls");
    expect(await chat.ask("/status")).toContain("Session new");
    await chat.ask("My name is Grace.");
    const { title, lastPrompt } = await chat.meta();

    const status = await chat.ask("/status");
    expect(status).toContain(`Session ${title}`);
    expect(status).toContain("Messages: 2");
    expect(status).toContain("Model: deepseek-flash (deepseek)");
    expect(status).toContain(
      `Context: ${Number(lastPrompt).toLocaleString("en-US")} tokens, compressed at 64,000`,
    );
    expect(status).toContain("Time zone: Europe/Berlin");
    expect(await chat.ask("/usage")).toMatch(
      /1 turns, 2 model calls\nPrompt: [\d,]+ tokens, \d+ % from the cache/,
    );
  });

  it.concurrent("/model shows, sets and resets the model, which the next request uses", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/model")).toContain("Model: deepseek-flash (deepseek)");
    expect(await chat.ask("/model deepseek-v4-pro")).toContain(
      "Model: deepseek-v4-pro (deepseek) from now on.",
    );
    await chat.ask("Hello");
    expect(lastTurnRequest(chat.model).body.model).toBe("deepseek-v4-pro");
    expect(String(lastTurnRequest(chat.model).body.messages[0]?.content)).toContain("Model: deepseek-v4-pro");
    await chat.function.recycle();
    expect(await chat.ask("/model")).toContain("deepseek-v4-pro");

    await chat.ask("/model default");
    await chat.ask("Hello");
    expect(lastTurnRequest(chat.model).body.model).toBe("deepseek-flash");
    expect(await chat.ask("/model rm -rf")).toBe("That does not look like the name of a model.");
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("/model with a name the API does not know is told in words, and can be taken back", async () => {
    await using chat = await startConversation();
    await chat.ask("/model gpt-17");

    expect(await chat.ask("Hello")).toContain(
      "the API does not know this model. If it was chosen with /model, /model default goes back",
    );
    await chat.ask("/model default");
    expect(await chat.ask("My name is Grace.")).not.toContain("⚠️");
    expect(lastTurnRequest(chat.model).body.model).toBe("deepseek-flash");
  });

  it.concurrent("/whoami tells who the bot thinks one is", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/whoami")).toBe("User: Ada (42)\nChat: 42\nSession: agent:main:telegram:dm:42");
  });

  it.concurrent("in a group are for the bot they name, and are answered as replies", async () => {
    await using chat = await startConversation();
    const asked = said("/whoami@hermes_lambda_bot", { from: BOB, chat: GROUP });

    await chat.send(said("/whoami@another_bot", { from: BOB, chat: GROUP }));
    await chat.send(said("/whoami", { from: BOB, chat: GROUP }));
    await chat.send(asked);

    expect(saidTo(chat.telegram, GROUP.id)).toEqual([
      `User: Bob (43)\nChat: ${GROUP.id}\nSession: agent:main:telegram:group:${GROUP.id}:43`,
    ]);
    expect(chat.telegram.messages(GROUP.id)[0]?.reply_to_message?.message_id).toBe(asked.message?.message_id);
  });
});
