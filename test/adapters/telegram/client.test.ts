import { afterEach, describe, expect, it } from "vitest";
import { createTelegram } from "../../../src/adapters/telegram/client.ts";
import { TelegramError } from "../../../src/errors.ts";
import type { Part, Telegram } from "../../../src/ports.ts";
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

async function withAnswers(
  answer?: (call: Call, index: number) => Answer | undefined,
  callTimeoutMs = 5_000,
): Promise<{ telegram: Telegram; calls: Call[]; log: ReturnType<typeof recordedLog> }> {
  const api = await scriptedBotApi(answer);
  open.push(api);
  const log = recordedLog();
  return {
    telegram: createTelegram({ token: TOKEN, apiRoot: api.apiRoot, log, callTimeoutMs }),
    calls: api.calls,
    log,
  };
}

const signal = new AbortController().signal;
const PLAIN: Part = { form: "plain", text: "hello" };
const RICH: Part = { form: "rich", text: "# Hello" };

/** Always answers with this refusal. */
const refusing = (code: number, description: string, parameters?: Record<string, unknown>) => (): Answer => ({
  code,
  description,
  ...(parameters ? { parameters } : {}),
});

async function failure(sending: Promise<unknown>): Promise<TelegramError> {
  const error = await sending.then(
    () => new Error("it was sent"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TelegramError);
  return error as TelegramError;
}

describe("sending a part", () => {
  it("returns the message id, and says only what is meant", async () => {
    const { telegram, calls } = await withAnswers();
    expect(await telegram.send({ chatId: 42 }, PLAIN, { signal })).toBe(77);
    expect(calls).toEqual([{ method: "sendMessage", payload: { chat_id: 42, text: "hello" } }]);
  });

  it("sends the rich form as Markdown, and entities as they are", async () => {
    const { telegram, calls } = await withAnswers();
    const entities = [{ type: "bold", offset: 0, length: 5 }];
    await telegram.send({ chatId: 42 }, RICH, { signal });
    await telegram.send({ chatId: 42 }, { form: "entities", text: "hello", entities }, { signal });
    expect(calls[0]).toEqual({
      method: "sendRichMessage",
      payload: { chat_id: 42, rich_message: { markdown: "# Hello" } },
    });
    expect(calls[1]?.payload).toEqual({ chat_id: 42, text: "hello", entities });
  });

  it("keeps topic, reply, silence and the rows of buttons", async () => {
    const { telegram, calls } = await withAnswers();
    const buttons = [[{ text: "Yes", data: "a" }], [{ text: "No", data: "b" }]];
    await telegram.send({ chatId: -100, threadId: 7 }, PLAIN, { signal, replyTo: 5, buttons, silent: true });
    expect(calls[0]?.payload).toEqual({
      chat_id: -100,
      text: "hello",
      message_thread_id: 7,
      reply_parameters: { message_id: 5, allow_sending_without_reply: true },
      disable_notification: true,
      reply_markup: {
        inline_keyboard: [[{ text: "Yes", callback_data: "a" }], [{ text: "No", callback_data: "b" }]],
      },
    });
  });

  it("leaves out the General topic when sending and keeps it for typing", async () => {
    const { telegram, calls } = await withAnswers();
    await telegram.send({ chatId: -100, threadId: 1 }, PLAIN, { signal });
    await telegram.typing({ chatId: -100, threadId: 1 }, signal);
    expect(calls[0]?.payload).not.toHaveProperty("message_thread_id");
    expect(calls[1]).toEqual({
      method: "sendChatAction",
      payload: { chat_id: -100, message_thread_id: 1, action: "typing" },
    });
  });
});

describe("a definite no that the message can do without", () => {
  it("goes out once more without a topic that is gone", async () => {
    const { telegram, calls } = await withAnswers(({ payload }) =>
      "message_thread_id" in payload
        ? { code: 400, description: "Bad Request: message thread not found" }
        : undefined,
    );
    expect(await telegram.send({ chatId: -100, threadId: 7 }, PLAIN, { signal, replyTo: 5 })).toBe(77);
    expect(calls.map(({ payload }) => payload["message_thread_id"])).toEqual([7, undefined]);
    expect(calls[1]?.payload).toHaveProperty("reply_parameters");
  });

  it("goes out once more without a replied-to message that is gone, and then without its topic", async () => {
    const { telegram, calls } = await withAnswers(({ payload }) => {
      if ("reply_parameters" in payload)
        return { code: 400, description: "Bad Request: message to be replied not found" };
      if ("message_thread_id" in payload)
        return { code: 400, description: "Bad Request: message thread not found" };
      return undefined;
    });
    expect(await telegram.send({ chatId: -100, threadId: 7 }, PLAIN, { signal, replyTo: 5 })).toBe(77);
    expect(calls).toHaveLength(3);
  });

  it("follows a group that became a supergroup", async () => {
    const { telegram, calls } = await withAnswers(({ payload }) =>
      payload["chat_id"] === -5
        ? {
            code: 400,
            description: "Bad Request: group chat was upgraded to a supergroup chat",
            parameters: { migrate_to_chat_id: -1005 },
          }
        : undefined,
    );
    expect(await telegram.send({ chatId: -5 }, PLAIN, { signal })).toBe(77);
    expect(calls.map(({ payload }) => payload["chat_id"])).toEqual([-5, -1005]);
  });

  it("gives up after that", async () => {
    const { telegram, calls } = await withAnswers(refusing(400, "Bad Request: message thread not found"));
    expect((await failure(telegram.send({ chatId: -100, threadId: 7 }, PLAIN, { signal }))).failure).toBe(
      "form",
    );
    expect(calls).toHaveLength(2);
  });
});

describe("a failure", () => {
  it.each([
    [400, "Bad Request: can't parse entities: unexpected end tag", "form"],
    [400, "Bad Request: message is too long", "form"],
    [403, "Forbidden: bot was blocked by the user", "blocked"],
    [400, "Bad Request: chat not found", "blocked"],
    [400, "Bad Request: not enough rights to send text messages to the chat", "blocked"],
    [400, "Bad Request: TOPIC_CLOSED", "blocked"],
    [401, "Unauthorized", "operator"],
    [404, "Not Found", "operator"],
    [500, "Internal Server Error", "refused"],
    [502, "Bad Gateway", "refused"],
    [504, "Gateway Timeout", "unknown"],
  ])("%i %s is %s, after one request", async (code, description, expected) => {
    const { telegram, calls } = await withAnswers(refusing(code, description));
    const error = await failure(telegram.send({ chatId: 42 }, PLAIN, { signal }));
    expect(error.failure).toBe(expected);
    expect(error.message).toContain(description);
    expect(calls).toHaveLength(1);
  });

  it("is one of form when an old server does not know rich messages", async () => {
    const { telegram } = await withAnswers(refusing(404, "Not Found: method not found"));
    expect((await failure(telegram.send({ chatId: 42 }, RICH, { signal }))).failure).toBe("form");
  });

  it("tells how long to wait", async () => {
    const { telegram } = await withAnswers(
      refusing(429, "Too Many Requests: retry after 7", { retry_after: 7 }),
    );
    const error = await failure(telegram.send({ chatId: 42 }, PLAIN, { signal }));
    expect([error.failure, error.retryAfterMs, error.retryable]).toEqual(["rate", 7_000, true]);
  });

  it("is judged by its status when a gateway answers in HTML", async () => {
    const { telegram } = await withAnswers(() => ({ raw: "<html>502</html>", status: 502 }));
    expect((await failure(telegram.send({ chatId: 42 }, PLAIN, { signal }))).failure).toBe("refused");
  });

  it.each(["drop", { raw: "{", status: 200, type: "application/json" }] as const)(
    "is unknown when the answer is lost on the way (%o)",
    async (answer) => {
      const { telegram, calls } = await withAnswers(() => answer);
      const error = await failure(telegram.send({ chatId: 42 }, PLAIN, { signal }));
      expect([error.failure, error.retryable]).toEqual(["unknown", false]);
      expect(calls).toHaveLength(1);
    },
  );

  it("is unknown when the server hangs: the message may have been delivered", async () => {
    const { telegram, calls } = await withAnswers(() => "hang", 1_000);
    expect((await failure(telegram.send({ chatId: 42 }, PLAIN, { signal }))).failure).toBe("unknown");
    expect(calls).toHaveLength(1);
  });

  it("is refused when nobody listens: nothing was sent", async () => {
    const api = await scriptedBotApi();
    await api.close();
    const telegram = createTelegram({ token: TOKEN, apiRoot: api.apiRoot, log: recordedLog() });
    const error = await failure(telegram.send({ chatId: 42 }, PLAIN, { signal }));
    expect([error.failure, error.retryable]).toEqual(["refused", true]);
  });

  it("never shows the token or the message, whatever was thrown", async () => {
    const scripts: ((call: Call) => Answer)[] = [
      () => "drop",
      refusing(401, `Unauthorized for ${TOKEN}`),
      refusing(400, "Bad Request"),
    ];
    for (const script of scripts) {
      const { telegram } = await withAnswers(script);
      const error = await failure(
        telegram.send({ chatId: 42 }, { form: "plain", text: "my diary" }, { signal }),
      );
      expect(error.cause).toBeUndefined();
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toMatch(/AAHsecret|my diary/);
    }
  });

  it("starts nothing under a signal that is already aborted", async () => {
    const { telegram, calls } = await withAnswers();
    const reason = new Error("the lease is over");
    await expect(telegram.send({ chatId: 42 }, PLAIN, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(calls).toHaveLength(0);
  });
});

describe("spending buttons", () => {
  it("takes them off", async () => {
    const { telegram, calls } = await withAnswers();
    await telegram.spendButtons({ chatId: 42 }, 9, signal);
    expect(calls[0]).toEqual({
      method: "editMessageReplyMarkup",
      payload: { chat_id: 42, message_id: 9, reply_markup: { inline_keyboard: [] } },
    });
  });

  it.each(["message is not modified", "message to edit not found", "message can't be edited"])(
    "takes '%s' for success",
    async (description) => {
      const { telegram } = await withAnswers(refusing(400, `Bad Request: ${description}`));
      await expect(telegram.spendButtons({ chatId: 42 }, 9, signal)).resolves.toBeUndefined();
    },
  );

  it("reports what else goes wrong", async () => {
    const { telegram } = await withAnswers(refusing(429, "Too Many Requests", { retry_after: 1 }));
    expect((await failure(telegram.spendButtons({ chatId: 42 }, 9, signal))).failure).toBe("rate");
  });
});
