// The versions of a skill's files, and back to one of them. What a change replaced is kept by the bucket for 90 days
// (serverless.yml). Called by library.ts.

import type { SkillFile, SkillFileVersion } from "../skill-ports.ts";
import {
  type Action,
  type Asked,
  type Cautions,
  changeable,
  changedMeanwhile,
  checkedSkill,
  currentSkill,
  lookAnew,
  requireSeen,
  store,
  type Workshop,
} from "./change.ts";
import { claimOfText } from "./claim.ts";
import { MAX_SKILL_BYTES } from "./document.ts";
import type { SkillEntry } from "./entry.ts";
import { nameProblem, readFilePath } from "./names.ts";
import { isSkillPath, lastPart } from "./paths.ts";
import { AS_IT_IS, named } from "./shelf.ts";
import { MAX_FILE_BYTES } from "./shown.ts";
import { SkillError } from "./skill-error.ts";
import { textOf } from "./text.ts";
import { checkedFile, pathIn, pathWithin, refuseInTheWay, refuseTooMuch } from "./write-file.ts";

const LISTED_VERSIONS = 20;

export const versions: Action = async (shop, { args }) => {
  const { path, name } = await placeOf(shop, args.name, args.file_path);
  const found = await shop.files.versions(path, LISTED_VERSIONS);
  if (found.length === 0) throw new SkillError(`${path} has no versions.`);
  return {
    name,
    path,
    message: "Newest first. Go back with action rollback and one of these as version.",
    versions: found.map(versionView),
  };
};

const versionView = ({ version, at, size, isLatest, isDeletion }: SkillFileVersion) => ({
  version,
  at: new Date(at).toISOString(),
  ...(isDeletion ? { deleted: true } : { bytes: size }),
  ...(isLatest ? { current: true } : {}),
});

export const rollback: Action = async (shop, asked) => {
  const { name: given, version: wanted, file_path } = asked.args;
  if (!wanted) throw new SkillError("version is required for 'rollback'. List them with action 'versions'.");
  const place = await placeOf(shop, given, file_path);
  const { path, name, folder } = place;
  const isSkill = path === `${folder}/SKILL.md`;
  const maxBytes = isSkill ? MAX_SKILL_BYTES : MAX_FILE_BYTES;
  const old = await shop.files.read(path, { maxBytes, version: wanted });
  if (old === undefined)
    throw new SkillError(
      `${path} has no version '${wanted}', or it was deleted with it. List them with action 'versions'.`,
    );
  const { text, cautions } = checkedVersion(shop, old, isSkill);
  const over = await (isSkill
    ? overSkill(shop, asked, place, text ?? "")
    : overFile(shop, asked, place, old));
  const stored = await store(shop, asked, {
    ...{ folder, path, bytes: old.bytes, ...over },
    ...(isSkill && text !== undefined ? { text } : {}),
  });
  if (stored === undefined) throw changedMeanwhile(path);
  // What it was then this conversation may never have read: no version that a whole new text may stand on.
  const { version: _, ...notes } = stored;
  return { name, path, ...notes, message: `${path} is back at version ${wanted}.`, ...cautions };
};

/** A deleted skill that comes back is a new one. */
const overSkill = async (shop: Workshop, asked: Asked, { folder, path, entry }: Place, text: string) => {
  const now = entry && (await currentSkill(shop, entry));
  if (now !== undefined) requireSeen(now.entry, path, now.file.etag, asked);
  const { snapshot } = await shop.shelf.inventory(AS_IT_IS);
  refuseInTheWay(path, snapshot.files.keys());
  return { expected: now?.file.etag, claim: await claimOfText(shop, { folder, now }, text) };
};

const overFile = async (
  { shelf }: Workshop,
  asked: Asked,
  { folder, path, entry }: Place,
  { size }: SkillFile,
) => {
  const now = entry && (await lookAnew(shelf, entry));
  const { snapshot } = now ?? (await shelf.inventory(AS_IT_IS));
  const before = snapshot.files.get(path)?.etag;
  if (before !== undefined && now !== undefined) requireSeen(now.entry, path, before, asked);
  refuseInTheWay(path, snapshot.files.keys());
  refuseTooMuch(snapshot, { folder, path, bytes: size });
  return { expected: before };
};

/** What was stored by other hands, or before a rule, is checked as if it were written now. */
const checkedVersion = (
  shop: Workshop,
  { path, bytes, size }: SkillFile,
  isSkill: boolean,
): { readonly text: string | undefined; readonly cautions: Cautions } => {
  const text = textOf(bytes);
  if (isSkill && text === undefined) throw new SkillError(`That version of ${path} is not text.`);
  if (text === undefined) return { text, cautions: {} };
  return { text, cautions: isSkill ? checkedSkill(shop, text) : checkedFile(shop, text, size) };
};

interface Place {
  readonly name: string;
  readonly folder: string;
  readonly path: string;
  /** Undefined for a skill that was deleted. */
  readonly entry: SkillEntry | undefined;
}

/** A deleted skill is named by its folder: `category/name`. */
const placeOf = async (shop: Workshop, name: string, filePath: string | undefined): Promise<Place> => {
  const { entries, snapshot } = await shop.shelf.inventory({ isFresh: true });
  if (named(entries, name).length > 0) {
    const entry = await changeable(shop, name);
    const within = filePath ? pathWithin(filePath, entry) : "SKILL.md";
    const { folder, summary } = entry;
    return { name: summary.name, folder, path: pathIn(snapshot, folder, within), entry };
  }
  const folder = name.replace(":", "/");
  // A folder that was named by hand may be called what no new skill can be.
  if (!isSkillPath(`${folder}/SKILL.md`))
    throw new SkillError(nameProblem(lastPart(folder)) ?? `Skill '${name}' not found.`);
  const within = readFilePath(filePath || "SKILL.md", lastPart(folder));
  if ("problem" in within) throw new SkillError(within.problem);
  return { name: lastPart(folder), folder, path: `${folder}/${within.path}`, entry: undefined };
};
