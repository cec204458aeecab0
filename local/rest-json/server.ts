// AWS's protocol REST-JSON on loopback, for the AWS SDK's clients: which operation a request is for and what its members are,
// scripted faults, answers and errors. Called by the stand-ins for Scheduler, AgentCore Memory and the Knowledge Base, which
// say what their operations do.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  answering,
  type ConnectionFault,
  close,
  createFaultScript,
  type FaultScript,
  isSignedFor,
  listen,
  readBody,
  sendJson,
} from "../http.ts";
import { invalid, ServiceError, type ServiceErrorType } from "./errors.ts";
import { type Fields, isObject } from "./members.ts";

export interface Route {
  readonly method: string;
  /** model: requestUri. A part in braces is a member; a slash at the end is not told apart. */
  readonly path: string;
  /** 200 when left out. */
  readonly status?: number;
}

/** The members of a request by where they are, and all of them together. */
export interface Input {
  readonly path: Fields;
  readonly query: Fields;
  readonly body: Fields;
  readonly fields: Fields;
}

export interface Call<Operation> {
  readonly operation: Operation;
  /** What the request says, wherever it says it. */
  readonly fields: Fields;
  /** When it was refused. */
  readonly error?: ServiceError;
}

export interface Service<Operation extends string, Refusal extends string> {
  /** model: signingName. */
  readonly signedFor: string;
  /** What every route's path begins with. */
  readonly root?: string;
  readonly routes: Readonly<Record<Operation, Route>>;
  /** Returns the answer's body; a ServiceError it throws becomes the answer. */
  readonly run: (operation: Operation, input: Input) => unknown;
  /** The faults that are an answer: given instead of running the operation. */
  readonly refusals: Readonly<Record<Refusal, readonly [type: ServiceErrorType, message: string]>>;
  /** The members of an error, which the models name differently. */
  readonly errorBody: (error: ServiceError) => Fields;
  /** Hears of every call that got an answer. */
  readonly onCall: ((call: Call<Operation>) => void) | undefined;
}

export interface RestJsonServer<Operation, Fault> {
  readonly endpoint: string;
  /** Scripts the next `times` calls, of any operation or of one. */
  fail(fault: Fault, options?: { readonly operation?: Operation; readonly times?: number }): void;
  /** No scripted call fails any more. */
  heal(): void;
  close(): Promise<void>;
}

export const startRestJson = async <Operation extends string, Refusal extends string>(
  service: Service<Operation, Refusal>,
): Promise<RestJsonServer<Operation, Refusal | ConnectionFault>> => {
  const faults = createFaultScript<Refusal | ConnectionFault>();
  const server = createServer(answering((request, response) => serve(service, faults, request, response)));
  return {
    endpoint: await listen(server),
    fail: (fault, { operation, times } = {}) => faults.add(fault, { key: operation, times }),
    heal: () => faults.clear(),
    close: () => close(server),
  };
};

const serve = async <Operation extends string>(
  service: Service<Operation, string>,
  faults: Pick<FaultScript<string>, "take">,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const raw = await readBody(request);
  const asked = askedOf(service, request);
  const fault = asked && faults.take(asked.operation);
  if (fault === "hang") return;
  if (fault === "drop-before") {
    request.socket.destroy();
    return;
  }
  const reply =
    asked === undefined
      ? refusal(service, new ServiceError("UnknownOperationException", "no such operation"))
      : answerTo(service, asked, fault, request, raw);
  if (fault === "drop-after") request.socket.destroy();
  else sendJson(response, reply.status, reply.body, reply.headers);
};

interface Asked<Operation> extends Pick<Input, "path" | "query"> {
  readonly operation: Operation;
}

const askedOf = <Operation extends string>(
  { root = "", routes }: Service<Operation, string>,
  request: IncomingMessage,
): Asked<Operation> | undefined => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://127.0.0.1");
  const segments = pathname.replace(/\/$/, "").split("/");
  for (const operation of Object.keys(routes) as Operation[]) {
    const route = routes[operation];
    const path =
      route.method === request.method ? matched(`${root}${route.path}`.split("/"), segments) : undefined;
    if (path) return { operation, path, query: Object.fromEntries(searchParams) };
  }
  return undefined;
};

/** Each member is one segment, with its own slashes and colons escaped. */
const matched = (template: readonly string[], segments: readonly string[]): Fields | undefined => {
  if (template.length !== segments.length) return undefined;
  const members: Record<string, string> = {};
  for (const [index, expected] of template.entries()) {
    const segment = segments[index] ?? "";
    if (expected.startsWith("{")) members[expected.slice(1, -1)] = decodeURIComponent(segment);
    else if (segment !== expected) return undefined;
  }
  return members;
};

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const answerTo = <Operation extends string>(
  service: Service<Operation, string>,
  { operation, path, query }: Asked<Operation>,
  fault: string | undefined,
  request: IncomingMessage,
  raw: Buffer,
): Reply => {
  let fields: Fields = { ...query, ...path };
  try {
    if (!isSignedFor(service.signedFor, request)) {
      throw new ServiceError("AccessDeniedException", "Missing Authentication Token");
    }
    const refused = fault === undefined ? undefined : service.refusals[fault];
    if (refused) throw new ServiceError(...refused);
    const body = bodyOf(raw);
    fields = { ...body, ...fields };
    const answer = service.run(operation, { path, query, body, fields });
    service.onCall?.({ operation, fields });
    return { status: service.routes[operation].status ?? 200, body: answer };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    service.onCall?.({ operation, fields, error });
    return refusal(service, error);
  }
};

const refusal = ({ errorBody }: Pick<Service<string, string>, "errorBody">, error: ServiceError): Reply => ({
  status: error.status,
  headers: { "x-amzn-errortype": error.type },
  body: errorBody(error),
});

const bodyOf = (raw: Buffer): Fields => {
  if (raw.length === 0) return {};
  let fields: unknown;
  try {
    fields = JSON.parse(raw.toString());
  } catch {
    fields = undefined;
  }
  if (isObject(fields)) return fields;
  throw invalid("Could not parse the request body into json.");
};
