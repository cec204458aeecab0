// Long-term memory: the interface of a provider (hermes-behaviour.md 5.1), built in, AgentCore's, or a plugin's, and what the
// providers here need from the outside.

import type { Message } from "./message.ts";
import type { Tool } from "./ports.ts";
import type { Origin, SessionKey } from "./turn.ts";

/** Whose memory, and for which conversation. Who speaks is `origin.userId`; without one there is no memory. */
export interface MemoryContext {
  readonly origin: Origin;
  readonly session: SessionKey;
  readonly sessionId: string;
  readonly signal: AbortSignal;
}

/** What was said and answered in one turn: the person's own words and the final answer, without tools. */
export interface Exchange {
  readonly user: string;
  readonly assistant: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** One thing that is remembered. */
export interface KnownFact {
  /** Names it for `forget`. */
  readonly id: string;
  readonly text: string;
  /** ms since the epoch. */
  readonly at?: number;
}

/** A failure here never breaks a turn: whoever calls bounds the time, logs, and goes on. */
export interface MemoryProvider {
  readonly name: string;
  /** It learns some time after it was told: for minutes after it has forgotten all, what it was at may turn up. */
  readonly learnsLater?: true;
  /**
   * What is remembered about this request, as text, or "" for nothing. `isFirst`: nothing recalled for this person is in the
   * prompt yet, so that what does not depend on the query is wanted too; the query can be "" then (a picture without words).
   */
  recall(query: string, context: MemoryContext & { readonly isFirst: boolean }): Promise<string>;
  /**
   * One finished exchange. Called again with the same `id` after a crash, or after a call without a result: it must not count
   * twice. `missed`: earlier ones of this person in the same session that could not be remembered when they happened, oldest
   * first. The session may be one that was left meanwhile.
   */
  remember(
    exchange: Exchange & MemoryContext & { readonly id: string; readonly missed: readonly Exchange[] },
  ): Promise<void>;
  readonly tools: readonly Tool[];
  /** Everything about this person, newest first. Absent: the provider cannot say. */
  known?(context: MemoryContext): Promise<readonly KnownFact[]>;
  /** Forgets these, or all and what it would still learn from. */
  forget?(ids: readonly string[] | "all", context: MemoryContext): Promise<void>;
  // Both are told of the whole conversation. Where several share one, only `userId` of a message says whose it is: `origin` is
  // the one whose turn it was.
  /** Before messages are compacted away: what of them the summary must keep, or "". */
  onPreCompress?(messages: readonly Message[], context: MemoryContext): Promise<string>;
  /** A conversation was closed (/new, /resume, a reset). */
  onSessionEnd?(messages: readonly Message[], context: MemoryContext): Promise<void>;
}

// ---- built in

/** Hermes' MEMORY.md and USER.md of one person. */
export interface Notes {
  readonly memory: readonly string[];
  readonly user: readonly string[];
  /** 0: nothing is stored yet. */
  readonly revision: number;
  /** The newest calls (`ToolContext.operation`) that changed them: one that is made again after a crash is known by it. */
  readonly applied?: readonly string[];
}

export interface NotesStore {
  /** Consistently read. */
  read(userId: number): Promise<Notes>;
  /**
   * Stores the notes with the next revision if the stored ones still have `notes.revision`. False when somebody else was
   * faster. Repeating a write whose answer was lost is safe.
   */
  write(userId: number, notes: Notes): Promise<boolean>;
}

// ---- what was missed

/** When people had everything forgotten: what they said before and a memory has missed is not told to it any more. */
export interface Forgettings {
  /** Nothing said up to `at` (ms). Repeating it is harmless. */
  mark(userId: number, at: number): Promise<void>;
  /** ms; 0: never. Consistently read. */
  last(userId: number): Promise<number>;
}

// ---- AgentCore Memory

export interface MemoryRecord {
  readonly id: string;
  readonly text: string;
  /** ms since the epoch. */
  readonly at: number;
  /** 0..1, of a search. */
  readonly score?: number;
}

/**
 * AgentCore Memory's data plane (facts/platform.md 4). Throws HermesError `unavailable`, retryable when that passes, `busy` for
 * what comes too soon after something else, and `malformed` for what it will never take.
 */
export interface MemoryService {
  /** One event of both sides' messages, oldest first. The same `token` is the same event. */
  createEvent(
    event: {
      readonly actor: string;
      readonly session: string;
      readonly at: number;
      readonly messages: readonly { readonly role: "USER" | "ASSISTANT"; readonly text: string }[];
      readonly token: string;
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** Records in and below this path of namespaces, best first. */
  search(path: string, query: string, limit: number, signal: AbortSignal): Promise<readonly MemoryRecord[]>;
  /** All of them. */
  list(path: string, signal: AbortSignal): Promise<readonly MemoryRecord[]>;
  /** Stores a record that is searchable at once. The same `token` is the same record. */
  add(namespace: string, text: string, token: string, at: number, signal: AbortSignal): Promise<void>;
  /** Gone already is gone. */
  remove(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Everything the service could still learn from. */
  removeEvents(actor: string, signal: AbortSignal): Promise<void>;
}
