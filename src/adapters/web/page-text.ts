// The body of a response as text: unpacked, bounded in size, decoded in its own charset. Used by web.ts.

import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { PassThrough, pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { HermesError } from "../../errors.ts";

const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  identity: () => new PassThrough(),
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What `readBytes` can unpack, as a request header. */
export const ACCEPT_ENCODING = "gzip, deflate, br";

/** Counted after unpacking and stopped at the first byte too many, so a small file that unpacks to gigabytes does no harm. */
export const readBytes = async (response: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() || "identity";
  const unpack = Object.hasOwn(UNPACKERS, encoding) ? UNPACKERS[encoding] : undefined;
  if (unpack === undefined)
    throw new HermesError("tool", `it is packed in an unknown way: ${encoding.slice(0, 100)}`);
  // Errors of either end reach the loop below through the destroyed stream.
  const unpacked = pipeline(response, unpack(), () => {});
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new HermesError("tool", `it is larger than ${maxBytes / 1_000_000} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const TEXT_TYPE =
  /^(?:text\/.+|application\/(?:(?:.+\+)?(?:json|xml)|(?:x-)?(?:javascript|yaml|ndjson)|toml))$/;

/** The declared media type, lower case, without parameters; "" when there is none. */
export const mediaTypeOf = (response: IncomingMessage): string =>
  (response.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase().slice(0, 100) ?? "";

/** Told by the header alone, so that nothing else is downloaded; an undeclared type is looked at when the bytes are here. */
export const isTextType = (mediaType: string): boolean =>
  mediaType === "" || mediaType === "application/octet-stream" || TEXT_TYPE.test(mediaType);

/** The type and text of a body whose type `isTextType` let pass. Throws when undeclared bytes are no text. */
export const textOf = (bytes: Buffer, response: IncomingMessage): { contentType: string; body: string } => {
  const declared = mediaTypeOf(response);
  const body = decoded(bytes, charsetOf(bytes, response.headers["content-type"] ?? ""));
  if (TEXT_TYPE.test(declared)) return { contentType: declared, body };
  if (body.includes("\0")) throw new HermesError("tool", "it is not text");
  const head = body.slice(0, SNIFFED).trimStart();
  const isHtml = head.startsWith("<") && /<(?:!doctype html|html|head|body)\b/i.test(head);
  return { contentType: isHtml ? "text/html" : "text/plain", body };
};

/** How far browsers look for a charset in the text itself (HTML standard: 1024 bytes); real pages put it later. */
const SNIFFED = 4_096;

const BYTE_ORDER_MARKS: readonly (readonly [string, string])[] = [
  ["efbbbf", "utf-8"],
  ["feff", "utf-16be"],
  ["fffe", "utf-16le"],
];

/** In the order of the HTML standard: byte order mark, header, the document's own word, UTF-8. */
const charsetOf = (bytes: Buffer, contentType: string): string => {
  const head = bytes.subarray(0, SNIFFED);
  const mark = BYTE_ORDER_MARKS.find(([hex]) => head.toString("hex", 0, 3).startsWith(hex));
  if (mark !== undefined) return mark[1];
  const ofHeader = /charset\s*=\s*["']?([\w:-]+)/i.exec(contentType)?.[1];
  const ofDocument = /<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?([\w:-]+)/i;
  return ofHeader ?? ofDocument.exec(head.toString("latin1"))?.[1] ?? "utf-8";
};

const decoded = (bytes: Buffer, charset: string): string => {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // A charset nobody knows: UTF-8 shows what can be shown.
    return new TextDecoder().decode(bytes);
  }
};
