// What the inside needs from the outside, in its own words. Adapters implement these; fakes in tests do too.

import type { Log } from "./log.ts";
import type { AssistantMessage, Message, ModelReply, Usage } from "./message.ts";
import type { Entry, EntryId, Origin, SessionKey } from "./turn.ts";

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
  readonly reasoning: "off" | "low" | "medium" | "high" | "max" | "default";
  readonly signal: AbortSignal;
  /** Visible text as it streams, piece by piece. */
  readonly onText?: (piece: string) => void;
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

export interface Button {
  readonly text: string;
  /** At most 64 bytes; carries proof that we made it (src/buttons.ts). */
  readonly data: string;
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
  /** The messages a Markdown text becomes, in order; the same text always gives the same parts. */
  compose(markdown: string): readonly Part[];
  /** The next simpler form of a part the server refused, as one or more parts; empty when there is none. */
  simplify(part: Part): readonly Part[];
  /**
   * Sends and returns the message id. Throws TelegramError; nothing is sent again whose fate is unknown. Only after a
   * definite refusal of the thread or of the message replied to does it go out once more, without that.
   */
  send(
    to: ChatAddress,
    part: Part,
    options: {
      readonly replyTo?: number;
      readonly buttons?: readonly Button[];
      readonly silent?: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<number>;
  /** Shows the beginning of an answer while it is being written (private chats). `text` is Markdown. */
  draft(to: ChatAddress, draftId: number, text: string, signal: AbortSignal): Promise<void>;
  typing(to: ChatAddress, signal: AbortSignal): Promise<void>;
  /** Takes the buttons off a message whose question is answered. */
  spendButtons(to: ChatAddress, messageId: number, signal: AbortSignal): Promise<void>;
  /** Bytes of a file a person sent, ≤ 20 MB. */
  download(
    fileId: string,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly mime: string }>;
}

// ---- sessions

/** A lease holds this long from each write on META; renewed every RENEW_MS (design.md 5). */
export const LEASE_MS = 30_000;
export const RENEW_MS = 8_000;

/** A lease is taken over only this long after it ran out: more than containers' clocks differ. */
export const TAKEOVER_GRACE_MS = 5_000;

/** No send and no unrepeatable tool begins with less than this left: its own time-out of 8 s plus clock skew. */
export const SEND_MARGIN_MS = 12_000;

/** The most items one read of the transcript returns; compaction keeps the prompt's rows below it. */
export const NEWEST_ROWS = 400;

/** What is read beside the acquire, before META says how much is needed: enough for most chats, and cheap for all. */
export const GUESSED_ROWS = 120;

/** What a person set for their chat; survives /new. */
export interface Settings {
  readonly model?: string;
  readonly reasoning?: ModelRequest["reasoning"];
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
  /** Said to the person before the answer: that the session was reset. Not part of the history. */
  readonly notice?: string;
  readonly job?: JobRun;
}

/** The run of a job: its answer is posted to the chat of `origin` instead of being sent from here. */
export interface JobRun {
  readonly id: string;
  readonly name: string;
  readonly scheduledTime: string;
}

/** An answer that exists and is being delivered. From here the model is never asked again. */
export interface Outgoing {
  /** Markdown; sent as parts and stored as the answer's row. */
  readonly text: string;
  readonly origin: Origin;
  /** Index of the next part to send. */
  readonly next: number;
  /** Part indexes replaced by their simpler form, in the order it happened: replays to the same parts. */
  readonly simplified: readonly number[];
  readonly sentIds: readonly number[];
  /** Telegram asked for a wait that outlasts an invocation: until when (ms), and how often it was handed over. */
  readonly wait?: { readonly notBefore: number; readonly hops: number };
  readonly choices?: readonly string[];
  /** The assistant row to append, or none when the text is ours (a command's reply) and not the model's. */
  readonly row?: AssistantMessage;
  /** Entries this answers: their claims are completed and their rows deleted. */
  readonly entries: readonly EntryId[];
  readonly job?: JobRun;
}

/** The one mutable item of a session (design.md 4). */
export interface Meta {
  readonly fence: number;
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
  readonly title?: string;
  readonly totals: Usage & { readonly turns: number; readonly calls: number };
  readonly startedAt: number;
  readonly updatedAt: number;
  /** prompt tokens of the last model call; what compaction is decided by. */
  readonly lastPrompt: number;
  /** Rows up to this seq are in the search index. */
  readonly indexed: number;
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
  readonly entryId?: EntryId;
  readonly tokens?: number;
}

/** The fields of META a step may change; `null` removes. Values are absolute: repeating a commit is harmless. */
export type MetaPatch = {
  readonly [K in Exclude<keyof Meta, "fence" | "by" | "until">]?:
    | Meta[K]
    | (K extends "turn" | "out" | "title" ? null : never);
};

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
  /** True for the first caller of the day. */
  claim(key: string, nowMs: number): Promise<boolean>;
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
  readonly state?: Pick<Meta, "seq" | "seqFence" | "base" | "lastPrompt" | "indexed"> &
    Partial<Pick<Meta, "totals">>;
}

export interface SearchHit {
  readonly sessionId: string;
  readonly seq: number;
  readonly score: number;
}

/** Full text over a chat's past sessions. Cost is bounded by the query, not by the length of the past. */
export interface Archive {
  /** Newest first, at most `limit`. */
  sessions(session: SessionKey, limit: number): Promise<readonly PastSession[]>;
  /** Stores or replaces the record of a session. */
  describe(session: SessionKey, record: PastSession): Promise<void>;
  /** Adds rows to the index. Repeating with the same rows is harmless. */
  index(session: SessionKey, rows: readonly Row[]): Promise<void>;
  search(
    session: SessionKey,
    query: string,
    options: {
      readonly limit: number;
      readonly sort?: "newest" | "oldest";
      /** A session whose rows are no hits: the one that is asking. */
      readonly exclude?: string;
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

// ---- tools and memory, also for plugins

export interface ToolContext {
  readonly session: SessionKey;
  readonly sessionId: string;
  readonly origin: Origin;
  /** The transcript so far, oldest first, as the model sees it. */
  readonly messages: readonly Message[];
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What a tool hands back. `ask` ends the turn with a question to the person; the answer starts the next turn. */
export interface ToolOutcome {
  readonly text: string;
  readonly ask?: { readonly question: string; readonly choices: readonly string[] };
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

/** Long-term memory. A failure here never breaks a turn. */
export interface MemoryProvider {
  readonly name: string;
  /** What is remembered about this request, as text, or "" for nothing. */
  recall(
    query: string,
    context: { readonly origin: Origin; readonly sessionId: string; readonly signal: AbortSignal },
  ): Promise<string>;
  /** One finished exchange. */
  remember(exchange: {
    readonly user: string;
    readonly assistant: string;
    readonly origin: Origin;
    readonly sessionId: string;
    readonly at: number;
    readonly signal: AbortSignal;
  }): Promise<void>;
  readonly tools: readonly Tool[];
}

/** What a plugin's `register` function receives (home/plugins). */
export interface PluginHost {
  addTool(tool: Tool): void;
  setMemory(provider: MemoryProvider): void;
  readonly log: Log;
}
