// Amazon S3 on loopback, for the AWS SDK's client: versioned buckets and conditional writes. Called by the local runs and
// tests. REST-XML, addressed by path alone (`/bucket/key`), which the SDK does by itself when the endpoint is an IP address
// (its endpoint rules, `isIp`).

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
} from "../http.ts";
import { checkedBody } from "./body.ts";
import { OPERATIONS, type OperationName, operationOf, type Reply } from "./operations.ts";
import { type Bucket, type ErrorCode, ServiceError } from "./shapes.ts";
import { type BucketSetting, contentOf, openStore, type Store } from "./store.ts";
import { errorDocument } from "./xml.ts";

/** `stall`: half of the body, then silence; `cut`: half of it, then the connection breaks. */
export type S3Fault = ConnectionFault | "slow-down" | "error" | "conflict" | "denied" | "stall" | "cut";

export interface S3Options {
  /** Those there are; a name alone is a bucket with versioning. */
  readonly buckets: readonly (string | BucketSetting)[];
  /** Keeps objects and versions from one run to the next. */
  readonly stateFile?: string;
  readonly now?: () => number;
  /** Every call, after its effect and before its answer. */
  readonly onCall?: (call: S3Call) => void;
}

export interface S3Call {
  readonly operation: OperationName;
  readonly bucket: string;
  /** "" when the call is about the bucket. */
  readonly key: string;
  /** When it was refused. */
  readonly error?: ErrorCode;
}

export interface S3StandIn {
  /** For AWS_ENDPOINT_URL_S3. */
  readonly endpoint: string;
  /** Stores an object, as `aws s3 cp` would, and returns its ETag. */
  put(bucket: string, key: string, body: string | Uint8Array): string;
  /** Deletes it, as `aws s3 rm` would. */
  remove(bucket: string, key: string): void;
  /** The text of what there is now, by key. */
  objects(bucket: string): Readonly<Record<string, string>>;
  /** Newest first; the text is absent of a delete marker. */
  versions(bucket: string, key: string): readonly { readonly id: string; readonly text?: string }[];
  /** Scripts the next `times` calls, of any operation or of one. */
  fail(fault: S3Fault, options?: { readonly operation?: OperationName; readonly times?: number }): void;
  /** Every call until now, those that were dropped among them. */
  readonly calls: readonly S3Call[];
  close(): Promise<void>;
}

interface World {
  readonly store: Store;
  readonly faults: FaultScript<S3Fault>;
  readonly heard: (call: S3Call) => void;
}

export const startS3 = async (options: S3Options): Promise<S3StandIn> => {
  const { now = Date.now, onCall } = options;
  const settings = options.buckets.map((one) =>
    typeof one === "string" ? { name: one, isVersioned: true } : one,
  );
  const store = openStore(options.stateFile, settings, now);
  const faults = createFaultScript<S3Fault>();
  const calls: S3Call[] = [];
  const heard = (call: S3Call): void => {
    calls.push(call);
    onCall?.(call);
  };
  const server = createServer(
    answering((request, response) => serve(request, response, { store, faults, heard })),
  );
  const bucketOf = (name: string) => bucketNamed(store, name);
  return {
    endpoint: await listen(server),
    put(bucket, key, body) {
      const content = contentOf(Buffer.from(body), "binary/octet-stream");
      store.add(bucketOf(bucket), key, content);
      return content.etag;
    },
    remove: (bucket, key) => void store.add(bucketOf(bucket), key),
    objects: (bucket) =>
      Object.fromEntries(
        [...bucketOf(bucket).objects].flatMap(([key, [newest]]) =>
          newest?.content ? [[key, newest.content.bytes.toString()]] : [],
        ),
      ),
    versions: (bucket, key) =>
      (bucketOf(bucket).objects.get(key) ?? []).map(({ id, content }) => ({
        id,
        ...(content && { text: content.bytes.toString() }),
      })),
    fail: (fault, { operation, times } = {}) => faults.add(fault, { key: operation, times }),
    calls,
    close: () => close(server),
  };
};

const bucketNamed = (store: Store, name: string): Bucket => {
  const bucket = store.buckets.get(name);
  if (bucket === undefined) throw new ServiceError("NoSuchBucket", "The specified bucket does not exist");
  return bucket;
};

const serve = async (request: IncomingMessage, response: ServerResponse, world: World): Promise<void> => {
  const raw = await readBody(request);
  const { reply, fault } = answerTo(request, raw, world);
  if (fault === "hang") return;
  if (reply === undefined || fault === "drop-after") {
    request.socket.destroy();
    return;
  }
  send(request, response, reply, fault);
};

interface Answer {
  /** Absent: the request was never heard. */
  readonly reply?: Reply;
  readonly fault: S3Fault | undefined;
}

const answerTo = (request: IncomingMessage, raw: Buffer, world: World): Answer => {
  let fault: S3Fault | undefined;
  let call: S3Call | undefined;
  try {
    const { bucket, key, query } = placeOf(request.url ?? "");
    const operation = operationOf(request.method ?? "", key, query);
    if (operation === undefined) throw new ServiceError("NotImplemented", "no such operation here");
    call = { operation, bucket, key };
    fault = world.faults.take(operation);
    if (fault === "hang" || fault === "drop-before") {
      world.heard(call);
      return { fault };
    }
    refuse(fault);
    const reply = run(request, raw, world.store, call, query);
    world.heard(call);
    return { reply, fault };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (call !== undefined) world.heard({ ...call, error: error.code });
    return { reply: refusal(error), fault };
  }
};

const run = (
  request: IncomingMessage,
  raw: Buffer,
  store: Store,
  call: S3Call,
  query: URLSearchParams,
): Reply => {
  if (!isSignedFor("s3", request)) throw new ServiceError("AccessDenied", "Access Denied");
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  const body = checkedBody(request.headers, raw);
  return OPERATIONS[call.operation].run(store, {
    bucket: bucketNamed(store, call.bucket),
    key: call.key,
    query,
    headers,
    body,
  });
};

/** By hand: a key may hold what URL would take for steps up. */
const placeOf = (
  url: string,
): { readonly bucket: string; readonly key: string; readonly query: URLSearchParams } => {
  const [path = "", query = ""] = url.split("?", 2);
  const [, bucket = "", ...key] = path.split("/");
  try {
    return {
      bucket: decodeURIComponent(bucket),
      key: decodeURIComponent(key.join("/")),
      query: new URLSearchParams(query),
    };
  } catch {
    throw new ServiceError("InvalidURI", "Couldn't parse the specified URI.");
  }
};

/** The service's sentences; SlowDown is what it says to too many requests. */
const refuse = (fault: S3Fault | undefined): void => {
  if (fault === "slow-down") throw new ServiceError("SlowDown", "Please reduce your request rate.");
  if (fault === "error")
    throw new ServiceError("InternalError", "We encountered an internal error. Please try again.");
  if (fault === "denied") throw new ServiceError("AccessDenied", "Access Denied");
  if (fault === "conflict")
    throw new ServiceError(
      "ConditionalRequestConflict",
      "The conditional request cannot succeed due to a conflicting operation.",
    );
};

const refusal = (error: ServiceError): Reply => ({
  status: error.status,
  headers: { "content-type": "application/xml", ...error.headers },
  body: errorDocument({ Code: error.code, Message: error.message, RequestId: "LOCAL" }),
});

const send = (
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  fault: S3Fault | undefined,
): void => {
  const body = Buffer.from(reply.body ?? "");
  const isBare = reply.status === 204 || reply.status === 304;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(isBare ? {} : { "content-length": body.length }),
    "x-amz-request-id": "LOCAL",
  });
  if (isBare || request.method === "HEAD") response.end();
  else if (fault === "stall") response.write(body.subarray(0, body.length / 2));
  else if (fault === "cut") response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
  else response.end(body);
};
