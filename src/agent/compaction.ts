// Makes a long history short: what lies before a tail of recent messages becomes one summary (hermes-behaviour.md 1.10).
// Called by compact-transcript.ts, which stores the summary row and moves `base` to `keepFrom`; the rows themselves stay.

import { abortable } from "../abortable.ts";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Message, UserMessage } from "../message.ts";
import type { Clock } from "../ports.ts";
import type { Row } from "../session-state.ts";
import { latestIn, summaryIn } from "../summary-frame.ts";
import { timeLimit } from "../time-limit.ts";
import type { AskModel } from "./ask-model.ts";
import {
  conversationText,
  deterministicSummary,
  SUMMARY_SYSTEM,
  summaryMessage,
  summaryRequest,
} from "./compaction-text.ts";
import { estimateTokens, visibleRows } from "./history.ts";
import { stripHidden } from "./visible-text.ts";

/** Of the history itself, so that a request to compact a short one, or one of many small messages, does something. */
const TAIL_SHARE_OF_HISTORY = 0.5;
const TAIL_MESSAGES_FLOOR = 8;
/** How far the twenty messages may exceed the tail's tokens before the floor applies. */
const TAIL_TOLERANCE = 1.5;
/** Anti-thrash: below this share of the history a compaction is not worth its prompt cache. */
const MIN_SAVED_SHARE = 0.1;
const SUMMARY_SHARE = 0.2;
const MIN_SUMMARY_TOKENS = 2_000;
const MAX_SUMMARY_TOKENS = 12_000;
const SUMMARY_TIMEOUT_MS = 120_000;

export interface CompactInput {
  readonly rows: readonly Row[];
  readonly base: number;
  readonly ask: AskModel;
  /** The size at which a history is compacted. */
  readonly budgetTokens: number;
  /** What stays word for word at the end: this share of the budget, and this many messages where they fit. */
  readonly tailShare: number;
  readonly tailMessages: number;
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Log;
  /** What the person wants kept (/compress). */
  readonly focus?: string;
}

export interface Compaction {
  /** `excerpts`: no model made a summary. */
  readonly kind: "summary" | "excerpts";
  readonly message: UserMessage;
  /** seq of the first row that stays in the prompt. */
  readonly keepFrom: number;
}

/** Undefined when too little would be saved, or `signal` aborts. A model that fails costs quality, never the compaction. */
export const compact = async (input: CompactInput): Promise<Compaction | undefined> => {
  const { summary, rows } = visibleRows(input.rows, input.base, input.log);
  const cut = chooseCut(rows, input);
  const keepFrom = rows[cut]?.seq;
  if (keepFrom === undefined || cut === 0) return undefined;
  const old = rows.slice(0, cut).map((row) => row.message);
  const previous = summary && summaryIn(summary.message);
  const total = sizeOf(rows) + (summary ? estimateTokens([summary.message], []) : 0);
  if (estimateTokens(old, []) < total * MIN_SAVED_SHARE) return undefined;
  const { kind, text } = await summarise(input, old, previous);
  if (input.signal.aborted) return undefined;
  const message = summaryMessage(text, lostRequest(rows, cut, summary?.message));
  const left = estimateTokens([message], []) + sizeOf(rows.slice(cut));
  if (left > total * (1 - MIN_SAVED_SHARE)) {
    input.log.info("compaction would save too little", { total, left });
    return undefined;
  }
  return { kind, message, keepFrom };
};

const sizeOf = (rows: readonly Row[]): number =>
  estimateTokens(
    rows.map((row) => row.message),
    [],
  );

type Tail = Pick<CompactInput, "budgetTokens" | "tailShare" | "tailMessages">;

/**
 * Index of the first row of the tail. It never divides calls from their results. The person's last message stays in
 * the tail too, unless a long run of tools since then would keep nearly everything: then the summary quotes it.
 */
const chooseCut = (rows: readonly Row[], tail: Tail): number => {
  const tokens = rows.map((row) => estimateTokens([row.message], []));
  const total = tokens.reduce((sum, count) => sum + count, 0);
  const allowed = Math.min(tail.tailShare * tail.budgetTokens, TAIL_SHARE_OF_HISTORY * total);
  const cut = groupStart(rows, tailStart(tokens, allowed, tail.tailMessages));
  const lastUser = rows.findLastIndex((row) => row.message.role === "user");
  if (lastUser === -1 || lastUser >= cut) return cut;
  const withUser = tokens.slice(lastUser).reduce((sum, count) => sum + count, 0);
  return withUser <= Math.max(allowed * TAIL_TOLERANCE, total * TAIL_SHARE_OF_HISTORY) ? lastUser : cut;
};

const tailStart = (tokens: readonly number[], allowed: number, tailMessages: number): number => {
  let used = 0;
  for (let index = tokens.length - 1; index >= 0; index--) {
    used += tokens[index] ?? 0;
    const kept = tokens.length - index;
    if (kept <= TAIL_MESSAGES_FLOOR) continue;
    const limit = kept <= tailMessages ? allowed * TAIL_TOLERANCE : allowed;
    if (used > limit) return index + 1;
  }
  return 0;
};

const groupStart = (rows: readonly Row[], from: number): number => {
  let index = from;
  while (index > 0 && rows[index]?.message.role === "tool") index--;
  return index;
};

/** The person's last message, when it lies before the tail: even before an earlier compaction. */
const lostRequest = (
  rows: readonly Row[],
  cut: number,
  summary: UserMessage | undefined,
): UserMessage | undefined => {
  if (rows.slice(cut).some((row) => row.message.role === "user")) return undefined;
  const last = rows.findLast((row) => row.message.role === "user")?.message;
  if (last?.role === "user") return last;
  return summary && latestIn(summary);
};

const summarise = async (
  input: CompactInput,
  old: readonly Message[],
  previous: string | undefined,
): Promise<Pick<Compaction, "kind"> & { readonly text: string }> => {
  try {
    const reply = await askForSummary(input, old, previous);
    const text = stripHidden(reply.message.content).trim();
    if (text !== "" && reply.finish !== "content_filter") return { kind: "summary", text };
    input.log.warn("the model gave no summary; excerpts instead", { finish: reply.finish });
  } catch (error) {
    if (!input.signal.aborted)
      input.log.warn("the summary failed; excerpts instead", { error: asError(error) });
  }
  return { kind: "excerpts", text: deterministicSummary(old, previous) };
};

const askForSummary = async (
  { ask, signal, remainingMs, focus, clock }: CompactInput,
  old: readonly Message[],
  previous: string | undefined,
) => {
  const text = conversationText(old);
  const size = estimateTokens(old, []);
  const budgetTokens = Math.min(
    MAX_SUMMARY_TOKENS,
    Math.max(MIN_SUMMARY_TOKENS, Math.round(SUMMARY_SHARE * size)),
  );
  using limit = timeLimit(clock, SUMMARY_TIMEOUT_MS);
  const bounded = AbortSignal.any([signal, limit.signal]);
  const asked = ask(
    {
      system: SUMMARY_SYSTEM,
      messages: [{ role: "user", content: summaryRequest({ text, previous, focus, budgetTokens }) }],
      tools: [],
      // A summary that runs somewhat over its budget is better than one that breaks off.
      maxTokens: budgetTokens * 2,
      reasoning: "off",
      signal: bounded,
    },
    { remainingMs: () => Math.min(remainingMs(), SUMMARY_TIMEOUT_MS) },
  );
  return await abortable(bounded, asked);
};
