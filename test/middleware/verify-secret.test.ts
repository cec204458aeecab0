import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { isHttpEvent, verifySecret } from "../../middleware/verify-secret.ts";
import { contextWith, httpEvent, SECRET, silentLog, writtenLog } from "../front-door.ts";

const HEADER = "x-telegram-bot-api-secret-token";

/** "in" for an event that passes, else the answer. */
const knock = (event: unknown, log = silentLog) =>
  middy<unknown, unknown>()
    .use(verifySecret({ webhookSecret: SECRET }, log))
    .handler((_event, { verified }) => `in by ${verified.via}`)(event, contextWith({}) as never);

const withHeaders = (headers: unknown) => ({ ...httpEvent("{}"), headers });

describe("an HTTP request", () => {
  it("with the secret comes in", async () => {
    expect(await knock(httpEvent("{}"))).toBe("in by http");
  });

  it.each([
    ["no header", {}],
    ["no headers", null],
    ["an empty secret", { [HEADER]: "" }],
    ["a prefix of the secret", { [HEADER]: SECRET.slice(0, -1) }],
    ["the secret and more", { [HEADER]: `${SECRET}x` }],
    ["another secret of its length", { [HEADER]: SECRET.replace("local", "wrong") }],
    ["the secret twice", { [HEADER]: `${SECRET},${SECRET}` }],
    ["a list", { [HEADER]: [SECRET] }],
    ["another case", { [HEADER]: SECRET.toUpperCase() }],
  ])("with %s is refused with an empty 401", async (_what, headers) => {
    expect(await knock(withHeaders(headers))).toEqual({ statusCode: 401, body: "" });
  });

  it("is refused on every path and by every method, whatever its body", async () => {
    for (const method of ["GET", "POST", "PUT", "OPTIONS"]) {
      const event = { ...httpEvent("{not json", { method, headers: { [HEADER]: "x" } }), rawPath: "/admin" };
      expect(await knock(event)).toEqual({ statusCode: 401, body: "" });
    }
  });

  it("is refused before its body is touched", async () => {
    const event = {
      ...withHeaders({}),
      get body(): string {
        throw new Error("the body was read");
      },
    };
    expect(await knock(event)).toEqual({ statusCode: 401, body: "" });
  });

  it("leaves a line that says why, and not with what", async () => {
    const { log, lines } = writtenLog();
    await knock(withHeaders({ [HEADER]: "guessed-secret" }), log);
    expect(lines).toEqual([
      { level: "warn", message: "request refused at the door", fields: { reason: "wrong webhook secret" } },
    ]);
    expect(JSON.stringify(lines)).not.toContain("guessed-secret");
  });
});

describe("another event", () => {
  it("can only come from an IAM-authorised caller and needs no secret", async () => {
    expect(await knock({ source: "hermes.wake" })).toBe("in by iam");
    expect(await knock({ Records: [] })).toBe("in by iam");
    expect(await knock(null)).toBe("in by iam");
  });

  it("counts as HTTP as soon as it has a request context or headers, whichever front made it", () => {
    expect(isHttpEvent({ requestContext: { elb: {} }, source: "hermes.wake" })).toBe(true);
    expect(isHttpEvent({ headers: {}, source: "hermes.cron" })).toBe(true);
    expect(isHttpEvent({ requestContext: null })).toBe(true);
  });
});

it("without a secret there is no door at all", () => {
  expect(() => verifySecret({ webhookSecret: "" }, silentLog)).toThrow("stand open");
});
