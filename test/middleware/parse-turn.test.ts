import { readFile } from "node:fs/promises";
import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { parseTurn } from "../../middleware/parse-turn.ts";
import { inOrder } from "../../middleware/step.ts";
import { verifySecret } from "../../middleware/verify-secret.ts";
import { generatedFile, generateValidator } from "../../ops/build-schema.ts";
import {
  ADA,
  configWith,
  contextWith,
  httpEvent,
  message,
  steadyClock,
  update,
  writtenLog,
} from "../front-door.ts";

const NOW_MS = 1_790_000_777_000;

/** The turn an event becomes, or what it was answered; throws what the step throws. */
const parse = async (event: unknown) => {
  const { telegram, sessions } = configWith();
  const { log, lines } = writtenLog();
  const step = parseTurn({
    telegram,
    sessionKeys: sessions.keys,
    readsImages: true,
    clock: steadyClock(NOW_MS),
    log,
  });
  const result: unknown = await middy<unknown, unknown>()
    .use(inOrder(verifySecret(telegram, log), step))
    .handler((_event, { turn }) => turn)(event, contextWith({}) as never);
  return { result, lines };
};

const said = (text: string) => update({ message: message({ text }) });

const thrownBy = (event: unknown): Promise<unknown> =>
  parse(event).then(
    () => "nothing",
    (error: unknown) => error,
  );

describe("a webhook request", () => {
  it("becomes the turn of its update, under the invocation's request id", async () => {
    const { result } = await parse(httpEvent(said("hello")));
    expect(result).toMatchObject({
      kind: "arrival",
      requestId: "request-1",
      session: "agent:main:telegram:dm:42",
      entry: { kind: "message", text: "hello" },
    });
  });

  it("may come in base64, and leaves the event as it was", async () => {
    const body = Buffer.from(JSON.stringify(said("héllo"))).toString("base64");
    const event = { ...httpEvent(body), isBase64Encoded: true };
    expect((await parse(event)).result).toMatchObject({ entry: { text: "héllo" } });
    expect(event.body).toBe(body);
  });

  it("ends with 200 and a line in the log when the update is none of ours", async () => {
    const { result, lines } = await parse(
      httpEvent({ update_id: 7, edited_message: message({ text: "x" }) }),
    );
    expect(result).toEqual({ statusCode: 200, body: "" });
    expect(lines).toEqual([
      { level: "info", message: "update ignored", fields: { updateId: 7, reason: expect.any(String) } },
    ]);
  });

  it.each(["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])("is refused when it is a %s", async (method) => {
    expect(await thrownBy(httpEvent(said("x"), { method }))).toMatchObject({ code: "method" });
  });

  it("is refused without Function URL's description of the request", async () => {
    expect(await thrownBy({ ...httpEvent(said("x")), requestContext: {} })).toMatchObject({ code: "method" });
  });

  it("is refused beyond 1 MB, however it is encoded, and not before", async () => {
    const filler = (bytes: number) => httpEvent({ ...said("x"), filler: "x".repeat(bytes) });
    expect(await thrownBy(filler(1024 * 1024))).toMatchObject({ code: "too_large" });
    const encoded = Buffer.alloc(1024 * 1024 + 1, "x").toString("base64");
    expect(await thrownBy({ ...httpEvent(encoded), isBase64Encoded: true })).toMatchObject({
      code: "too_large",
    });
    expect((await parse(filler(1000 * 1000))).result).toMatchObject({ kind: "arrival" });
  });

  it.each([
    ["cut short", '{"update_id": 1, "message": {"text": "private wo'],
    ["empty", ""],
    ["no object", "42"],
    ["null", "null"],
    ["a list", "[]"],
    ["without an id", "{}"],
    ["with a prototype in it", '{"update_id": 1, "__proto__": {"private words": 1}}'],
    ["nested beyond reason", `${"[".repeat(300_000)}`],
    ["with an id beyond 2^53", '{"update_id": 9007199254740993}'],
    ["with a negative id", '{"update_id": -1}'],
    ["with a fraction for an id", '{"update_id": 1.5}'],
    ["with a text that is none", { update_id: 1, message: { ...message({}), text: { private: "words" } } }],
    [
      "with a chat id beyond 2^53",
      '{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":-9007199254740993,"type":"group"}}}',
    ],
    ["with a sender id beyond 2^53", { update_id: 1, message: message({ from: { ...ADA, id: 2 ** 53 } }) }],
    [
      "with a message without a date",
      { update_id: 1, message: { message_id: 1, chat: { id: 1, type: "private" } } },
    ],
    ["with a text no server sends", said("x".repeat(65_537))],
  ])("is malformed when its body is %s, and the error does not repeat it", async (_what, body) => {
    const error = await thrownBy(httpEvent(body));
    expect(error).toMatchObject({ code: "malformed", retryable: false });
    expect((error as Error).cause).toBeUndefined();
    expect((error as Error).message).not.toMatch(/private|words/);
  });

  it("is malformed without a body", async () => {
    const { body: _, ...event } = httpEvent("");
    expect(await thrownBy(event)).toMatchObject({ code: "malformed" });
  });

  it("is an unsupported media type when it does not say that it is JSON", async () => {
    const event = httpEvent(said("x"), { headers: { "content-type": "text/plain" } });
    expect(await thrownBy(event)).toMatchObject({ statusCode: 415 });
  });

  it("says what an earlier request had wrong to nobody else", async () => {
    expect(await thrownBy(httpEvent("{}"))).toMatchObject({ message: expect.stringContaining("update_id") });
    expect(await thrownBy(httpEvent("{no"))).toMatchObject({ message: "the body is no JSON" });
  });

  it("cannot pass for a tick or a wake", async () => {
    const wake = { source: "hermes.wake", session: "agent:main:telegram:dm:42" };
    expect(await thrownBy({ ...httpEvent(wake), ...wake })).toMatchObject({ code: "malformed" });
  });
});

describe("an event of the function's own", () => {
  it("becomes its turn without meeting the steps made for HTTP", async () => {
    const wake = { source: "hermes.wake", session: "agent:main:telegram:dm:42" };
    expect((await parse(wake)).result).toEqual({
      kind: "wake",
      session: wake.session,
      requestId: "request-1",
    });
  });

  it("is refused when it is rubbish", async () => {
    expect(await thrownBy({ key1: "value1" })).toMatchObject({ code: "malformed" });
  });

  it("is told to the operator by the failed event's request id when its retries are used up", async () => {
    const Message = JSON.stringify({
      requestContext: { requestId: "failed-1" },
      requestPayload: { source: "hermes.wake", session: "agent:main:telegram:dm:42" },
    });
    const { lines } = await parse({ Records: [{ EventSource: "aws:sns", Sns: { Message } }] });
    expect(lines).toMatchObject([{ level: "warn", fields: { failedRequestId: "failed-1" } }]);
  });

  it("ends with an error in the log when it is a notice nobody can act on", async () => {
    const notice = { Records: [{ EventSource: "aws:sns", Sns: { Message: "{}" } }] };
    const { result, lines } = await parse(notice);
    expect(result).toEqual({ statusCode: 200, body: "" });
    expect(lines).toEqual([expect.objectContaining({ level: "error", message: "event ignored" })]);
  });
});

it("the committed validator is the schema's", async () => {
  expect(await readFile(generatedFile, "utf8"), "run `node ops/build-schema.ts`").toBe(
    await generateValidator(),
  );
});
