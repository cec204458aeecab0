// Lambda's queue of asynchronous invocations: retries under the same request id, then the on-failure notice.
// facts/platform.md 2 "Async retries". Called by lambda.ts.

import { randomUUID } from "node:crypto";
import { asError } from "../src/errors.ts";
import type { Timers } from "./timers.ts";

export type InvocationType = "Event" | "RequestResponse";

export interface InvocationContext {
  /** The same in every retry of an event. */
  readonly requestId: string;
  /** 1 for the first. */
  readonly attempt: number;
}

/** Runs the function. A throw is a function error. */
export type InvokeFunction = (
  functionName: string,
  payload: unknown,
  invocationType: InvocationType,
  context: InvocationContext,
) => Promise<unknown>;

/** What an on-failure destination receives (an SNS topic wraps it once more). */
export interface FailureNotice {
  readonly version: "1.0";
  readonly timestamp: string;
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: "RetriesExhausted";
    readonly approximateInvokeCount: number;
  };
  readonly requestPayload: unknown;
  readonly responseContext: {
    readonly statusCode: 200;
    readonly executedVersion: "$LATEST";
    readonly functionError: "Unhandled";
  };
  readonly responsePayload: { readonly errorType: string; readonly errorMessage: string };
}

export interface EventQueueOptions {
  readonly invoke: InvokeFunction;
  readonly timers: Timers;
  readonly onFailure?: (notice: FailureNotice) => void;
}

/** "Async retries": two more tries, about one and two minutes later. */
const RETRY_DELAYS_MS = [60_000, 120_000] as const;

export function functionError(thrown: unknown): {
  readonly errorType: string;
  readonly errorMessage: string;
} {
  const { name, message } = asError(thrown);
  return { errorType: name, errorMessage: message };
}

export interface EventQueue {
  /** Takes an event in and returns its request id. It runs from the next turn of the event loop on. */
  add(functionName: string, payload: unknown): string;
  idle(): Promise<void>;
  waiting(): number;
  stop(): void;
}

export function createEventQueue(options: EventQueueOptions): EventQueue {
  const { invoke, onFailure, timers } = options;
  const stopped = new AbortController();
  const idling = new Set<() => void>();
  let running = 0;
  let waiting = 0;
  const done = () => {
    running -= 1;
    if (running > 0) return;
    for (const resolve of idling) resolve();
    idling.clear();
  };
  const pause = async (ms: number): Promise<boolean> => {
    waiting += 1;
    done();
    await timers.sleep(ms, stopped.signal).catch(() => undefined);
    waiting -= 1;
    running += 1;
    return !stopped.signal.aborted;
  };
  const run = async (name: string, payload: unknown, requestId: string): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await invoke(name, structuredClone(payload), "Event", { requestId, attempt });
        return;
      } catch (thrown) {
        const delay = RETRY_DELAYS_MS[attempt - 1];
        if (delay === undefined)
          return onFailure?.(notice(name, payload, requestId, attempt, thrown, timers));
        if (!(await pause(delay))) return;
      }
    }
  };
  return {
    add(name, payload) {
      const requestId = randomUUID();
      running += 1;
      // A failure of the notice is a bug of whoever runs the stand-in: it stays an unhandled rejection.
      setImmediate(() => void run(name, payload, requestId).finally(done));
      return requestId;
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => idling.add(resolve))),
    waiting: () => waiting,
    stop: () => stopped.abort(),
  };
}

const notice = (
  name: string,
  requestPayload: unknown,
  requestId: string,
  attempts: number,
  thrown: unknown,
  timers: Timers,
): FailureNotice => ({
  version: "1.0",
  timestamp: new Date(timers.now()).toISOString(),
  requestContext: {
    requestId,
    functionArn: `arn:aws:lambda:local:000000000000:function:${name}:$LATEST`,
    condition: "RetriesExhausted",
    approximateInvokeCount: attempts,
  },
  requestPayload,
  responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
  responsePayload: functionError(thrown),
});
