// What long-term memory is not told: another's words, what is to be forgotten, and what a job says.

import type { Update } from "@grammyjs/types";
import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import {
  ADA,
  type Conversation,
  calls,
  errorsIn,
  pressed,
  reply,
  said,
  startConversation,
  tick,
} from "./conversation.ts";

/** Longer than the service wants between two events of one conversation. */
const PAUSE_MS = 5_000;

const start = () => startConversation({ services: ["memory"] });

/** Both sides of each event. */
const heard = ({ agentcore }: Conversation): readonly string[] =>
  agentcore
    .events()
    .map(({ payload }) => payload.map(({ conversational }) => conversational?.content.text).join(" → "));

const replyTo = (text: string, quoted: string): Update => {
  const update = said(text);
  Object.assign(update.message ?? {}, { reply_to_message: { message_id: 1, text: quoted } });
  return update;
};

const pressTheButton = async (chat: Conversation): Promise<void> => {
  const message = chat.telegram.messages(ADA.id).at(-1);
  const [button] = message?.reply_markup?.inline_keyboard.flat() ?? [];
  if (message === undefined || button === undefined) throw new Error("there is no button");
  const data = "callback_data" in button ? String(button.callback_data) : "";
  await chat.send(pressed(chat, { messageId: message.message_id, data, label: String(button.text) }));
};

describe("long-term memory", () => {
  it.concurrent("does not learn what is replied to, another's words or a job's, as the speaker's", async () => {
    await using chat = await start();
    chat.model.enqueue(reply("Good for him."));
    await chat.send(replyTo("What do you say to that?", "I own a yacht."));
    expect(heard(chat)).toEqual(["What do you say to that? → Good for him."]);

    chat.agentcore.extract();
    expect(chat.agentcore.records()).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("does not learn a fact again that was forgotten by its button", async () => {
    await using chat = await start();
    const id = chat.agentcore.addRecord({
      namespace: `/users/tg-${ADA.id}/facts/`,
      text: "I have diabetes.",
    });
    chat.model.enqueue(
      calls(["memory_forget", { action: "list" }]),
      calls(["memory_forget", { action: "forget", ids: [id] }]),
    );

    expect(await chat.ask("Forget that I have diabetes.")).toContain("I have diabetes.");
    await pressTheButton(chat);

    expect(saidTo(chat.telegram).at(-1)).toContain("Forgotten");
    expect(heard(chat)).toEqual([]);
    chat.agentcore.extract();
    expect(chat.agentcore.records()).toEqual([]);

    chat.model.enqueue(reply("Aye."));
    await chat.ask("I own a boat.");
    expect(heard(chat)).toEqual(["I own a boat. → Aye."]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("has what came too soon with a later message, and nobody is warned of that", async () => {
    await using chat = await startConversation({
      services: ["memory"],
      env: { POWERTOOLS_LOG_LEVEL: "INFO" },
    });
    for (const text of ["I own a boat.", "It is blue."]) {
      chat.model.enqueue(reply("Aye."));
      await chat.ask(text);
    }
    expect(heard(chat)).toEqual(["I own a boat. → Aye."]);
    expect(chat.logs.filter((line) => line.includes("asked too often"))).toHaveLength(1);
    expect(chat.logs.filter((line) => /"level":"WARN"|ThrottledException|"stack"/.test(line))).toEqual([]);

    await chat.later(PAUSE_MS);
    chat.model.enqueue(reply("Aye."));
    await chat.ask("I own a cat.");
    expect(heard(chat)).toEqual(["I own a boat. → Aye.", "It is blue. → Aye."]);
  });

  it.concurrent("does not take what a job posts for the answer to what was asked, also when it learns late", async () => {
    await using chat = await start();
    chat.agentcore.fail("error", { times: 1_000, operation: "CreateEvent" });
    chat.model.enqueue(reply("Aye."));
    await chat.ask("I own a boat.");
    chat.model.enqueue({ status: 401, error: "Authentication Fails" });
    await chat.ask("Which bank do I use?");
    chat.model.enqueue(reply("The owner banks with Acme."));
    await chat.invoke(tick({ prompt: "Tell me of banks." }));
    await chat.settled();
    expect(saidTo(chat.telegram).at(-1)).toContain("Acme");

    chat.agentcore.heal();
    for (const text of ["I own a cat.", "I own a cow."]) {
      await chat.later(PAUSE_MS);
      chat.model.enqueue(reply("Aye."));
      await chat.ask(text);
    }

    expect(heard(chat).join("\n")).not.toContain("Acme");
    expect(heard(chat).join(" | ")).toBe("I own a boat. → Aye. | I own a cat. → Aye. → I own a cow. → Aye.");
  });
});
