// create and edit of skill_manage (hermes-behaviour.md 4.3). Called by library.ts.

import {
  type Action,
  type Asked,
  type Cautions,
  type Changed,
  changeable,
  changedMeanwhile,
  checkedSkill,
  currentSkill,
  requireSeen,
  store,
  type Workshop,
} from "./change.ts";
import { type Claim, claimOfText, refuseTaken } from "./claim.ts";
import { readSkill } from "./document.ts";
import { LISTED_FILES, leftByDeletion, removeAll } from "./leftovers.ts";
import { categoryProblem, nameProblem } from "./names.ts";
import { filesOfSkill } from "./paths.ts";
import { AS_IT_IS, type Current, type Inventory } from "./shelf.ts";
import { SkillError } from "./skill-error.ts";

export const create: Action = async (shop, asked) => {
  const { name, content, category = "" } = asked.args;
  const problem = nameProblem(name) ?? categoryProblem(category);
  if (problem !== undefined) throw new SkillError(problem);
  if (content === undefined)
    throw new SkillError(
      "content is required for 'create'. Provide the full SKILL.md text (frontmatter + body).",
    );
  const cautions = checkedSkill(shop, content);
  const folder = category === "" ? name : `${category}/${name}`;
  const all = await shop.shelf.inventory(AS_IT_IS);
  const { fields } = readSkill(content, shop.parseYaml);
  const claim: Claim = { name, folder, names: [name, String(fields["name"])] };
  refuseTaken(all, claim);
  refuseNested(all, folder);

  const path = `${folder}/SKILL.md`;
  const leftovers = await leftByDeletion(shop, asked, all.snapshot, folder);
  const bytes = new TextEncoder().encode(content);
  const write = { folder, path, bytes, expected: undefined, text: content, claim };
  const stored = await store(shop, asked, write);
  if (stored === undefined)
    throw new SkillError(`A skill named '${name}' was created by somebody else meanwhile.`);
  const left = await removeAll(shop, asked, all.snapshot, leftovers);
  const there = filesOfSkill(folder, [...all.snapshot.files.keys()]);
  const { message, ...files } = filesTold(folder, there, { leftovers, left });
  return {
    ...{ name, path, ...stored },
    message: [`Skill '${name}' created.`, ...message].join(" "),
    ...{ category, ...files, ...cautions },
  };
};

interface Cleared {
  /** What a deleted skill had left. */
  readonly leftovers: readonly string[];
  /** Of these what could not be removed. */
  readonly left: readonly string[];
}

/** Of the files that were in the folder before the skill: whose they were, and what became of them. */
const filesTold = (folder: string, there: readonly string[], { leftovers, left }: Cleared) => {
  const within = (paths: readonly string[]) =>
    paths.slice(0, LISTED_FILES).map((path) => path.slice(folder.length + 1));
  const removed = leftovers.filter((path) => !left.includes(path));
  const kept = there.filter((path) => !leftovers.includes(path));
  return {
    message: [
      ...(removed.length === 0 ? [] : ["What a deleted skill had left in its folder is removed."]),
      ...(left.length === 0
        ? []
        : ["Not all that a deleted skill had left could be removed: see not_removed."]),
      ...(kept.length === 0 ? [] : ["Files that were in its folder already are part of it now."]),
    ],
    ...(removed.length === 0 ? {} : { removed_files: within(removed) }),
    ...(left.length === 0 ? {} : { not_removed: left.slice(0, LISTED_FILES) }),
    ...(kept.length === 0 ? {} : { kept_files: within(kept) }),
  };
};

const refuseNested = ({ entries }: Inventory, folder: string): void => {
  const around = entries.find(
    (entry) => entry.folder.startsWith(`${folder}/`) || folder.startsWith(`${entry.folder}/`),
  );
  if (around !== undefined)
    throw new SkillError(`${folder} and the skill in ${around.folder} would lie in one another.`);
};

export const edit: Action = async (shop, asked) => {
  const { name, content } = asked.args;
  if (content === undefined)
    throw new SkillError("content is required for 'edit'. Provide the full updated SKILL.md text.");
  const entry = await changeable(shop, name);
  const cautions = checkedSkill(shop, content);
  const now = await currentSkill(shop, entry);
  requireSeen(now.entry, entry.path, now.file.etag, asked);
  return written(shop, asked, { now, content, cautions });
};

interface NewText {
  readonly now: Current;
  readonly content: string;
  readonly cautions: Cautions;
}

/** Replaces SKILL.md. */
const written = async (
  shop: Workshop,
  asked: Asked,
  { now, content, cautions }: NewText,
): Promise<Changed> => {
  const { path, folder, summary } = now.entry;
  const claim = await claimOfText(shop, { folder, now }, content);
  const bytes = new TextEncoder().encode(content);
  const write = { folder, path, bytes, expected: now.file.etag, text: content, claim };
  const stored = await store(shop, asked, write);
  if (stored === undefined) throw changedMeanwhile(path);
  return { name: summary.name, path, ...stored, message: `Skill '${summary.name}' updated.`, ...cautions };
};
