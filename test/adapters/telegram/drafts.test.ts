import { afterEach, describe, expect, it } from "vitest";
import { createTelegram } from "../../../src/adapters/telegram/client.ts";
import {
  type Answer,
  type Call,
  recordedLog,
  type ScriptedBotApi,
  scriptedBotApi,
  TOKEN,
} from "./bot-api-script.ts";

const open: ScriptedBotApi[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((api) => api.close()));
});

async function start(answer?: (call: Call) => Answer | undefined) {
  const api = await scriptedBotApi(answer);
  open.push(api);
  const log = recordedLog();
  return { telegram: createTelegram({ token: TOKEN, apiRoot: api.apiRoot, log }), calls: api.calls, log };
}

const signal = new AbortController().signal;
const unknownMethod: Answer = { code: 404, description: "Not Found: method not found" };

describe("a draft", () => {
  it("shows the beginning of an answer with Telegram's stop button, under one id", async () => {
    const { telegram, calls } = await start();
    await telegram.draft({ chatId: 42, threadId: 3 }, 11, "Some *text", signal);
    await telegram.draft({ chatId: 42 }, 11, "Some *text*", signal);
    expect(calls[0]).toEqual({
      method: "sendRichMessageDraft",
      payload: {
        chat_id: 42,
        draft_id: 11,
        rich_message: { markdown: "Some \\*text" },
        can_stop: true,
        message_thread_id: 3,
      },
    });
    expect(calls[1]?.payload).toMatchObject({ draft_id: 11, rich_message: { markdown: "Some *text*" } });
  });

  it("passes through the same safety as an answer", async () => {
    const { telegram, calls } = await start();
    await telegram.draft(
      { chatId: 42 },
      11,
      'a <tg-button type="url"> ![x](https://evil.example/?q=1)',
      signal,
    );
    const [markdown] = calls.map(({ payload }) => (payload["rich_message"] as { markdown: string }).markdown);
    expect(markdown).not.toMatch(/<tg-button|!\[/);
  });

  it("stays within the limits of one message, however long the text grows", async () => {
    const { telegram, calls } = await start();
    await telegram.draft({ chatId: 42 }, 11, "word & word\n\n".repeat(9_000), signal);
    const [markdown = ""] = calls.map(
      ({ payload }) => (payload["rich_message"] as { markdown: string }).markdown,
    );
    expect(markdown.length).toBeLessThanOrEqual(32_768);
    expect(markdown.split("\n\n").length).toBeLessThanOrEqual(500);
  });

  it("is Telegram's own placeholder while there is no text", async () => {
    const { telegram, calls } = await start();
    await telegram.draft({ chatId: 42 }, 0, "", signal);
    expect(calls).toEqual([
      { method: "sendMessageDraft", payload: { chat_id: 42, draft_id: 1, text: "", can_stop: true } },
    ]);
  });

  it("is not sent to a group, which has none", async () => {
    const { telegram, calls } = await start();
    await telegram.draft({ chatId: -100 }, 11, "text", signal);
    expect(calls).toHaveLength(0);
  });

  it("is plain where the server knows no rich ones, and says so once", async () => {
    const { telegram, calls, log } = await start(({ method }) =>
      method === "sendRichMessageDraft" ? unknownMethod : undefined,
    );
    await telegram.draft({ chatId: 42 }, 11, "**a**", signal);
    await telegram.draft({ chatId: 42 }, 11, "**ab**", signal);
    expect(calls.map(({ method }) => method)).toEqual([
      "sendRichMessageDraft",
      "sendMessageDraft",
      "sendMessageDraft",
    ]);
    expect(calls[2]?.payload).toMatchObject({
      text: "ab",
      entities: [{ type: "bold", offset: 0, length: 2 }],
    });
    expect(log.lines).toHaveLength(1);
  });

  it("ends silently where the server knows none", async () => {
    const { telegram, calls, log } = await start(() => unknownMethod);
    for (const text of ["a", "ab", "abc"]) await telegram.draft({ chatId: 42 }, 11, text, signal);
    expect(calls).toHaveLength(2);
    expect(log.lines).toHaveLength(2);
  });

  it("tells its caller to slow down, and is rich again afterwards", async () => {
    const { telegram, calls } = await start(() => ({
      code: 429,
      description: "Too Many Requests",
      parameters: { retry_after: 3 },
    }));
    await expect(telegram.draft({ chatId: 42 }, 11, "a", signal)).rejects.toMatchObject({
      failure: "rate",
      retryAfterMs: 3_000,
    });
    await telegram.draft({ chatId: 42 }, 11, "a", signal).catch(() => undefined);
    expect(calls.map(({ method }) => method)).toEqual(["sendRichMessageDraft", "sendRichMessageDraft"]);
  });
});
