// A skill as the library holds it: where it is, what is known of it, and how it is shown. Made from the bucket's listing and
// from the files that come with the bot. Called by shelf.ts; home.ts brings the files.

import type { SkillSummary } from "../skill-ports.ts";
import type { ParseYaml } from "../yaml.ts";
import type { Snapshot } from "./bucket-index.ts";
import {
  categoryFactsOf,
  factsOf,
  MAX_SKILL_BYTES,
  MAX_SKILL_CHARS,
  type SkillFacts,
  type SkillProblem,
} from "./document.ts";
import { asSeen, pathAsSeen } from "./names.ts";
import { byText, categoryOf, folderOf, isCategoryPath, isSkillPath, lastPart } from "./paths.ts";
import { describeDanger } from "./scan.ts";

/** A file of a skill that comes with the bot; its path as below ~/.hermes/skills. */
export interface BundledFile {
  readonly path: string;
  readonly text: string;
}

export interface SkillEntry {
  /** Of its SKILL.md. */
  readonly path: string;
  readonly folder: string;
  readonly facts: SkillFacts;
  readonly summary: SkillSummary;
  /** Not for this system, or switched off by config.yaml: nobody is to see it. */
  readonly isHidden: boolean;
}

export interface EntryRules {
  /** `skills.disabled`. */
  readonly disabled: readonly string[];
  /** Whether the security scan counts. */
  readonly guard: boolean;
}

interface EntryFile {
  readonly path: string;
  readonly facts: SkillFacts;
  readonly isBundled: boolean;
  /** What its category is described as. */
  readonly about?: string | undefined;
}

export const entryOf = (file: EntryFile, rules: EntryRules): SkillEntry => {
  const { path, facts, isBundled, about } = file;
  const folder = folderOf(path);
  const withheld = withheldFor(facts, rules.guard && !isBundled);
  const names = {
    name: asSeen(facts.name || lastPart(folder)),
    description: facts.description,
    category: pathAsSeen(categoryOf(folder)),
    tags: facts.tags,
  };
  const summary: SkillSummary = {
    ...(withheld === undefined ? names : withoutWords(names, folder)),
    folder,
    isBundled,
    ...(withheld === undefined ? {} : { withheld }),
    ...(withheld !== undefined || about === undefined ? {} : { categoryDescription: about }),
    ...(facts.conditions === undefined ? {} : { conditions: facts.conditions }),
  };
  const disabled = rules.disabled.map(asSeen);
  const isDisabled = disabled.includes(summary.name) || disabled.includes(asSeen(lastPart(folder)));
  return { path, folder, facts, summary, isHidden: isDisabled || !facts.isForLinux };
};

/** Why a skill is not to be used, in words. */
export const withheldFor = (
  { problem, danger }: Pick<SkillFacts, "problem" | "danger">,
  guard: boolean,
): string | undefined => {
  if (problem !== undefined) return IN_WORDS[problem];
  return guard && danger !== undefined ? `the security scan found ${describeDanger(danger)}` : undefined;
};

const IN_WORDS: Readonly<Record<SkillProblem, string>> = {
  "too large": `its SKILL.md is too large (more than ${MAX_SKILL_BYTES} bytes)`,
  "too long": `its SKILL.md has more than ${MAX_SKILL_CHARS} characters`,
  "not text": "its SKILL.md is no text in UTF-8",
};

/** Of a skill that is not to be read nothing is shown that could be read: its folder, as a name. */
const withoutWords = ({ category }: Pick<SkillSummary, "category">, folder: string) => ({
  name: asName(lastPart(folder)),
  description: "",
  category: category.split("/").map(asName).join("/"),
  tags: [],
});

const asName = (text: string): string => text.replace(/[^\w.-]+/g, "-").slice(0, 64);

export const byCategoryAndName = (a: SkillEntry, b: SkillEntry): number =>
  byText(a.summary.category, b.summary.category) ||
  byText(a.summary.name, b.summary.name) ||
  byText(a.path, b.path);

/** What categories are described as. */
export type Abouts = ReadonlyMap<string, string>;

/** Of the facts of their DESCRIPTION.md, by category: those that may be shown. */
export const aboutsOf = (categories: Iterable<readonly [string, SkillFacts]>, guard: boolean): Abouts =>
  new Map(
    [...categories].flatMap(([category, facts]): [string, string][] => {
      const isShown = facts.description !== "" && withheldFor(facts, guard) === undefined;
      return isShown ? [[category, facts.description]] : [];
    }),
  );

/** What comes with the bot, read once. */
export const bundledFacts = (
  files: readonly BundledFile[],
  parseYaml: ParseYaml,
): Pick<Snapshot, "facts" | "categories"> => ({
  facts: new Map(
    files.filter(({ path }) => isSkillPath(path)).map(({ path, text }) => [path, factsOf(text, parseYaml)]),
  ),
  categories: new Map(
    files
      .filter(({ path }) => isCategoryPath(path))
      .map(({ path, text }) => [categoryOf(path), categoryFactsOf(text, parseYaml)]),
  ),
});

/** `facts`: by the path of the SKILL.md. What comes with the bot is trusted as its code is. */
export const entriesOf = (
  facts: ReadonlyMap<string, SkillFacts>,
  { isBundled, abouts }: { readonly isBundled: boolean; readonly abouts: Abouts },
  rules: EntryRules,
): SkillEntry[] =>
  [...facts].map(([path, known]) =>
    entryOf({ path, facts: known, isBundled, about: abouts.get(categoryOf(folderOf(path))) }, rules),
  );
