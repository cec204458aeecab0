// What a turn asks the model with: which model, which tools, which prompt, which bounds.

import type { Model, Tool } from "../ports.ts";
import type { Meta, OpenTurn, Row } from "../session-state.ts";
import { type AskModel, createAskModel } from "./ask-model.ts";
import { promptRows } from "./history.ts";
import type { Journal, LoopInput } from "./loop.ts";
import { isMemoryOff } from "./memories.ts";
import type { Meter } from "./meter.ts";
import { buildSystemPrompt } from "./prompt.ts";
import { storedSkillsIndex } from "./skills-index.ts";
import { deploymentTimezone, type TurnContext } from "./turn-context.ts";
import { toolsOf } from "./turn-tools.ts";
import { openTurn, type Work } from "./work.ts";

/** One step is a model call of ordinary length and its tools; with less left, a fresh invocation does it. */
const STEP_RESERVE_MS = 60_000;

/** What all replies of one turn may cost together, in completion tokens; a loop that runs away ends here. */
const MAX_TURN_TOKENS = 200_000;

/**
 * Messages of a prompt beyond which it is compacted, whatever their size: one read must hold them after a crash
 * (NEWEST_ROWS), also when the last step adds some. hermes-behaviour.md 1.10 has 400.
 */
export const MAX_PROMPT_ROWS = 300;

export const modelOf = (c: TurnContext): Model => c.ports.models.primary(c.lease.meta.settings.model);

/** Retries, and falls back for the rest of the turn it was made for; each attempt is metered. */
export const askModelOf = (c: TurnContext, meter: Meter): AskModel => {
  const { fallback } = c.ports.models;
  return createAskModel({
    primary: meter.metered(modelOf(c)),
    ...(fallback === undefined ? {} : { fallback: meter.metered(fallback) }),
    clock: c.ports.clock,
    log: c.ports.log,
    maxAttempts: c.home.config.agent.api_max_retries,
  });
};

/** Above this many prompt tokens the history is compacted: half of what the model takes, or the budget if less. */
export const compactAtTokens = (c: TurnContext): number => {
  const { compression, model } = c.home.config;
  if (!compression.enabled) return model.context_length;
  return Math.min(compression.threshold * model.context_length, compression.threshold_tokens);
};

/** `mayGrow`: nothing could be compacted, so only what the model itself takes bounds the history. */
export const loopInput = (
  c: TurnContext,
  work: Work,
  journal: Journal,
  { mayGrow }: { readonly mayGrow: boolean },
): LoopInput => {
  const tools = toolsOf(c, work.turn.job);
  const { agent, model } = c.home.config;
  const { steps, tokens = 0 } = openTurn(c, work);
  const { base, cuts = [] } = stateOf(c, work);
  const rows = rowsOf(c, work, base);
  return {
    system: systemPrompt(c, work, tools),
    messages: rows.map(({ message }) => message),
    tools,
    ask: askModelOf(c, work.meter),
    limits: {
      maxSteps: agent.max_turns,
      maxReplyTokens: model.max_tokens,
      maxTurnTokens: MAX_TURN_TOKENS,
      compactAtTokens: mayGrow ? model.context_length : compactAtTokens(c),
      maxMessages: mayGrow ? Number.POSITIVE_INFINITY : MAX_PROMPT_ROWS,
      remainingMs: c.remainingMs,
      stepReserveMs: STEP_RESERVE_MS,
    },
    clock: c.ports.clock,
    reasoning: c.lease.meta.settings.reasoning ?? agent.reasoning_effort,
    context: {
      session: c.lease.session,
      sessionId: work.sessionId,
      origin: work.turn.origin,
      timezone: c.timezone,
      isTimezoneKnown: c.isTimezoneKnown,
      isMemoryOff: isMemoryOff(c),
      isJob: work.turn.job !== undefined,
      turnStart: startOf(work.turn, rows),
      base,
      cuts,
      log: c.ports.log,
    },
    turnKey: `${c.lease.session}#${work.sessionId}#${work.turn.firstSeq}`,
    signal: AbortSignal.any([c.signal, c.lease.lost, work.abort.signal]),
    journal,
    onText: work.draft.text,
    onRestart: work.draft.restart,
    onTool: work.draft.tool,
    stepsTaken: steps,
    tokensTaken: tokens,
    log: c.ports.log,
  };
};

const systemPrompt = (c: TurnContext, work: Work, tools: readonly Tool[]): string => {
  const model = modelOf(c);
  return buildSystemPrompt({
    soul: c.home.soul,
    tools,
    skillsIndex: storedSkillsIndex([...work.transcript.rows, ...work.ahead]) ?? "",
    modelName: model.name,
    provider: model.provider,
    startedAt: work.startedAt,
    // Not the person's own, which they may change: the prompt stays as it is (design.md 9, invariant 11).
    timezone: deploymentTimezone(c.settings, c.home) ?? "UTC",
    platform: work.turn.job === undefined ? "telegram" : "cron",
    origin: work.turn.origin,
  });
};

/** What META says of the session, also before the turn that begins it is committed. */
const stateOf = ({ lease: { meta } }: TurnContext, work: Work): Pick<Meta, "base" | "cuts"> =>
  meta.sessionId === work.sessionId ? meta : { base: work.base };

/** The committed rows, and those which are on their way while the model is asked already. */
const rowsOf = (c: TurnContext, { transcript, ahead }: Work, base: number): readonly Row[] => {
  const committed = new Set(transcript.rows.map((row) => row.entryId).filter((id) => id !== undefined));
  const isAhead = ahead.some((row) => row.entryId !== undefined && !committed.has(row.entryId));
  const rows = isAhead ? [...transcript.rows, ...transcript.plan(ahead)] : transcript.rows;
  return promptRows(rows, base, c.ports.log);
};

/** Index of the turn's first row. A summary that stands for its beginning is its first. */
const startOf = ({ firstSeq }: OpenTurn, rows: readonly Row[]): number => {
  const start = rows.findIndex(({ marker, seq }) =>
    marker?.kind === "summary" ? marker.keepFrom > firstSeq : seq >= firstSeq,
  );
  return start === -1 ? rows.length : start;
};
