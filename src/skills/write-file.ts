// write_file and remove_file of skill_manage: the supporting files of a skill (hermes-behaviour.md 4.3). Called by library.ts.

import type { Snapshot } from "./bucket-index.ts";
import {
  type Action,
  type Cautions,
  cautionsOf,
  changeable,
  changedMeanwhile,
  count,
  lookAnew,
  remove,
  requireSeen,
  store,
  type Workshop,
} from "./change.ts";
import { MAX_SKILL_CHARS } from "./document.ts";
import type { SkillEntry } from "./entry.ts";
import { pathAsSeen, readFilePath } from "./names.ts";
import { filesOfSkill } from "./paths.ts";
import { MAX_FILE_BYTES } from "./shown.ts";
import { SkillError } from "./skill-error.ts";
import { edit } from "./write-skill.ts";

/** Ours: a skill is read, not stored; they bound what one skill can make a listing or a copy cost. */
const MAX_FILES = 50;
const MAX_SKILL_TOTAL_BYTES = 5_000_000;

export const pathWithin = (given: string, entry: SkillEntry): string => {
  const read = readFilePath(given, entry.summary.name);
  if ("problem" in read) throw new SkillError(read.problem);
  return read.path;
};

/**
 * The whole path of a skill's file. A bucket tells names apart that look the same, as a Mac's `é` and anybody else's: the file
 * that is there is meant (view.ts finds it so, too), and none is made beside it that nobody could tell from it.
 */
export const pathIn = ({ files }: Snapshot, folder: string, within: string): string => {
  const path = `${folder}/${within}`;
  if (files.has(path)) return path;
  const isIt = (other: string) => pathAsSeen(other) === pathAsSeen(path);
  return filesOfSkill(folder, [...files.keys()]).find(isIt) ?? path;
};

export const writeFile: Action = async (shop, asked) => {
  const { name, file_path, file_content } = asked.args;
  if (!file_path)
    throw new SkillError("file_path is required for 'write_file'. Example: 'references/api-guide.md'");
  if (file_content === undefined) throw new SkillError("file_content is required for 'write_file'.");
  const entry = await changeable(shop, name);
  const within = pathWithin(file_path, entry);
  if (within === "SKILL.md") return edit(shop, { ...asked, args: { ...asked.args, content: file_content } });
  const bytes = new TextEncoder().encode(file_content);
  const cautions = checkedFile(shop, file_content, bytes.length);
  // skill_view shows its name, too.
  cautionsOf(within, shop.guard);
  const { entry: now, snapshot } = await lookAnew(shop.shelf, entry);
  const path = pathIn(snapshot, entry.folder, within);
  const before = snapshot.files.get(path);
  if (before !== undefined) requireSeen(now, path, before.etag, asked);
  refuseInTheWay(path, snapshot.files.keys());
  refuseTooMuch(snapshot, { folder: entry.folder, path, bytes: bytes.length });

  const stored = await store(shop, asked, { folder: entry.folder, path, bytes, expected: before?.etag });
  if (stored === undefined) throw changedMeanwhile(path);
  const message = `File '${within}' written to skill '${entry.summary.name}'.`;
  return { name: entry.summary.name, path, ...stored, message, ...cautions };
};

export const checkedFile = ({ guard }: Workshop, text: string, bytes: number): Cautions => {
  if (text.length > MAX_SKILL_CHARS)
    throw new SkillError(
      `The file is ${count(text.length)} characters (limit: ${count(MAX_SKILL_CHARS)}). Consider splitting it.`,
    );
  if (bytes > MAX_FILE_BYTES)
    throw new SkillError(`The file is ${count(bytes)} bytes (limit: ${count(MAX_FILE_BYTES)}).`);
  return cautionsOf(text, guard);
};

/** In a bucket a file may have files below it; on a disk, where skills are synced to, it cannot. */
export const refuseInTheWay = (path: string, others: Iterable<string>): void => {
  const inTheWay = [...others].find((other) => path.startsWith(`${other}/`) || other.startsWith(`${path}/`));
  if (inTheWay !== undefined)
    throw new SkillError(`${path} cannot be a file beside ${inTheWay}: one of them would be a folder.`);
};

/** What gets no larger is welcome also where a person has brought more along. */
export const refuseTooMuch = (
  { files }: Snapshot,
  { folder, path, bytes }: { readonly folder: string; readonly path: string; readonly bytes: number },
): void => {
  const before = files.get(path);
  const mine = filesOfSkill(folder, [...files.keys()]).filter((other) => other !== path);
  const others = mine.flatMap((other) => files.get(other) ?? []);
  if (before === undefined && others.length >= MAX_FILES)
    throw new SkillError(`A skill has at most ${MAX_FILES} files.`);
  if (bytes <= (before?.size ?? 0)) return;
  if (others.reduce((sum, { size }) => sum + size, bytes) > MAX_SKILL_TOTAL_BYTES)
    throw new SkillError(`The files of a skill have at most ${count(MAX_SKILL_TOTAL_BYTES)} bytes together.`);
};

export const removeFile: Action = async (shop, asked) => {
  const { name, file_path } = asked.args;
  if (!file_path) throw new SkillError("file_path is required for 'remove_file'.");
  const entry = await changeable(shop, name);
  const within = pathWithin(file_path, entry);
  if (within === "SKILL.md") throw new SkillError("SKILL.md is the skill itself: use action 'delete'.");
  const { entry: now, snapshot } = await lookAnew(shop.shelf, entry);
  const path = pathIn(snapshot, entry.folder, within);
  const file = snapshot.files.get(path);
  if (file === undefined)
    throw new SkillError(`File '${within}' not found in skill '${entry.summary.name}'.`, {
      available_files: (await shop.shelf.filesOf(entry)).slice(0, MAX_FILES),
    });
  // A file nobody has looked at may go; one that is another by now stays.
  if (asked.seen(path) !== undefined) requireSeen(now, path, file.etag, asked);
  asked.signal.throwIfAborted();
  if (!(await remove(shop, path, file.etag))) throw changedMeanwhile(path);
  const message = `File '${within}' removed from skill '${entry.summary.name}'.`;
  return { name: entry.summary.name, path, message };
};
