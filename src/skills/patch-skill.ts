// patch of skill_manage: a small change in one file of a skill (hermes-behaviour.md 4.3). It is made in the text as it is now, so
// that nobody needs to have seen a version; nor has who makes it, then. Called by library.ts.

import type { SkillFile } from "../skill-ports.ts";
import {
  type Action,
  type Asked,
  type Changed,
  changeable,
  changedMeanwhile,
  checkedSkill,
  currentSkill,
  lookAnew,
  store,
  type Workshop,
} from "./change.ts";
import { claimOfText } from "./claim.ts";
import type { SkillEntry } from "./entry.ts";
import { patchText } from "./patch.ts";
import { findDanger } from "./scan.ts";
import { MAX_FILE_BYTES } from "./shown.ts";
import { SkillError } from "./skill-error.ts";
import { textOf } from "./text.ts";
import { versionOf, withheldError } from "./view.ts";
import { checkedFile, pathIn, pathWithin, refuseTooMuch } from "./write-file.ts";

/** Somebody else's patch elsewhere in the file is no reason to give up: ours is applied to what is there then. */
const TRIES = 3;

export const patch: Action = async (shop, asked) => {
  const wish = wishOf(asked);
  const entry = await changeable(shop, asked.args.name);
  if (entry.summary.withheld !== undefined) throw withheldError(entry);
  const file = asked.args.file_path ? pathWithin(asked.args.file_path, entry) : "SKILL.md";
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const done = await patchOnce(shop, asked, { entry, file, wish });
    if (done !== undefined) return done;
  }
  throw changedMeanwhile(`${entry.folder}/${file}`);
};

interface Wish {
  readonly oldText: string;
  readonly newText: string;
  readonly replaceAll: boolean;
}

const wishOf = ({ args: { old_string, new_string, replace_all } }: Asked): Wish => {
  if (!old_string) throw new SkillError("old_string is required for 'patch'. Provide the text to find.");
  if (new_string === undefined)
    throw new SkillError("new_string is required for 'patch'. Use an empty string to delete the text.");
  return { oldText: old_string, newText: new_string, replaceAll: replace_all ?? false };
};

interface Target {
  readonly entry: SkillEntry;
  /** Within its folder. */
  readonly file: string;
  readonly wish: Wish;
}

/** Undefined when somebody else was faster. */
const patchOnce = async (
  shop: Workshop,
  asked: Asked,
  { entry, file, wish }: Target,
): Promise<Changed | undefined> => {
  const { folder, summary } = entry;
  const made = await (file === "SKILL.md"
    ? patchedSkill(shop, entry, wish)
    : patchedFile(shop, entry, file, wish));
  const { count, cautions, ...write } = made;
  const { path, expected } = write;
  // Whoever has not seen what was patched has not seen what came of it: no version that a whole new text may stand on.
  const isSeen = asked.seen(path) === versionOf(expected);
  const stored = await store(shop, asked, { folder, ...write });
  if (stored === undefined) return undefined;
  const { version, ...notes } = stored;
  const times = `${count} replacement${count === 1 ? "" : "s"}`;
  const message = `Patched ${file} in skill '${summary.name}' (${times}).`;
  return { name: summary.name, path, ...(isSeen ? { version } : {}), ...notes, message, ...cautions };
};

/** Somebody may have made it one that nobody is to read, or given it another name. */
const patchedSkill = async (shop: Workshop, known: SkillEntry, wish: Wish) => {
  const now = await currentSkill(shop, known);
  if (now.entry.summary.withheld !== undefined) throw withheldError(now.entry);
  const { text, count } = patched(shop, now.file, wish);
  const cautions = checkedSkill(shop, text);
  const claim = await claimOfText(shop, { folder: known.folder, now }, text);
  const { path, etag: expected } = now.file;
  return { path, text, bytes: new TextEncoder().encode(text), expected, claim, count, cautions };
};

const patchedFile = async (shop: Workshop, entry: SkillEntry, within: string, wish: Wish) => {
  const now = await currentFile(shop, entry, within);
  const { path, etag: expected } = now;
  const { text, count } = patched(shop, now, wish);
  const bytes = new TextEncoder().encode(text);
  const cautions = checkedFile(shop, text, bytes.length);
  if (bytes.length > now.size) {
    const { snapshot } = await lookAnew(shop.shelf, entry);
    refuseTooMuch(snapshot, { folder: entry.folder, path, bytes: bytes.length });
  }
  return { path, bytes, expected, count, cautions };
};

const patched = ({ guard }: Workshop, { path, bytes }: SkillFile, { oldText, newText, replaceAll }: Wish) => {
  const before = textOf(bytes);
  if (before === undefined) throw new SkillError(`${path} is not text.`);
  const result = patchText(before, oldText, newText, replaceAll);
  if ("text" in result) return result;
  // What skill_view withholds is not shown in passing.
  const isShown = result.preview !== undefined && !(guard && findDanger(before) !== undefined);
  throw new SkillError(result.problem, isShown ? { file_preview: result.preview } : {});
};

/** Nobody looks in a listing for what is there by the name it was given. */
const currentFile = async (
  { files, shelf }: Workshop,
  entry: SkillEntry,
  within: string,
): Promise<SkillFile> => {
  const read = (path: string) => files.read(path, { maxBytes: MAX_FILE_BYTES });
  const path = `${entry.folder}/${within}`;
  const file =
    (await read(path)) ?? (await read(pathIn((await lookAnew(shelf, entry)).snapshot, entry.folder, within)));
  if (file === undefined) throw new SkillError(`File '${path}' not found.`);
  return file;
};
