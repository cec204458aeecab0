// The provider's prefix cache, counted honestly: the part of a prompt that is byte for byte the beginning of an
// earlier one (facts/platform.md 7, "Caching"). Tests read from it whether a prompt stayed cache-friendly.

import type { ChatBody } from "./chat-api.ts";

/** Prompts remembered; a session's newest is what the next one continues. */
const REMEMBERED = 50;
const BYTES_PER_TOKEN = 4;

export interface PromptCount {
  readonly promptTokens: number;
  readonly hitTokens: number;
}

export interface PrefixCache {
  /** Counts a prompt and remembers it. */
  count(body: ChatBody): PromptCount;
}

export const createPrefixCache = (): PrefixCache => {
  const earlier: Buffer[] = [];
  return {
    count(body) {
      const prompt = promptBytes(body);
      const shared = Math.max(0, ...earlier.map((known) => commonPrefix(known, prompt)));
      earlier.push(prompt);
      if (earlier.length > REMEMBERED) earlier.shift();
      return { promptTokens: tokensOf(prompt.length), hitTokens: Math.floor(shared / BYTES_PER_TOKEN) };
    },
  };
};

export const tokensOf = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN);

/** What the model reads, in its order: tools first, then the messages. The model's name keeps caches apart. */
const promptBytes = ({ model, tools = [], messages }: ChatBody): Buffer =>
  Buffer.from([model, ...tools, ...messages].map((part) => JSON.stringify(part)).join("\n"));

const commonPrefix = (a: Buffer, b: Buffer): number => {
  const length = Math.min(a.length, b.length);
  if (a.subarray(0, length).equals(b.subarray(0, length))) return length;
  let same = 0;
  while (a[same] === b[same]) same++;
  return same;
};
