// Making Markdown of pages is work of the one thread that also renews the lease: what it leaves to the others.

import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWeb, type WebOptions } from "../../src/adapters/web.ts";

/** 24 KB that Readability would need many seconds for. */
const NESTED = `${"<div>".repeat(2_200)}x${"</div>".repeat(2_200)}`;
const PAGES = 10;

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const html = request.url?.startsWith("/nested") ? NESTED : "<p>Ahoy</p>";
    response.writeHead(200, { "content-type": "text/html" }).end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const open = (options: WebOptions) => createWeb({ isPublic: () => true, ...options });

const roundTripMs = async (): Promise<number> => {
  const startedAt = performance.now();
  const [response] = await once(get(`${origin}/`, { agent: false }), "response");
  await once(response.resume(), "end");
  return performance.now() - startedAt;
};

/** One a second until `work` is done, as the lease is renewed. */
const roundTripsDuring = async (work: Promise<unknown>): Promise<readonly number[]> => {
  const done = new AbortController();
  const watched = work.finally(() => done.abort());
  const trips: Promise<number>[] = [];
  while (!done.signal.aborted) {
    await pause(1_000, undefined, { signal: done.signal }).catch(() => {});
    trips.push(roundTripMs());
  }
  await watched;
  return Promise.all(trips);
};

it("ten pages of nested elements, read at once, leave a request every second its answer within three", async () => {
  const web = open({ maxWorkMs: 600 });
  const { signal } = new AbortController();
  const pages = Array.from({ length: PAGES }, (_, n) => web.fetch(`${origin}/nested/${n}`, signal));
  const startedAt = performance.now();
  const trips = await roundTripsDuring(Promise.allSettled(pages));
  const tookMs = performance.now() - startedAt;

  for (const page of pages) await expect(page).rejects.toThrow(/too complex/);
  expect(tookMs).toBeGreaterThan(PAGES * 600); // else they were no burden
  expect(trips.length).toBeGreaterThan(2);
  expect(Math.max(...trips)).toBeLessThan(3_000);
});

it("pages nobody waits for any more are not converted, and hold up none behind them", async () => {
  const web = open({ maxWorkMs: 600 });
  const stop = new AbortController();
  const given = Array.from({ length: PAGES }, (_, n) => web.fetch(`${origin}/nested/${n}`, stop.signal));
  const settled = Promise.allSettled(given);
  await Promise.race(given).catch(() => {}); // the first has had its time, the others wait
  stop.abort(new Error("stopped"));
  const startedAt = performance.now();
  const page = await web.fetch(`${origin}/`, new AbortController().signal);

  expect(page.body).toContain("Ahoy");
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  const reasons = (await settled).map((one) => (one.status === "rejected" ? String(one.reason) : ""));
  expect(reasons.filter((reason) => reason === "Error: stopped").length).toBeGreaterThanOrEqual(PAGES - 2);
});
