// Makes room in a session whose history passed its budget: a summary row is added and `base` moves, in one commit.

import type { Usage } from "../message.ts";
import { compact } from "./compaction.ts";
import type { Transcript } from "./transcript.ts";
import { withUsage } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { askModelOf, compactAtTokens } from "./turn-setup.ts";

/** Rows of a prompt beyond which it is compacted whatever their size (hermes-behaviour.md 1.10: 400 messages). */
const MAX_PROMPT_ROWS = 300;

/** By what the last model call measured, or by the number of rows: one read must hold the prompt. */
export const needsCompaction = (c: TurnContext, transcript: Transcript): boolean =>
  c.home.config.compression.enabled &&
  transcript.rows.length > 0 &&
  (c.lease.meta.lastPrompt >= compactAtTokens(c) || transcript.rows.length >= MAX_PROMPT_ROWS);

export interface CompactionRequest {
  /** What the person wants kept (/compress). */
  readonly focus?: string;
  /** What was used up to here and is not in the totals yet. */
  readonly spent?: { readonly usage: Usage; readonly calls: number };
}

/** False when nothing could be saved. */
export const compactTranscript = async (
  c: TurnContext,
  transcript: Transcript,
  { focus, spent }: CompactionRequest,
): Promise<boolean> => {
  const { compression } = c.home.config;
  const done = await compact({
    rows: transcript.rows,
    base: c.lease.meta.base,
    ask: askModelOf(c),
    budgetTokens: compactAtTokens(c),
    tailShare: compression.target_ratio,
    tailMessages: compression.protect_last_n,
    signal: AbortSignal.any([c.signal, c.lease.lost]),
    remainingMs: c.remainingMs,
    log: c.ports.log,
    ...(focus === undefined ? {} : { focus }),
  });
  if (done === undefined) return false;
  const { message, keepFrom, usage } = done;
  await transcript.add([{ message, marker: { kind: "summary", keepFrom } }], {
    base: keepFrom,
    lastPrompt: 0,
    totals: withUsage(withUsage(c.lease.meta.totals, spent?.usage, spent?.calls ?? 0), usage, 1),
  });
  return true;
};
