// The model's side of a round: asks until there is an answer, tool calls that can be carried out, or a reason to stop.
// Called by the loop. hermes-behaviour.md 1.3 and 1.6; a failure of the model is a value here.

import { abortable } from "../abortable.ts";
import { LeaseLost, ModelError } from "../errors.ts";
import type { AssistantMessage, Message, ModelReply, ToolCall, Usage } from "../message.ts";
import type { Tool } from "../ports.ts";
import { timeLimit } from "../time-limit.ts";
import { BudgetExceeded } from "../usage/budget.ts";
import { describeFailure } from "./ask-model.ts";
import { estimateTokens } from "./history.ts";
import type { LoopInput, LoopResult, LoopRun } from "./loop-contract.ts";
import { judgeReply, type RoundState, saidSoFar, startRound, truncated } from "./odd-replies.ts";
import { type PlannedCall, planCalls } from "./plan-calls.ts";
import { hidingStream, stripHidden } from "./visible-text.ts";

/** hermes-behaviour.md 1.3: the third reply in a row with an unknown tool ends the turn. */
const MAX_UNKNOWN_TOOLS = 3;
/** hermes-behaviour.md 1.3: so often is a reply with unreadable arguments asked for again before the model is told. */
const MAX_SILENT_RETRIES = 2;

const WRAP_UP =
  "[System: this turn has reached its limit of tool calls. Without calling tools, give the person a final summary: what you found or did, and what is left to do.]";

/** Tool calls to be carried out, with the message that is stored for them. */
interface BatchMove {
  readonly kind: "batch";
  readonly message: AssistantMessage;
  readonly usage: Usage | undefined;
  readonly planned: readonly PlannedCall[];
}

/** Asks until a reply can be used: each way in which one cannot is bounded by the round's state. */
export const nextMove = async (run: LoopRun): Promise<LoopResult | BatchMove> => {
  const round = startRound(run.input.limits.maxReplyTokens);
  for (let silentRetries = 0; ; ) {
    const reply = await askModel(run, { ...round, tools: run.input.tools });
    if ("kind" in reply) return keeping(round, reply);
    const verdict = judge(run, round, reply);
    if (verdict.kind === "failed") return keeping(round, verdict);
    if (verdict.kind === "again") continue;
    const { message } = verdict;
    if (message.toolCalls === undefined) return { kind: "answer", message };
    const move = planBatch(run, message, message.toolCalls, reply.usage, silentRetries < MAX_SILENT_RETRIES);
    if (move !== "again") return keeping(round, move);
    silentRetries += 1;
    run.input.onRestart?.();
  }
};

/**
 * The beginning of an answer that was being continued is not lost when the rest of it does not come. No part of it is stored
 * before the whole is: a fresh invocation would begin it anew, be paid for it anew, and run out of time where this one did.
 */
const keeping = (round: RoundState, result: LoopResult | BatchMove): LoopResult | BatchMove => {
  const said = saidSoFar(round);
  if (said === undefined) return result;
  if (result.kind === "out_of_time") return { ...timeIsUp, said };
  return result.kind === "failed" || result.kind === "over_budget" ? { ...result, said } : result;
};

const judge = (run: LoopRun, round: RoundState, reply: ModelReply) => {
  const parts = round.parts.length;
  const verdict = judgeReply(round, reply, run.messages);
  if (verdict.kind !== "again") return verdict;
  run.input.log.warn("the model's reply cannot be used as it is", {
    finish: reply.finish,
    calls: reply.message.toolCalls?.length ?? 0,
    chars: reply.message.content.length,
  });
  if (round.parts.length === parts) run.input.onRestart?.();
  return verdict;
};

const planBatch = (
  run: LoopRun,
  message: AssistantMessage,
  calls: readonly ToolCall[],
  usage: Usage | undefined,
  mayRetry: boolean,
): LoopResult | BatchMove | "again" => {
  const plan = planCalls(calls, run.input.tools, run.steps);
  if (plan.kind === "truncated") return truncated;
  run.unknownInARow = plan.kind === "unknown_tool" ? run.unknownInARow + 1 : 0;
  if (plan.kind === "unknown_tool" && run.unknownInARow >= MAX_UNKNOWN_TOOLS) return unknownTool(plan.name);
  if (plan.kind === "bad_arguments" && mayRetry) return "again";
  const toolCalls = plan.calls.map((planned) => planned.call);
  return { kind: "batch", message: { ...message, toolCalls }, usage, planned: plan.calls };
};

/** The step limit: one call with the tools taken away (hermes-behaviour.md 1.1). */
export const wrapUp = async (run: LoopRun): Promise<LoopResult> => {
  const { limits, log } = run.input;
  log.warn("the turn reached its limit", { steps: run.steps, completionTokens: run.completionTokens });
  const scaffold: Message[] = [{ role: "user", content: WRAP_UP }];
  const reply = await askModel(run, { scaffold, maxTokens: limits.maxReplyTokens, tools: [] });
  if ("kind" in reply) return reply;
  const content = stripHidden(reply.message.content).trim();
  if (content === "" || reply.finish === "content_filter") return limitReached;
  const { reasoning } = reply.message;
  const message = { role: "assistant" as const, content, ...(reasoning !== undefined && { reasoning }) };
  return { kind: "answer", message };
};

interface Question {
  readonly scaffold: readonly Message[];
  readonly maxTokens: number;
  readonly tools: readonly Tool[];
}

const askModel = async (run: LoopRun, question: Question): Promise<ModelReply | LoopResult> => {
  const { input, messages } = run;
  const { remainingMs, stepReserveMs } = input.limits;
  if (input.signal.aborted) return stopped(run);
  if (remainingMs() < stepReserveMs) return { kind: "out_of_time" };
  const usableMs = () => remainingMs() - stepReserveMs / 2;
  using limit = timeLimit(input.clock, usableMs());
  const signal = AbortSignal.any([input.signal, limit.signal]);
  const request = {
    system: input.system,
    messages: [...messages, ...question.scaffold],
    tools: question.tools,
    maxTokens: question.maxTokens,
    reasoning: input.reasoning,
  };
  try {
    const asked = input.ask({ ...request, ...streaming(input), signal }, { remainingMs: usableMs });
    const reply = await abortable(signal, asked);
    count(run, reply.usage ?? estimatedUsage(request, reply));
    return reply;
  } catch (error) {
    if (input.signal.aborted) return stopped(run);
    if (limit.signal.aborted) return { kind: "out_of_time" };
    return notAnswered(run, error);
  }
};

const streaming = ({ onText, onRestart }: LoopInput) => {
  let show = hidingStream(onText);
  return {
    onText: (piece: string) => show(piece),
    onRestart: () => {
      show = hidingStream(onText);
      onRestart?.();
    },
  };
};

const notAnswered = (run: LoopRun, error: unknown): LoopResult => {
  if (error instanceof BudgetExceeded) return { kind: "over_budget", spent: error.spent };
  if (!(error instanceof ModelError)) throw error;
  if (error.failure === "context_overflow") return { kind: "overflow", refused: true };
  const { remainingMs, stepReserveMs } = run.input.limits;
  if (error.retryable && remainingMs() - (error.retryAfterMs ?? 0) < stepReserveMs)
    return { kind: "out_of_time" };
  return { kind: "failed", text: describeFailure(error), reason: error.failure };
};

const estimatedUsage = (
  request: { messages: readonly Message[]; tools: readonly Tool[] },
  reply: ModelReply,
): Usage => ({
  prompt: estimateTokens(request.messages, request.tools),
  cached: 0,
  completion: estimateTokens([reply.message], []),
  reasoning: 0,
});

const count = (run: LoopRun, used: Usage): void => {
  run.lastPrompt = used.prompt;
  run.completionTokens += used.completion;
};

// A lost lease is not a stop: the turn goes on elsewhere, and this process must not speak for it.
export const stopped = ({ input }: LoopRun): LoopResult => {
  if (input.signal.reason instanceof LeaseLost) throw input.signal.reason;
  return { kind: "stopped" };
};

const unknownTool = (name: string): LoopResult => ({
  kind: "failed",
  reason: "invalid_tool",
  text: `⚠️ No reply: the model kept calling a tool that does not exist ("${name}"). Try again, perhaps in other words.`,
});

const timeIsUp = {
  kind: "failed",
  reason: "out_of_time",
  text: "✂️ My time was up before the end of this answer. Ask me to go on if you want.",
} as const;

const limitReached: LoopResult = {
  kind: "failed",
  reason: "max_iterations_reached",
  text: "⚠️ No reply: the turn reached its limit of tool calls, and the model gave no summary. Ask me to go on if you want.",
};
