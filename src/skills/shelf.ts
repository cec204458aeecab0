// All skills there are, the bucket's above those that come with the bot, and how one is found by what a model calls it.
// Called by library.ts, view.ts and the changes.

import { asError, HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { SkillFile, SkillFiles } from "../skill-ports.ts";
import type { ParseYaml } from "../yaml.ts";
import type { BucketIndex, Look, Snapshot } from "./bucket-index.ts";
import { MAX_SKILL_BYTES } from "./document.ts";
import {
  aboutsOf,
  type BundledFile,
  bundledFacts,
  byCategoryAndName,
  type EntryRules,
  entriesOf,
  entryOf,
  type SkillEntry,
} from "./entry.ts";
import { asSeen, NO_CATEGORY, pathAsSeen } from "./names.ts";
import { filesOfSkill, lastPart } from "./paths.ts";
import { factsOfFile } from "./skill-danger.ts";
import { SkillError } from "./skill-error.ts";

export interface Inventory {
  /** By category and name; hidden ones, and others of a name, too. */
  readonly entries: readonly SkillEntry[];
  readonly snapshot: Snapshot;
  /** Without the bucket: it could not be read. */
  readonly isPartial: boolean;
}

/** What a change stands on: an old picture would write over what somebody has done since, or beside it. */
export const AS_IT_IS: Look = { isFresh: true, mustBeFresh: true };

/** A skill with its SKILL.md, both as they are in the bucket now. */
export interface Current {
  readonly entry: SkillEntry;
  /** Its etag is what to compare with. */
  readonly file: SkillFile;
}

export interface Shelf {
  /** Throws HermesError `unavailable` only for a look that must be fresh. */
  inventory(look: Look): Promise<Inventory>;
  /** Throws SkillError when there is none, or more than one; HermesError `unavailable` when that cannot be known. */
  find(name: string, look?: Look): Promise<SkillEntry>;
  /** Paths of a skill's files within its folder, SKILL.md not among them. */
  filesOf(entry: SkillEntry): Promise<readonly string[]>;
  /** A text of a skill that comes with the bot. */
  bundledText(path: string): string | undefined;
  /** SKILL.md as it is in the bucket now; the index learns of it. Undefined when it is gone. */
  readNow(entry: SkillEntry): Promise<Current | undefined>;
}

export interface ShelfOptions {
  readonly files: SkillFiles;
  readonly index: BucketIndex;
  readonly bundled: readonly BundledFile[];
  readonly rules: EntryRules;
  readonly parseYaml: ParseYaml;
  readonly log: Log;
}

/** Of several that a name can mean. */
const TOLD_MATCHES = 20;

const NOTHING: Snapshot = { files: new Map(), facts: new Map(), categories: new Map() };

export const createShelf = (options: ShelfOptions): Shelf => {
  const { files, index, bundled, rules, parseYaml, log } = options;
  const texts = new Map(bundled.map(({ path, text }) => [path, text]));
  const underneath = bundledFacts(bundled, parseYaml);
  const aboutsUnderneath = aboutsOf(underneath.categories, false);
  let last: Inventory | undefined;

  const entriesIn = (snapshot: Snapshot): readonly SkillEntry[] => {
    const abouts = new Map([...aboutsUnderneath, ...aboutsOf(snapshot.categories, rules.guard)]);
    return merged(
      entriesOf(snapshot.facts, { isBundled: false, abouts }, rules),
      entriesOf(underneath.facts, { isBundled: true, abouts }, rules),
    );
  };

  const inventory: Shelf["inventory"] = async (look) => {
    try {
      const snapshot = await index.current(look);
      if (last?.snapshot !== snapshot) last = { entries: entriesIn(snapshot), snapshot, isPartial: false };
      return last;
    } catch (thrown) {
      if (look.mustBeFresh) throw thrown;
      log.warn("the bucket of skills cannot be read", { error: asError(thrown) });
      return { entries: entriesIn(NOTHING), snapshot: NOTHING, isPartial: true };
    }
  };

  const find: Shelf["find"] = async (name, look = { isFresh: false }) => {
    const known = await inventory(look);
    // Somebody else may have made it since.
    const isEnough = look.isFresh || named(known.entries, name).length > 0;
    return theOne(name, isEnough ? known : await inventory({ isFresh: true }));
  };

  return {
    inventory,
    find,
    async filesOf({ folder, summary }) {
      const paths = summary.isBundled
        ? [...texts.keys()]
        : [...(await inventory({ isFresh: false })).snapshot.files.keys()];
      return filesOfSkill(folder, paths)
        .map((path) => path.slice(folder.length + 1))
        .filter((path) => path !== "SKILL.md");
    },
    bundledText: (path) => texts.get(path),
    async readNow(entry) {
      const file = await files.read(entry.path, { maxBytes: MAX_SKILL_BYTES });
      if (file === undefined) {
        index.note(entry.path, "gone");
        return undefined;
      }
      const { path, etag, size } = file;
      // Always: what was known came from a manifest, which is no better than whoever wrote it.
      const facts = factsOfFile(path, file.bytes, parseYaml);
      index.note(path, { file: { path, etag, size }, facts });
      return { entry: entryOf({ path, facts, isBundled: false }, rules), file };
    },
  };
};

/** As files on a disk: what lies in the same place, or has the same name, is above. What cannot be used takes neither. */
const merged = (above: readonly SkillEntry[], underneath: readonly SkillEntry[]): readonly SkillEntry[] => {
  const usable = above.filter(({ summary, isHidden }) => summary.withheld === undefined && !isHidden);
  const taken = new Set(usable.flatMap(({ path, summary }) => [path, summary.name]));
  const isFree = ({ path, summary }: SkillEntry) => !taken.has(path) && !taken.has(summary.name);
  return [...above, ...underneath.filter(isFree)].sort(byCategoryAndName);
};

/** All of them, if none is. */
const usableOnes = (entries: readonly SkillEntry[]): readonly SkillEntry[] => {
  const usable = entries.filter(({ summary }) => summary.withheld === undefined);
  return usable.length > 0 ? usable : entries;
};

/** Those a name can mean: a skill's name is more than its folder's, and of several a whole path names one. */
export const named = (entries: readonly SkillEntry[], given: string): readonly SkillEntry[] => {
  const name = asSeen(given);
  const path = pathAsSeen(given.replace(":", "/"));
  const isAt = ({ folder }: SkillEntry) => pathAsSeen(folder) === path;
  // No skill takes another's place by calling itself as that one is found.
  const [there] = usableOnes(entries.filter((entry) => isAt(entry) && !entry.isHidden));
  if (there !== undefined && path.includes("/")) return [there];
  const ways: ((entry: SkillEntry) => boolean)[] = [
    ({ summary }) => summary.name === name,
    ({ folder }) => asSeen(lastPart(folder)) === name,
    (entry) => isAt(entry) || `${entry.summary.category || NO_CATEGORY}/${entry.summary.name}` === path,
  ];
  for (const way of ways) {
    const found = entries.filter(way);
    const visible = usableOnes(found.filter(({ isHidden }) => !isHidden));
    const whole = visible.find(isAt);
    if (whole !== undefined) return [whole];
    if (found.length > 0) return visible.length > 0 ? visible : found;
  }
  return [];
};

const theOne = (name: string, { entries, isPartial }: Inventory): SkillEntry => {
  if (name.startsWith("/") || name.split(/[/\\:]/).includes(".."))
    throw new SkillError("A skill is named, not given by a path out of the skills' folder.");
  const [first, ...others] = named(entries, name);
  if (first === undefined) {
    if (isPartial) throw new HermesError("unavailable", "the bucket of skills cannot be read");
    throw new SkillError(`Skill '${name}' not found. Use skills_list to see the available skills.`);
  }
  if (others.length > 0)
    throw new SkillError(`Several skills are called '${name}'. Name one with its category.`, {
      matches: [first, ...others].slice(0, TOLD_MATCHES).map(({ folder }) => folder),
    });
  if (first.isHidden)
    throw new SkillError(`Skill '${name}' is switched off in config.yaml, or made for another system.`);
  return first;
};
