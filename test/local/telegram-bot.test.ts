import { Api } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTelegram, type TelegramStandIn } from "../../local/telegram/server.ts";
import { makeTextUpdate } from "../../local/telegram/updates.ts";

const TOKEN = "77:stand-in";
const HOOK = "https://example.com/hook";

let telegram: TelegramStandIn;
let api: Api;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  api = new Api(TOKEN, { apiRoot: telegram.url });
});
afterEach(() => telegram.close());

const badRequest = (description: string) => ({ error_code: 400, description: `Bad Request: ${description}` });
const hello = makeTextUpdate({
  updateId: 1,
  chat: { id: 42 },
  from: { id: 42 },
  messageId: 1,
  date: Math.floor(Date.now() / 1000),
  text: "/start@hermes_bot, says @hermes_bot",
});

describe("the webhook", () => {
  it.each([
    [{ url: "http://example.com" }, "bad webhook: An HTTPS URL must be provided for webhook"],
    [{ url: "example.com" }, "bad webhook: An HTTPS URL must be provided for webhook"],
    [{ url: "https://a.b:444/" }, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"],
    [{ url: HOOK, secret_token: "a+b" }, "secret token contains unallowed characters"],
    [{ url: HOOK, secret_token: "x".repeat(257) }, "secret token is too long"],
    [{ url: HOOK, max_connections: 101 }, "max_connections must be from 1 to 100"],
  ])("refuses %o", async (parameters, description) => {
    await expect(api.raw.setWebhook(parameters)).rejects.toMatchObject(badRequest(description));
    expect((await api.getWebhookInfo()).url).toBe("");
  });

  it("is set, keeps the kinds it was asked for, and is removed", async () => {
    await api.setWebhook("https://example.com:8443/hook", {
      allowed_updates: ["message"],
      secret_token: "x".repeat(256),
    });
    await api.setWebhook(HOOK);
    expect(await api.getWebhookInfo()).toMatchObject({
      url: HOOK,
      allowed_updates: ["message"],
      max_connections: 40,
    });
    await api.setWebhook(HOOK, { allowed_updates: [] });
    expect(await api.getWebhookInfo()).not.toHaveProperty("allowed_updates");
    await api.deleteWebhook();
    expect((await api.getWebhookInfo()).url).toBe("");
  });

  it("receives the secret, and only updates of the kinds it asked for", async () => {
    const seen: Record<string, string>[] = [];
    const post = async (_: unknown, headers: Readonly<Record<string, string>>) => {
      seen.push({ ...headers });
      return { status: 200, headers: {}, body: "" };
    };
    await api.setWebhook(HOOK, { secret_token: "s3cret", allowed_updates: ["callback_query"] });
    expect(await telegram.deliver(hello, { post })).toBeUndefined();
    await api.setWebhook(HOOK, { secret_token: "s3cret", allowed_updates: ["message"] });
    expect(await telegram.deliver(hello, { post })).toMatchObject({ outcome: "delivered" });
    expect(seen).toMatchObject([{ "x-telegram-bot-api-secret-token": "s3cret" }]);
  });

  it("may answer with a method call, which is executed and whose result is told to nobody", async () => {
    const body = JSON.stringify({ method: "sendChatAction", chat_id: 42, action: "typing" });
    const headers = { "content-type": "application/json" };
    await telegram.deliver(hello, { post: async () => ({ status: 200, headers, body }) });
    expect(telegram.calls()).toMatchObject([
      { method: "sendChatAction", via: "webhook-reply", result: { ok: true } },
    ]);
    const form = "method=sendMessage&chat_id=42&text=hi";
    expect(await telegram.executeWebhookReply(form, "application/x-www-form-urlencoded")).toMatchObject({
      payload: { text: "hi" },
    });
  });

  it("may not answer with a get method, with one that changes the webhook, nor with what is none", async () => {
    for (const method of ["getMe", "GetFile", "setWebhook", "deleteWebhook", "close", "logOut", undefined]) {
      expect(await telegram.executeWebhookReply(JSON.stringify({ method, url: "" }))).toBeUndefined();
    }
    expect(await telegram.executeWebhookReply("not JSON")).toBeUndefined();
    expect(telegram.calls()).toEqual([]);
  });
});

describe("the menu", () => {
  it("is kept per scope and language", async () => {
    const command = { command: "new", description: "Start over" };
    await api.setMyCommands([command], { language_code: "de" });
    expect(await api.getMyCommands()).toEqual([]);
    expect(await api.getMyCommands({ language_code: "de" })).toEqual([command]);
    await api.deleteMyCommands({ language_code: "de" });
    expect(await api.getMyCommands({ language_code: "de" })).toEqual([]);
  });

  it.each([
    [[{ command: "New", description: "x" }], "BOT_COMMAND_INVALID"],
    [[{ command: "x".repeat(33), description: "x" }], "BOT_COMMAND_INVALID"],
    [[{ command: "new", description: "" }], "BOT_COMMAND_DESCRIPTION_INVALID"],
    [Array.from({ length: 101 }, () => ({ command: "a", description: "b" })), "BOT_COMMANDS_TOO_MUCH"],
  ])("refuses menu %#", async (commands, description) => {
    await expect(api.setMyCommands(commands)).rejects.toMatchObject(badRequest(description));
  });
});

describe("files", () => {
  it("are handed out by path, up to 20 MB", async () => {
    telegram.addFile("photo", new Uint8Array([1, 2, 3]), "photos/a b.jpg");
    const file = await api.getFile("photo");
    expect(file).toMatchObject({ file_size: 3, file_path: "photos/a b.jpg" });
    const link = `${telegram.url}/file/bot${TOKEN}/${file.file_path}`;
    expect(new Uint8Array(await (await fetch(link)).arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
    expect((await fetch(`${telegram.url}/file/bot${TOKEN}/photos/other.jpg`)).status).toBe(404);
    expect((await fetch(`${telegram.url}/file/bot1:x/photos/a.jpg`)).status).toBe(401);
    telegram.addFile("film", new Uint8Array(20 * 1024 * 1024 + 1), "film.mp4");
    await expect(api.getFile("film")).rejects.toMatchObject(badRequest("file is too big"));
    await expect(api.getFile("other")).rejects.toMatchObject(badRequest("invalid file_id"));
  });
});

describe("updates", () => {
  it("carry commands and mentions as entities, as Telegram marks them", () => {
    expect(hello.message?.entities).toEqual([
      { type: "bot_command", offset: 0, length: 17 },
      { type: "mention", offset: 24, length: 11 },
    ]);
    expect(hello.message?.chat).toMatchObject({ id: 42, type: "private" });
  });
});
