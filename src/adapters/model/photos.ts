// Photos of a transcript as data URLs, ready for the wire. Called by model.ts before each request; what was loaded
// is kept while the container lives, because a chat's history sends the same photos with every request.

import type { Log } from "../../log.ts";
import type { Message } from "../../message.ts";
import type { PhotoUrls } from "./wire.ts";

/** Characters of data URLs kept; Telegram's photos have a few hundred KB each. */
const CACHE_CHARS = 24_000_000;

export interface PhotoSource {
  readonly loadPhoto: (
    fileId: string,
    signal: AbortSignal,
  ) => Promise<{ readonly bytes: Uint8Array; readonly mime: string }>;
  readonly log: Log;
}

type LoadPhotos = (messages: readonly Message[], signal: AbortSignal) => Promise<PhotoUrls>;

export const createPhotoLoader = ({ loadPhoto, log }: PhotoSource): LoadPhotos => {
  const cache = new Map<string, string>();

  /** A photo that cannot be had is missing from the result; the wire says so to the model. */
  const load = async (fileId: string, signal: AbortSignal): Promise<readonly [string, string][]> => {
    const known = cache.get(fileId);
    if (known !== undefined) return [[fileId, known]];
    try {
      const { bytes, mime } = await loadPhoto(fileId, signal);
      const url = `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`;
      keep(cache, fileId, url);
      return [[fileId, url]];
    } catch (thrown) {
      signal.throwIfAborted();
      // Only the kind: a download's error may quote its URL, which holds the bot's token.
      log.warn("a photo could not be loaded", { error: thrown instanceof Error ? thrown.name : "unknown" });
      return [];
    }
  };

  return async (messages, signal) => {
    const ids = new Set(messages.flatMap((message) => photoIds(message)));
    const loaded = await Promise.all([...ids].map((fileId) => load(fileId, signal)));
    return new Map(loaded.flat());
  };
};

const photoIds = (message: Message): readonly string[] =>
  message.role === "user" ? (message.photos ?? []).map(({ fileId }) => fileId) : [];

/** The oldest go first. */
const keep = (cache: Map<string, string>, fileId: string, url: string): void => {
  cache.set(fileId, url);
  let chars = [...cache.values()].reduce((sum, kept) => sum + kept.length, 0);
  for (const [oldest, kept] of cache) {
    if (chars <= CACHE_CHARS) return;
    cache.delete(oldest);
    chars -= kept.length;
  }
};
