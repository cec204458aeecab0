import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api, HttpError } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTelegram, type TelegramOptions, type TelegramStandIn } from "../../local/telegram/server.ts";
import { createManualTimers } from "./manual-timers.ts";

const TOKEN = "77:stand-in";

let telegram: TelegramStandIn;
let api: Api;

async function restart(options: Partial<TelegramOptions> = {}) {
  telegram = await startTelegram({ token: TOKEN, ...options });
  api = new Api(TOKEN, { apiRoot: telegram.url });
}

beforeEach(() => restart());
afterEach(() => telegram.close());

const post = (path: string, body?: unknown) =>
  fetch(`${telegram.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });

const refused = (code: number, description: string) => ({ error_code: code, description });

describe("the wire", () => {
  it("answers a call with ok and result, and records it", async () => {
    const sent = await api.sendMessage(42, "hello");
    expect(sent).toMatchObject({
      message_id: 1,
      text: "hello",
      chat: { id: 42, type: "private" },
      from: { id: 77 },
    });
    expect(telegram.calls("sendMessage")).toMatchObject([
      { method: "sendMessage", payload: { chat_id: 42, text: "hello" }, via: "http", result: { ok: true } },
    ]);
    expect(telegram.messages(42)).toEqual([sent]);
  });

  it("takes parameters from the query, from forms, and method names in any case", async () => {
    const query = await fetch(`${telegram.url}/bot${TOKEN}/SENDmessage?chat_id=42&text=hi`);
    expect(await query.json()).toMatchObject({ ok: true });
    const keyboard = { inline_keyboard: [[{ text: "Yes", callback_data: "y" }]] };
    const fields = { chat_id: "42", text: "form", reply_markup: JSON.stringify(keyboard) };
    for (const body of [new URLSearchParams(fields), formData(fields)]) {
      const answer = await fetch(`${telegram.url}/bot${TOKEN}/sendMessage`, { method: "POST", body });
      expect(await answer.json()).toMatchObject({
        ok: true,
        result: { text: "form", reply_markup: keyboard },
      });
    }
    expect(telegram.calls("sendMessage")).toHaveLength(3);
  });

  it("refuses another token with 401, an unknown method and path with 404, and broken JSON with 400", async () => {
    expect((await post("/bot1:other/getMe")).status).toBe(401);
    expect(await (await post(`/bot${TOKEN}/makeCoffee`)).json()).toEqual({
      ok: false,
      ...refused(404, "Not Found: method not found"),
    });
    expect((await post("/elsewhere")).status).toBe(404);
    const broken = await fetch(`${telegram.url}/bot${TOKEN}/getMe`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
    });
    expect(broken.status).toBe(400);
  });

  it("acts as an older server for methods it is told not to know", async () => {
    telegram.unsupported(["sendRichMessage"]);
    await expect(api.sendRichMessage(42, { markdown: "# Hi" })).rejects.toMatchObject(
      refused(404, "Not Found: method not found"),
    );
    await api.sendMessage(42, "still here");
  });

  it("names itself after its token", async () => {
    expect(await api.getMe()).toMatchObject({ id: 77, is_bot: true, username: "hermes_bot" });
  });

  it("tells who waits for a call when it comes, or that it came already", async () => {
    const waiting = telegram.waitFor(({ method }) => method === "sendChatAction");
    await api.sendChatAction(42, "typing");
    expect((await waiting).payload["action"]).toBe("typing");
    expect((await telegram.waitFor(({ method }) => method === "sendChatAction")).at).toBe((await waiting).at);
  });

  it("ends a wait for a call that can no longer come", async () => {
    const waiting = telegram.waitFor(() => false);
    await telegram.close();
    await expect(waiting).rejects.toThrow("closed");
    await restart();
  });
});

function formData(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

describe("scripted faults", () => {
  it("answers with a scripted status, so often as it is told", async () => {
    telegram.fail(
      "sendMessage",
      { status: 429, description: "Too Many Requests: retry after 7", retry_after: 7 },
      2,
    );
    for (let n = 0; n < 2; n += 1) {
      await expect(api.sendMessage(42, "hi")).rejects.toMatchObject({ parameters: { retry_after: 7 } });
    }
    await api.sendMessage(42, "hi");
    expect(telegram.messages(42)).toHaveLength(1);
  });

  it("can lose the call, or only the answer to it", async () => {
    telegram.fail("sendMessage", "drop-before");
    await expect(api.sendMessage(42, "lost")).rejects.toBeInstanceOf(HttpError);
    expect(telegram.messages(42)).toEqual([]);
    telegram.fail("sendMessage", "drop-after");
    await expect(api.sendMessage(42, "sent")).rejects.toBeInstanceOf(HttpError);
    expect(telegram.messages(42)).toMatchObject([{ text: "sent" }]);
    expect(telegram.calls().map(({ fault, result }) => [fault, result?.ok])).toEqual([
      ["drop-before", undefined],
      ["drop-after", true],
    ]);
  });

  it("can be decided call by call, where none was scripted", async () => {
    await telegram.close();
    await restart({ faultFor: (_method, { text }) => (text === "bad" ? "drop-after" : undefined) });
    telegram.fail("sendMessage", { status: 502, description: "Bad Gateway" });
    await expect(api.sendMessage(42, "bad")).rejects.toMatchObject({ error_code: 502 });
    await expect(api.sendMessage(42, "bad")).rejects.toBeInstanceOf(HttpError);
    await expect(api.sendMessage(42, "good")).resolves.toMatchObject({ text: "good" });
    expect(telegram.messages(42).map((message) => message.text)).toEqual(["bad", "good"]);
  });

  it("can hang until the client gives up, or until it closes", async () => {
    telegram.fail("getMe", "hang", 2);
    const stop = new AbortController();
    const given = expect(api.getMe(stop.signal as never)).rejects.toThrow();
    await telegram.waitFor(({ method }) => method === "getMe");
    stop.abort();
    await given;
    const hanging = api.getMe();
    await telegram.waitFor(() => telegram.calls("getMe").length === 2);
    await Promise.all([expect(hanging).rejects.toBeInstanceOf(HttpError), telegram.close()]);
    await restart();
  });

  it("limits messages to one a second and chat when asked to", async () => {
    await telegram.close();
    const timers = createManualTimers();
    await restart({ timers });
    telegram.limitRate(true);
    await api.sendMessage(42, "one");
    await api.sendMessage(43, "another chat");
    await expect(api.sendMessage(42, "two")).rejects.toMatchObject({
      error_code: 429,
      parameters: { retry_after: 1 },
    });
    await timers.advance(1000);
    await api.sendMessage(42, "two");
  });
});

describe("the state file", () => {
  it("continues chats, webhook and menu where the last run ended, and says so when it cannot", async () => {
    await telegram.close();
    const directory = await mkdtemp(join(tmpdir(), "telegram-"));
    const stateFile = join(directory, "state", "telegram.json");
    await restart({ stateFile });
    await api.sendMessage(42, "before");
    await api.setMyCommands([{ command: "new", description: "Start over" }]);
    await telegram.close();
    await restart({ stateFile });
    expect((await api.sendMessage(42, "after")).message_id).toBe(2);
    expect(await api.getMyCommands()).toHaveLength(1);
    await writeFile(stateFile, "{");
    await expect(startTelegram({ token: TOKEN, stateFile })).rejects.toThrow("delete it to start over");
    await rm(directory, { recursive: true });
  });
});
