// What the Knowledge Base is given of a skill: what a search may find it by. Called by sync-batch.ts.

import { clip } from "../clip.ts";
import type { ParseYaml } from "../yaml.ts";
import { readSkill, type SkillFacts } from "./document.ts";
import { lastPart } from "./paths.ts";
import { scannedFacts } from "./skill-danger.ts";

/** As much as a SKILL.md may have; a tenth of what the service takes even if every character has four bytes. */
const MAX_CHARS = 100_000;

export interface SearchTextOptions {
  readonly parseYaml: ParseYaml;
  /** Whether the security scan counts. */
  readonly guard: boolean;
}

/** Why a skill is listed, but withheld. */
export type Withheld = Pick<SkillFacts, "problem" | "danger">;

/** Without a text it is withheld: nobody is to find it. */
export type Searchable = { readonly text: string } | { readonly withheld: Withheld };

export const searchableOf = (
  folder: string,
  text: string,
  { parseYaml, guard }: SearchTextOptions,
): Searchable => {
  const { name, description, tags, problem, danger } = scannedFacts(text, parseYaml);
  if (problem !== undefined) return { withheld: { problem } };
  if (guard && danger !== undefined) return { withheld: { danger } };
  const { body } = readSkill(text, parseYaml);
  const parts = [name || lastPart(folder), description, tags.join(", "), body.trim()];
  return { text: clip(parts.filter((part) => part !== "").join("\n\n"), MAX_CHARS) };
};
