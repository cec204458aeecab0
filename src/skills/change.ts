// What every change of a skill goes through, and what it needs for that. Called by the actions beside it (write-skill.ts,
// patch-skill.ts, write-file.ts, delete-skill.ts, versions.ts).
//
//   checks (names, sizes, frontmatter, scan) → the Knowledge Base's record → compare and set → our own index → Knowledge Base
//
// A change that replaces something does so only over the version this conversation has seen: nobody's work is written over.

import { abortable } from "../abortable.ts";
import { asError, HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../ports.ts";
import type { SkillFiles, SkillSync } from "../skill-ports.ts";
import { timeLimit } from "../time-limit.ts";
import type { ParseYaml } from "../yaml.ts";
import type { BucketIndex, Snapshot } from "./bucket-index.ts";
import { type Claim, type NameNote, takeBackIfTaken } from "./claim.ts";
import { frontmatterProblem, MAX_SKILL_CHARS } from "./document.ts";
import type { SkillEntry } from "./entry.ts";
import { describeFinding, scanSkill } from "./scan.ts";
import { AS_IT_IS, type Current, type Shelf } from "./shelf.ts";
import { scannedFacts, textToScan } from "./skill-danger.ts";
import { SkillError } from "./skill-error.ts";
import { versionOf } from "./view.ts";

/** The arguments of skill_manage, as the model gave them. */
export interface ChangeArgs {
  readonly name: string;
  readonly content?: string | undefined;
  readonly category?: string | undefined;
  readonly old_string?: string | undefined;
  readonly new_string?: string | undefined;
  readonly replace_all?: boolean | undefined;
  readonly file_path?: string | undefined;
  readonly file_content?: string | undefined;
  readonly absorbed_into?: string | undefined;
  readonly version?: string | undefined;
}

export interface Asked {
  readonly args: ChangeArgs;
  /** The version of a file (its whole path) that this conversation saw last. */
  readonly seen: (path: string) => string | undefined;
  readonly signal: AbortSignal;
}

export interface Changed {
  readonly name: string;
  /** Of the file that was changed, with the skill's folder. */
  readonly path: string;
  /** Counts as seen from now on. Absent when the file is gone, or is not all known to this conversation. */
  readonly version?: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export interface Workshop {
  readonly files: SkillFiles;
  readonly index: BucketIndex;
  readonly shelf: Shelf;
  readonly sync?: SkillSync;
  readonly parseYaml: ParseYaml;
  readonly guard: boolean;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Log;
}

export type Action = (shop: Workshop, asked: Asked) => Promise<Changed>;

/** Its change is on record and is brought there later, too. */
const SETTLE_MS = 3_000;

// ---- what may be changed, and over what

/** The skill, unless it comes with the bot. */
export const changeable = async ({ shelf }: Workshop, name: string): Promise<SkillEntry> => {
  const entry = await shelf.find(name);
  if (entry.summary.isBundled)
    throw new SkillError(
      `Skill '${entry.summary.name}' comes with the bot and cannot be changed. Create one of your own under another name.`,
    );
  return entry;
};

export const changedMeanwhile = (path: string): SkillError =>
  new SkillError(
    `${path} was changed by somebody else meanwhile. Read it again with skill_view and redo your change.`,
  );

/** Of a withheld skill nobody can see a version. */
export const requireSeen = (entry: SkillEntry, path: string, etag: string, { seen }: Asked): void => {
  if (entry.summary.withheld !== undefined) return;
  const version = seen(path);
  if (version === undefined)
    throw new SkillError(`Read ${path} first with skill_view: a change is made over what you have seen.`);
  if (version !== versionOf(etag)) throw changedMeanwhile(path);
};

export const deletedMeanwhile = ({ summary }: SkillEntry): SkillError =>
  new SkillError(`Skill '${summary.name}' was deleted meanwhile.`);

/** As they are now: what was known may be what somebody has changed since. Of one too large to be read there are no bytes. */
export const currentSkill = async ({ shelf }: Workshop, entry: SkillEntry): Promise<Current> => {
  const now = await shelf.readNow(entry).catch((thrown: unknown) => listedSkill(shelf, entry, thrown));
  if (now === undefined) throw deletedMeanwhile(entry);
  return now;
};

/** One that is too large to be read can be replaced and deleted all the same: the listing knows which it is. */
const listedSkill = async (shelf: Shelf, entry: SkillEntry, thrown: unknown): Promise<Current> => {
  if (!(thrown instanceof HermesError && thrown.code === "too_large")) throw thrown;
  const { entry: now, snapshot } = await lookAnew(shelf, entry);
  const { path } = entry;
  const { etag = "", size = 0 } = snapshot.files.get(path) ?? {};
  return { entry: now, file: { path, etag, size, bytes: new Uint8Array() } };
};

/** A skill as a fresh listing has it, and what is beside it. */
export const lookAnew = async (
  shelf: Shelf,
  entry: SkillEntry,
): Promise<{ readonly entry: SkillEntry; readonly snapshot: Snapshot }> => {
  const { entries, snapshot } = await shelf.inventory(AS_IT_IS);
  const now = entries.find(({ path, summary }) => path === entry.path && !summary.isBundled);
  if (now === undefined) throw deletedMeanwhile(entry);
  return { entry: now, snapshot };
};

// ---- what may be stored

/** Throws SkillError; what the scan found short of that is told. */
export const checkedSkill = ({ parseYaml, guard }: Workshop, text: string): Cautions => {
  if (text.length > MAX_SKILL_CHARS)
    throw new SkillError(
      `SKILL.md content is ${count(text.length)} characters (limit: ${count(MAX_SKILL_CHARS)}). Consider splitting into a smaller SKILL.md with supporting files in references/ or templates/.`,
    );
  const problem = frontmatterProblem(text, parseYaml);
  if (problem !== undefined) throw new SkillError(problem);
  return cautionsOf(textToScan(text, parseYaml), guard);
};

export interface Cautions {
  readonly security_note?: string;
}

export const cautionsOf = (text: string, guard: boolean): Cautions => {
  if (!guard) return {};
  const { verdict, findings } = scanSkill(text);
  if (verdict === "dangerous")
    throw new SkillError(
      `The security scan refused this, and nothing was stored. It found ${describeFinding(findings[0])}. Leave that out, or tell the person why it cannot be kept.`,
    );
  if (verdict === "safe") return {};
  return {
    security_note: `The security scan found ${findings.slice(0, 3).map(describeFinding).join("; ")}.`,
  };
};

export const count = (amount: number): string => amount.toLocaleString("en-US");

// ---- the change itself

interface Write {
  readonly folder: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The etag to replace; undefined: there is none. */
  readonly expected: string | undefined;
  /** Of a SKILL.md: what the index and the Knowledge Base are to know. */
  readonly text?: string;
  /** Of a new name: nobody else may be called so, also who takes it at the same moment. */
  readonly claim?: Claim | undefined;
}

interface Stored extends NameNote {
  readonly version: string;
}

/** Undefined when somebody else was faster. */
export const store = async (shop: Workshop, asked: Asked, write: Write): Promise<Stored | undefined> => {
  const { folder, path, bytes, expected, text, claim } = write;
  asked.signal.throwIfAborted();
  // The Knowledge Base has of a skill its SKILL.md alone.
  const isSearched = text !== undefined;
  if (isSearched) await shop.sync?.begin(folder);
  const etag = await shop.files.write(path, bytes, expected);
  if (etag === undefined) return undefined;
  const file = { path, etag, size: bytes.length };
  shop.index.note(path, {
    file,
    ...(text === undefined ? {} : { facts: scannedFacts(text, shop.parseYaml) }),
  });
  const note = claim === undefined ? {} : await takeBackIfTaken(shop, { path, etag }, claim);
  if (isSearched) await settle(shop, asked.signal);
  return { version: versionOf(etag), ...note };
};

/** False when it is another file by now. */
export const remove = async (shop: Workshop, path: string, etag: string): Promise<boolean> => {
  const isGone = await shop.files.remove(path, etag);
  if (isGone) shop.index.note(path, "gone");
  return isGone;
};

export const settle = async ({ sync, clock, log }: Workshop, signal: AbortSignal): Promise<void> => {
  if (sync === undefined) return;
  using limit = timeLimit(clock, SETTLE_MS);
  const bounded = AbortSignal.any([signal, limit.signal]);
  try {
    await abortable(bounded, sync.settle(bounded));
  } catch (thrown) {
    // The change is made and on record: also when the turn was stopped, its result is to be told.
    log.info("the Knowledge Base hears of a skill later", { error: asError(thrown) });
  }
};
