// What the security scan looks at in a skill: its text as it is stored, and what is shown of it (in a list, or to who opens it) as
// YAML reads it, since an escape in a quoted description (`"ig\x6eore …"`) is no word before. Called where a skill is stored (change.ts), where it is
// indexed (bucket-index.ts), and for what the manifest remembers of it (manifest.ts).

import type { ParseYaml } from "../yaml.ts";
import {
  categoryFactsOf,
  factsIn,
  factsOf,
  MAX_SKILL_CHARS,
  needsOf,
  readSkill,
  type SkillDocument,
  type SkillFacts,
  unread,
} from "./document.ts";
import { isCategoryPath } from "./paths.ts";
import { dangerIn } from "./scan.ts";
import { setupNote } from "./shown.ts";
import { textOf } from "./text.ts";

/** A line that keeps the words before from those after. */
const APART = "\n.\n";

/** What of skills a list shows. */
export const shownOf = (all: readonly SkillFacts[]): string =>
  all
    .flatMap(({ name, description, tags, headings }) => [name, description, ...tags, ...headings])
    .join(APART);

/** A SKILL.md of a length that may be stored. */
export const textToScan = (text: string, parseYaml: ParseYaml): string => {
  const document = readSkill(text, parseYaml);
  return wholeToScan(text, document, factsIn(document));
};

const wholeToScan = (text: string, document: SkillDocument, facts: SkillFacts): string =>
  [text, shownOf([facts]), neededOf(document)].join(APART);

/** What who opens it is told besides: the setup note is one sentence, also to the model. */
const neededOf = ({ fields }: SkillDocument): string => {
  const needs = needsOf(fields);
  return [...needs.relatedSkills, setupNote(needs)].join(APART);
};

/** As the index knows a skill. */
export const scannedFacts = (text: string, parseYaml: ParseYaml): SkillFacts => {
  if (text.length > MAX_SKILL_CHARS) return factsOf(text, parseYaml);
  const document = readSkill(text, parseYaml);
  const facts = factsIn(document);
  return withDanger(facts, wholeToScan(text, document, facts));
};

/** The same of what was read: a SKILL.md, or the DESCRIPTION.md of a category. */
export const factsOfFile = (path: string, bytes: Uint8Array, parseYaml: ParseYaml): SkillFacts => {
  const text = textOf(bytes);
  if (text === undefined) return unread("not text");
  if (!isCategoryPath(path)) return scannedFacts(text, parseYaml);
  const facts = categoryFactsOf(text, parseYaml);
  return withDanger(facts, [text, shownOf([facts])].join(APART));
};

const withDanger = (facts: SkillFacts, toScan: string): SkillFacts => {
  const danger = dangerIn(toScan);
  return danger === undefined ? facts : { ...facts, danger };
};

/** Those of the paths that may be shown: a name gives orders as well as a text does. */
export const withoutOrders = (paths: readonly string[]): readonly string[] =>
  dangerIn(paths.join(APART)) === undefined ? paths : paths.filter((path) => dangerIn(path) === undefined);
