// What the tool loop is given and what it hands back: the contract between think.ts and the loop's files.

import type { Log } from "../log.ts";
import type { AssistantMessage, Message, ToolCall, ToolMessage, Usage, UserMessage } from "../message.ts";
import type { Clock, ModelRequest, Tool, ToolContext, ToolOutcome } from "../ports.ts";
import type { SpentBudget } from "../usage/budget.ts";
import type { AskModel } from "./ask-model.ts";
import type { Guardrails } from "./guardrails.ts";

export interface LoopInput {
  readonly system: string;
  /** The transcript, oldest first, with the new user messages. */
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly ask: AskModel;
  readonly limits: {
    /** Rounds of tools in one turn. */
    readonly maxSteps: number;
    readonly maxReplyTokens: number;
    /** Completion tokens of one turn, reasoning included. */
    readonly maxTurnTokens: number;
    readonly compactAtTokens: number;
    /** Messages beyond which the history is too long, whatever their size. */
    readonly maxMessages: number;
    remainingMs(): number;
    /** With less than this left no model call and no tool begins; none may use the second half of it. */
    readonly stepReserveMs: number;
  };
  readonly clock: Pick<Clock, "sleep">;
  readonly reasoning: ModelRequest["reasoning"];
  readonly context: Omit<ToolContext, "messages" | "signal" | "operation" | "maxResultChars">;
  /** Names the turn, the same in every process that works on it. */
  readonly turnKey: string;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  /** Visible text as it streams. */
  readonly onText: (piece: string) => void;
  /** What `onText` was given since the last tool call is void. */
  readonly onRestart?: () => void;
  readonly onTool?: (call: ToolCall, phase: "start" | "end") => void;
  /** Rounds and completion tokens of the same turn before this run of the loop. */
  readonly stepsTaken?: number;
  readonly tokensTaken?: number;
  readonly log: Log;
}

/** The loop's way to make steps last. Each resolves once committed; a rejection (LeaseLost) ends the loop. */
export interface Journal {
  /** An assistant message with tool calls, before any of them runs. */
  assistant(message: AssistantMessage, usage: Usage | undefined, steps: number): Promise<void>;
  /** In order of completion; may be called concurrently: the journal stores in the order of the calls. */
  toolResult(message: ToolMessage, settings?: ToolOutcome["settings"]): Promise<void>;
  /** Before a tool that must not run twice: resolves while the lease has long enough to go. */
  beforeUnrepeatable(): Promise<void>;
  /** At every tool boundary: messages of the person to fold in (already committed), and whether to stop. */
  lookAround(): Promise<{ readonly messages: readonly UserMessage[]; readonly stop: boolean }>;
}

export type LoopResult =
  /** Final; not yet stored by the loop. */
  | {
      readonly kind: "answer";
      readonly message: AssistantMessage;
      readonly choices?: readonly string[];
      /** The answer asks whether this may be forgotten. */
      readonly forget?: NonNullable<ToolOutcome["ask"]>["forget"];
    }
  /** A line for the person. `said`: what there is of an answer that was being continued; not yet stored either. */
  | {
      readonly kind: "failed";
      readonly text: string;
      readonly reason: string;
      readonly said?: AssistantMessage;
    }
  /** The model was not asked: whose budget it is, and whether the person was told before, is for the caller to say. */
  | { readonly kind: "over_budget"; readonly spent: SpentBudget; readonly said?: AssistantMessage }
  /** The signal aborted, or a stop was found; the history is valid. */
  | { readonly kind: "stopped" }
  /** The history must be compacted: the model refused it, or else it has only passed the budget and could go on. */
  | { readonly kind: "overflow"; readonly refused: boolean }
  /** Another step does not fit; calls that may be repeated can be without a result. */
  | { readonly kind: "out_of_time" };

export interface LoopTotals {
  /** Prompt tokens of the last model call. */
  readonly lastPrompt?: number;
}

/** The state of one run of the loop. */
export interface LoopRun {
  readonly input: LoopInput;
  /** The transcript as stored, in the order it is stored: the prefix of every later prompt. */
  readonly messages: Message[];
  readonly guardrails: Guardrails;
  steps: number;
  unknownInARow: number;
  completionTokens: number;
  lastPrompt: number | undefined;
}
