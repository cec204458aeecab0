// Notices when a turn goes round in circles (hermes-behaviour.md 1.5, hard stop on). One instance a turn; asked by run-tools.

const WARN_SAME_CALL_FAILED = 2;
const WARN_SAME_TOOL_FAILED = 3;
const WARN_SAME_RESULT = 2;
const BLOCK_SAME_CALL_FAILED = 5;
const BLOCK_SAME_RESULT = 5;
const HALT_SAME_TOOL_FAILED = 8;

interface ObservedCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Guardrails {
  /** The result to give instead of running the call, when running it once more cannot help. */
  block(call: ObservedCall): string | undefined;
  /** Counts a result. `warning` goes under it; `halt` says why the turn must end. */
  observe(
    call: ObservedCall,
    result: { readonly text: string; readonly failed: boolean; readonly readOnly: boolean },
  ): { readonly warning?: string; readonly halt?: string };
}

interface Counts {
  readonly callFailures: Map<string, number>;
  readonly toolFailures: Map<string, number>;
  readonly results: Map<string, { text: string; count: number }>;
}

export const createGuardrails = (): Guardrails => {
  const counts: Counts = { callFailures: new Map(), toolFailures: new Map(), results: new Map() };
  return {
    block: (call) => block(counts, call),
    observe: (call, result) => {
      if (result.failed) return countFailure(counts, call);
      counts.callFailures.delete(signature(call));
      counts.toolFailures.delete(call.name);
      return result.readOnly ? countResult(counts, call, result.text) : {};
    },
  };
};

const block = (counts: Counts, call: ObservedCall): string | undefined => {
  const key = signature(call);
  const failures = counts.callFailures.get(key) ?? 0;
  if (failures >= BLOCK_SAME_CALL_FAILED)
    return `Error: blocked. This exact call of ${call.name} failed ${failures} times. Change the arguments or go another way.`;
  const repeats = counts.results.get(key)?.count ?? 0;
  if (repeats >= BLOCK_SAME_RESULT)
    return `Error: blocked. This exact call of ${call.name} returned the same result ${repeats} times. Use the result you have.`;
  return undefined;
};

const countFailure = (counts: Counts, call: ObservedCall): { warning?: string; halt?: string } => {
  const exact = increment(counts.callFailures, signature(call));
  const tool = increment(counts.toolFailures, call.name);
  if (tool >= HALT_SAME_TOOL_FAILED)
    return { halt: `the tool ${call.name} failed ${tool} times in a row in this turn` };
  if (exact >= WARN_SAME_CALL_FAILED)
    return {
      warning: warning("repeated_exact_failure", exact, "do not repeat this call unchanged; find the cause"),
    };
  if (tool >= WARN_SAME_TOOL_FAILED)
    return { warning: warning("same_tool_failure", tool, "this tool keeps failing; try another approach") };
  return {};
};

const countResult = (counts: Counts, call: ObservedCall, text: string): { warning?: string } => {
  const key = signature(call);
  const before = counts.results.get(key);
  const count = before?.text === text ? before.count + 1 : 1;
  counts.results.set(key, { text, count });
  if (count < WARN_SAME_RESULT) return {};
  return { warning: warning("no_progress", count, "the same call gave the same result; use what you have") };
};

const warning = (code: string, count: number, advice: string): string =>
  `[Tool loop warning: ${code}; count=${count}; ${advice}]`;

const increment = (counts: Map<string, number>, key: string): number => {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
};

/** Equal for calls that mean the same, whatever the order of their keys. */
export const signature = (call: ObservedCall): string => `${call.name} ${canonicalJson(call.args)}`;

const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
