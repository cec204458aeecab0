// Skill documents (SKILL.md): frontmatter and the summary the skills index is made of. Reading is lenient
// (hermes-behaviour.md 4.2): a skill somebody wrote by hand is listed even if its YAML is broken. Called by home.ts.

import type { ParseYaml } from "./yaml.ts";

export interface SkillSummary {
  readonly name: string;
  readonly description: string;
  /** Folders between `skills/` and the skill's own, joined by `/`; "" when there is none. */
  readonly category: string;
  /** Where SKILL.md is. */
  readonly path: string;
}

export interface SkillFile {
  /** Relative to the home directory, with `/`: `skills/research/page-brief/SKILL.md`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

interface SkillDocument {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Folders of a skill that hold its supporting files; a SKILL.md in them is a template, not a skill (4.1). */
const SUPPORT = "(?:references|templates|scripts|assets)";
const SKILL_PATH = new RegExp(`^skills/(?!(?:.*/)?${SUPPORT}/)(?:.+/)?[^/]+/SKILL\\.md$`);
const FRONTMATTER = /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/;

export const isSkillPath = (name: string): boolean => SKILL_PATH.test(name);

export const readSkill = (text: string, parseYaml: ParseYaml): SkillDocument => {
  const match = FRONTMATTER.exec(text.replace(/^\uFEFF/, ""));
  if (!match) return { fields: {}, body: text };
  const yaml = match[1] ?? "";
  const parsed = parseYaml(yaml);
  const fields = "value" in parsed && isMapping(parsed.value) ? parsed.value : keyValueLines(yaml);
  return { fields, body: text.replace(/^\uFEFF/, "").slice(match[0].length) };
};

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const keyValueLines = (yaml: string): Record<string, unknown> =>
  Object.fromEntries(
    yaml.split(/\r?\n/).flatMap((line) => {
      const [, key, value] = /^([A-Za-z_][\w.-]*):\s*(.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, (value ?? "").replace(/^(["'])(.*)\1$/, "$2").trim()]];
    }),
  );

/** The skills of a home directory, by category and name; without the disabled ones and those for a desktop only. */
export const summariseSkills = (
  files: readonly SkillFile[],
  disabled: readonly string[],
  parseYaml: ParseYaml,
): readonly SkillSummary[] =>
  files
    .flatMap((file) => {
      const document = readSkill(file.text, parseYaml);
      return runsOnLinux(document.fields["platforms"]) ? [summarise(file, document)] : [];
    })
    .filter((skill) => !disabled.includes(skill.name))
    .sort((a, b) => byText(a.category, b.category) || byText(a.name, b.name) || byText(a.path, b.path));

const summarise = (file: SkillFile, { fields, body }: SkillDocument): SkillSummary => {
  const folders = file.name.split("/").slice(1, -1);
  return {
    name: textOf(fields["name"]) || (folders.at(-1) ?? ""),
    description: textOf(fields["description"]) || firstLine(body),
    category: folders.slice(0, -1).join("/"),
    path: file.path,
  };
};

/** One line: the index has a line a skill. */
const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).replace(/\s+/g, " ").trim() : "";

const firstLine = (body: string): string =>
  body
    .split(/\r?\n/)
    .map((line) => line.replace(/^#+\s*/, "").trim())
    .find((line) => line !== "") ?? "";

const runsOnLinux = (platforms: unknown): boolean => {
  const named = [platforms].flat().filter((name) => typeof name === "string");
  return named.length === 0 || named.some((name) => name.trim().toLowerCase() === "linux");
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
