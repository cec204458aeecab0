// Runs the tool calls of one model reply: each gets exactly one result, whatever its tool does. Called by the loop.

import { abortable } from "../abortable.ts";
import { asError, LeaseLost } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Message, ToolCall, ToolMessage } from "../message.ts";
import type { Clock, ToolContext, ToolOutcome } from "../ports.ts";
import { timeLimit } from "../time-limit.ts";
import type { Guardrails } from "./guardrails.ts";
import type { PlannedCall } from "./plan-calls.ts";
import { redactSecrets } from "./redact.ts";
import { wrapUntrusted } from "./untrusted.ts";

/** Upstream runs at most eight tools at a time. */
const MAX_PARALLEL = 8;
const TOOL_TIMEOUT_MS = 120_000;
const MAX_RESULT_CHARS = 48_000;
/** Of one batch together (upstream: 200,000 a turn). */
const MAX_BATCH_CHARS = 200_000;

export interface Batch {
  readonly context: Omit<ToolContext, "messages" | "signal" | "operation" | "maxResultChars">;
  /** ToolContext.operation of a call. */
  readonly operationOf: (call: ToolCall) => string;
  readonly messages: readonly Message[];
  readonly guardrails: Guardrails;
  readonly signal: AbortSignal;
  readonly limits: { remainingMs(): number; readonly stepReserveMs: number };
  readonly clock: Pick<Clock, "sleep">;
  /** Called once a result, in the order in which they are stored. */
  readonly store: (result: ToolMessage, settings?: ToolOutcome["settings"]) => Promise<void>;
  readonly onTool: (call: ToolCall, phase: "start" | "end") => void;
  /** Before a tool that must not run twice. */
  readonly beforeUnrepeatable: () => Promise<void>;
  readonly log: Log;
}

interface RunningBatch extends Batch {
  readonly maxResultChars: number;
  /** Calls left without a result for want of time. */
  readonly postponed: Runnable[];
}

/** How a batch ended beyond its results. After `out_of_time` calls that may be repeated can be without one. */
export interface BatchEnd {
  readonly ask?: NonNullable<ToolOutcome["ask"]>;
  readonly halt?: string;
  readonly outOfTime: boolean;
}

const STOPPED_BEFORE = "Interrupted: not run, because the turn was stopped.";
const OUT_OF_TIME = "Not run: this process ran out of time before the call began. Make the call again.";

type Runnable = Extract<PlannedCall, { kind: "run" }>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Result {
  readonly text: string;
  readonly failed: boolean;
  readonly ask?: BatchEnd["ask"];
  readonly settings?: ToolOutcome["settings"];
  /** The text is the tool's own, not ours about it. */
  readonly own: boolean;
}

/** Rejects only when a result could not be stored, or a tool found the lease lost; no tool is running then. */
export const runBatch = async (calls: readonly PlannedCall[], batch: Batch): Promise<BatchEnd> => {
  const end: Writable<BatchEnd> = { outOfTime: false };
  const broken = new AbortController();
  const running: RunningBatch = {
    ...batch,
    postponed: [],
    signal: AbortSignal.any([batch.signal, broken.signal]),
    maxResultChars: Math.min(MAX_RESULT_CHARS, Math.floor(MAX_BATCH_CHARS / Math.max(1, calls.length))),
  };
  const queue = calls.values();
  const work = async () => {
    for (const planned of queue) {
      if (broken.signal.aborted) return;
      await settle(planned, running, end);
    }
  };
  const workers = Array.from({ length: isParallel(calls) ? MAX_PARALLEL : 1 }, () =>
    work().catch((error: unknown) => {
      broken.abort(error);
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(workers)).find((worker) => worker.status === "rejected");
  if (failed) throw broken.signal.reason;
  if (batch.signal.aborted) {
    for (const { call } of running.postponed) await batch.store(toolMessage(call, STOPPED_BEFORE));
    return { ...end, outOfTime: false };
  }
  return end;
};

const isParallel = (calls: readonly PlannedCall[]): boolean => {
  const running = calls.filter((planned) => planned.kind === "run");
  return running.length > 1 && running.every(({ tool }) => tool.parallel);
};

const settle = async (planned: PlannedCall, batch: RunningBatch, end: Writable<BatchEnd>): Promise<void> => {
  if (planned.kind === "answered") return batch.store(toolMessage(planned.call, planned.text));
  const notRun = reasonNotToRun(planned, batch, end);
  if (notRun === undefined) return runAndStore(planned, batch, end);
  // Left open on purpose: whoever goes on with the turn runs it (design.md 5, step 3).
  if (notRun === OUT_OF_TIME && planned.tool.repeatable) batch.postponed.push(planned);
  else await batch.store(toolMessage(planned.call, notRun));
};

const reasonNotToRun = ({ tool, call, args }: Runnable, batch: Batch, end: Writable<BatchEnd>) => {
  if (batch.signal.aborted) return STOPPED_BEFORE;
  if (end.ask)
    return "Not run: a question was put to the person first. Make this call again after the answer if it is still needed.";
  if (end.halt) return `Not run: ${end.halt}.`;
  if (batch.limits.remainingMs() < batch.limits.stepReserveMs) {
    end.outOfTime = true;
    return OUT_OF_TIME;
  }
  const blocked = batch.guardrails.block({ name: call.name, args });
  if (blocked === undefined) return undefined;
  const { halt } = batch.guardrails.observe(
    { name: call.name, args },
    { text: blocked, failed: true, readOnly: tool.parallel },
  );
  if (halt) end.halt = halt;
  return blocked;
};

const runAndStore = async (
  planned: Runnable,
  batch: RunningBatch,
  end: Writable<BatchEnd>,
): Promise<void> => {
  const { call, tool, args } = planned;
  if (!tool.repeatable) await batch.beforeUnrepeatable();
  batch.onTool(call, "start");
  const result = await run(planned, batch);
  batch.onTool(call, "end");
  if (result.ask) end.ask ??= result.ask;
  const seen = batch.guardrails.observe(
    { name: call.name, args },
    { text: result.text, failed: result.failed, readOnly: tool.parallel },
  );
  if (seen.halt) end.halt = seen.halt;
  const body = capped(result.text, batch.maxResultChars);
  const framed = result.own ? wrapUntrusted(tool.name, body, tool.untrusted) : body;
  const content = seen.warning ? `${framed}\n\n${seen.warning}` : framed;
  await batch.store(toolMessage(call, content), result.settings);
};

const run = async (planned: Runnable, batch: RunningBatch): Promise<Result> => {
  const timeoutMs = toolTimeoutMs(batch.limits);
  using limit = timeLimit(batch.clock, timeoutMs);
  const signal = AbortSignal.any([batch.signal, limit.signal]);
  try {
    return ownResult(await abortable(signal, started(planned, batch, signal)));
  } catch (error) {
    if (batch.signal.aborted) return ours(interrupted(planned));
    if (limit.signal.aborted) return ours(timedOut(planned, timeoutMs));
    if (error instanceof LeaseLost) throw error;
    return thrown(planned, error, batch);
  }
};

// Async, so that a tool which throws before it returns a promise is a rejection like any other.
const started = async ({ tool, call, args }: Runnable, batch: RunningBatch, signal: AbortSignal) =>
  tool.run(args, {
    ...batch.context,
    messages: [...batch.messages],
    operation: batch.operationOf(call),
    maxResultChars: batch.maxResultChars,
    signal,
  });

// Half of the reserve is left for storing the result and handing the turn over.
const toolTimeoutMs = ({ remainingMs, stepReserveMs }: Batch["limits"]): number =>
  Math.max(1, Math.min(TOOL_TIMEOUT_MS, remainingMs() - stepReserveMs / 2));

// A plugin is foreign code: what it returns is looked at, not believed.
const ownResult = (outcome: ToolOutcome | undefined): Result => {
  if (typeof outcome?.text !== "string") return ours("Error: the tool returned no text.");
  const text = outcome.text.trim() === "" ? "(no output)" : outcome.text;
  return {
    text,
    failed: saysItFailed(text),
    own: true,
    ...(outcome.ask && { ask: outcome.ask }),
    ...(outcome.settings && { settings: outcome.settings }),
  };
};

const ours = (text: string): Result => ({ text, failed: true, own: false });

const interrupted = ({ tool }: Runnable): string =>
  tool.repeatable
    ? "Interrupted: the turn was stopped while this ran."
    : "Interrupted: the turn was stopped while this ran; its outcome is unknown. Check before doing it again.";

const timedOut = ({ tool }: Runnable, timeoutMs: number): string =>
  `Error: ${tool.name} did not finish within ${Math.round(timeoutMs / 1000)} s.${
    tool.repeatable ? "" : " Its outcome is unknown: check before doing it again."
  }`;

const thrown = ({ tool, call }: Runnable, error: unknown, { log }: Batch): Result => {
  const { name, message, stack } = asError(error);
  const reason = redactSecrets(message);
  // The reason may repeat what the tool was asked, in the person's words: it is for the model, and for debugging.
  log.error("a tool threw", { tool: call.name, error: name, at: /^ +at .*$/m.exec(stack ?? "")?.[0].trim() });
  log.debug("why a tool threw", { tool: call.name, reason });
  return ours(`Error executing tool '${tool.name}': ${reason}`);
};

/** By its words: "Error: …", the "Nothing was done: …" of our tools, or the JSON of Hermes' tools. */
const saysItFailed = (text: string): boolean =>
  /^\s*(?:error(?::| executing)|nothing was \w+:|\{\s*"error"\s*:\s*(?!null|""|false)|\{\s*"(?:success|ok)"\s*:\s*false\b)/i.test(
    text,
  );

const capped = (text: string, limit: number): string => {
  const whole = text.toWellFormed();
  if (whole.length <= limit) return whole;
  const shown = whole.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "");
  return (
    `${shown}\n\n[Result cut: the first ${shown.length} of ${whole.length} characters are shown. For the rest, call ` +
    "the tool again for a narrower part, if it takes a range, page or filter.]"
  );
};

const toolMessage = (call: ToolCall, content: string): ToolMessage => ({
  role: "tool",
  toolCallId: call.id,
  toolName: call.name,
  content,
});
