// When a conversation goes on and when it begins anew (hermes-behaviour.md 2.3).

import { type MetaPatch, NOTHING_USED } from "../session-state.ts";
import type { TurnContext } from "./turn-context.ts";

export interface ResetPolicy {
  readonly mode: "none" | "idle" | "daily" | "both";
  /** Hour of the day, 0 to 23, in the configured zone. */
  readonly at_hour: number;
  readonly idle_minutes: number;
}

type ResetReason = "idle" | "daily";

type Continuation =
  | { readonly kind: "continue" }
  | { readonly kind: "first" }
  | { readonly kind: "reset"; readonly reason: ResetReason };

/** Why a session last touched at `updatedAt` is over at `now` (both ms), or undefined. Idle is checked first. */
export const resetReason = (
  policy: ResetPolicy,
  updatedAt: number,
  now: number,
  timezone: string,
): ResetReason | undefined => {
  const hasIdle = policy.mode === "idle" || policy.mode === "both";
  if (hasIdle && now > updatedAt + policy.idle_minutes * 60_000) return "idle";
  const hasDaily = policy.mode === "daily" || policy.mode === "both";
  if (hasDaily && updatedAt < lastBoundary(policy.at_hour, now, timezone)) return "daily";
  return undefined;
};

/** The last time it was `hour` o'clock in the zone, in ms. Across a clock change it may be off by that change. */
const lastBoundary = (hour: number, now: number, timezone: string): number => {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
  }).formatToParts(now);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const sinceMidnightMs = ((value("hour") * 60 + value("minute")) * 60 + value("second")) * 1_000;
  const sinceBoundaryMs = (sinceMidnightMs - hour * 3_600_000 + 86_400_000) % 86_400_000;
  return now - sinceBoundaryMs;
};

export const sessionToContinue = (c: TurnContext): Continuation => {
  const { meta } = c.lease;
  if (meta.sessionId === "") return { kind: "first" };
  const policy = c.home.config.session_reset;
  const reason = resetReason(policy, meta.updatedAt, c.ports.clock.now(), c.timezone);
  return reason === undefined ? { kind: "continue" } : { kind: "reset", reason };
};

/** What the person is told once, if config.yaml wants it (hermes-behaviour.md 2.3). */
export const resetNotice = (c: TurnContext, continuation: Continuation): string | undefined => {
  const { notify, idle_minutes, at_hour } = c.home.config.session_reset;
  if (continuation.kind !== "reset" || !notify) return undefined;
  const why =
    continuation.reason === "idle"
      ? `inactive for ${idle_minutes % 60 === 0 ? `${idle_minutes / 60}h` : `${idle_minutes} minutes`}`
      : `daily schedule at ${at_hour}:00`;
  return `◐ Session automatically reset (${why}). Conversation history cleared.\nUse /resume to browse and restore a previous session.`;
};

/** A one-time note for the model in the first message after a reset. */
export const resetNote = (continuation: Continuation): string | undefined => {
  if (continuation.kind !== "reset") return undefined;
  const why = continuation.reason === "idle" ? "after a long pause" : "by the daily schedule";
  return `The previous conversation was closed ${why}; this is a new one. Past ones can be found with session_search.`;
};

/** What META says of a session that begins now. Settings and the lease stay. */
export const freshSession = (c: TurnContext, sessionId: string): MetaPatch => ({
  sessionId,
  seq: 0,
  seqFence: c.lease.meta.fence,
  base: 0,
  cuts: null,
  title: null,
  totals: NOTHING_USED,
  startedAt: c.ports.clock.now(),
  lastPrompt: 0,
  indexed: 0,
  learned: 0,
});
