// Makes room in a session whose history passed its budget: a summary row is added and `base` moves, in one commit.

import type { Origin } from "../turn.ts";
import { archiveBefore } from "./archive-rows.ts";
import { type Compaction, compact } from "./compaction.ts";
import { wantedInSummary } from "./memory-hooks.ts";
import type { Meter } from "./meter.ts";
import { currentSkillsIndex, storedSkillsIndex } from "./skills-index.ts";
import type { Transcript } from "./transcript.ts";
import { withSpending } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { askModelOf, compactAtTokens, MAX_PROMPT_ROWS } from "./turn-setup.ts";

/** By what the last model call measured, or by the number of rows: one read must hold the prompt. */
export const needsCompaction = (c: TurnContext, transcript: Transcript): boolean =>
  c.home.config.compression.enabled &&
  transcript.rows.length > 0 &&
  (c.lease.meta.lastPrompt >= compactAtTokens(c) || transcript.rows.length >= MAX_PROMPT_ROWS);

/**
 * What stands for the old rows now; undefined when nothing could be saved. `focus`: what the person wants kept (/compress).
 * Who pays has to wait for the meter.
 */
export const compactTranscript = async (
  c: TurnContext,
  transcript: Transcript,
  { meter, origin, focus = "" }: { readonly meter: Meter; readonly origin: Origin; readonly focus?: string },
): Promise<Compaction["kind"] | undefined> => {
  const { compression } = c.home.config;
  const kept = [focus, await wantedInSummary(c, origin)].filter(Boolean).join("\n\n");
  const done = await compact({
    rows: transcript.rows,
    base: c.lease.meta.base,
    ask: askModelOf(c, meter),
    budgetTokens: compactAtTokens(c),
    tailShare: compression.target_ratio,
    tailMessages: compression.protect_last_n,
    signal: AbortSignal.any([c.signal, c.lease.lost]),
    remainingMs: c.remainingMs,
    clock: c.ports.clock,
    log: c.ports.log,
    ...(kept === "" ? {} : { focus: kept }),
  });
  if (done === undefined) return undefined;
  const { kind, message, keepFrom } = done;
  // The cached prefix ends here anyway: the prompt takes in what skills there are by now.
  const skillsIndex =
    (await currentSkillsIndex(c, c.lease.meta.turn?.job)) ?? storedSkillsIndex(transcript.rows);
  const row = { message, marker: { kind: "summary" as const, keepFrom } };
  await transcript.add([skillsIndex === undefined ? row : { ...row, skillsIndex }], {
    base: keepFrom,
    indexed: await archiveBefore(c, keepFrom),
    lastPrompt: 0,
    totals: withSpending(c.lease.meta.totals, meter.takeSpending()),
  });
  return kind;
};
