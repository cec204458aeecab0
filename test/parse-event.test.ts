import { describe, expect, it } from "vitest";
import { HermesError } from "../src/errors.ts";
import { parseEvent } from "../src/parse-event.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 9, 0, 7);

const job = {
  id: "3f2a9c1b7d4e",
  name: "Briefing",
  prompt: "Say good morning.",
  origin: {
    platform: "telegram",
    chat_id: "42",
    chat_type: "dm",
    chat_name: "Ada",
    user_id: "42",
    thread_id: null,
  },
  schedule: { kind: "cron", expr: "0 9 * * *" },
};
const tick = { source: "hermes.cron", job, scheduledTime: "2026-11-23T09:00:00Z" };
const wake = { source: "hermes.wake", session: "agent:main:telegram:dm:42" };

const noticeOf = (payload: unknown, requestId = "failed-1") => ({
  Records: [
    {
      EventSource: "aws:sns",
      Sns: {
        Message: JSON.stringify({
          version: "1.0",
          requestContext: { requestId, condition: "RetriesExhausted", approximateInvokeCount: 3 },
          requestPayload: payload,
        }),
      },
    },
  ],
});

const withOrigin = (origin: object) => ({ ...tick, job: { ...job, origin: { ...job.origin, ...origin } } });

describe("a cron tick", () => {
  it("is an entry of the job's own session, under job and time", () => {
    const origin = { chatId: 42, chatType: "dm", chatTitle: "Ada", userId: 42 };
    expect(parseEvent(tick, "request-1", NOW_MS)).toEqual({
      kind: "arrival",
      source: "cron",
      session: "agent:main:cron:3f2a9c1b7d4e",
      addressed: true,
      requestId: "request-1",
      entry: {
        kind: "tick",
        id: "t#3f2a9c1b7d4e#2026-11-23T09:00:00.000Z",
        at: Date.UTC(2026, 10, 23, 9),
        origin,
        job: {
          ...{ id: "3f2a9c1b7d4e", name: "Briefing", prompt: "Say good morning.", origin },
          schedule: { kind: "cron", expr: "0 9 * * *", display: "0 9 * * *" },
        },
        scheduledTime: "2026-11-23T09:00:00.000Z",
        acceptedAt: NOW_MS,
      },
    });
  });

  it("may carry a schedule that nobody can read: it runs all the same", () => {
    const odd = { ...tick, job: { ...job, schedule: "at nine, please" } };
    expect(parseEvent(odd, "r", NOW_MS)).toMatchObject({ entry: { job: { prompt: "Say good morning." } } });
  });

  it("is the same run however the scheduler spells its time", () => {
    const spelled = { ...tick, scheduledTime: "2026-11-23T10:00:00+01:00" };
    expect(parseEvent(spelled, "r", NOW_MS)).toEqual(parseEvent(tick, "r", NOW_MS));
  });

  it.each([
    ["numbers for ids", { chat_id: 42, user_id: 42 }, { chatId: 42, chatType: "dm", userId: 42 }],
    ["no user in a private chat", { user_id: null }, { chatId: 42, chatType: "dm", userId: 42 }],
    [
      "a topic",
      { chat_id: "-1001", chat_type: "forum", thread_id: "17" },
      { chatId: -1001, chatType: "group", threadId: 17 },
    ],
    [
      "no chat type",
      { chat_id: -1001, chat_type: undefined },
      { chatId: -1001, chatType: "group", userId: 42 },
    ],
    ["a channel", { chat_id: -100, chat_type: "channel" }, { chatId: -100, chatType: "channel" }],
  ])("takes Hermes' record with %s", (_what, origin, expected) => {
    expect(parseEvent(withOrigin(origin), "r", NOW_MS)).toMatchObject({ entry: { origin: expected } });
  });

  it.each([
    ["a job id that would break the key", { ...tick, job: { ...job, id: "a#b:c" } }, "job.id"],
    ["no job id", { ...tick, job: { ...job, id: undefined } }, "job.id"],
    ["no prompt", { ...tick, job: { ...job, prompt: null } }, "job.prompt"],
    ["no origin", { ...tick, job: { ...job, origin: null } }, "job.origin"],
    ["another platform", withOrigin({ platform: "discord" }), "job.origin.platform"],
    ["a chat id of words", withOrigin({ chat_id: "ada" }), "job.origin.chat_id"],
    ["a chat id beyond 2^53", withOrigin({ chat_id: "9007199254740993" }), "job.origin.chat_id"],
    ["a time that is none", { ...tick, scheduledTime: "soon" }, "scheduledTime"],
  ])("is refused with %s, by the field's name", (_what, event, field) => {
    expect(() => parseEvent(event, "r", NOW_MS)).toThrow(
      expect.objectContaining({ code: "malformed", message: expect.stringContaining(field) }),
    );
  });
});

describe("a wake", () => {
  it("names the session to work on", () => {
    expect(parseEvent(wake, "request-1", NOW_MS)).toEqual({
      kind: "wake",
      session: wake.session,
      requestId: "request-1",
    });
  });

  it.each([
    ["agent:main"],
    ["SESSION#x"],
    ["agent:main:telegram:dm:42\n"],
    [`agent:main:x:${"9".repeat(600)}`],
    [42],
  ])("is refused for %j, which is no session key", (session) => {
    expect(() => parseEvent({ ...wake, session }, "r", NOW_MS)).toThrow(HermesError);
  });
});

describe("the notice that an event failed for good", () => {
  it("is that event once more, under its own request id", () => {
    expect(parseEvent(noticeOf(wake), "request-9", NOW_MS)).toEqual({
      kind: "wake",
      session: wake.session,
      requestId: "failed-1",
      isNotice: true,
    });
    expect(parseEvent(noticeOf(tick), "request-9", NOW_MS)).toEqual({
      ...parseEvent(tick, "failed-1", NOW_MS),
      isNotice: true,
    });
  });

  it("is still that event when the notice itself failed", () => {
    const again = noticeOf(noticeOf(wake), "failed-2");
    expect(parseEvent(again, "request-9", NOW_MS)).toMatchObject({ kind: "wake", requestId: "failed-1" });
  });

  it.each([
    ["nothing we know", { key1: "value1" }],
    ["a tick that is rubbish", { ...tick, scheduledTime: "soon" }],
    ["nothing", null],
  ])("does not go round for ever when it carries %s", (_what, payload) => {
    expect(parseEvent(noticeOf(payload), "r", NOW_MS)).toMatchObject({
      kind: "ignored",
      reason: expect.stringContaining("the notice of a failed event"),
    });
  });

  it("is ignored when its message is no record, without repeating it", () => {
    const notice = { Records: [{ EventSource: "aws:sns", Sns: { Message: "private words" } }] };
    const result = parseEvent(notice, "r", NOW_MS);
    expect(result).toEqual({ kind: "ignored", reason: expect.not.stringContaining("private words") });
  });
});

it.each([[null], ["text"], [[]], [{}], [{ source: "aws.events" }], [{ Records: [] }]])(
  "an event of no known kind is refused: %j",
  (event) => {
    expect(() => parseEvent(event, "r", NOW_MS)).toThrow(
      expect.objectContaining({ code: "malformed", retryable: false }),
    );
  },
);
