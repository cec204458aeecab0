// /stop: ends a turn where its history is valid.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import {
  calls,
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  said,
  startConversation,
  stopPressed,
} from "./conversation.ts";

describe("/stop", () => {
  it.concurrent("with nothing at work says so, and Telegram's own button then says nothing", async () => {
    await using chat = await startConversation();

    expect(await chat.ask("/stop")).toBe("There is nothing to stop: I am not working on anything.");
    await chat.ask("My name is Grace.");
    expect(await chat.ask("/stop")).toBe("There is nothing to stop: I am not working on anything.");
    const said = saidTo(chat.telegram).length;
    await chat.send(stopPressed(2));
    expect(saidTo(chat.telegram)).toHaveLength(said);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("while tools run ends the turn at their boundary, is said once, and the chat goes on", async () => {
    await using chat = await startConversation();
    const thinking = Promise.withResolvers<void>();
    chat.model.enqueue(async () => {
      await thinking.promise;
      return calls(["roll_dice", { dice: "1d6" }]);
    });
    await chat.webhook(said("Roll dice until I say stop"));
    await chat.model.waitForRequest(1);

    const { statusCode } = await chat.webhook(said("/stop"));
    thinking.resolve();
    await chat.settled();

    expect(statusCode).toBe(200);
    expect(saidTo(chat.telegram)).toEqual(["⏹ Stopped."]);
    expect(chat.model.requests).toHaveLength(1);
    chat.model.enqueue(reply("Here I am."));
    expect(await chat.ask("Still there?")).toBe("Here I am.");
    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: Roll dice until I say stop",
      "assistant: <roll_dice>",
      expect.stringMatching(/^tool: \d = \d$/),
      "user: Still there?",
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("in the middle of a model stream hangs up on the model and leaves the history valid", async () => {
    await using chat = await startConversation();
    const never = Promise.withResolvers<void>();
    chat.model.enqueue({
      reply: { content: "Once upon a time there was", hold: { after: 2, until: never.promise } },
    });
    await chat.webhook(said("Tell me a long story"));
    const request = await chat.model.waitForRequest(1);

    await chat.webhook(said("/stop"));

    expect(await request.over).toBe("left");
    await chat.settled();
    never.resolve();
    expect(saidTo(chat.telegram)).toEqual(["⏹ Stopped."]);
    chat.model.enqueue(reply("Here I am."));
    expect(await chat.ask("Still there?")).toBe("Here I am.");
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("in the middle of a model stream leaves the thinking paid that nobody saw", async () => {
    await using chat = await startConversation();
    const held = Promise.withResolvers<void>();
    const reasoning = `${"Hm".repeat(8_000)} `;
    const hold = { after: 2, until: held.promise };
    chat.model.enqueue({ reply: { content: "Once upon a time", reasoning, hold } });
    await chat.webhook(said("Tell me a long story"));
    await chat.telegram.waitFor(({ method }) => method === "sendRichMessageDraft");
    await chat.webhook(said("/stop"));
    await chat.settled();
    held.resolve();
    expect((await chat.meta())["totals"]).toMatchObject({
      completion: Math.ceil(`${reasoning}Once `.length / 4),
    });
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("by Telegram's button ends the turn whose draft it was, and no later one", async () => {
    await using chat = await startConversation();
    const held = Promise.withResolvers<void>();
    chat.model.enqueue({ reply: { content: "One two three", hold: { after: 1, until: held.promise } } });
    await chat.webhook(said("Count"));
    const draft = await chat.telegram.waitFor(({ method }) => method === "sendRichMessageDraft");
    const draftId = Number(draft.payload["draft_id"]);

    await chat.webhook(stopPressed(draftId + 1));
    await chat.webhook(stopPressed(draftId));
    const request = await chat.model.waitForRequest(1);

    expect(await request.over).toBe("left");
    await chat.settled();
    held.resolve();
    expect(saidTo(chat.telegram)).toEqual([]);
    chat.model.enqueue(reply("Here I am."));
    expect(await chat.ask("Still there?")).toBe("Here I am.");
  });
});
