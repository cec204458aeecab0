// What is not text: photos for a model that sees, one line for what cannot be read.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import {
  errorsIn,
  lastTurnRequest,
  photo,
  promptText,
  reply,
  sent,
  startConversation,
  turnRequests,
} from "./conversation.ts";

/** One transparent pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

describe("a photo", () => {
  it.concurrent("is shown to the model with its caption, and again, byte for byte, in the next turn", async () => {
    await using chat = await startConversation();
    chat.telegram.addFile("ship", PNG, "photos/ship.png");
    chat.model.enqueue(reply("A pixel."), reply("A picture"), reply("Still a pixel."));

    await chat.send(photo("ship", "What is this?"));
    await chat.function.recycle();
    await chat.ask("And now?");

    expect(saidTo(chat.telegram)).toEqual(["A pixel.", "Still a pixel."]);
    const [first, second] = turnRequests(chat.model);
    expect(first?.body.messages[1]?.content).toEqual([
      { type: "text", text: expect.stringMatching(/^What is this\?\n\n<message-context>/) },
      { type: "image_url", image_url: { url: `data:image/png;base64,${PNG.toString("base64")}` } },
    ]);
    expect(second && first && promptText(second).startsWith(promptText(first))).toBe(true);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("without a caption is a message all the same, and one that cannot be had is named", async () => {
    await using chat = await startConversation();
    chat.telegram.addFile("ship", PNG, "photos/ship.png");

    await chat.send(photo("ship"));
    await chat.send(photo("lost", "And this?"));

    expect(saidTo(chat.telegram)).toHaveLength(2);
    const [, , , message] = lastTurnRequest(chat.model).body.messages;
    expect(message?.content).toContain("[A photo was attached, but it could not be loaded.]");
    expect(chat.logs.join("\n")).not.toContain(chat.telegram.token);
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("gets one line where the model cannot see", async () => {
    await using chat = await startConversation({ env: { HERMES_MODEL: "deepseek-v4-pro" } });

    await chat.send(photo("ship", "What is this?"));

    expect(saidTo(chat.telegram)).toEqual([
      "I cannot look at pictures with this model. Please describe it to me in words.",
    ]);
    expect(chat.model.requests).toEqual([]);
  });

  it.concurrent("sent after a change to a model that cannot see is named to it in words", async () => {
    await using chat = await startConversation();
    chat.telegram.addFile("ship", PNG, "photos/ship.png");
    await chat.send(photo("ship", "What is this?"));

    await chat.ask("/model deepseek-v4-pro");
    await chat.ask("What was on it?");

    expect(String(lastTurnRequest(chat.model).body.messages[1]?.content)).toContain(
      "[A photo is attached, but this model cannot see images.]",
    );
    expect(chat.model.refusals).toEqual([]);
  });
});

describe("what cannot be read", () => {
  it.concurrent("is told in one line, which the chat remembers", async () => {
    await using chat = await startConversation();
    const file = { file_id: "f", file_unique_id: "u" };

    await chat.send(sent({ sticker: { ...file, type: "regular", width: 512, height: 512 } }));
    await chat.send(sent({ voice: { ...file, duration: 3 } }));
    await chat.ask("What did I send?");

    expect(saidTo(chat.telegram).slice(0, 2)).toEqual([
      "I cannot read stickers yet. Please tell me in words.",
      "I cannot read voice messages yet. Please tell me in words.",
    ]);
    expect(lastTurnRequest(chat.model).body.messages.map(({ role }) => role)).toEqual([
      "system",
      "assistant",
      "assistant",
      "user",
    ]);
    expect(await chat.ask("/title")).toMatch(/^Title: /);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("a place is told to the model with its coordinates", async () => {
    await using chat = await startConversation();

    await chat.send(sent({ location: { latitude: 54.32, longitude: 10.13 } }));

    expect(String(lastTurnRequest(chat.model).body.messages[1]?.content)).toContain(
      "Latitude 54.32, longitude 10.13",
    );
  });
});
