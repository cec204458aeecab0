// One skill a name, also when two take it at once (hermes-behaviour.md 4.3: create refuses an existing name anywhere). Called where a
// skill comes into being or gets another name: write-skill.ts, patch-skill.ts and versions.ts; and by change.ts after the write.
//
// In one folder the compare and set decides. In two folders nobody writes over anybody: whoever is second to write finds the first in
// a listing made afterwards, and takes its own back. So never two of those who looked stay; of two that see each other none stays,
// and both are told. There is no record of names that could outlive a skill. Who dies before it has looked leaves two, as a person may
// who fills the bucket by hand: then the name alone is refused as ambiguous, and a whole path tells them apart.

import { asError, HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { SkillFiles } from "../skill-ports.ts";
import type { ParseYaml } from "../yaml.ts";
import type { BucketIndex } from "./bucket-index.ts";
import { factsOf } from "./document.ts";
import type { SkillEntry } from "./entry.ts";
import { asSeen } from "./names.ts";
import { lastPart } from "./paths.ts";
import { AS_IT_IS, type Current, type Inventory, type Shelf } from "./shelf.ts";
import { factsOfFile } from "./skill-danger.ts";
import { SkillError } from "./skill-error.ts";

/** What a skill is to be called, and nobody else is. */
export interface Claim {
  readonly name: string;
  readonly folder: string;
  /** What it is found by: its name, and its folder's where that is new, too. */
  readonly names: readonly string[];
  /** Of one that gets another name: its SKILL.md as it was. */
  readonly before?: Uint8Array;
}

/** Whether one is called by one of these names, by its folder or by itself. A Mac's disk knows no difference of capitals. */
const isCalled = ({ summary, facts, folder }: SkillEntry, names: readonly string[]): boolean => {
  const wanted = names.map(folded);
  return [summary.name, facts.name, lastPart(folder)].some((name) => wanted.includes(folded(name)));
};

const folded = (name: string): string => asSeen(name).toLowerCase();

/** Throws SkillError when the name is taken: nobody could tell which skill is meant. */
export const refuseTaken = ({ entries }: Pick<Inventory, "entries">, { name, names }: Claim): void => {
  const other = entries.find((entry) => isCalled(entry, names));
  if (other !== undefined) throw new SkillError(`A skill named '${name}' already exists at ${other.folder}.`);
};

const othersThan = (folder: string, { entries }: Inventory) => ({
  entries: entries.filter((entry) => entry.folder !== folder),
});

interface Places {
  readonly files: Pick<SkillFiles, "remove" | "write">;
  readonly index: Pick<BucketIndex, "note">;
  readonly shelf: Pick<Shelf, "inventory">;
  readonly parseYaml: ParseYaml;
  readonly log: Log;
}

/** Of a text that is to be a skill's SKILL.md. Undefined while it is called as it is `now`; that of a deleted skill is new. */
export const claimOfText = async (
  { shelf, parseYaml }: Pick<Places, "shelf" | "parseYaml">,
  { folder, now }: { readonly folder: string; readonly now: Current | undefined },
  text: string,
): Promise<Claim | undefined> => {
  const name = asSeen(factsOf(text, parseYaml).name);
  if (now !== undefined && [now.entry.summary.name, asSeen(now.entry.facts.name)].includes(name))
    return undefined;
  const claim: Claim = { name, folder, names: [name], ...(now && { before: now.file.bytes }) };
  refuseTaken(othersThan(folder, await shelf.inventory(AS_IT_IS)), claim);
  // One that was too large to be read could not be put back.
  return now !== undefined && now.file.bytes.length !== now.file.size ? undefined : claim;
};

/** What there is to tell of a name beside that it was taken. */
export interface NameNote {
  readonly name_note?: string;
}

interface Written {
  readonly path: string;
  readonly etag: string;
}

/** Throws SkillError when somebody else has the name, and ours is taken back. */
export const takeBackIfTaken = async (places: Places, written: Written, claim: Claim): Promise<NameNote> => {
  const { name, folder, before } = claim;
  const all = await lookAfterwards(places);
  if (all === undefined)
    return {
      name_note: `It is not known whether another skill was called '${name}' at the same moment: skills_list will tell.`,
    };
  const others = othersThan(folder, all).entries.filter(({ summary }) => !summary.isBundled);
  const other = others.find((entry) => isCalled(entry, claim.names));
  if (other === undefined) return {};
  const made = `A skill named '${name}' was made at ${other.folder} at the same moment`;
  if (!(await isTakenBack(places, written, before)))
    throw new SkillError(
      `${made}, and somebody has changed yours already: now there are two, ${other.folder} and ${folder}.`,
    );
  throw new SkillError(
    before === undefined
      ? `${made}, and yours was not kept. Look with skills_list; create it again if there is none.`
      : `${made}, and your change was taken back. Choose another name.`,
  );
};

/** Undefined when the bucket does not answer: what was made stays, and that nobody could look is told. */
const lookAfterwards = async ({ shelf, log }: Places): Promise<Inventory | undefined> => {
  try {
    return await shelf.inventory({ ...AS_IT_IS, isBegunNow: true });
  } catch (thrown) {
    if (!(thrown instanceof HermesError)) throw thrown;
    log.warn("nobody could look whether a skill's name is its alone", { error: asError(thrown) });
    return undefined;
  }
};

/** A new skill is removed, one that was there before is as before. False when somebody has changed it since. */
const isTakenBack = async (
  { files, index, parseYaml }: Places,
  { path, etag }: Written,
  before: Uint8Array | undefined,
): Promise<boolean> => {
  if (before === undefined) {
    const isGone = await files.remove(path, etag);
    if (isGone) index.note(path, "gone");
    return isGone;
  }
  const old = await files.write(path, before, etag);
  if (old === undefined) return false;
  const file = { path, etag: old, size: before.length };
  index.note(path, { file, facts: factsOfFile(path, before, parseYaml) });
  return true;
};
