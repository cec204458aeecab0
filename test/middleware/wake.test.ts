import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { answerErrors } from "../../middleware/answer-errors.ts";
import type { Answer } from "../../middleware/step.ts";
import { wake } from "../../middleware/wake.ts";
import type { Doorbell } from "../../src/ports.ts";
import type { Turn } from "../../src/turn.ts";
import { ADA, entryId } from "../contracts/said.ts";
import { createFakeDoorbell } from "../fakes/doorbell.ts";
import { arrivalFrom, contextWith, httpEvent, writtenLog } from "../front-door.ts";

const WENT_ON: Answer = { statusCode: 200, body: "went on" };

const pass = (
  turn: Turn,
  options: { doorbell?: Doorbell; via?: "http" | "iam"; dispatch?: "async" | "inline" } = {},
): Promise<Answer> => {
  const { doorbell = createFakeDoorbell(), via = "http", dispatch = "async" } = options;
  const event = via === "http" ? httpEvent({}) : { source: "hermes.wake" };
  return middy<unknown, Answer>()
    .use(answerErrors(writtenLog().log))
    .use(wake(doorbell, dispatch))
    .handler(() => WENT_ON)(event, contextWith({ turn, verified: { via } }) as never);
};

/** The Bot API call that travels in the answer. */
const callIn = (answer: Answer): unknown => {
  expect(answer?.statusCode).toBe(200);
  expect(answer?.headers).toEqual({ "Content-Type": "application/json" });
  return JSON.parse(answer?.body ?? "");
};

describe("what came over HTTP", () => {
  it("wakes the function for its session, and shows that an answer is being written", async () => {
    const doorbell = createFakeDoorbell();
    const turn = arrivalFrom(ADA);
    const answer = await pass(turn, { doorbell });
    expect(doorbell.rung).toEqual([turn.session]);
    expect(callIn(answer)).toEqual({ method: "sendChatAction", chat_id: 42, action: "typing" });
  });

  it("shows it in the topic it was said in", async () => {
    const turn = arrivalFrom({ chatId: -100, chatType: "group", threadId: 7, userId: 42 });
    expect(callIn(await pass(turn))).toEqual({
      method: "sendChatAction",
      chat_id: -100,
      action: "typing",
      message_thread_id: 7,
    });
  });

  it("acknowledges a pressed button, or it would keep spinning", async () => {
    const turn = arrivalFrom(ADA, { callbackId: "4242" });
    expect(callIn(await pass(turn))).toEqual({
      method: "answerCallbackQuery",
      callback_query_id: "4242",
    });
  });

  it("is answered without a call when it is a stop: nothing is being written", async () => {
    const doorbell = createFakeDoorbell();
    const entry = { kind: "stop", id: entryId(1), origin: ADA, at: 0 } as const;
    expect(await pass(arrivalFrom(ADA, { entry }), { doorbell })).toEqual({ statusCode: 200, body: "" });
    expect(doorbell.rung).toHaveLength(1);
  });

  it("is asked for again when nobody could be woken", async () => {
    const doorbell: Doorbell = { wake: () => Promise.reject(new Error("Rate Exceeded.")) };
    expect(await pass(arrivalFrom(ADA), { doorbell })).toMatchObject({
      statusCode: 503,
      headers: { "Retry-After": "1" },
      body: "the agent could not be woken",
    });
  });

  it("goes on down the pipeline when turns run inside the request", async () => {
    const doorbell = createFakeDoorbell();
    expect(await pass(arrivalFrom(ADA), { doorbell, dispatch: "inline" })).toEqual(WENT_ON);
    expect(doorbell.rung).toEqual([]);
  });
});

describe("what came otherwise", () => {
  it("goes on, and wakes nobody", async () => {
    const doorbell = createFakeDoorbell();
    const { session } = arrivalFrom(ADA);
    const turn: Turn = { kind: "wake", session, requestId: "request-1" };
    expect(await pass(turn, { doorbell, via: "iam" })).toEqual(WENT_ON);
    expect(await pass(arrivalFrom(ADA, { source: "cron" }), { doorbell, via: "iam" })).toEqual(WENT_ON);
    expect(doorbell.rung).toEqual([]);
  });
});
