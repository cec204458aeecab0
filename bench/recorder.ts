// A loopback proxy in front of a stand-in: notes when each request began and ended, and can make each take longer, so
// that requests which wait for one another can be told from those that run side by side.

import { createServer, request as forward, type IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { close, listen, readBody } from "../local/http.ts";

export interface Exchange {
  readonly service: string;
  readonly operation: string;
  readonly startMs: number;
  /** When the answer's last byte was passed on. */
  endMs: number;
  /** Of both bodies. */
  bytes: number;
  /** What a query of the table returned. */
  rows: number;
}

export interface Recorder {
  readonly url: string;
  close(): Promise<void>;
}

export const record = async (
  service: string,
  target: string,
  exchanges: Exchange[],
  delayMs: () => number,
): Promise<Recorder> => {
  const server = createServer(async (incoming, outgoing) => {
    const operation = operationIn(incoming);
    const exchange: Exchange = {
      service,
      operation,
      startMs: performance.now(),
      endMs: Number.POSITIVE_INFINITY,
      bytes: 0,
      rows: 0,
    };
    exchanges.push(exchange);
    const body = await readBody(incoming);
    exchange.bytes += body.byteLength;
    await wait(delayMs());
    const proxied = forward(new URL(incoming.url ?? "/", target), {
      method: incoming.method ?? "GET",
      headers: incoming.headers,
    });
    proxied.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
      const answer: Buffer[] = [];
      response.on("data", (piece: Buffer) => answer.push(piece));
      response.on("end", () => {
        exchange.endMs = performance.now();
        const whole = Buffer.concat(answer);
        exchange.bytes += whole.byteLength;
        if (operation === "Query")
          exchange.rows = (JSON.parse(whole.toString()) as { Count?: number }).Count ?? 0;
      });
    });
    proxied.on("error", () => outgoing.destroy());
    proxied.end(body);
  });
  const url = await listen(server);
  return { url, close: () => close(server) };
};

/** DynamoDB says it in a header, S3 in its query (the SDK's `x-id`, but of a listing), the others with the end of their path. */
const operationIn = ({ headers, url = "/" }: IncomingMessage): string => {
  const { pathname, searchParams } = new URL(url, "http://loopback");
  const ofS3 = searchParams.get("x-id") ?? (searchParams.has("list-type") ? "ListObjectsV2" : undefined);
  const target = headers["x-amz-target"]?.toString().split(".").at(1);
  return target ?? ofS3 ?? pathname.split("/").at(-1) ?? "";
};

/** The longest chain of exchanges each of which began after the one before it had ended: sequential round trips. */
export const roundTrips = (exchanges: readonly Exchange[]): readonly Exchange[] => {
  const chains: Exchange[][] = [];
  for (const exchange of exchanges.toSorted((a, b) => a.startMs - b.startMs)) {
    const before = chains.filter((chain) => (chain.at(-1)?.endMs ?? 0) <= exchange.startMs);
    const longest = before.toSorted((a, b) => b.length - a.length)[0] ?? [];
    chains.push([...longest, exchange]);
  }
  return chains.toSorted((a, b) => b.length - a.length)[0] ?? [];
};
