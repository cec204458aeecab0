// Amazon EventBridge Scheduler on loopback, for the AWS SDK's client: the schedules are kept, and really fire.
// The wire is REST-JSON, as in the SDK's schemas (@aws-sdk/client-scheduler, schemas_0). Called by the local runs and tests.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  answering,
  type ConnectionFault,
  close,
  createFaultScript,
  type FaultScript,
  listen,
  readBody,
  sendJson,
} from "../http.ts";
import { systemTimers, type Timers } from "../timers.ts";
import { createFiring, type Deliver, type Delivery } from "./firing.ts";
import type { Fields } from "./members.ts";
import {
  addGroup,
  DEFAULT_GROUP,
  OPERATIONS,
  type OperationName,
  type PastOneTime,
  type World,
} from "./operations.ts";
import { createReplays } from "./replays.ts";
import { type Schedule, ServiceError } from "./shapes.ts";
import { openStore } from "./store.ts";

export type SchedulerFault = ConnectionFault | "throttle" | "error";

export interface SchedulerOptions {
  /** Hands an event to the target; a throw is a delivery that failed, and is retried as the RetryPolicy says. */
  readonly invoke: Deliver;
  readonly timers?: Timers;
  /** Groups there are from the beginning, beside `default`. */
  readonly groups?: readonly string[];
  /** Roles that may be assumed; left out = any. */
  readonly roles?: readonly string[];
  /** What becomes of an at() that is past when it is created; it fires at once when left out. */
  readonly pastOneTime?: PastOneTime;
  /** Keeps schedules and groups from one run to the next. */
  readonly stateFile?: string;
  /** Nothing fires before `hold(false)`. */
  readonly isHeld?: boolean;
  /** Every call that got an answer. */
  readonly onCall?: (call: SchedulerCall) => void;
  readonly onDelivery?: (delivery: Delivery) => void;
}

export interface SchedulerCall {
  readonly operation: OperationName;
  /** What the request says, wherever it says it. */
  readonly fields: Fields;
  /** When it was refused. */
  readonly error?: ServiceError;
}

export interface SchedulerStandIn {
  /** For AWS_ENDPOINT_URL_SCHEDULER. */
  readonly endpoint: string;
  /** Scripts the next `times` calls, of any operation or of one. */
  fail(
    fault: SchedulerFault,
    options?: { readonly operation?: OperationName; readonly times?: number },
  ): void;
  /** What is stored, in the order of creation. */
  schedules(): readonly Schedule[];
  /** When the next enabled schedule fires. */
  nextDue(): number | undefined;
  /** The next run is delivered this many times: delivery is "at least once". */
  repeatNext(times: number): void;
  /** Stops (true) or goes on (false) with firing. */
  hold(isHeld: boolean): void;
  close(): Promise<void>;
}

export const startScheduler = async (options: SchedulerOptions): Promise<SchedulerStandIn> => {
  const { timers = systemTimers, invoke, onDelivery, roles, pastOneTime = "fires" } = options;
  const now = () => timers.now();
  const store = openStore(options.stateFile, now());
  for (const name of [DEFAULT_GROUP, ...(options.groups ?? [])]) {
    if (!store.groups.has(name)) addGroup({ store, now }, name);
  }
  const firing = createFiring({ store, timers, invoke, ...(onDelivery && { onDelivery }) });
  firing.hold(options.isHeld ?? false);
  const faults = createFaultScript<SchedulerFault>();
  const world: World = {
    store,
    replays: createReplays(now),
    now,
    pastOneTime,
    changed: firing.changed,
    ...(roles && { roles }),
  };
  const server = createServer(
    answering((request, response) => serve(request, response, world, faults, options.onCall)),
  );
  return {
    endpoint: await listen(server),
    fail: (fault, { operation: key, times = 1 } = {}) =>
      faults.add(fault, { times, ...(key === undefined ? {} : { key }) }),
    schedules: () => [...store.schedules.values()].map(({ schedule }) => schedule),
    nextDue: firing.nextDue,
    repeatNext: firing.repeatNext,
    hold: firing.hold,
    async close() {
      firing.stop();
      await close(server);
    },
  };
};

const serve = async (
  request: IncomingMessage,
  response: ServerResponse,
  world: World,
  faults: FaultScript<SchedulerFault>,
  onCall: SchedulerOptions["onCall"],
): Promise<void> => {
  const body = await readBody(request);
  const call = callOf(request);
  const fault = call && faults.take(call.operation);
  if (fault === "hang") return;
  if (fault === "drop-before") {
    request.socket.destroy();
    return;
  }
  const reply = answerTo(request, body, call, fault, world, onCall);
  if (fault === "drop-after") request.socket.destroy();
  else sendJson(response, reply.status, reply.body, reply.headers);
};

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const answerTo = (
  request: IncomingMessage,
  body: Buffer,
  call: Call | undefined,
  fault: SchedulerFault | undefined,
  world: World,
  onCall: SchedulerOptions["onCall"],
): Reply => {
  let fields: Fields = { Name: call?.Name, ...call?.query };
  try {
    if (call === undefined) throw new ServiceError("UnknownOperationException", "no such operation");
    checkSignature(request);
    if (fault === "throttle") throw new ServiceError("ThrottlingException", "Rate exceeded");
    if (fault === "error") throw new ServiceError("InternalServerException", "Internal server error");
    const { Name, query, operation } = call;
    const members = bodyOf(body);
    fields = { ...members, ...fields };
    const input = { query, body: members, ...(Name === undefined ? {} : { Name }) };
    const answer = OPERATIONS[operation].run(world, input);
    onCall?.({ operation, fields });
    return { status: 200, body: answer };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (call !== undefined) onCall?.({ operation: call.operation, fields, error });
    // The member is `Message` in the service's model.
    return {
      status: error.status,
      headers: { "x-amzn-errortype": error.type },
      body: { Message: error.message },
    };
  }
};

interface Call {
  readonly operation: OperationName;
  readonly Name: string | undefined;
  readonly query: Fields;
}

const callOf = (request: IncomingMessage): Call | undefined => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://127.0.0.1");
  const [, path, name, more] = pathname.split("/");
  if (more !== undefined) return undefined;
  const names = Object.keys(OPERATIONS) as OperationName[];
  const operation = names.find((one) => {
    const { method, path: expected, isNamed } = OPERATIONS[one];
    return method === request.method && expected === path && isNamed === Boolean(name);
  });
  return (
    operation && {
      operation,
      Name: name ? decodeURIComponent(name) : undefined,
      query: Object.fromEntries(searchParams),
    }
  );
};

/** Signature version 4 for the service `scheduler` (model: signingName); the signature itself is not computed. */
const checkSignature = ({ headers }: IncomingMessage): void => {
  if (
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[^/]+\/scheduler\/aws4_request,/.test(
      headers.authorization ?? "",
    )
  )
    return;
  throw new ServiceError("AccessDeniedException", "Missing Authentication Token");
};

const bodyOf = (body: Buffer): Fields => {
  if (body.length === 0) return {};
  let fields: unknown;
  try {
    fields = JSON.parse(body.toString());
  } catch {
    fields = undefined;
  }
  if (typeof fields === "object" && fields !== null && !Array.isArray(fields)) return fields as Fields;
  throw new ServiceError("ValidationException", "Could not parse the request body into json.");
};
