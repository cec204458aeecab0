// A question to the person: buttons that prove where they came from, and an answer that begins the next turn.

import { describe, expect, it } from "vitest";
import { LOCAL_WEBHOOK_SECRET } from "../../local/environment.ts";
import { signButton } from "../../src/buttons.ts";
import { saidTo } from "../support/deployment.ts";
import {
  BOB,
  type Conversation,
  calls,
  errorsIn,
  GROUP,
  lastTurnRequest,
  lines,
  pressed,
  reply,
  STRANGER,
  said,
  startConversation,
} from "./conversation.ts";

interface ShownButton {
  readonly text: string;
  readonly callback_data: string;
}

const buttonsUnder = ({ telegram }: Conversation, chatId = 42): readonly ShownButton[] =>
  (telegram.messages(chatId).at(-1)?.reply_markup?.inline_keyboard ?? []).flat() as unknown as ShownButton[];

const askWhichWay = async (chat: Conversation): Promise<number> => {
  chat.model.enqueue(calls(["clarify", { question: "Which way?", choices: ["North", "South"] }]));
  await chat.ask("Take me there");
  return chat.telegram.messages(42).at(-1)?.message_id ?? 0;
};

describe("a question with choices", () => {
  it.concurrent("is asked with a button for each, and a press answers it and takes the buttons off", async () => {
    await using chat = await startConversation();
    const messageId = await askWhichWay(chat);
    const [north, south] = buttonsUnder(chat);

    expect(saidTo(chat.telegram)).toEqual(["Which way?"]);
    expect([north?.text, south?.text]).toEqual(["North", "South"]);
    chat.model.enqueue(reply("South it is."));
    await chat.send(pressed(chat, { messageId, data: south?.callback_data ?? "", label: south?.text ?? "" }));

    expect(saidTo(chat.telegram)).toEqual(["Which way?", "South it is."]);
    expect(chat.telegram.calls("answerCallbackQuery")).toHaveLength(1);
    expect(chat.telegram.messages(42)[0]?.reply_markup?.inline_keyboard ?? []).toEqual([]);
    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: Take me there",
      "assistant: <clarify>",
      expect.stringMatching(/^tool: The question has been put/),
      "assistant: Which way?",
      "user: South",
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("is answered once, by the first press, however often and wherever one presses", async () => {
    await using chat = await startConversation();
    const messageId = await askWhichWay(chat);
    const [north, south] = buttonsUnder(chat);
    const press = (button: ShownButton | undefined) =>
      pressed(chat, { messageId, data: button?.callback_data ?? "", label: button?.text ?? "" });
    const thinking = Promise.withResolvers<void>();
    chat.model.enqueue(async () => {
      await thinking.promise;
      return reply("South it is.");
    });

    await chat.webhook(press(south));
    await chat.model.waitForRequest(3);
    await chat.webhook(press(south));
    thinking.resolve();
    await chat.settled();
    await chat.send(press(north));

    expect(saidTo(chat.telegram)).toEqual(["Which way?", "South it is."]);
    chat.model.enqueue(reply("Gladly."));
    await chat.ask("Thanks");
    expect(lines(lastTurnRequest(chat.model)).slice(-3)).toEqual([
      "user: South",
      "assistant: South it is.",
      "user: Thanks",
    ]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("can be answered in words as well", async () => {
    await using chat = await startConversation();
    await askWhichWay(chat);
    chat.model.enqueue(reply("East, then."));

    expect(await chat.ask("East")).toBe("East, then.");
  });

  it.concurrent("is not answered by data we did not sign, or signed for another chat", async () => {
    await using chat = await startConversation();
    const messageId = await askWhichWay(chat);
    const [north] = buttonsUnder(chat);
    const asked = chat.model.requests.length;
    const elsewhere = signButton(LOCAL_WEBHOOK_SECRET, { chatId: 43, nonce: "4", index: 0 });

    for (const data of ["c:4:0:AAAAAAAAAAAAAAAA", elsewhere, "/new", `${north?.callback_data}x`])
      await chat.send(pressed(chat, { messageId, data }));

    expect(chat.model.requests).toHaveLength(asked);
    expect(saidTo(chat.telegram)).toEqual(["Which way?"]);
    expect(buttonsUnder(chat)).toHaveLength(2);
  });

  it.concurrent("in a group is answered by the one who was asked, not by another member", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(calls(["clarify", { question: "Sail?", choices: ["Yes"] }]));
    await chat.send(said("@hermes_lambda_bot ask me", { chat: GROUP }));
    const [yes] = buttonsUnder(chat, GROUP.id);
    const messageId = chat.telegram.messages(GROUP.id).at(-1)?.message_id ?? 0;
    const press = { messageId, data: yes?.callback_data ?? "", chat: GROUP };
    const asked = chat.model.requests.length;

    await chat.send(pressed(chat, { ...press, from: BOB }));
    expect(chat.model.requests).toHaveLength(asked);
    expect(buttonsUnder(chat, GROUP.id)).toHaveLength(1);

    chat.model.enqueue(reply("Aye."));
    await chat.send(pressed(chat, press));
    expect(saidTo(chat.telegram, GROUP.id)).toEqual(["Sail?", "Aye."]);
  });

  it.concurrent("is not answered by a stranger, in private or in a group", async () => {
    await using chat = await startConversation({
      env: { TELEGRAM_GROUP_ALLOWED_CHATS: "", TELEGRAM_GROUP_ALLOWED_USERS: String(BOB.id) },
    });
    const messageId = await askWhichWay(chat);
    const [north] = buttonsUnder(chat);
    chat.model.enqueue(calls(["clarify", { question: "Sail?", choices: ["Yes"] }]));
    await chat.send(said("@hermes_lambda_bot ask them", { from: BOB, chat: GROUP }));
    const [yes] = buttonsUnder(chat, GROUP.id);
    const asked = chat.model.requests.length;

    const { id: chatId } = chat.telegram.messages(42)[0]?.chat ?? { id: 42 };
    const inPrivate = { id: chatId, type: "private" as const, first_name: "Ada" };
    await chat.send(
      pressed(chat, { messageId, data: north?.callback_data ?? "", from: STRANGER, chat: inPrivate }),
    );
    const inGroup = chat.telegram.messages(GROUP.id).at(-1)?.message_id ?? 0;
    await chat.send(
      pressed(chat, { messageId: inGroup, data: yes?.callback_data ?? "", from: STRANGER, chat: GROUP }),
    );

    expect(yes?.text).toBe("Yes");
    expect(chat.model.requests).toHaveLength(asked);
    expect(chat.telegram.calls("answerCallbackQuery")).toEqual([]);
    expect(buttonsUnder(chat)).toHaveLength(2);
  });
});
