import {
  InvalidRequestContentException,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  RequestTooLargeException,
  ResourceNotFoundException,
  ServiceException,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LambdaStandIn, startLambda } from "../../local/lambda.ts";
import type { FailureNotice, InvocationContext, InvokeFunction } from "../../local/lambda-events.ts";
import { createManualTimers, type ManualTimers } from "./manual-timers.ts";

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:hermes";

let timers: ManualTimers;
let lambda: LambdaStandIn;
let client: LambdaClient;
let run: InvokeFunction;
let notices: FailureNotice[];
let runs: { readonly name: string; readonly payload: unknown; readonly context: InvocationContext }[];

beforeEach(async () => {
  timers = createManualTimers();
  notices = [];
  runs = [];
  run = async () => undefined;
  lambda = await startLambda({
    functions: ["hermes"],
    timers,
    onFailure: (notice) => notices.push(notice),
    async invoke(name, payload, type, context) {
      runs.push({ name, payload, context });
      return await run(name, payload, type, context);
    },
  });
  client = new LambdaClient({
    endpoint: lambda.endpoint,
    region: "local",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await lambda.close();
});

const invoke = (payload: unknown, input: Partial<InvokeCommandInput> = {}) =>
  client.send(new InvokeCommand({ FunctionName: "hermes", Payload: JSON.stringify(payload), ...input }));
const wake = (payload: unknown = { source: "hermes.wake" }) => invoke(payload, { InvocationType: "Event" });
const json = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));

describe("a synchronous invocation", () => {
  it("returns what the function returns, or its error with status 200", async () => {
    run = async (_, payload) => ({ echo: payload });
    const answer = await invoke({ a: 1 }, { FunctionName: `${ARN}:live` });
    expect([answer.StatusCode, json(answer.Payload)]).toEqual([200, { echo: { a: 1 } }]);
    expect(runs[0]).toMatchObject({ name: "hermes", context: { attempt: 1 } });
    run = () => Promise.reject(new TypeError("no"));
    const failed = await invoke({});
    expect(failed.FunctionError).toBe("Unhandled");
    expect(json(failed.Payload)).toEqual({ errorType: "TypeError", errorMessage: "no" });
  });

  it("is not repeated", async () => {
    run = () => Promise.reject(new Error("no"));
    await invoke({});
    await timers.advance(600_000);
    expect(runs).toHaveLength(1);
  });
});

describe("an asynchronous invocation", () => {
  it("is answered 202 before the function has run", async () => {
    const release = Promise.withResolvers<void>();
    run = () => release.promise;
    const answer = await wake({ a: 1 });
    expect(answer.StatusCode).toBe(202);
    let idle = false;
    const idling = lambda.idle().then(() => {
      idle = true;
    });
    await timers.advance(0);
    expect([idle, runs.length]).toEqual([false, 1]);
    release.resolve();
    await idling;
    expect(runs).toMatchObject([{ name: "hermes", payload: { a: 1 } }]);
  });

  it("is tried again after one and two minutes under the same request id, then given up with a notice", async () => {
    run = () => Promise.reject(new Error("broken"));
    const { $metadata } = await wake({ job: 1 });
    await lambda.idle();
    expect([runs.length, lambda.waiting()]).toEqual([1, 1]);
    await timers.advance(59_999);
    expect(runs).toHaveLength(1);
    await timers.advance(1);
    expect(runs).toHaveLength(2);
    await timers.advance(119_999);
    expect(runs).toHaveLength(2);
    await timers.advance(1);
    await lambda.idle();
    expect(runs.map(({ context }) => context.attempt)).toEqual([1, 2, 3]);
    expect(new Set(runs.map(({ context }) => context.requestId)).size).toBe(1);
    expect(notices).toMatchObject([
      {
        requestContext: {
          requestId: $metadata.requestId,
          condition: "RetriesExhausted",
          approximateInvokeCount: 3,
        },
        requestPayload: { job: 1 },
        responsePayload: { errorMessage: "broken" },
      },
    ]);
    expect(lambda.waiting()).toBe(0);
  });

  it("is not tried again once it succeeded", async () => {
    run = async (_, __, ___, { attempt }) => {
      if (attempt === 1) throw new Error("once");
    };
    await wake();
    await lambda.idle();
    await timers.advance(600_000);
    expect(runs).toHaveLength(2);
    expect(notices).toEqual([]);
  });

  it("may come from another service", async () => {
    const requestId = lambda.enqueue("hermes", { Records: [] });
    await lambda.idle();
    expect(runs).toMatchObject([{ payload: { Records: [] }, context: { requestId } }]);
  });

  it("counts as running while it wakes the next one", async () => {
    run = async (_, payload) => {
      if ((payload as { hops: number }).hops < 3)
        await wake({ hops: (payload as { hops: number }).hops + 1 });
    };
    await wake({ hops: 0 });
    await lambda.idle();
    expect(runs).toHaveLength(4);
  });

  it("that waits for its retry is forgotten on closing", async () => {
    run = () => Promise.reject(new Error("no"));
    await wake();
    await lambda.idle();
    await lambda.close();
    await timers.advance(600_000);
    expect(runs).toHaveLength(1);
    lambda = await startLambda({ invoke: run });
  });
});

describe("a call that is wrong", () => {
  it("is refused when the payload is beyond 1 MB, which a synchronous one may be", async () => {
    const payload = "x".repeat(1024 * 1024);
    await expect(wake(payload)).rejects.toBeInstanceOf(RequestTooLargeException);
    await wake(payload.slice(2));
    await invoke(payload);
    await expect(invoke("x".repeat(6 * 1024 * 1024))).rejects.toBeInstanceOf(RequestTooLargeException);
  });

  it("is refused when it names no function of ours, carries no JSON, or is not signed", async () => {
    await expect(invoke({}, { FunctionName: "other" })).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(invoke({}, { Payload: "{" })).rejects.toBeInstanceOf(InvalidRequestContentException);
    await expect(invoke({}, { InvocationType: "Later" as never })).rejects.toMatchObject({
      name: "InvalidParameterValueException",
    });
    const url = `${lambda.endpoint}/2015-03-31/functions/hermes/invocations`;
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(403);
    expect((await fetch(lambda.endpoint)).status).toBe(404);
    expect(runs).toEqual([]);
  });
});

describe("scripted faults", () => {
  it.each([
    ["throttle", TooManyRequestsException, 0],
    ["error", ServiceException, 0],
    ["drop-before", Error, 0],
    ["drop-after", Error, 1],
  ] as const)("%s", async (fault, error, effects) => {
    lambda.fail(fault);
    await expect(wake()).rejects.toBeInstanceOf(error);
    await lambda.idle();
    expect(runs).toHaveLength(effects);
    expect((await wake()).StatusCode).toBe(202);
  });

  it("hang until the caller gives up", async () => {
    lambda.fail("hang");
    const command = new InvokeCommand({ FunctionName: "hermes" });
    await expect(client.send(command, { abortSignal: AbortSignal.timeout(30) })).rejects.toThrow();
    expect(runs).toEqual([]);
  });
});
