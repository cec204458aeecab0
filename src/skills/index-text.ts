// The list of skills in the system prompt (hermes-behaviour.md 4.6), within a budget: few skills are described, many are named,
// and of more than that the prompt says how to search. Called by agent/skills-index.ts.

import { oneLine, shortened } from "../clip.ts";
import type { SkillSummary } from "../skill-ports.ts";
import { NO_CATEGORY } from "./names.ts";
import { byText } from "./paths.ts";

type Listed = Pick<SkillSummary, "name" | "description" | "category" | "categoryDescription" | "withheld">;

/** Some 1,000 tokens, in every request of every session; 60 skills with a line each fit. */
export const INDEX_BUDGET_CHARS = 4_000;

/** hermes-behaviour.md 4.6. */
const DESCRIPTION_CHARS = 60;

/** Ours: Hermes shows the whole; it is one line of many skills. */
const CATEGORY_DESCRIPTION_CHARS = 120;

const MAX_NAME_CHARS = 64;

/** "" for no skills; the same text whatever the order they come in. */
export const skillsIndexText = (skills: readonly Listed[], budgetChars = INDEX_BUDGET_CHARS): string => {
  const usable = skills.filter(({ withheld }) => withheld === undefined);
  if (usable.length === 0) return "";
  const categories = [...Map.groupBy(usable, ({ category }) => category)]
    .map(([category, members]) => ({
      title: shortened(inTheList(category), MAX_NAME_CHARS) || NO_CATEGORY,
      about: shortened(inTheList(members[0]?.categoryDescription ?? ""), CATEGORY_DESCRIPTION_CHARS),
      members: members.toSorted((a, b) => byText(a.name, b.name)),
    }))
    .sort((a, b) => byText(a.title, b.title));
  const lines =
    fitting(categories.flatMap(described), budgetChars) ??
    fitting(categories.map(withoutAbout).flatMap(described), budgetChars) ??
    fitting(categories.map(named), budgetChars) ??
    fitting(categories.map(withoutAbout).map(named), budgetChars) ??
    asManyNames(categories, usable.length, budgetChars);
  return ["<available_skills>", ...lines, "</available_skills>"].join("\n");
};

interface Category {
  readonly title: string;
  /** "" where nobody says. */
  readonly about: string;
  readonly members: readonly Listed[];
}

const withoutAbout = (category: Category): Category => ({ ...category, about: "" });

const described = ({ title, about, members }: Category): string[] => [
  about === "" ? `  ${title}:` : `  ${title}: ${about}`,
  ...members.map(
    (skill) => `    - ${nameOf(skill)}: ${shortened(inTheList(skill.description), DESCRIPTION_CHARS)}`,
  ),
];

const named = ({ title, about, members }: Category): string =>
  `  ${title}${about === "" ? "" : ` (${about})`}: ${members.map(nameOf).join(", ")}`;

const fitting = (lines: readonly string[], budgetChars: number): readonly string[] | undefined =>
  lines.reduce((sum, line) => sum + line.length + 1, 0) <= budgetChars ? lines : undefined;

/** One name of each category, then a second of each, until the budget is used: no category hides the others. */
const asManyNames = (categories: readonly Category[], total: number, budgetChars: number): string[] => {
  const shown = new Map<Category, string[]>();
  let left = budgetChars - 80; // the last line
  let count = 0;
  for (let round = 0; left > 0 && count < total; round += 1) {
    for (const category of categories) {
      const skill = category.members[round];
      if (skill === undefined) continue;
      const name = nameOf(skill);
      left -= name.length + 2 + (round === 0 ? category.title.length + 4 : 0);
      if (left < 0) break;
      shown.set(category, [...(shown.get(category) ?? []), name]);
      count += 1;
    }
  }
  return [
    ...[...shown].map(([{ title }, names]) => `  ${title}: ${names.join(", ")}`),
    `  … and ${total - count} more: search with skills_list(query)`,
  ];
};

const nameOf = ({ name }: Listed): string => shortened(inTheList(name), MAX_NAME_CHARS);

/** A skill's words cannot end the list; and they stay the words that were scanned, which spaces instead would not. */
const inTheList = (text: string): string => oneLine(text.replaceAll("<", "‹").replaceAll(">", "›"));
