// What skills need from the outside, and what the rest of the agent asks of them. Paths are as below ~/.hermes/skills on a
// disk (`research/page-brief/SKILL.md`), with `/`, whatever prefix the bucket has.

// ---- the files

export interface SkillFileInfo {
  readonly path: string;
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

export interface SkillFile extends SkillFileInfo {
  readonly bytes: Uint8Array;
}

/** One version of a file, newest first where several are told. A deletion is a version too. */
export interface SkillFileVersion {
  readonly version: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly size: number;
  readonly isLatest: boolean;
  readonly isDeletion: boolean;
}

/**
 * The bucket. Throws HermesError `unavailable` when it cannot be reached or refuses, and `tool`, before it is asked, for a change
 * of what no file can be called.
 */
export interface SkillFiles {
  /** Every file, in the order of their paths. */
  list(): Promise<readonly SkillFileInfo[]>;
  /**
   * Undefined when there is none. Throws HermesError `too_large` beyond `maxBytes`, without reading it. `version`: that one
   * instead of the newest.
   */
  read(
    path: string,
    options: { readonly maxBytes: number; readonly version?: string },
  ): Promise<SkillFile | undefined>;
  /**
   * Compare and set: stores the file if its etag is still `expected` (undefined: there is none) and returns the new etag, or
   * undefined when somebody else was faster. Repeating a write whose answer was lost is safe.
   */
  write(path: string, bytes: Uint8Array, expected: string | undefined): Promise<string | undefined>;
  /** False when its etag is not `expected` any more. Gone already is gone. */
  remove(path: string, expected: string): Promise<boolean>;
  /** Newest first, at most `limit`. */
  versions(path: string, limit: number): Promise<readonly SkillFileVersion[]>;
}

// ---- the Knowledge Base

/** A skill as the Knowledge Base has it; `id` is the folder of the skill. */
export interface SearchDocument {
  readonly id: string;
  readonly text: string;
}

/** `working`: taken, and not searchable yet. */
export type DocumentState = "indexed" | "working" | "failed" | "missing";

/** A Bedrock Knowledge Base. Throws HermesError `unavailable` (retryable when it is only busy). */
export interface KnowledgeBase {
  put(documents: readonly SearchDocument[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  states(ids: readonly string[]): Promise<ReadonlyMap<string, DocumentState>>;
  /** Every id it has, in no order; not those it is about to lose. */
  list(): Promise<readonly string[]>;
  /** Ids, best first, each once. Rejects with the signal's reason when aborted. */
  search(query: string, limit: number, signal: AbortSignal): Promise<readonly string[]>;
}

/** A skill that has changed, or is about to, and is not known to have arrived in the Knowledge Base. */
export interface PendingSync {
  readonly folder: string;
  /** New with every change. What was done for an older one is not enough. */
  readonly token: string;
  /** When this change was recorded, ms since the epoch, as all times here. */
  readonly since: number;
  /** `submitted`: the Knowledge Base has taken it, and has not been seen to have indexed it. */
  readonly state: "pending" | "submitted";
  /** The etag of what was submitted; absent for a deletion. */
  readonly etag?: string;
  /** How often it was given to the Knowledge Base and did not arrive. A busy service does not count. */
  readonly attempts: number;
  /** There is nothing to be done before. */
  readonly dueAt: number;
  /** Somebody is working on it until then. */
  readonly claimedUntil: number;
}

/** What the claimer of a record found out. */
export type SyncProgress = Pick<PendingSync, "state" | "etag" | "attempts" | "dueAt">;

/** Changes on their way to the Knowledge Base. None is ever lost: a record stays until somebody removes it. */
export interface PendingSyncs {
  /** Records a change under a new token: pending, due, without attempts. A claim on its folder stays. Safe to repeat. */
  begin(folder: string, token: string, nowMs: number): Promise<void>;
  /** All of them, by folder. */
  list(): Promise<readonly PendingSync[]>;
  /**
   * Keeps others off this folder until `untilMs`, and returns its record; undefined when there is none or another one's
   * claim has not run out. `by` is the claimer's own: repeating is safe.
   */
  claim(folder: string, by: string, nowMs: number, untilMs: number): Promise<PendingSync | undefined>;
  /** Stores progress and ends the claim. False, and nothing is stored, when the token or the claim is another by now. */
  update(record: PendingSync, by: string, progress: SyncProgress): Promise<boolean>;
  /** It has arrived. False when the token is another by now; gone already is gone. */
  remove(folder: string, token: string): Promise<boolean>;
}

/** Keeps the Knowledge Base in step with the bucket. A change is on record before it is made, and until it has arrived. */
export interface SkillSync {
  /** Before a skill is written or deleted: records that its folder is about to change. */
  begin(folder: string): Promise<void>;
  /** After it, and whenever there is time: brings what is on record to the Knowledge Base. Never throws. */
  settle(signal: AbortSignal): Promise<void>;
  search(query: string, limit: number, signal: AbortSignal): Promise<readonly string[]>;
}

// ---- the library, as the agent sees it

export interface SkillSummary {
  readonly name: string;
  readonly description: string;
  /** Folders above the skill's own, joined by `/`; "" when there is none. */
  readonly category: string;
  /** What the category's DESCRIPTION.md says it is, in one line. */
  readonly categoryDescription?: string;
  readonly tags: readonly string[];
  /** The skill's own folder, with its category. */
  readonly folder: string;
  /** Comes with the bot and cannot be changed. */
  readonly isBundled: boolean;
  /** Why it is not to be used: too large, or text that the security scan refuses. Listed, never loaded. */
  readonly withheld?: string;
  /** When it is shown at all (hermes-behaviour.md 4.6). */
  readonly conditions?: SkillConditions;
}

/** Names of tools and toolsets. */
export interface SkillConditions {
  readonly requiresTools: readonly string[];
  readonly requiresToolsets: readonly string[];
  readonly fallbackForTools: readonly string[];
  readonly fallbackForToolsets: readonly string[];
}

export interface SkillLibrary {
  /**
   * By category and name, one a name: those of the bucket above the bundled. From this process's copy, unless `isFresh` asks
   * for what any container has written since: that is one listing, however many skills there are. Bundled ones alone when
   * the bucket cannot be read and never was, which is logged; where that is not to be taken for all there are,
   * `needsBucket` throws HermesError `unavailable` instead.
   */
  list(options: {
    readonly isFresh: boolean;
    readonly needsBucket?: boolean;
  }): Promise<readonly SkillSummary[]>;
  /**
   * The whole SKILL.md for who follows it in this session, its variables replaced (hermes-behaviour.md 4.3); undefined when there
   * is none of this name (or `category/name`) or it is withheld.
   */
  text(name: string, sessionId: string): Promise<string | undefined>;
}
