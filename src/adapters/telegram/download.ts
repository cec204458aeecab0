// A file a person sent: getFile, then its bytes, never more than the Bot API gives out. Used by client.ts.

import { TelegramError } from "../../errors.ts";
import type { Endpoint, lazyApi } from "./api.ts";
import { toTelegramError } from "./errors.ts";

/** Bot API, getFile: files of up to 20 MB (facts/platform.md 1). */
const LARGEST_FILE_BYTES = 20 * 1024 * 1024;
const DOWNLOAD_TIMEOUT_MS = 30_000;

interface Downloaded {
  readonly bytes: Uint8Array;
  readonly mime: string;
}

export async function download(
  endpoint: Endpoint,
  api: ReturnType<typeof lazyApi>,
  fileId: string,
  signal: AbortSignal,
): Promise<Downloaded> {
  signal.throwIfAborted();
  const limited = AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  try {
    const file = await (await api()).getFile(fileId, limited as never);
    const path = file.file_path;
    if (!path) throw new TelegramError("form", "Telegram gave no path for this file");
    if ((file.file_size ?? 0) > LARGEST_FILE_BYTES) throw tooLarge();
    const bytes = await fetchFile(endpoint, path, limited);
    return { bytes, mime: mimeOf(bytes, path) };
  } catch (error) {
    // The address of the file holds the token: nothing of what fetch says is passed on.
    throw toTelegramError(error, "getFile");
  }
}

const tooLarge = (): TelegramError =>
  new TelegramError("form", `the file is larger than ${LARGEST_FILE_BYTES / 1024 / 1024} MB`);

async function fetchFile(
  { token, apiRoot }: Endpoint,
  path: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const address = path.split("/").map(encodeURIComponent).join("/");
  const response = await fetch(`${apiRoot.replace(/\/+$/, "")}/file/bot${token}/${address}`, { signal });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    const failure = response.status >= 500 || response.status === 429 ? "refused" : "form";
    throw new TelegramError(failure, `Telegram did not give the file: ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (size > LARGEST_FILE_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const SIGNATURES: readonly { readonly mime: string; readonly at: number; readonly bytes: string }[] = [
  { mime: "image/jpeg", at: 0, bytes: "\xff\xd8\xff" },
  { mime: "image/png", at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { mime: "image/gif", at: 0, bytes: "GIF8" },
  { mime: "image/webp", at: 8, bytes: "WEBP" },
  { mime: "application/pdf", at: 0, bytes: "%PDF-" },
  { mime: "audio/ogg", at: 0, bytes: "OggS" },
  { mime: "video/mp4", at: 4, bytes: "ftyp" },
];

const EXTENSIONS: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  oga: "audio/ogg",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  txt: "text/plain",
  md: "text/markdown",
  json: "application/json",
  csv: "text/csv",
};

/** By the first bytes, which cannot lie about an image; else by the name's ending. */
export function mimeOf(bytes: Uint8Array, path: string): string {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  const known = SIGNATURES.find((signature) => head.startsWith(signature.bytes, signature.at));
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const byName = Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
  return known?.mime ?? byName ?? "application/octet-stream";
}
