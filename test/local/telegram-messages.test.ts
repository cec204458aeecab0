import { Api, GrammyError } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTelegram, type TelegramStandIn } from "../../local/telegram/server.ts";
import { makeButtonUpdate, makeTextUpdate } from "../../local/telegram/updates.ts";

const TOKEN = "77:stand-in";
const ADA = { id: 42 };
const FORUM = { id: -1005, type: "supergroup", title: "Forum", is_forum: true } as const;

let telegram: TelegramStandIn;
let api: Api;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  api = new Api(TOKEN, { apiRoot: telegram.url });
});
afterEach(() => telegram.close());

const refused = (code: number, description: string) => ({ error_code: code, description });

describe("text", () => {
  const bold = (offset: number, length: number) => ({
    entities: [{ type: "bold" as const, offset, length }],
  });

  it.each([
    ["nothing", "", {}, "message text is empty"],
    ["white space", " \n\u200b", {}, "text must be non-empty"],
    ["4,097 UTF-16 units", "😀".repeat(2048).concat("x"), {}, "message is too long"],
    [
      "an entity that begins too late",
      "hello",
      bold(6, 1),
      "entity begins after the end of the text at UTF-16 offset 6",
    ],
    [
      "an entity that ends too late",
      "hello",
      bold(2, 4),
      "entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 6",
    ],
    [
      "an entity that begins inside an emoji",
      "😀b",
      bold(1, 2),
      "entity begins in a middle of a UTF-16 symbol at byte offset 4",
    ],
    [
      "an entity that ends inside an emoji",
      "a😀",
      bold(0, 2),
      "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 5",
    ],
    ["an entity before the text", "hello", bold(-1, 1), "receive an entity with incorrect offset -1"],
    [
      "a parse mode",
      "*a*",
      { parse_mode: "MarkdownV2" as const },
      "can't parse entities: this server knows no parse_mode, send entities",
    ],
  ])("refuses %s", async (_, text, other, description) => {
    await expect(api.sendMessage(42, text, other)).rejects.toMatchObject(
      refused(400, `Bad Request: ${description}`),
    );
    expect(telegram.messages(42)).toEqual([]);
  });

  it.each([
    [{ type: "headline", offset: 0, length: 1 }, "can't parse MessageEntity: Unsupported type specified"],
    [
      { type: "text_link", offset: 0, length: 1, url: "nowhere" },
      "entity URL 'nowhere' is invalid: Wrong HTTP URL",
    ],
    [
      { type: "text_link", offset: 0, length: 1, url: "ftp://a.b" },
      "entity URL 'ftp://a.b' is invalid: Unsupported URL protocol",
    ],
    [{ type: "text_link", offset: 0, length: 1 }, "entity URL '' is invalid: URL host is empty"],
  ])("refuses the entity %o", async (entity, description) => {
    await expect(api.sendMessage(42, "x", { entities: [entity as never] })).rejects.toMatchObject(
      refused(400, `Bad Request: ${description}`),
    );
  });

  it("refuses a text that was cut inside an emoji", async () => {
    await expect(api.sendMessage(42, "😀".slice(0, 1))).rejects.toMatchObject(
      refused(400, "Bad Request: strings must be encoded in UTF-8"),
    );
  });

  it("takes 4,096 units, trims around them, and moves the entities along", async () => {
    expect((await api.sendMessage(42, `${"x".repeat(4096)}\n`)).text).toHaveLength(4096);
    const sent = await api.sendMessage(42, "  hi there  ", bold(5, 7));
    expect(sent).toMatchObject({ text: "hi there", entities: [{ type: "bold", offset: 3, length: 5 }] });
  });
});

describe("chats, topics and replies", () => {
  const inTopic = makeTextUpdate({
    updateId: 1,
    chat: FORUM,
    from: ADA,
    messageId: 9,
    date: 1,
    threadId: 5,
    text: "hi",
  });

  it("refuses a chat that cannot be", async () => {
    await expect(api.sendMessage(0, "x")).rejects.toMatchObject(refused(400, "Bad Request: chat not found"));
    await expect(api.sendMessage("@nobody", "x")).rejects.toMatchObject(
      refused(400, "Bad Request: chat not found"),
    );
    await expect(api.sendMessage("", "x")).rejects.toMatchObject(
      refused(400, "Bad Request: chat_id is empty"),
    );
  });

  it("knows the topics that people wrote in, and General only for typing", async () => {
    telegram.observe(inTopic);
    const sent = await api.sendMessage(FORUM.id, "yes", { message_thread_id: 5 });
    expect(sent).toMatchObject({ message_id: 10, message_thread_id: 5, is_topic_message: true });
    for (const message_thread_id of [1, 6]) {
      await expect(api.sendMessage(FORUM.id, "x", { message_thread_id })).rejects.toMatchObject(
        refused(400, "Bad Request: message thread not found"),
      );
    }
    await api.sendChatAction(FORUM.id, "typing", { message_thread_id: 1 });
    await expect(api.sendChatAction(FORUM.id, "dancing" as never)).rejects.toMatchObject({ error_code: 400 });
  });

  it("replies to messages that exist, or without one where that is allowed", async () => {
    telegram.observe(inTopic);
    const sent = await api.sendMessage(FORUM.id, "re", { reply_parameters: { message_id: 9 } });
    expect(sent.reply_to_message).toMatchObject({ message_id: 9, text: "hi" });
    await expect(
      api.sendMessage(FORUM.id, "re", { reply_parameters: { message_id: 999 } }),
    ).rejects.toMatchObject(refused(400, "Bad Request: message to be replied not found"));
    const loose = { message_id: 999, allow_sending_without_reply: true };
    expect(
      (await api.sendMessage(FORUM.id, "re", { reply_parameters: loose })).reply_to_message,
    ).toBeUndefined();
  });
});

describe("buttons and edits", () => {
  const keyboard = (data: string) => ({ inline_keyboard: [[{ text: "Go", callback_data: data }]] });

  it("refuses buttons with too much data, with none, or leading nowhere", async () => {
    await api.sendMessage(42, "x", { reply_markup: keyboard("é".repeat(32)) });
    for (const [markup, description] of [
      [keyboard("é".repeat(32).concat("x")), "BUTTON_DATA_INVALID"],
      [keyboard(""), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"],
      [
        { inline_keyboard: [[{ text: "a", url: "x" }]] },
        "inline keyboard button URL 'x' is invalid: Wrong HTTP URL",
      ],
      [{ inline_keyboard: "rows" as never }, 'field "inline_keyboard" must be of type Array'],
    ] as const) {
      await expect(api.sendMessage(42, "x", { reply_markup: markup as never })).rejects.toMatchObject(
        refused(400, `Bad Request: ${description}`),
      );
    }
  });

  it("edits the bot's own messages, once per change, and deletes", async () => {
    const { message_id } = await api.sendMessage(42, "one", { reply_markup: keyboard("a") });
    await api.editMessageText(42, message_id, "two");
    expect(telegram.messages(42)).toMatchObject([{ text: "two" }]);
    expect(telegram.messages(42)[0]).not.toHaveProperty("reply_markup");
    const again = await api.editMessageText(42, message_id, "two").catch((error: GrammyError) => error);
    expect(again).toBeInstanceOf(GrammyError);
    expect((again as GrammyError).description).toMatch(/^Bad Request: message is not modified/);
    await expect(api.editMessageReplyMarkup(42, message_id)).rejects.toMatchObject({ error_code: 400 });
    await api.editMessageReplyMarkup(42, message_id, { reply_markup: keyboard("b") });
    await api.deleteMessage(42, message_id);
    expect(telegram.messages(42)).toEqual([]);
    await expect(api.editMessageText(42, message_id, "x")).rejects.toMatchObject(
      refused(400, "Bad Request: message to edit not found"),
    );
  });

  it("refuses to edit what a person wrote, and to answer a press it never saw", async () => {
    telegram.observe(
      makeTextUpdate({ updateId: 1, chat: ADA, from: ADA, messageId: 3, date: 1, text: "mine" }),
    );
    await expect(api.editMessageText(42, 3, "yours")).rejects.toMatchObject(
      refused(400, "Bad Request: message can't be edited"),
    );
    await expect(api.answerCallbackQuery("cb")).rejects.toMatchObject({ error_code: 400 });
    const frame = { updateId: 2, chat: ADA, from: ADA, messageId: 3, date: 1, bot: telegram.me };
    telegram.observe(makeButtonUpdate({ ...frame, callbackId: "cb", data: "a" }));
    expect(await api.answerCallbackQuery("cb")).toBe(true);
    await expect(api.answerCallbackQuery("cb", { text: "x".repeat(201) })).rejects.toMatchObject({
      error_code: 400,
    });
  });
});
