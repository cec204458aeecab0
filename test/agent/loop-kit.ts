// A model that answers from a script, a journal that remembers, and tools, for the tests of the loop.

import { systemClock } from "../../src/adapters/clock.ts";
import type { AskModel, AskRequest } from "../../src/agent/ask-model.ts";
import { type Journal, type LoopInput, runLoop } from "../../src/agent/loop.ts";
import type { Log } from "../../src/log.ts";
import type {
  AssistantMessage,
  Finish,
  Message,
  ModelReply,
  ToolCall,
  ToolMessage,
  UserMessage,
} from "../../src/message.ts";
import type { Tool, ToolOutcome } from "../../src/ports.ts";
import type { SessionKey } from "../../src/turn.ts";

export type Scripted = ModelReply | Error | ((request: AskRequest) => Promise<ModelReply>);

export interface ScriptedAsk extends AskModel {
  readonly requests: AskRequest[];
}

/** Plays the script; asked once more than it is long, it throws what no test expects. */
export const scriptedAsk = (...script: Scripted[]): ScriptedAsk => {
  const requests: AskRequest[] = [];
  const ask: AskModel = async (request) => {
    const next = script[requests.length];
    requests.push(request);
    if (next === undefined) throw new RangeError("the script is at its end");
    if (next instanceof Error) throw next;
    const reply = typeof next === "function" ? await next(request) : next;
    if (reply.message.content !== "") request.onText?.(reply.message.content);
    return reply;
  };
  return Object.assign(ask, { requests });
};

export const says = (content: string, extra: Partial<ModelReply> = {}): ModelReply => ({
  message: { role: "assistant", content },
  finish: "stop",
  model: "scripted",
  usage: { prompt: 100, cached: 0, completion: 10, reasoning: 0 },
  ...extra,
});

let ids = 0;

/** A tool call as a model writes it; arguments that are text stay as they are. */
export const call = (name: string, args: unknown = {}, id = `id_${ids++}`): ToolCall => ({
  id,
  name,
  arguments: typeof args === "string" ? args : JSON.stringify(args),
});

export const calls = (
  toolCalls: readonly ToolCall[],
  content = "",
  finish: Finish = "tool_calls",
): ModelReply =>
  says(content, { message: { role: "assistant", content, toolCalls, reasoning: "because" }, finish });

export const user = (content: string): UserMessage => ({ role: "user", content });

export interface RecordingJournal extends Journal {
  readonly stored: (AssistantMessage | ToolMessage)[];
  readonly steps: number[];
}

export const recordingJournal = (
  look: (times: number) => Awaited<ReturnType<Journal["lookAround"]>> = () => ({ messages: [], stop: false }),
): RecordingJournal => {
  const stored: (AssistantMessage | ToolMessage)[] = [];
  const steps: number[] = [];
  let looks = 0;
  return {
    stored,
    steps,
    async beforeUnrepeatable() {},
    async assistant(message, _usage, step) {
      stored.push(message);
      steps.push(step);
    },
    async toolResult(message) {
      stored.push(message);
    },
    lookAround: async () => look(looks++),
  };
};

type Run = (
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
) => Promise<ToolOutcome> | ToolOutcome;

export const tool = (name: string, run: Run, extra: Partial<Tool> = {}): Tool => ({
  name,
  toolset: "test",
  description: `The tool ${name}.`,
  parameters: { type: "object" },
  parallel: false,
  repeatable: false,
  run: async (args, context) => run(args, context.signal),
  ...extra,
});

/** A tool that answers with its arguments, and remembers them. */
export const echo = (name = "echo", extra: Partial<Tool> = {}): Tool & { readonly ran: unknown[] } => {
  const ran: unknown[] = [];
  const run: Run = (args) => {
    ran.push(args);
    return { text: `echo ${JSON.stringify(args)}` };
  };
  return Object.assign(tool(name, run, extra), { ran });
};

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface LogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** Keeps warnings and errors. */
export const recordingLog = (): Log & { readonly lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const keep: Log["warn"] = (message, fields) => {
    lines.push({ message, fields });
  };
  return { ...silentLog, warn: keep, error: keep, lines };
};

export const loopInput = (overrides: Partial<LoopInput> & Pick<LoopInput, "ask">): LoopInput => ({
  system: "You are a test.",
  messages: [user("hello")],
  tools: [echo()],
  limits: limits(),
  clock: systemClock,
  reasoning: "default",
  context: {
    session: "agent:main:telegram:dm:1" as SessionKey,
    sessionId: "s1",
    origin: { chatId: 1, chatType: "dm" },
    timezone: "UTC",
    isTimezoneKnown: false,
    turnStart: 0,
    base: 0,
    cuts: [],
    log: silentLog,
  },
  turnKey: "turn-1",
  signal: new AbortController().signal,
  journal: recordingJournal(),
  onText: () => {},
  log: silentLog,
  ...overrides,
});

export const limits = (overrides: Partial<LoopInput["limits"]> = {}): LoopInput["limits"] => ({
  maxSteps: 20,
  maxReplyTokens: 4_000,
  maxTurnTokens: 1_000_000,
  compactAtTokens: 1_000_000,
  maxMessages: 1_000,
  remainingMs: () => 600_000,
  stepReserveMs: 1_000,
  ...overrides,
});

/** Runs the loop with a journal whose record is handed back too. */
export const play = async (overrides: Partial<LoopInput> & Pick<LoopInput, "ask">) => {
  const journal = (overrides.journal as RecordingJournal | undefined) ?? recordingJournal();
  const result = await runLoop(loopInput({ ...overrides, journal }));
  return { result, stored: journal.stored, steps: journal.steps };
};

export const resultsOf = (messages: readonly Message[]): string[] =>
  messages.flatMap((message) => (message.role === "tool" ? [message.content] : []));

/** Why a history is not valid: a call without exactly one result, or a result of no call. Empty when it is. */
export const problemsOf = (messages: readonly Message[]): string[] => {
  const problems: string[] = [];
  const open = new Set<string>();
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.delete(message.toolCallId)) problems.push(`no call for the result ${message.toolCallId}`);
      continue;
    }
    problems.push(...[...open].map((id) => `no result for ${id} before the next message`));
    open.clear();
    const wanted = message.role === "assistant" ? (message.toolCalls ?? []) : [];
    for (const { id } of wanted) {
      if (open.has(id)) problems.push(`two calls ${id}`);
      open.add(id);
    }
  }
  return [...problems, ...[...open].map((id) => `no result for ${id}`)];
};
