// Lambda's Invoke on loopback, for the AWS SDK's client: synchronous calls, and asynchronous ones with Lambda's own
// retries and on-failure notice. Semantics: facts/platform.md 2 ("Async payload", "Sync payload", "Async retries");
// error names and statuses: the SDK's model (@aws-sdk/client-lambda). Called by the local runs and by tests.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  answering,
  type ConnectionFault,
  close,
  createFaultScript,
  listen,
  readBody,
  sendJson,
} from "./http.ts";
import {
  createEventQueue,
  type EventQueue,
  type FailureNotice,
  functionError,
  type InvocationType,
  type InvokeFunction,
} from "./lambda-events.ts";
import { systemTimers, type Timers } from "./timers.ts";

export type LambdaFault = ConnectionFault | "throttle" | "error";

export interface LambdaOptions {
  readonly invoke: InvokeFunction;
  /** Names of the functions there are; left out = any. */
  readonly functions?: readonly string[];
  readonly timers?: Timers;
  /** Called when the retries of an event are used up. */
  readonly onFailure?: (notice: FailureNotice) => void;
}

export interface LambdaStandIn {
  /** For AWS_ENDPOINT_URL_LAMBDA. */
  readonly endpoint: string;
  /** Scripts the next `times` Invoke calls. */
  fail(fault: LambdaFault, times?: number): void;
  /** An asynchronous invocation by another service (SNS, Scheduler); returns its request id. */
  enqueue(functionName: string, payload: unknown): string;
  /** Resolves when no asynchronous invocation runs; one that waits for its retry does not run. */
  idle(): Promise<void>;
  /** Events that failed and wait for their next try. */
  waiting(): number;
  /** Forgets what waits for a retry; what runs goes on. */
  close(): Promise<void>;
}

/** "Async payload" 1 MB, "Sync payload" 6 MB. */
const MAX_BYTES: Readonly<Record<InvocationType, number>> = {
  Event: 1024 * 1024,
  RequestResponse: 6 * 1024 * 1024,
};

export async function startLambda(options: LambdaOptions): Promise<LambdaStandIn> {
  const faults = createFaultScript<LambdaFault>();
  const events = createEventQueue({ timers: systemTimers, ...options });
  const server = createServer(
    answering(async (request, response) => {
      const body = await readBody(request);
      const fault = faults.take("Invoke");
      if (fault === "hang") return;
      if (fault === "drop-before") {
        request.socket.destroy();
        return;
      }
      const reply =
        refusal(fault, request, body, options.functions) ?? (await accept(request, body, options, events));
      if (fault === "drop-after") request.socket.destroy();
      else send(response, reply);
    }),
  );
  return {
    endpoint: await listen(server),
    fail: (fault, times = 1) => faults.add(fault, { times }),
    enqueue: events.add,
    idle: events.idle,
    waiting: events.waiting,
    async close() {
      events.stop();
      await close(server);
    },
  };
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  if (body === undefined) response.writeHead(status, headers).end();
  else sendJson(response, status, body, headers);
}

const error = (status: number, type: string, message: string): Reply => ({
  status,
  headers: { "x-amzn-errortype": type },
  body: { Type: "User", Message: message, message },
});

function functionName(request: IncomingMessage): string | undefined {
  const path = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(
    (request.url ?? "").split("?")[0] ?? "",
  )?.[1];
  if (path === undefined || request.method !== "POST") return undefined;
  const name = decodeURIComponent(path);
  // A name, `name:qualifier`, or an ARN: arn:aws:lambda:region:account:function:name[:qualifier].
  return (/^arn:[^:]+:lambda:[^:]+:\d+:function:([^:]+)/.exec(name)?.[1] ?? name.split(":")[0]) || undefined;
}

const invocationType = (request: IncomingMessage): string =>
  String(request.headers["x-amz-invocation-type"] ?? "RequestResponse");

function refusal(
  fault: LambdaFault | undefined,
  request: IncomingMessage,
  body: Buffer,
  functions: readonly string[] | undefined,
): Reply | undefined {
  if (fault === "throttle") return error(429, "TooManyRequestsException", "Rate Exceeded.");
  if (fault === "error") return error(500, "ServiceException", "Internal service error");
  const name = functionName(request);
  if (name === undefined) return error(404, "UnknownOperationException", "no such operation");
  if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ")) {
    return error(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  if (functions !== undefined && !functions.includes(name)) {
    return error(404, "ResourceNotFoundException", `Function not found: ${name}`);
  }
  return badPayload(invocationType(request), body);
}

function badPayload(type: string, body: Buffer): Reply | undefined {
  if (type === "DryRun") return undefined;
  if (type !== "Event" && type !== "RequestResponse") {
    return error(400, "InvalidParameterValueException", `unknown invocation type ${type}`);
  }
  if (body.length > MAX_BYTES[type]) {
    return error(
      413,
      "RequestTooLargeException",
      `${body.length} byte payload is too large for the ${type} invocation type (limit ${MAX_BYTES[type]} bytes)`,
    );
  }
  try {
    payloadOf(body);
    return undefined;
  } catch {
    return error(400, "InvalidRequestContentException", "Could not parse request body into json");
  }
}

/** No payload at all arrives as an empty object. */
const payloadOf = (body: Buffer): unknown => (body.length === 0 ? {} : JSON.parse(body.toString()));

async function accept(
  request: IncomingMessage,
  body: Buffer,
  options: LambdaOptions,
  events: EventQueue,
): Promise<Reply> {
  const type = invocationType(request);
  const name = functionName(request) ?? "";
  if (type === "Event") {
    return {
      status: 202,
      headers: { "x-amzn-requestid": events.add(name, payloadOf(body)) },
      body: undefined,
    };
  }
  const requestId = randomUUID();
  const headers = { "x-amzn-requestid": requestId };
  if (type === "DryRun") return { status: 204, headers, body: undefined };
  try {
    const result = await options.invoke(name, payloadOf(body), "RequestResponse", { requestId, attempt: 1 });
    return { status: 200, headers, body: result ?? null };
  } catch (thrown) {
    return {
      status: 200,
      headers: { ...headers, "x-amz-function-error": "Unhandled" },
      body: functionError(thrown),
    };
  }
}
