import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { correlate, observe, type Telemetry } from "../../middleware/observe.ts";
import type { Answer } from "../../middleware/step.ts";
import type { EntryId, Turn } from "../../src/turn.ts";
import { ADA, newSession } from "../contracts/said.ts";
import { arrivalFrom, contextWith } from "../front-door.ts";

/** What every line of the invocation carries, as the telemetry was told. */
const linesOf = async (turn: Turn): Promise<object> => {
  let fields: object = { left: "from the last invocation" };
  const telemetry: Telemetry = {
    begin: (context: Context) => {
      fields = { requestId: context.awsRequestId };
    },
    correlate: (more) => {
      fields = { ...fields, ...more };
    },
  };
  await middy<unknown, Answer>()
    .use([observe(telemetry), correlate(telemetry)])
    .handler(() => undefined)({}, contextWith({ turn }) as never);
  return fields;
};

describe("the lines of an invocation", () => {
  it("say which update of which session they are about, and nothing that was said", async () => {
    const turn = arrivalFrom(ADA, { updateId: 4711 });
    expect(await linesOf(turn)).toEqual({
      requestId: "request-1",
      session: turn.session,
      updateId: "4711",
    });
  });

  it("say which run of which job, without its prompt", async () => {
    const scheduledTime = "2026-09-21T10:00:00.000Z";
    const job = { id: "job_1", name: "Tea", prompt: "a secret prompt", origin: ADA };
    const id = `t#job_1#${scheduledTime}` as EntryId;
    const turn = arrivalFrom(ADA, {
      source: "cron",
      entry: { kind: "tick", id, origin: ADA, at: 0, job, scheduledTime },
    });
    expect(await linesOf(turn)).toEqual({
      requestId: "request-1",
      session: turn.session,
      jobId: "job_1",
      scheduledTime,
    });
  });

  it("of a wake say the session", async () => {
    const session = newSession();
    expect(await linesOf({ kind: "wake", session, requestId: "request-1" })).toEqual({
      requestId: "request-1",
      session,
    });
  });
});
