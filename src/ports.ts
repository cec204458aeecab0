// What the inside needs from the outside, in its own words. Adapters implement these; fakes in tests do too.

import type { JobRecord } from "./job-record.ts";
import type { Log } from "./log.ts";
import type { Button, Message, ModelReply, Reasoning } from "./message.ts";
import type { Cut, Meta, MetaPatch, OpenTurn, Row, Settings } from "./session-state.ts";
import type { Entry, EntryId, Job, Origin, SessionKey } from "./turn.ts";

// ---- time

export interface Clock {
  /** Wall clock, ms since the epoch. Compared with what other containers wrote. */
  now(): number;
  /** Monotonic, ms. Goes on while the wall clock is corrected, and is not comparable between processes. */
  elapsed(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

// ---- the model

export interface ToolSchema {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments, with a stable key order: it is part of the cached prefix. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSchema[];
  /** Upper bound of what the model may write, in tokens, reasoning included. */
  readonly maxTokens: number;
  readonly reasoning: Reasoning;
  readonly signal: AbortSignal;
  /** Visible text as it streams, piece by piece. */
  readonly onText?: (piece: string) => void;
  /** How much the model has written more, in characters, as it streams: its thinking and its calls too. */
  readonly onWritten?: (chars: number) => void;
}

/** One model at one endpoint. One attempt a call: waiting, retrying and falling back are the caller's. */
export interface Model {
  readonly name: string;
  readonly provider: string;
  readonly readsImages: boolean;
  /** Throws ModelError; rejects with the signal's reason when aborted. A stream that breaks off is finish `cut`. */
  complete(request: ModelRequest): Promise<ModelReply>;
}

// ---- Telegram, outbound

export interface ChatAddress {
  readonly chatId: number;
  readonly threadId?: number;
}

/** One message to be sent, in the form it is to be tried in. Plain data: deterministic from its text. */
export interface Part {
  readonly form: "rich" | "entities" | "plain";
  /** Markdown for `rich`, else the text a reader sees. */
  readonly text: string;
  readonly entities?: readonly PartEntity[];
}

export interface PartEntity {
  readonly type: string;
  /** UTF-16 code units. */
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
  readonly language?: string;
}

export interface Telegram {
  /** Begins to load what the first answer of a process is composed and sent with. Never throws. */
  prepare(): void;
  /** The messages a Markdown text becomes, in order; the same text always gives the same parts. */
  compose(markdown: string): Promise<readonly Part[]>;
  /** The next simpler form of a part the server refused, as one or more parts; empty when there is none. */
  simplify(part: Part): Promise<readonly Part[]>;
  /**
   * Sends and returns the message id. Throws TelegramError; nothing is sent again whose fate is unknown. Only after a
   * definite refusal of the thread or of the message replied to does it go out once more, without that.
   */
  send(
    to: ChatAddress,
    part: Part,
    options: {
      readonly replyTo?: number;
      /** Rows of them. */
      readonly buttons?: readonly (readonly Button[])[];
      readonly silent?: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<number>;
  /** Shows the beginning of an answer while it is being written (private chats). `text` is Markdown. */
  draft(to: ChatAddress, draftId: number, text: string, signal: AbortSignal): Promise<void>;
  typing(to: ChatAddress, signal: AbortSignal): Promise<void>;
  /** Takes the buttons off a message whose question is answered. */
  spendButtons(to: ChatAddress, messageId: number, signal: AbortSignal): Promise<void>;
  /** The bot's command menu, of at most 100. */
  setCommands(
    commands: readonly { readonly command: string; readonly description: string }[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Bytes of a file a person sent, ≤ 20 MB. */
  download(
    fileId: string,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly mime: string }>;
}

// ---- sessions

/** The most items one read of the transcript returns; compaction keeps the prompt's rows below it. */
export const NEWEST_ROWS = 400;

/** What is read beside the acquire, before META says how much is needed: enough for most chats, and cheap for all. */
export const GUESSED_ROWS = 120;

export interface Sessions {
  /** Takes the lease for LEASE_MS and counts the try, or says who holds it. Repeating with the same `by` is safe. */
  acquire(session: SessionKey, by: string): Promise<Meta | { readonly heldBy: string | undefined }>;
  /**
   * The newest rows of a session, oldest first, none before `fromSeq`: of at most NEWEST_ROWS items, or GUESSED_ROWS
   * without a session id, which then is the newest session's.
   */
  newestRows(
    session: SessionKey,
    options?: { readonly sessionId?: string; readonly fromSeq?: number },
  ): Promise<readonly Row[]>;
  /** Puts rows that no reader sees until a commit moves `seq` over them. Throws LeaseLost when a later holder wrote there. */
  append(session: SessionKey, rows: readonly Row[]): Promise<void>;
  /** Renews the lease and applies the patch, if `fence` still holds it. Throws LeaseLost. Returns the new `until`. */
  commit(session: SessionKey, fence: number, patch: MetaPatch): Promise<number>;
  /** Patch, then the lease is free and `tries` is 0. */
  release(session: SessionKey, fence: number, patch: MetaPatch): Promise<void>;
}

export interface Inbox {
  /** Stores an entry under its own key: twice is once. */
  put(session: SessionKey, entry: Entry): Promise<void>;
  /** Every waiting entry, oldest first, consistently read. */
  waiting(session: SessionKey): Promise<readonly Entry[]>;
  remove(session: SessionKey, ids: readonly EntryId[]): Promise<void>;
}

/** What has been answered, over Powertools' idempotency records. Read and written only under the session's lease. */
export interface Claims {
  answered(session: SessionKey, id: EntryId): Promise<boolean>;
  complete(session: SessionKey, id: EntryId): Promise<void>;
}

/** Rings the function's own doorbell. Resolves when the platform has taken the event. */
export interface Doorbell {
  wake(session: SessionKey): Promise<void>;
}

/** Once per key and day; for notices that must not repeat. */
export interface Notices {
  /**
   * True for the first caller of the day; and again for the same `by`, which names what the notice belongs to, so that it
   * is not lost to a crash between the claim and the notice.
   */
  claim(key: string, nowMs: number, by?: string): Promise<boolean>;
}

/** The records of jobs. */
export interface Jobs {
  /** All of an owner, tombstones included; consistently read. */
  list(owner: SessionKey): Promise<readonly JobRecord[]>;
  get(owner: SessionKey, id: string): Promise<JobRecord | undefined>;
  /**
   * Stores `record` with the next revision, which it returns, if the stored one still has `record.revision` (0: none is
   * there). Undefined when somebody else was faster. Repeating a write whose answer was lost is safe.
   */
  put(record: JobRecord): Promise<JobRecord | undefined>;
}

/** The timer of a job as the service has it. */
export interface JobTimer {
  readonly name: string;
  readonly expression: string;
  readonly timezone: string;
  /** ISO. */
  readonly startDate?: string;
  readonly isEnabled: boolean;
  /** Fires once and is gone. */
  readonly isOnce: boolean;
  /** What a tick carries. */
  readonly job: Job;
}

/** EventBridge Scheduler, within our group. Throws HermesError `unavailable` when it cannot be reached or refuses. */
export interface JobTimers {
  /** Creates it or replaces the whole of it. */
  set(timer: JobTimer): Promise<void>;
  /** Undefined when there is none of this name; `job` is undefined when what it carries is none of ours. */
  get(name: string): Promise<(Omit<JobTimer, "job"> & { readonly job: Job | undefined }) | undefined>;
  /** Gone already is gone. */
  remove(name: string): Promise<void>;
  /** Names in our group, at most some hundred. */
  names(): Promise<readonly string[]>;
}

/** What was given up on, and what is needed to do it again. */
export interface Failure {
  readonly session: SessionKey;
  /** ms since the epoch. */
  readonly at: number;
  readonly tries: number;
  /** The entries as they were accepted; one that is gone from the inbox is named by `ids` alone. */
  readonly ids: readonly EntryId[];
  readonly entries: readonly Entry[];
  readonly turn?: OpenTurn;
  /** An answer that existed and was not delivered, or not wholly. */
  readonly undelivered?: { readonly text: string; readonly next: number };
}

/** Records for the operator. */
export interface Failures {
  /** Stores the record; one of the same entries that is there already stays as it is. */
  put(failure: Failure): Promise<void>;
}

// ---- past conversations

/** A session that was, or is, one of a chat's. `state` is what META said of it when it was left: /resume puts it back. */
export interface PastSession {
  readonly sessionId: string;
  readonly title?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly messages: number;
  readonly preview: string;
  /** What was taken back in it. */
  readonly cuts?: readonly Cut[];
  readonly state?: Pick<Meta, "seq" | "seqFence" | "base" | "lastPrompt" | "indexed"> &
    Partial<Pick<Meta, "totals" | "learned">>;
}

/** What fits a query: something said, what a summary says of it, or a session's title (`seq` is then 0). */
export interface SearchHit {
  readonly sessionId: string;
  readonly seq: number;
  readonly of: "message" | "summary" | "title";
  /** The session's record; absent when it has none, or lies too far back for the search to have read it. */
  readonly past?: Omit<PastSession, "state">;
}

/** Full text over a chat's past sessions. Its requests do not grow with the past, and what they read is bounded. */
export interface Archive {
  /** Newest first, at most `limit`. */
  sessions(session: SessionKey, limit: number): Promise<readonly PastSession[]>;
  /** The record of one session. */
  find(session: SessionKey, sessionId: string): Promise<PastSession | undefined>;
  /** Stores or replaces the record of a session. */
  describe(session: SessionKey, record: PastSession): Promise<void>;
  /** Adds rows to the index. Repeating with the same rows is harmless. */
  index(session: SessionKey, rows: readonly Row[]): Promise<void>;
  search(
    session: SessionKey,
    query: string,
    options: {
      readonly limit: number;
      /** Newest first unless asked otherwise. */
      readonly sort?: "newest" | "oldest" | "relevance";
      /** The session that asks: its rows from here on are no hits, they are in its prompt; nor is its title. */
      readonly exclude?: { readonly sessionId: string; readonly fromSeq: number };
    },
  ): Promise<readonly SearchHit[]>;
  /** Rows `from`..`to` inclusive of one session, oldest first; at most 100. */
  rows(session: SessionKey, sessionId: string, from: number, to: number): Promise<readonly Row[]>;
}

// ---- the web

export interface WebPage {
  /** Where the redirects ended. */
  readonly url: string;
  readonly contentType: string;
  /** As served, but for HTML: of that, what it says, as Markdown (`contentType` is then `text/markdown`). */
  readonly body: string;
}

/** Fetches public addresses only: every hop and every resolved address is checked. Throws HermesError `tool`. */
export interface Web {
  fetch(url: string, signal: AbortSignal): Promise<WebPage>;
}

// ---- tools, also for plugins

export interface ToolContext {
  readonly session: SessionKey;
  readonly sessionId: string;
  readonly origin: Origin;
  /** The transcript so far, oldest first, as the model sees it. */
  readonly messages: readonly Message[];
  /** Index in `messages` of the first of this turn. */
  readonly turnStart: number;
  /** The rows of the session before this seq are in `messages` no more: a summary stands for them. */
  readonly base: number;
  /** What was taken back in the session. */
  readonly cuts: readonly Cut[];
  /** Names this call: the same when it is made again after a crash, and no other call has it. */
  readonly operation: string;
  /** The loop cuts a longer text: less for each of many calls in one reply. Who can be read on from where it ends keeps to it. */
  readonly maxResultChars: number;
  /** The person's; "UTC" when nobody has said, which `isTimezoneKnown` tells. */
  readonly timezone: string;
  readonly isTimezoneKnown: boolean;
  /** The person switched long-term memory off in this chat (/memory off). */
  readonly isMemoryOff?: boolean;
  /** Nobody is there: a reminder runs. */
  readonly isJob?: boolean;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What a tool hands back. `ask` ends the turn with a question to the person; the answer starts the next turn. */
export interface ToolOutcome {
  readonly text: string;
  readonly ask?: {
    readonly question: string;
    readonly choices: readonly string[];
    /** Asks for a yes by a button of ours, which does it: no model can say yes instead of the person. */
    readonly forget?: { readonly ids: readonly string[] | "all" };
  };
  /** Becomes a setting of the chat, in the same write as the result. */
  readonly settings?: Pick<Settings, "timezone">;
}

export interface Tool extends ToolSchema {
  readonly toolset: string;
  /** May run at the same time as others of its kind: it only reads. */
  readonly parallel: boolean;
  /** May be run again when a crash left its result unknown. */
  readonly repeatable: boolean;
  /** Its result is somebody else's text: data, not instructions. */
  readonly untrusted?: boolean;
  /** Never throws for bad arguments: says so in the text. A throw is a bug and becomes a result all the same. */
  run(args: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolOutcome>;
}
