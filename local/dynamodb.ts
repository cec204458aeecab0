// DynamoDB on loopback: dynalite 4, in memory or on disk, with a look at every request and scripted faults.
// Called by the local runs and by tests. What dynalite cannot do is listed in facts/toolchain.md.

import { mkdirSync } from "node:fs";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { answering, type ConnectionFault, close, createFaultScript, listen, readBody } from "./http.ts";

/** `throttle` and `error` are answered without an effect. */
export type DynamoDbFault = ConnectionFault | "throttle" | "error";

export interface DynamoDbStandIn {
  /** For AWS_ENDPOINT_URL_DYNAMODB. */
  readonly endpoint: string;
  /** Scripts the next `times` requests, or those of one operation ("PutItem"). */
  fail(fault: DynamoDbFault, options?: { readonly operation?: string; readonly times?: number }): void;
  close(): Promise<void>;
}

export interface DynamoDbOptions {
  /** Directory of the tables; left out = in memory. One process at a time. */
  readonly path?: string;
  /** Called for each request, also for one that then fails. `target` as in "DynamoDB_20120810.PutItem". */
  readonly onRequest?: (target: string, body: unknown) => void;
  /** Asked for each request that no scripted fault is for: what goes wrong with it, if anything. */
  readonly faultFor?: (target: string, body: unknown) => DynamoDbFault | undefined;
}

const require = createRequire(import.meta.url);

export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<DynamoDbStandIn> {
  const { path } = options;
  if (path !== undefined) await checkUnlocked(path);
  const dynalite = require("dynalite") as (options: object) => Server;
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, ...(path === undefined ? {} : { path }) });
  const [engine] = server.listeners("request") as RequestListener[];
  if (engine === undefined) throw new Error("this dynalite has no request listener");
  const faults = createFaultScript<DynamoDbFault>();
  server.removeAllListeners("request");
  server.on(
    "request",
    answering(async (request, response) => {
      const body = await readBody(request);
      const target = String(request.headers["x-amz-target"] ?? "");
      const read = parsed(body);
      options.onRequest?.(target, read);
      const fault = faults.take(target.split(".")[1] ?? "") ?? options.faultFor?.(target, read);
      forward(engine, request, response, body, fault);
    }),
  );
  const endpoint = await listen(server);
  return {
    endpoint,
    fail: (fault, { operation, times } = {}) =>
      faults.add(fault, {
        ...(operation === undefined ? {} : { key: operation }),
        ...(times === undefined ? {} : { times }),
      }),
    close: () => close(server),
  };
}

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString());
  } catch {
    return body.toString();
  }
};

function forward(
  engine: RequestListener,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  fault: DynamoDbFault | undefined,
): void {
  if (fault === "hang") return;
  if (fault === "drop-before") {
    request.socket.destroy();
  } else if (fault === "throttle") {
    refuse(
      response,
      400,
      "ProvisionedThroughputExceededException",
      "The level of configured throughput was exceeded",
    );
  } else if (fault === "error") {
    refuse(response, 500, "InternalServerError", "The request processing has failed");
  } else {
    if (fault === "drop-after") loseAnswer(request, response);
    const { method, headers, url } = request;
    // The body was read for a look at it; the engine reads it again.
    engine(Object.assign(Readable.from([body]), { method, headers, url }) as IncomingMessage, response);
  }
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message }));
}

/** The engine answers when the effect has happened; instead of the answer the connection ends. */
function loseAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.end = () => {
    request.socket.destroy();
    return response;
  };
}

/**
 * Dynalite opens its store at the first request and throws there when another process holds it, past any handler.
 * So the store is opened once before, where the failure can be told.
 */
async function checkUnlocked(path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  const { Level } = createRequire(require.resolve("dynalite"))("level") as {
    Level: new (path: string) => { open(): Promise<void>; close(): Promise<void> };
  };
  const store = new Level(path);
  try {
    await store.open();
  } catch (cause) {
    const locked = (cause as { cause?: { code?: string } }).cause?.code === "LEVEL_LOCKED";
    throw new Error(
      locked
        ? `the tables in ${path} are in use by another process`
        : `the tables in ${path} cannot be opened`,
      { cause },
    );
  }
  await store.close();
}

/** The bot's one table (design.md 4), if it is not there yet. */
export async function createTable(endpoint: string, tableName: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "PK", AttributeType: "S" },
          { AttributeName: "SK", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "PK", KeyType: "HASH" },
          { AttributeName: "SK", KeyType: "RANGE" },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  try {
    await waitUntilTableExists(
      { client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.1 },
      { TableName: tableName },
    );
  } finally {
    client.destroy();
  }
}
