// The bytes of an upload, and whether they are what the request says they are. Called by server.ts.
//
// The SDK sends bytes as they are, with their SHA-256 and CRC-32 in headers, and a stream as `aws-chunked`, with the CRC-32
// behind it (API reference, "Signature Calculations … Including Trailing Headers"; seen on the wire of
// @aws-sdk/client-s3 3.1175).

import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { missing, ServiceError } from "./shapes.ts";

const STREAMING = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

export const crc32Of = (bytes: Uint8Array): string => {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest.toString("base64");
};

/** The body of any request, decoded and checked. Throws what the service refuses. */
export const checkedBody = (headers: IncomingHttpHeaders, raw: Buffer): Buffer => {
  const hash = headerOf(headers, "x-amz-content-sha256");
  if (hash === undefined)
    throw new ServiceError(
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
    );
  const { bytes, trailers } = hash === STREAMING ? unchunked(headers, raw) : plain(headers, raw);
  if (hash !== STREAMING && hash !== "UNSIGNED-PAYLOAD") checkHash(hash, bytes);
  checkMd5(headerOf(headers, "content-md5"), bytes);
  checkSum(headers, trailers, bytes);
  return bytes;
};

const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

interface Decoded {
  readonly bytes: Buffer;
  readonly trailers: ReadonlyMap<string, string>;
}

const plain = (headers: IncomingHttpHeaders, raw: Buffer): Decoded => {
  // API reference, PutObject: Content-Length is required; HTTP's own chunks are not accepted instead.
  if (headers["transfer-encoding"] !== undefined) throw lengthMissing();
  return { bytes: raw, trailers: new Map() };
};

const lengthMissing = (): ServiceError =>
  new ServiceError("MissingContentLength", "You must provide the Content-Length HTTP header.");

/** `size-in-hex[;extensions]\r\n` bytes `\r\n`, the last one of size 0, then `name:value\r\n` lines and an empty one. */
const unchunked = (headers: IncomingHttpHeaders, raw: Buffer): Decoded => {
  const expected = Number(headerOf(headers, "x-amz-decoded-content-length") ?? Number.NaN);
  if (!Number.isInteger(expected)) throw lengthMissing();
  if (!/\baws-chunked\b/.test(headerOf(headers, "content-encoding") ?? ""))
    throw new ServiceError("InvalidRequest", "A streamed payload needs the content encoding aws-chunked");
  const parts: Buffer[] = [];
  let rest = raw;
  for (;;) {
    const { size, after } = chunkHead(rest);
    rest = rest.subarray(after);
    if (size === 0) break;
    if (rest.subarray(size, size + 2).toString() !== "\r\n") throw incomplete();
    parts.push(rest.subarray(0, size));
    rest = rest.subarray(size + 2);
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length !== expected) throw incomplete();
  return { bytes, trailers: trailersIn(rest.toString()) };
};

const chunkHead = (rest: Buffer): { readonly size: number; readonly after: number } => {
  const end = rest.indexOf("\r\n");
  const size = /^([0-9a-f]+)(?:;|$)/i.exec(end < 0 ? "" : rest.subarray(0, end).toString())?.[1];
  if (size === undefined) throw incomplete();
  return { size: Number.parseInt(size, 16), after: end + 2 };
};

const trailersIn = (text: string): ReadonlyMap<string, string> => {
  if (!text.endsWith("\r\n")) throw incomplete();
  const lines = text.split("\r\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(":")).toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
};

const incomplete = (): ServiceError =>
  new ServiceError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );

const checkHash = (hash: string, bytes: Buffer): void => {
  if (hash.startsWith("STREAMING-")) throw missing(hash);
  if (hash !== createHash("sha256").update(bytes).digest("hex")) {
    throw new ServiceError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
};

const checkMd5 = (given: string | undefined, bytes: Buffer): void => {
  if (given === undefined) return;
  if (Buffer.from(given, "base64").length !== 16)
    throw new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.");
  if (given !== createHash("md5").update(bytes).digest("base64"))
    throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.");
};

/** User guide, "Checking object integrity": one checksum, as a header or behind the body. Of the algorithms only CRC-32. */
const checkSum = (
  headers: IncomingHttpHeaders,
  trailers: ReadonlyMap<string, string>,
  bytes: Buffer,
): void => {
  const announced = headerOf(headers, "x-amz-trailer");
  if (announced !== undefined && !trailers.has(announced))
    throw new ServiceError("InvalidRequest", "The trailer is missing");
  const names = [...Object.keys(headers), ...trailers.keys()].filter((name) =>
    /^x-amz-checksum-(?!mode|type)/.test(name),
  );
  const other = names.find((name) => name !== "x-amz-checksum-crc32");
  if (other !== undefined) throw missing(other);
  const given = headerOf(headers, "x-amz-checksum-crc32") ?? trailers.get("x-amz-checksum-crc32");
  if (given === undefined) {
    if (headers["x-amz-sdk-checksum-algorithm"] === undefined) return;
    throw new ServiceError(
      "InvalidRequest",
      "x-amz-sdk-checksum-algorithm specified, but no checksum was found.",
    );
  }
  if (Buffer.from(given, "base64").length !== 4)
    throw new ServiceError("InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid.");
  if (given !== crc32Of(bytes))
    throw new ServiceError("BadDigest", "The CRC32 you specified did not match the calculated checksum.");
};
