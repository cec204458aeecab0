// The tool loop: model, tools, model, until there is an answer or a reason to stop. Called by think.ts, which makes
// the steps last through the journal. hermes-behaviour.md 1.1 and 1.3; model and tool failures are values here.

import { createGuardrails } from "./guardrails.ts";
import type { LoopInput, LoopResult, LoopRun, LoopTotals } from "./loop-contract.ts";
import { nextMove, stopped, wrapUp } from "./next-move.ts";
import { type PlannedCall, planUnanswered, unansweredCalls } from "./plan-calls.ts";
import { type BatchEnd, runBatch } from "./run-tools.ts";

export type { Journal, LoopInput, LoopResult } from "./loop-contract.ts";

export const runLoop = async (input: LoopInput): Promise<LoopResult & LoopTotals> => {
  const run: LoopRun = {
    input,
    messages: [...input.messages],
    guardrails: createGuardrails(),
    steps: input.stepsTaken ?? 0,
    unknownInARow: 0,
    completionTokens: 0,
    lastPrompt: undefined,
  };
  let result = await finishOpenCalls(run);
  while (result === undefined) result = await playRound(run);
  const { lastPrompt } = run;
  return { ...result, ...(lastPrompt !== undefined && { lastPrompt }) };
};

const finishOpenCalls = async (run: LoopRun): Promise<LoopResult | undefined> => {
  const open = unansweredCalls(run.messages);
  if (open.length > 0) return playBatch(run, planUnanswered(open, run.input.tools));
  // A transcript that ends in results stands at a boundary that nobody looked around at.
  return run.messages.at(-1)?.role === "tool" ? boundary(run) : undefined;
};

const playRound = async (run: LoopRun): Promise<LoopResult | undefined> => {
  const { limits, journal } = run.input;
  const tokens = (run.input.tokensTaken ?? 0) + run.completionTokens;
  if (run.steps >= limits.maxSteps || tokens >= limits.maxTurnTokens) return wrapUp(run);
  const move = await nextMove(run);
  if (move.kind !== "batch") return move;
  run.steps += 1;
  await journal.assistant(move.message, move.usage, run.steps);
  run.messages.push(move.message);
  return playBatch(run, move.planned);
};

const playBatch = async (run: LoopRun, planned: readonly PlannedCall[]): Promise<LoopResult | undefined> => {
  const { input, messages, guardrails } = run;
  const { context, signal, limits, clock, log, journal, onTool } = input;
  const end = await runBatch(planned, {
    ...{ context, messages, signal, limits, clock, log, guardrails },
    onTool: (call, phase) => onTool?.(call, phase),
    beforeUnrepeatable: () => journal.beforeUnrepeatable(),
    operationOf: (call) => `${input.turnKey}#${run.steps}#${call.id}`,
    store: (result, settings) => {
      messages.push(result);
      return journal.toolResult(result, settings);
    },
  });
  if (signal.aborted && !end.outOfTime) return stopped(run);
  return endOfTurn(end) ?? boundary(run);
};

const endOfTurn = ({ ask, halt, outOfTime }: BatchEnd): LoopResult | undefined => {
  if (ask) {
    const message = { role: "assistant" as const, content: ask.question };
    if (ask.forget !== undefined) return { kind: "answer", message, forget: ask.forget };
    return { kind: "answer", message, choices: ask.choices };
  }
  if (halt) return { kind: "failed", reason: "guardrail_halt", text: haltText(halt) };
  return outOfTime ? { kind: "out_of_time" } : undefined;
};

const boundary = async (run: LoopRun): Promise<LoopResult | undefined> => {
  const look = await run.input.journal.lookAround();
  run.messages.push(...look.messages);
  if (look.stop || run.input.signal.aborted) return stopped(run);
  const { compactAtTokens, maxMessages } = run.input.limits;
  const isFull = (run.lastPrompt ?? 0) >= compactAtTokens || run.messages.length >= maxMessages;
  return isFull ? { kind: "overflow", refused: false } : undefined;
};

const haltText = (why: string): string =>
  `⚠️ I stopped: ${why}, and going on would not have helped. Tell me how to go on, or try again later.`;
