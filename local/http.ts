// Loopback HTTP and scripted faults, shared by the stand-ins.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with a connection. In the first and the last nothing happens on the server's side. */
export type ConnectionFault = "drop-before" | "drop-after" | "hang";

/** Starts listening on a free port of 127.0.0.1 and returns the base URL. */
export async function listen(server: Server): Promise<string> {
  // A server that closes an idle connection just as a client reuses it would make tests fail now and then.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops at once: open connections, hanging ones included, are cut. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": bytes.length,
    ...headers,
  });
  response.end(bytes);
}

/** Turns an async handler into a listener; a bug in a stand-in is a readable 500, a client that left is nothing. */
export const answering =
  (handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((error: unknown) => {
      if (response.destroyed || response.headersSent) response.destroy();
      else sendJson(response, 500, { standInFailed: String(error) });
    });
  };

/** Signature version 4 for this service; the signature itself is not computed. */
export const isSignedFor = (service: string, { headers }: IncomingMessage): boolean =>
  new RegExp(`^AWS4-HMAC-SHA256 Credential=[^/]+/\\d{8}/[^/]+/${service}/aws4_request,`).test(
    headers.authorization ?? "",
  );

/** Faults waiting to happen, in the order they were scripted. `key` limits one to a method or an operation. */
export interface FaultScript<Fault> {
  add(
    fault: Fault,
    options: { readonly key?: string | undefined; readonly times?: number | undefined },
  ): void;
  /** The next fault for a call of `key`, used up by asking. */
  take(key: string): Fault | undefined;
  /** Those that have not happened yet do not happen. */
  clear(): void;
}

export function createFaultScript<Fault>(): FaultScript<Fault> {
  const waiting: { readonly key: string | undefined; readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault, { key, times = 1 }) => waiting.push({ key, fault, left: times }),
    take(key) {
      const index = waiting.findIndex((entry) => entry.key === undefined || entry.key === key);
      const entry = waiting[index];
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) waiting.splice(index, 1);
      return entry.fault;
    },
    clear: () => waiting.splice(0),
  };
}
