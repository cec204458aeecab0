// Skill documents (SKILL.md): frontmatter, and the facts the index is made of. Reading is lenient (hermes-behaviour.md 4.2):
// a skill somebody wrote by hand is listed even if its YAML is broken. Writing is not: frontmatterProblem. Called by entry.ts,
// bucket-index.ts, change.ts and whoever opens a skill.

import { clip } from "../clip.ts";
import type { SkillConditions } from "../skill-ports.ts";
import type { ParseYaml } from "../yaml.ts";
import type { Danger } from "./scan.ts";

export interface SkillDocument {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Why a SKILL.md is not to be used, whoever wrote it. */
export type SkillProblem = "too large" | "too long" | "not text";

/** What is known of a skill without its text. Kept in the manifest: every part has its bound. */
export interface SkillFacts {
  /** "" when it says none: then its folder is its name. */
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly headings: readonly string[];
  /** Its `platforms` name the one we run on, or none. */
  readonly isForLinux: boolean;
  readonly conditions?: SkillConditions;
  readonly problem?: SkillProblem;
  /** What the security scan found (skill-danger.ts); it counts where the guard is on. */
  readonly danger?: Danger;
}

/** hermes-behaviour.md 4.2. */
export const MAX_SKILL_CHARS = 100_000;
/** A character has at most three bytes a UTF-16 unit. */
export const MAX_SKILL_BYTES = 3 * MAX_SKILL_CHARS;
const MAX_DESCRIPTION_CHARS = 1_024;

/** Ours: they bound an entry of the manifest to some 9,000 characters. One as people write it has some 500. */
const MAX_NAME_CHARS = 100;
const MAX_TAGS = 20;
const MAX_HEADINGS = 20;
const MAX_CONDITIONS = 20;
const MAX_LABEL_CHARS = 60;

const FRONTMATTER = /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/;

export const readSkill = (text: string, parseYaml: ParseYaml): SkillDocument => {
  const plain = text.replace(/^\uFEFF/, "");
  const match = FRONTMATTER.exec(plain);
  if (!match) return { fields: {}, body: text };
  const yaml = match[1] ?? "";
  const parsed = parseYaml(yaml);
  const fields = "value" in parsed && isMapping(parsed.value) ? parsed.value : keyValueLines(yaml);
  return { fields, body: plain.slice(match[0].length) };
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

/** What is wrong with a SKILL.md that is about to be stored, in Hermes' words. */
export const frontmatterProblem = (text: string, parseYaml: ParseYaml): string | undefined => {
  if (text.trim() === "") return "Content cannot be empty.";
  if (!text.startsWith("---"))
    return "SKILL.md must start with YAML frontmatter (---). See existing skills for format.";
  const match = FRONTMATTER.exec(text);
  if (!match) return "SKILL.md frontmatter is not closed. Ensure you have a closing '---' line.";
  const parsed = parseYaml(match[1] ?? "");
  if ("error" in parsed) return `YAML frontmatter parse error: ${parsed.error}`;
  if (!isMapping(parsed.value)) return "Frontmatter must be a YAML mapping (key: value pairs).";
  const { name, description } = parsed.value;
  if (oneLine(name) === "") return "Frontmatter must include 'name' field.";
  if (oneLine(description) === "") return "Frontmatter must include 'description' field.";
  if (String(description).length > MAX_DESCRIPTION_CHARS)
    return `Description exceeds ${MAX_DESCRIPTION_CHARS} characters.`;
  if (text.slice(match[0].length).trim() === "")
    return "SKILL.md must have content after the frontmatter (instructions, procedures, etc.).";
  return undefined;
};

/** Hermes' own keys are below `metadata.hermes`; the open format has `metadata`, and some write them at the top. */
const hermesFields = (fields: SkillDocument["fields"]): Readonly<Record<string, unknown>> => {
  const metadata = isMapping(fields["metadata"]) ? fields["metadata"] : {};
  const hermes = isMapping(metadata["hermes"]) ? metadata["hermes"] : {};
  return { ...fields, ...metadata, ...hermes };
};

export const factsOf = (text: string, parseYaml: ParseYaml): SkillFacts =>
  text.length > MAX_SKILL_CHARS ? unread("too long") : factsIn(readSkill(text, parseYaml));

export const factsIn = ({ fields, body }: SkillDocument): SkillFacts => {
  const hermes = hermesFields(fields);
  const conditions = conditionsOf(hermes);
  return {
    name: clip(oneLine(fields["name"]), MAX_NAME_CHARS),
    description: clip(oneLine(fields["description"]) || firstLine(body), MAX_DESCRIPTION_CHARS),
    tags: labels(hermes["tags"]).slice(0, MAX_TAGS),
    headings: headingsOf(body).slice(0, MAX_HEADINGS),
    isForLinux: isForLinux(fields["platforms"]),
    ...(conditions === undefined ? {} : { conditions }),
  };
};

/** Of a skill whose text is not known. */
export const unread = (problem?: SkillProblem): SkillFacts => ({
  name: "",
  description: "",
  tags: [],
  headings: [],
  isForLinux: true,
  ...(problem === undefined ? {} : { problem }),
});

/** Of a category's DESCRIPTION.md nothing counts but what it is described as. */
export const categoryFactsOf = (text: string, parseYaml: ParseYaml): SkillFacts => {
  const { fields } = readSkill(text, parseYaml);
  return { ...unread(), description: clip(oneLine(fields["description"]), MAX_DESCRIPTION_CHARS) };
};

const conditionsOf = (hermes: Readonly<Record<string, unknown>>): SkillConditions | undefined => {
  const named = (field: string) => labels(hermes[field]).slice(0, MAX_CONDITIONS);
  const conditions = {
    requiresTools: named("requires_tools"),
    requiresToolsets: named("requires_toolsets"),
    fallbackForTools: named("fallback_for_tools"),
    fallbackForToolsets: named("fallback_for_toolsets"),
  };
  return Object.values(conditions).some((names) => names.length > 0) ? conditions : undefined;
};

/** What a skill's reader is told besides its text (hermes-behaviour.md 4.3). */
export interface SkillNeeds {
  readonly tags: readonly string[];
  readonly relatedSkills: readonly string[];
  readonly environment: readonly string[];
  readonly commands: readonly string[];
  readonly isPinned: boolean;
}

export const needsOf = (fields: SkillDocument["fields"]): SkillNeeds => {
  const hermes = hermesFields(fields);
  const prerequisites = isMapping(fields["prerequisites"]) ? fields["prerequisites"] : {};
  return {
    tags: labels(hermes["tags"]).slice(0, MAX_TAGS),
    relatedSkills: labels(hermes["related_skills"]),
    environment: [
      ...new Set([...labels(fields["required_environment_variables"]), ...labels(prerequisites["env_vars"])]),
    ],
    commands: labels(prerequisites["commands"]),
    isPinned: hermes["pinned"] === true || hermes["pinned"] === "true",
  };
};

/** A list, one word, words between commas, or things that have a name. */
const labels = (value: unknown): string[] => {
  const parts: unknown[] =
    typeof value === "string" ? value.replace(/^\[|\]$/g, "").split(",") : [value].flat();
  return parts
    .map((part) => clip(oneLine(isMapping(part) ? part["name"] : part), MAX_LABEL_CHARS))
    .filter((label) => label !== "")
    .slice(0, 50);
};

/** The index has a line a skill. An escape of YAML may be half a character, and Telegram refuses a whole menu for one. */
const oneLine = (value: unknown): string =>
  ["string", "number", "boolean"].includes(typeof value)
    ? String(value).toWellFormed().replace(/\s+/g, " ").trim()
    : "";

const linesOf = (body: string): string[] => body.split(/\r?\n/);

const firstLine = (body: string): string =>
  linesOf(body)
    .map((line) => oneLine(line.replace(/^#+\s*/, "")))
    .find((line) => line !== "") ?? "";

const headingsOf = (body: string): string[] =>
  linesOf(body).flatMap((line) => {
    const [, heading] = /^#{1,4} +(.+)$/.exec(line) ?? [];
    return heading === undefined ? [] : [clip(oneLine(heading), MAX_LABEL_CHARS)];
  });

const isForLinux = (platforms: unknown): boolean => {
  const named = [platforms].flat().filter((name) => typeof name === "string");
  return named.length === 0 || named.some((name) => name.trim().toLowerCase() === "linux");
};
