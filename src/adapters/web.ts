// Fetches pages of the public internet for `web_extract`. Node's own http client, because its `lookup` pins the connection
// to the addresses that were checked; the built-in fetch could only do so with all of undici in the package (232 KB zipped).

import { lookup as dnsLookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { asError, HermesError } from "../errors.ts";
import type { Web, WebPage } from "../ports.ts";
import { ACCEPT_ENCODING, isTextType, mediaTypeOf, readBytes, textOf } from "./web/page-text.ts";
import { isPublicAddress } from "./web/public-address.ts";
import { toReadableMarkdown } from "./web/readable-page.ts";

export interface WebOptions {
  /** Of a body, after unpacking. hermes-behaviour.md 7: pages over 2 MB are refused. */
  readonly maxBytes?: number;
  /** For the whole of a fetch: every redirect, the body, and the wait until earlier pages are converted. */
  readonly timeoutMs?: number;
  readonly maxRedirects?: number;
  /** For making Markdown of one page, during which nothing else runs. */
  readonly maxWorkMs?: number;
  /** All addresses of a host name. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>;
  readonly isPublic?: (address: string) => boolean;
}

/**
 * Shorter than an attempt at the table may take (adapters/dynamodb/table.ts): a renewal of the lease that is under way while
 * a page is converted does not time out by that alone.
 */
const MAX_WORK_MS = 1_800;

/**
 * Any port is allowed: the guard is where a connection goes, and a public address has nothing behind another port that
 * is not public too.
 */
export const createWeb = (options: WebOptions = {}): Web => {
  const limits = {
    maxBytes: 2_000_000,
    timeoutMs: 20_000,
    maxRedirects: 5,
    maxWorkMs: MAX_WORK_MS,
    resolve: systemResolve,
    isPublic: isPublicAddress,
    ...options,
  };
  return { fetch: (url, signal) => fetchPage(url, signal, limits) };
};

const systemResolve = async (hostname: string): Promise<readonly string[]> =>
  (await dnsLookup(hostname, { all: true })).map(({ address }) => address);

const fetchPage = async (
  url: string,
  signal: AbortSignal,
  limits: Required<WebOptions>,
): Promise<WebPage> => {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const ended = AbortSignal.any([signal, timeout]);
  try {
    return await follow(url, ended, limits);
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (timeout.aborted) {
      throw new HermesError("tool", `it took longer than ${limits.timeoutMs / 1_000} s`, { cause: thrown });
    }
    throw asToolError(thrown);
  }
};

/** Redirects are followed by hand, so that each hop passes the same checks as the first. */
const follow = async (start: string, signal: AbortSignal, limits: Required<WebOptions>): Promise<WebPage> => {
  let url = checkedUrl(start);
  for (let hop = 0; hop <= limits.maxRedirects; hop += 1) {
    const addresses = await checkedAddresses(url, signal, limits);
    const response = await open(url, addresses, signal);
    try {
      const location = redirectOf(response);
      if (location === undefined) return await pageOf(url, response, signal, limits);
      url = checkedUrl(location, url);
    } finally {
      response.destroy();
    }
  }
  throw new HermesError("tool", `it redirects more than ${limits.maxRedirects} times`);
};

/** The address itself is never repeated in an error: it may carry a password. */
const checkedUrl = (text: string, base?: URL): URL => {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new HermesError("tool", "this is not a web address");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new HermesError("tool", "only http and https addresses can be fetched");
  }
  if (url.username !== "" || url.password !== "") {
    throw new HermesError("tool", "addresses with a user name or password are not fetched");
  }
  url.hash = "";
  return url;
};

/** One address that is not public spoils the host: which one a connection takes is not for the host to say. */
const checkedAddresses = async (url: URL, signal: AbortSignal, limits: Required<WebOptions>) => {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(hostname) === 0 ? await resolved(hostname, signal, limits) : [hostname];
  if (addresses.length === 0) throw new HermesError("tool", `the host ${hostname} is not known`);
  if (!addresses.every(limits.isPublic)) {
    throw new HermesError("tool", `the host ${hostname} is not on the public internet`);
  }
  return addresses;
};

/** A name lookup cannot be cancelled, only no longer be waited for. */
const resolved = async (hostname: string, signal: AbortSignal, limits: Required<WebOptions>) => {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([limits.resolve(hostname), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

const HEADERS = {
  accept: "text/html,application/xhtml+xml,text/markdown,text/plain,application/json;q=0.9,*/*;q=0.5",
  "accept-encoding": ACCEPT_ENCODING,
  "accept-language": "en,*;q=0.5",
  "user-agent": "Mozilla/5.0 (compatible; HermesAgent/1.0)",
};

/** `agent: false`: a connection of its own, so that none is reused which was made to addresses nobody checked. */
const open = (url: URL, addresses: readonly string[], signal: AbortSignal): Promise<IncomingMessage> => {
  const options: RequestOptions = { agent: false, headers: HEADERS, lookup: pinnedTo(addresses), signal };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
  request.on("response", resolve).on("error", reject).end();
  return promise;
};

/** Resolving again at connect time could give other addresses (DNS rebinding): the checked ones are the only answer. */
const pinnedTo = (addresses: readonly string[]): LookupFunction => {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    if (options.all) callback(null, answers);
    else callback(null, answers[0]?.address ?? "", answers[0]?.family);
  };
};

const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

const redirectOf = (response: IncomingMessage): string | undefined =>
  REDIRECTS.has(response.statusCode) ? response.headers.location : undefined;

const HTML_TYPES: ReadonlySet<string> = new Set(["text/html", "application/xhtml+xml"]);

const pageOf = async (
  url: URL,
  response: IncomingMessage,
  signal: AbortSignal,
  limits: Required<WebOptions>,
): Promise<WebPage> => {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    throw new HermesError("tool", `the server answered ${status}`, {
      retryable: status === 429 || status >= 500,
    });
  }
  const mediaType = mediaTypeOf(response);
  if (!isTextType(mediaType)) throw new HermesError("tool", `it is ${mediaType}, which is not text`);
  const bytes = await readBytes(response, limits.maxBytes);
  const page = { url: url.href, ...textOf(bytes, response) };
  if (!HTML_TYPES.has(page.contentType)) return page;
  const markdown = await toReadableMarkdown(page.body, page.url, { maxWorkMs: limits.maxWorkMs, signal });
  return { ...page, contentType: "text/markdown", body: markdown };
};

/** What the network said, in words without addresses. */
const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host is not known",
  EAI_AGAIN: "the host's name could not be looked up",
  ECONNREFUSED: "the server refused the connection",
  ECONNRESET: "the server closed the connection",
  EHOSTUNREACH: "the server cannot be reached",
  ENETUNREACH: "the server cannot be reached",
  ETIMEDOUT: "the server did not answer in time",
};

const asToolError = (thrown: unknown): HermesError => {
  if (thrown instanceof HermesError) return thrown;
  const error = asError(thrown);
  const code = "code" in error ? String(error.code) : "";
  const failure = FAILURES[code] ?? `the connection failed (${code || error.name})`;
  return new HermesError("tool", failure, { cause: error, retryable: true });
};
