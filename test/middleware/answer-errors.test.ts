import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { answerErrors } from "../../middleware/answer-errors.ts";
import type { Answer } from "../../middleware/step.ts";
import { type ErrorCode, HermesError, LeaseLost } from "../../src/errors.ts";
import { contextWith, httpEvent, writtenLog } from "../front-door.ts";

const WAKE = { source: "hermes.wake", session: "agent:main:telegram:dm:42" };

/** What an invocation that throws comes to, and what is logged of it. */
const failing = (thrown: unknown) => {
  const { log, lines } = writtenLog();
  const handler = middy<unknown, Answer>()
    .use(answerErrors(log))
    .handler(() => {
      throw thrown;
    });
  return { lines, answer: (event: unknown) => handler(event, contextWith({})) };
};

const overHttp = async (thrown: unknown) => {
  const { answer, lines } = failing(thrown);
  return { response: await answer(httpEvent({})), lines };
};

describe("over HTTP", () => {
  it.each<readonly [ErrorCode, number]>([
    ["malformed", 400],
    ["method", 405],
    ["too_large", 413],
  ])("%s is refused with %i and its reason, as a warning", async (code, status) => {
    const { response, lines } = await overHttp(new HermesError(code, "the reason"));
    expect(response).toMatchObject({ statusCode: status, body: "the reason" });
    expect(response?.headers).not.toHaveProperty("Retry-After");
    expect(lines).toMatchObject([{ level: "warn", message: "request refused", fields: { status } }]);
  });

  it("unauthorized is 401 without a word", async () => {
    const { response } = await overHttp(new HermesError("unauthorized", "wrong secret"));
    expect(response?.statusCode).toBe(401);
    expect(response?.body ?? "").toBe("");
  });

  it.each<ErrorCode>(["unavailable", "busy"])("%s asks Telegram to come again in a second", async (code) => {
    const { response, lines } = await overHttp(new HermesError(code, "not now", { retryable: true }));
    expect(response).toMatchObject({ statusCode: 503, headers: { "Retry-After": "1" } });
    expect(lines).toMatchObject([{ level: "error" }]);
  });

  it("what a step of Middy refuses keeps its status", async () => {
    const { response } = await overHttp(Object.assign(new Error("Unsupported"), { statusCode: 415 }));
    expect(response).toMatchObject({ statusCode: 415, body: "Unsupported" });
  });

  it.each([
    ["an error of ours that no sender can mend", new LeaseLost("a later holder took it")],
    ["an error of a library", new Error("connect https://api.telegram.org/bot123:secret")],
    ["one that calls itself a server error", Object.assign(new Error("secret"), { statusCode: 502 })],
    ["something that is no error", "secret"],
  ])("%s is a 500 without words, and is logged", async (_what, thrown) => {
    const { response, lines } = await overHttp(thrown);
    expect(response).toMatchObject({ statusCode: 500 });
    expect(JSON.stringify(response)).not.toMatch(/secret|later holder/);
    expect(lines).toMatchObject([{ level: "error", message: "the invocation failed" }]);
    expect(lines[0]?.fields?.["error"]).toBeInstanceOf(Error);
  });
});

describe("an asynchronous event", () => {
  it("fails with the very error, whatever its kind: Lambda tries again", async () => {
    for (const error of [
      new HermesError("malformed", "rubbish"),
      new HermesError("unavailable", "could not be stored"),
      new LeaseLost("a later holder took it"),
      new Error("anything"),
    ]) {
      const { answer, lines } = failing(error);
      await expect(answer(WAKE)).rejects.toBe(error);
      expect(lines).toHaveLength(1);
    }
  });
});
