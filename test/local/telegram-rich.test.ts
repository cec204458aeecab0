import { Api } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseRichMarkdown } from "../../local/telegram/rich-markdown.ts";
import { startTelegram, type TelegramStandIn } from "../../local/telegram/server.ts";

const TOKEN = "77:stand-in";
const GROUP = -1005;

let telegram: TelegramStandIn;
let api: Api;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  api = new Api(TOKEN, { apiRoot: telegram.url });
});
afterEach(() => telegram.close());

const badRequest = (description: string) => ({ error_code: 400, description: `Bad Request: ${description}` });
const row = (columns: number) => `|${" a |".repeat(columns)}\n`;
const table = (columns: number) => `${row(columns)}|${"---|".repeat(columns)}\n${row(columns)}`;

describe("rich messages", () => {
  it("keeps a Markdown message as the blocks a reader sees", async () => {
    const sent = await api.sendRichMessage(GROUP, {
      markdown:
        "# Title\n\nSome **bold**\nwords\n\n- [x] done\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nx\n```",
    });
    expect(sent).toMatchObject({
      message_id: 1,
      rich_message: {
        blocks: [
          { type: "heading", size: 1, text: ["Title"] },
          { type: "paragraph", text: ["Some ", { type: "bold", text: ["bold"] }, " words"] },
          { type: "list", items: [{ has_checkbox: true, is_checked: true }] },
          {
            type: "table",
            cells: [
              [{ text: ["a"] }, {}],
              [{ text: ["1"] }, {}],
            ],
          },
          { type: "pre", text: "x", language: "js" },
        ],
      },
    });
  });

  it.each([
    ["nothing", "  ", "RICH_MESSAGE_EMPTY"],
    ["32,769 characters", "é".repeat(32_769), "rich message has too many characters: 32769 of 32768"],
    ["251 items of one paragraph each", "- a\n".repeat(251), "rich message has too many blocks: 503 of 500"],
    ["21 columns", table(21), "rich message has too many columns: 21 of 20"],
    ["17 levels", `${">".repeat(16)} a`, "rich message has too many levels: 17 of 16"],
    ["51 pictures", "![](https://a.b/c.png)\n\n".repeat(51), "rich message has too many media: 51 of 50"],
    [
      "a placeholder that only drafts have",
      "<tg-thinking>…</tg-thinking>",
      "thinking block can be used only in drafts",
    ],
    [
      "a button with too much data",
      `<tg-button type="callback_data" data="${"x".repeat(65)}">Go</tg-button>`,
      "BUTTON_DATA_INVALID",
    ],
    ["half an emoji", "😀".slice(1), "strings must be encoded in UTF-8"],
  ])("refuses %s", async (_, markdown, description) => {
    await expect(api.sendRichMessage(42, { markdown })).rejects.toMatchObject(badRequest(description));
    expect(telegram.messages(42)).toEqual([]);
  });

  it("takes what is just within the limits", async () => {
    await api.sendRichMessage(42, { markdown: "é".repeat(32_768) });
    await api.sendRichMessage(42, { markdown: "- a\n".repeat(249) });
    await api.sendRichMessage(42, { markdown: table(20) });
    await api.sendRichMessage(42, { markdown: `${">".repeat(15)} a` });
  });

  it("wants exactly one source, and blocks it knows", async () => {
    const one = "exactly one of markdown, html and blocks must be specified";
    await expect(api.sendRichMessage(42, {})).rejects.toMatchObject(badRequest(one));
    await expect(api.sendRichMessage(42, { markdown: "a", html: "a" })).rejects.toMatchObject(
      badRequest(one),
    );
    await expect(api.sendRichMessage(42, { html: "a" })).rejects.toMatchObject({ error_code: 400 });
    await expect(api.sendRichMessage(42, { blocks: [{ type: "poem" } as never] })).rejects.toMatchObject(
      badRequest("can't parse InputRichBlock: Unsupported type specified"),
    );
    await api.sendRichMessage(42, {
      blocks: [{ type: "paragraph", text: ["a", { type: "bold", text: "b" }] }],
    });
  });

  it("shows what a model's text could do: buttons and pictures are not text", () => {
    expect(parseRichMarkdown('<tg-button type="callback_data" data="yes">Go</tg-button>')).toEqual([
      { type: "paragraph", text: [{ type: "button", button: { text: "", callback_data: "yes" } }, "Go"] },
    ]);
    expect(parseRichMarkdown('<div><img src="https://a.b/?secret"></div>')).toEqual([
      { type: "photo", photo: { type: "photo", media: "https://a.b/?secret" } },
    ]);
  });

  it("replaces a rich message by another or by text, when something changes", async () => {
    const { message_id } = await api.sendRichMessage(42, { markdown: "# One" });
    const edit = (markdown: string) =>
      api.raw.editMessageText({ chat_id: 42, message_id, rich_message: { markdown } });
    await expect(edit("# One")).rejects.toMatchObject({ error_code: 400 });
    await edit("# Two");
    await api.editMessageText(42, message_id, "three");
    expect(telegram.messages(42)).toMatchObject([{ text: "three" }]);
    expect(telegram.messages(42)[0]).not.toHaveProperty("rich_message");
  });
});

describe("drafts", () => {
  it("leave no message", async () => {
    await api.raw.sendRichMessageDraft({
      chat_id: 42,
      draft_id: 1,
      rich_message: { markdown: "# Hm" },
      can_stop: true,
    });
    await api.raw.sendMessageDraft({ chat_id: 42, draft_id: 1, text: "" });
    expect(telegram.messages(42)).toEqual([]);
  });

  it("are for private chats, with a number, and without files", async () => {
    const rich_message = { markdown: "a" };
    await expect(
      api.raw.sendRichMessageDraft({ chat_id: GROUP, draft_id: 1, rich_message }),
    ).rejects.toMatchObject(badRequest("TEXTDRAFT_PEER_INVALID"));
    await expect(api.raw.sendMessageDraft({ chat_id: GROUP, draft_id: 1, text: "a" })).rejects.toMatchObject(
      badRequest("TEXTDRAFT_PEER_INVALID"),
    );
    for (const draft_id of [0, undefined as never]) {
      await expect(
        api.raw.sendRichMessageDraft({ chat_id: 42, draft_id, rich_message }),
      ).rejects.toMatchObject(badRequest("draft identifier must be non-zero"));
    }
    await expect(
      api.raw.sendRichMessageDraft({
        chat_id: 42,
        draft_id: 1,
        rich_message: { markdown: "![](https://a.b/c.png)" },
      }),
    ).rejects.toMatchObject(badRequest("files can't be uploaded in a draft"));
    await expect(
      api.raw.sendMessageDraft({ chat_id: 42, draft_id: 1, text: "x".repeat(4097) }),
    ).rejects.toMatchObject(badRequest("message is too long"));
  });
});
