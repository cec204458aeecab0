// What is to happen with each tool call of a model's reply, decided before any of them runs (hermes-behaviour.md 1.3,
// points 1 to 4). Called by the loop.

import type { Message, ToolCall } from "../message.ts";
import type { Tool } from "../ports.ts";
import { signature } from "./guardrails.ts";
import { repairToolName } from "./tool-call-repair.ts";

type ToolArguments = Readonly<Record<string, unknown>>;

/** A call that will run, or one whose result is known without running it. */
export type PlannedCall =
  | { readonly kind: "run"; readonly call: ToolCall; readonly tool: Tool; readonly args: ToolArguments }
  | { readonly kind: "answered"; readonly call: ToolCall; readonly text: string };

/** `truncated`: the reply stopped in mid-argument, nothing of it may run. */
export type Plan =
  | { readonly kind: "ready" | "bad_arguments"; readonly calls: readonly PlannedCall[] }
  | { readonly kind: "unknown_tool"; readonly name: string; readonly calls: readonly PlannedCall[] }
  | { readonly kind: "truncated" };

const SKIPPED_FOR_NAME =
  "Skipped: another tool call in this turn used an invalid name. Please retry this tool call.";
const SKIPPED_FOR_JSON = "Skipped: other tool call in this response had invalid JSON.";
const OUTCOME_UNKNOWN =
  "Outcome unknown: the process ended while this ran. Check whether it took effect before doing it again.";

export const planCalls = (calls: readonly ToolCall[], tools: readonly Tool[], step: number): Plan => {
  const read = withoutRepeats(
    calls.map((call, index) => readCall(repaired(call, tools, step, index), tools)),
  );
  const named = withOwnIds(read, step);
  const unknown = named.find((one) => one.tool === undefined);
  if (unknown)
    return {
      kind: "unknown_tool",
      name: unknown.call.name,
      calls: named.map((one) =>
        answered(one, one.tool ? SKIPPED_FOR_NAME : unknownTool(one.call.name, tools)),
      ),
    };
  const bad = named.filter((one) => one.problem !== undefined);
  if (bad.some((one) => isTruncated(one.call.arguments))) return { kind: "truncated" };
  if (bad.length === 0) return { kind: "ready", calls: named.flatMap((one) => runnable(one) ?? []) };
  return {
    kind: "bad_arguments",
    calls: named.map((one) => answered(one, one.problem ?? SKIPPED_FOR_JSON)),
  };
};

/** The calls of the last message that have no result: a process died between them. */
export const unansweredCalls = (messages: readonly Message[]): readonly ToolCall[] => {
  const last = messages.findLastIndex((message) => message.role !== "tool");
  const message = messages[last];
  if (message?.role !== "assistant" || message.toolCalls === undefined) return [];
  const results = messages.slice(last + 1);
  return message.toolCalls.filter(
    (call) => !results.some((result) => result.role === "tool" && result.toolCallId === call.id),
  );
};

/** What is to happen with them. Only what may be repeated runs again. */
export const planUnanswered = (calls: readonly ToolCall[], tools: readonly Tool[]): readonly PlannedCall[] =>
  calls.map((call) => {
    const read = readCall(call, tools);
    if (read.tool === undefined) return answered(read, unknownTool(call.name, tools));
    if (read.problem !== undefined) return answered(read, read.problem);
    return (read.tool.repeatable ? runnable(read) : undefined) ?? answered(read, OUTCOME_UNKNOWN);
  });

interface ReadCall {
  readonly call: ToolCall;
  readonly tool: Tool | undefined;
  readonly args: ToolArguments | undefined;
  readonly problem: string | undefined;
  /** Equal for calls that mean the same. */
  readonly key: string;
}

const readCall = (call: ToolCall, tools: readonly Tool[]): ReadCall => {
  const tool = tools.find((one) => one.name === call.name);
  try {
    const args: unknown = JSON.parse(call.arguments) ?? {};
    if (!isObject(args)) return unreadable(call, tool, NO_OBJECT);
    return { call, tool, args, problem: undefined, key: signature({ name: call.name, args }) };
  } catch (error) {
    return unreadable(call, tool, invalidJson(error)); // also a RangeError: nested deeper than the stack
  }
};

const unreadable = (call: ToolCall, tool: Tool | undefined, problem: string): ReadCall => ({
  ...{ call, tool, problem },
  args: undefined,
  key: `${call.name} ${call.arguments}`,
});

const NO_OBJECT = "Error: The arguments must be one JSON object. Please retry.";

const invalidJson = (error: unknown): string =>
  `Error: Invalid JSON arguments. ${error instanceof Error ? error.message : ""} For tools with no required parameters, ` +
  "use an empty object: {}. Please retry with valid JSON.";

const isObject = (value: unknown): value is ToolArguments =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTruncated = (text: string): boolean => !/[}\]]$/.test(text.trimEnd()) && !isJson(text);

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // the question is whether it parses
  }
};

const repaired = (call: ToolCall, tools: readonly Tool[], step: number, index: number): ToolCall => {
  const names = tools.map((tool) => tool.name);
  return {
    id: call.id || `call_${step}_${index}`,
    name: repairToolName(call.name, names) ?? storableName(call.name),
    arguments: call.arguments.trim() || "{}",
  };
};

// An API refuses a history in which a function has a name it could not have had.
const storableName = (name: string): string => name.replace(/[^\w-]/g, "_").slice(0, 64) || "unknown";

const withoutRepeats = (calls: readonly ReadCall[]): readonly ReadCall[] => {
  const seen = new Set<string>();
  return calls.filter(({ key }) => !seen.has(key) && seen.add(key));
};

/** Every call has an id of its own: two with one id would share one result. */
const withOwnIds = (calls: readonly ReadCall[], step: number): readonly ReadCall[] => {
  const seen = new Set<string>();
  return calls.map((one, index) => {
    const id = seen.has(one.call.id) ? `call_${step}_${index}_${one.call.id}`.slice(0, 64) : one.call.id;
    seen.add(id);
    return { ...one, call: { ...one.call, id } };
  });
};

const runnable = ({ call, tool, args }: ReadCall): PlannedCall | undefined =>
  tool && args ? { kind: "run", call, tool, args } : undefined;

const answered = ({ call }: ReadCall, text: string): PlannedCall => ({ kind: "answered", call, text });

const unknownTool = (name: string, tools: readonly Tool[]): string =>
  `Tool '${name}' does not exist. Available tools: ${tools.map((tool) => tool.name).join(", ") || "none"}`;
