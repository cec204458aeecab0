// One budget of Bot API calls per chat, shared by replies, drafts, edits and typing: Telegram counts them together
// (facts/platform.md 1, send limits: about one a second in a chat, 20 a minute in a group). Made once a process.

import type { ChatAddress, Clock } from "../ports.ts";

export interface ChatBudget {
  /** Waits until the chat can take a call, and counts it. Rejects with the signal's reason when it aborts first. */
  take(to: ChatAddress, signal: AbortSignal): Promise<void>;
  /** For decoration: counts a call if the chat can take it and a reply after it, else says no. */
  spare(to: ChatAddress): boolean;
  /** Telegram asked for silence: no decoration for so long. */
  pause(to: ChatAddress, ms: number): void;
}

interface Rate {
  readonly perMs: number;
  /** What may go out at once after a silence. */
  readonly burst: number;
}

const PRIVATE: Rate = { perMs: 1 / 1_000, burst: 3 };
const GROUP: Rate = { perMs: 20 / 60_000, burst: 5 };

/** Ids of groups and channels are negative. */
const rateOf = ({ chatId }: ChatAddress): Rate => (chatId > 0 ? PRIVATE : GROUP);

interface Bucket {
  level: number;
  atMs: number;
  pausedUntilMs: number;
}

export const createChatBudget = (clock: Pick<Clock, "elapsed" | "sleep">): ChatBudget => {
  const buckets = new Map<number, Bucket>();
  const refilled = (to: ChatAddress): Bucket => {
    const rate = rateOf(to);
    const now = clock.elapsed();
    const bucket = buckets.get(to.chatId) ?? { level: rate.burst, atMs: now, pausedUntilMs: now };
    bucket.level = Math.min(rate.burst, bucket.level + (now - bucket.atMs) * rate.perMs);
    bucket.atMs = now;
    buckets.set(to.chatId, bucket);
    return bucket;
  };
  return {
    async take(to, signal) {
      const bucket = refilled(to);
      bucket.level -= 1;
      // Whoever comes next waits behind this one: the level may go below zero.
      if (bucket.level < 0) await clock.sleep(-bucket.level / rateOf(to).perMs, signal);
    },
    spare(to) {
      const bucket = refilled(to);
      if (bucket.level < 2 || clock.elapsed() < bucket.pausedUntilMs) return false;
      bucket.level -= 1;
      return true;
    },
    pause(to, ms) {
      const bucket = refilled(to);
      bucket.pausedUntilMs = Math.max(bucket.pausedUntilMs, clock.elapsed() + ms);
    },
  };
};
