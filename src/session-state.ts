// What is stored of a session: META, the one item that changes, and the rows of its transcript (design.md 4).

import type { AssistantMessage, Button, Message, Reasoning, Usage } from "./message.ts";
import type { EntryId, Origin, SessionKey } from "./turn.ts";

/** What a person set for their chat; survives /new. */
export interface Settings {
  readonly model?: string;
  readonly reasoning?: Reasoning;
  /** An IANA name. */
  readonly timezone?: string;
  /** Nothing is recalled or learnt here. */
  readonly memory?: "off";
}

/** The turn that is being worked on: entries taken into the transcript and not yet answered. */
export interface OpenTurn {
  readonly entries: readonly EntryId[];
  /** Where answers and drafts go. */
  readonly origin: Origin;
  /** seq of the turn's first row. */
  readonly firstSeq: number;
  /** How often the turn was handed to a fresh invocation. */
  readonly hops: number;
  /** Tool rounds so far. */
  readonly steps: number;
  /** Completion tokens of those rounds. */
  readonly tokens?: number;
  /** What the turn's model calls have cost so far, micro-dollars. */
  readonly cost?: number;
  /** Said to the person before the answer: that the session was reset. Not part of the history. */
  readonly notice?: string;
  readonly job?: JobRun;
}

/** The run of a job: its answer is posted to the chat of `origin` instead of being sent from here. */
export interface JobRun {
  readonly id: string;
  readonly name: string;
  readonly scheduledTime: string;
  readonly owner?: SessionKey;
  readonly deliver?: string;
  readonly toolsets?: readonly string[];
  readonly isManual?: true;
  /** Its tick came too late: it was not run. */
  readonly isMissed?: true;
  /** It was not run, or not to its end: the day's budget is spent. */
  readonly isOverBudget?: true;
}

/** An answer that exists and is being delivered. From here the model is never asked again. */
export interface Outgoing {
  /** Markdown; sent as parts and stored as the answer's row. */
  readonly text: string;
  readonly origin: Origin;
  /** Index of the next part to send. */
  readonly next: number;
  /**
   * A part that was sent without word of its arrival, by us or by a holder that died; `resent` once it goes out again.
   * It never goes out a third time.
   */
  readonly unsure?: { readonly part: number; readonly resent: boolean };
  /** A part may not have arrived: the person is told at the end. */
  readonly isDoubtful?: true;
  /** Part indexes replaced by their simpler form, in the order it happened: replays to the same parts. */
  readonly simplified: readonly number[];
  readonly sentIds: readonly number[];
  /** Telegram asked for a wait that outlasts an invocation: until when (ms), and how often it was handed over. */
  readonly wait?: { readonly notBefore: number; readonly hops: number };
  readonly choices?: readonly string[];
  /** The assistant row to append, or none when the text is ours (a command's reply) and not the model's. */
  readonly row?: AssistantMessage;
  /** The row is said into the conversation and answers nothing in it. */
  readonly isPost?: true;
  /** The job whose result this is, in a chat it is for. */
  readonly jobId?: string;
  /** The conversation that job belongs to; absent: this one. */
  readonly owner?: SessionKey;
  /** Rows of buttons under the last part, signed. */
  readonly buttons?: readonly (readonly Button[])[];
  /** Entries this answers: their claims are completed and their rows deleted. */
  readonly entries: readonly EntryId[];
  readonly job?: JobRun;
}

/** Rows that were taken back: from `from` up to the mark that says so, `to`. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** The one mutable item of a session (design.md 4). */
export interface Meta {
  readonly fence: number;
  /** Holders that have worked on what is open, this one included. */
  readonly tries: number;
  readonly by?: string;
  readonly until?: number;
  readonly sessionId: string;
  readonly seq: number;
  /** Fence of the holder whose commit last moved `seq`: the fence the newest row must carry. */
  readonly seqFence: number;
  /** The prompt begins at this seq (exclusive of what was compacted). */
  readonly base: number;
  readonly turn?: OpenTurn;
  readonly out?: Outgoing;
  readonly settings: Settings;
  /** First entry of the turn during which somebody was told that their message waits. */
  readonly noted?: EntryId;
  readonly title?: string;
  readonly totals: Usage & {
    readonly turns: number;
    readonly calls: number;
    /** Micro-dollars, of the session and of its last turn; absent before costs were counted. */
    readonly cost?: number;
    readonly lastTurn?: number;
  };
  readonly startedAt: number;
  readonly updatedAt: number;
  /** prompt tokens of the last model call; what compaction is decided by. */
  readonly lastPrompt: number;
  /** Rows up to this seq are in the search index. */
  readonly indexed: number;
  /** What /undo and /retry took back, where it lies: a bounded number. Absent when nothing was, or before this was kept. */
  readonly cuts?: readonly Cut[];
  /** Rows up to this seq were handed to long-term memory, or are owed to it; absent before there was any. */
  readonly learned?: number;
  /** What long-term memory has missed, of this session and of those before it: oldest first, a bounded number. */
  readonly owed?: readonly Owed[];
}

/** What one person said in a session and long-term memory has not taken: a place, never the words. */
export interface Owed {
  readonly sessionId: string;
  readonly userId: number;
  /** Rows after `from` up to `to`. */
  readonly from: number;
  readonly to: number;
  /** Handed over up to this seq without word of its arrival: that part goes once more as it went, and alone. */
  readonly unsure?: number;
  /** Since when the oldest of it waits, ms. */
  readonly at: number;
}

export const NOTHING_USED = { prompt: 0, cached: 0, completion: 0, reasoning: 0, turns: 0, calls: 0 };

/** A message of the transcript with its place in it. */
export interface Row {
  readonly sessionId: string;
  readonly seq: number;
  readonly fence: number;
  readonly at: number;
  readonly message: Message;
  /**
   * `summary`: stands for every row before `keepFrom`; `cut`: the rows from `from` up to this one are undone;
   * `damaged`: what is stored is no message (never written, only read).
   */
  readonly marker?:
    | { readonly kind: "summary"; readonly keepFrom: number }
    | { readonly kind: "cut"; readonly from: number }
    | { readonly kind: "damaged"; readonly problem: string };
  /** What it was taken from: a message, a tick; of an assistant's row, what was posted. */
  readonly entryId?: EntryId;
  readonly tokens?: number;
  /** The skills as the system prompt lists them from this row on: the newest one counts (design.md 9, invariant 11). */
  readonly skillsIndex?: string;
}

/** The fields of META a step may change; `null` removes. Values are absolute: repeating a commit is harmless. */
export type MetaPatch = {
  readonly [K in Exclude<keyof Meta, "fence" | "by" | "until">]?:
    | Meta[K]
    | (K extends "turn" | "out" | "title" | "owed" | "cuts" ? null : never);
};
