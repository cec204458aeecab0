// Makes room in a session whose history passed its budget: a summary row is added and `base` moves, in one commit.

import { compact } from "./compaction.ts";
import type { Transcript } from "./transcript.ts";
import { withUsage } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { askModelOf, compactAtTokens, MAX_PROMPT_ROWS } from "./turn-setup.ts";

/** By what the last model call measured, or by the number of rows: one read must hold the prompt. */
export const needsCompaction = (c: TurnContext, transcript: Transcript): boolean =>
  c.home.config.compression.enabled &&
  transcript.rows.length > 0 &&
  (c.lease.meta.lastPrompt >= compactAtTokens(c) || transcript.rows.length >= MAX_PROMPT_ROWS);

/** False when nothing could be saved. `focus`: what the person wants kept (/compress). */
export const compactTranscript = async (
  c: TurnContext,
  transcript: Transcript,
  { focus }: { readonly focus?: string },
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
    clock: c.ports.clock,
    log: c.ports.log,
    ...(focus === undefined ? {} : { focus }),
  });
  if (done === undefined) return false;
  const { message, keepFrom, usage } = done;
  await transcript.add([{ message, marker: { kind: "summary", keepFrom } }], {
    base: keepFrom,
    lastPrompt: 0,
    totals: withUsage(c.lease.meta.totals, { usage, calls: 1 }),
  });
  return true;
};
