import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { answerErrors } from "../../middleware/answer-errors.ts";
import { idempotency } from "../../middleware/idempotency.ts";
import type { Answer } from "../../middleware/step.ts";
import { wake } from "../../middleware/wake.ts";
import type { Inbox } from "../../src/ports.ts";
import type { Turn } from "../../src/turn.ts";
import { ADA, newSession } from "../contracts/said.ts";
import { createFakeClaims } from "../fakes/claims.ts";
import { createFakeDoorbell } from "../fakes/doorbell.ts";
import { createFakeInbox } from "../fakes/inbox.ts";
import { arrivalFrom, contextWith, httpEvent, writtenLog } from "../front-door.ts";

const pipeline = (inbox: Inbox) => {
  const claims = createFakeClaims();
  const seen: unknown[] = [];
  const handler = middy<unknown, Answer>()
    .use(answerErrors(writtenLog().log))
    .use(idempotency(inbox, claims))
    .handler((_event, context) => {
      seen.push(context.claims);
      return { statusCode: 200, body: "went on" };
    });
  const pass = (turn: Turn, event: unknown = httpEvent({})) => handler(event, contextWith({ turn }) as never);
  return { pass, seen, claims };
};

describe("what arrives", () => {
  it("is in its session's inbox before anything else happens, once however often it is delivered", async () => {
    const inbox = createFakeInbox();
    const turn = arrivalFrom(ADA);
    const { pass, seen, claims } = pipeline(inbox);
    await pass(turn);
    await pass({ ...turn, requestId: "request-2" });
    expect(await inbox.waiting(turn.session)).toEqual([turn.entry]);
    expect(seen).toEqual([claims, claims]);
  });

  it("is not passed on when it could not be stored: Telegram is asked to come again", async () => {
    const down: Inbox = { ...createFakeInbox(), put: () => Promise.reject(new Error("no table")) };
    const { pass, seen } = pipeline(down);
    expect(await pass(arrivalFrom(ADA))).toMatchObject({
      statusCode: 503,
      headers: { "Retry-After": "1" },
      body: "the message could not be stored",
    });
    expect(seen).toEqual([]);
  });

  it("as a tick that could not be stored fails, so that Lambda tries again", async () => {
    const down: Inbox = { ...createFakeInbox(), put: () => Promise.reject(new Error("no table")) };
    const tick = { source: "hermes.cron" };
    await expect(pipeline(down).pass(arrivalFrom(ADA, { source: "cron" }), tick)).rejects.toMatchObject({
      code: "unavailable",
      cause: expect.objectContaining({ message: "no table" }),
    });
  });

  it("rings the doorbell only once it is stored", async () => {
    const inbox = createFakeInbox();
    const doorbell = createFakeDoorbell();
    const turn = arrivalFrom(ADA);
    let storedWhenRung: unknown;
    const ringing = {
      async wake(session: Turn["session"]) {
        storedWhenRung = await inbox.waiting(session);
        await doorbell.wake(session);
      },
    };
    await middy<unknown, Answer>()
      .use([idempotency(inbox, createFakeClaims()), wake(ringing, "async")])
      .handler(() => undefined)(httpEvent({}), contextWith({ turn, verified: { via: "http" } }) as never);
    expect(storedWhenRung).toEqual([turn.entry]);
    expect(doorbell.rung).toEqual([turn.session]);
  });
});

describe("a wake", () => {
  it("stores nothing and goes on with the claims", async () => {
    const inbox = createFakeInbox();
    const session = newSession();
    const { pass, seen, claims } = pipeline(inbox);
    await pass({ kind: "wake", session, requestId: "request-1" }, { source: "hermes.wake", session });
    expect(await inbox.waiting(session)).toEqual([]);
    expect(seen).toEqual([claims]);
  });
});
