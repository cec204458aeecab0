// delete of skill_manage (hermes-behaviour.md 4.3). SKILL.md goes first: from there on there is no skill, whatever happens to
// the rest, and a deletion that is repeated takes away what the first left. Called by library.ts.

import type { Snapshot } from "./bucket-index.ts";
import {
  type Action,
  type Asked,
  type Changed,
  changeable,
  changedMeanwhile,
  currentSkill,
  remove,
  requireSeen,
  settle,
  type Workshop,
} from "./change.ts";
import { needsOf, readSkill } from "./document.ts";
import type { SkillEntry } from "./entry.ts";
import { LISTED_FILES, removeAll } from "./leftovers.ts";
import { filesOfSkill, folderOf, isSkillPath, lastPart, leftoversOf, SUPPORT_FOLDERS } from "./paths.ts";
import { AS_IT_IS, type Current, named } from "./shelf.ts";
import { SkillError } from "./skill-error.ts";

export const deleteSkill: Action = async (shop, asked) => {
  const { name, absorbed_into } = asked.args;
  const all = await shop.shelf.inventory(AS_IT_IS);
  if (named(all.entries, name).length === 0) return clearLeftovers(shop, asked, all.snapshot);
  const entry = await changeable(shop, name);
  if (absorbed_into) await refuseUnlessThere(shop, entry, absorbed_into);
  const now = await currentSkill(shop, entry);
  refusePinned(shop, now);
  const { etag } = now.file;
  requireSeen(now.entry, entry.path, etag, asked);

  const others = filesOfSkill(entry.folder, [...all.snapshot.files.keys()]).filter(
    (path) => path !== entry.path,
  );
  const within = (path: string) => path.slice(entry.folder.length + 1);
  asked.signal.throwIfAborted();
  await shop.sync?.begin(entry.folder);
  if (!(await remove(shop, entry.path, etag))) throw changedMeanwhile(entry.path);
  // What stays belongs to no skill: the next deletion or creation here takes it away.
  const left = await removeAll(shop, asked, all.snapshot, others);
  await settle(shop, asked.signal);
  return {
    name: entry.summary.name,
    path: entry.path,
    message: `Skill '${entry.summary.name}' deleted${absorbed_into ? ` (absorbed into '${absorbed_into}')` : ""}. It can be brought back for some weeks with action rollback and name '${entry.folder}'.`,
    // Each has versions of its own to go back to.
    ...(others.length === 0 ? {} : { removed_files: others.slice(0, LISTED_FILES).map(within) }),
    ...(left.length === 0 ? {} : { not_removed: left }),
  };
};

const refuseUnlessThere = async ({ shelf }: Workshop, entry: SkillEntry, into: string): Promise<void> => {
  const { entries } = await shelf.inventory({ isFresh: false });
  const [target] = named(entries, into);
  if (target === undefined)
    throw new SkillError(`absorbed_into='${into}' does not exist. Create or patch it first, then delete.`);
  if (target.path === entry.path)
    throw new SkillError(`absorbed_into='${into}' is the skill that is to be deleted.`);
};

const refusePinned = ({ parseYaml }: Workshop, { entry, file }: Current): void => {
  const { fields } = readSkill(new TextDecoder().decode(file.bytes), parseYaml);
  if (needsOf(fields).isPinned)
    throw new SkillError(
      `Skill '${entry.summary.name}' is pinned and cannot be deleted. The person can take 'pinned' out of its frontmatter.`,
    );
};

const clearLeftovers = async (shop: Workshop, asked: Asked, snapshot: Snapshot): Promise<Changed> => {
  const { name } = asked.args;
  const paths = [...snapshot.files.keys()];
  const mine = foldersOfNoSkill(paths).filter((folder) => folder === name || lastPart(folder) === name);
  const leftovers = mine.flatMap((folder) => leftoversOf(folder, paths));
  if (leftovers.length === 0) {
    // Throws in its own words: there is no such skill. If there is, somebody has made it since.
    await shop.shelf.find(name);
    throw changedMeanwhile(name);
  }
  asked.signal.throwIfAborted();
  const left = await removeAll(shop, asked, snapshot, leftovers);
  return {
    name,
    path: `${mine[0]}/SKILL.md`,
    message: `Skill '${name}' was deleted before; what was left of its files is removed.`,
    ...(left.length === 0 ? {} : { not_removed: left }),
  };
};

/** Folders that look like those of skills; one inside a skill is part of that skill, whatever it is called. */
const foldersOfNoSkill = (paths: readonly string[]): readonly string[] => {
  const skills = paths.filter(isSkillPath).map(folderOf);
  const isOfASkill = (folder: string) => skills.some((skill) => folder.startsWith(`${skill}/`));
  const folders = new Set(paths.map(skillFolderOf).filter((folder) => folder !== undefined));
  return [...folders].filter((folder) => !isOfASkill(folder));
};

const SUPPORT = new RegExp(`^(.+?)/(?:${SUPPORT_FOLDERS.join("|")})/`);

const skillFolderOf = (path: string): string | undefined => SUPPORT.exec(path)?.[1];
