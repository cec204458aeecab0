// What skills, categories and their files may be called, in Hermes' words (hermes-behaviour.md 4.2, 4.3), and the names of
// their commands (4.5). A problem is a sentence for the model; undefined is "fine".

import { isSafePath, SUPPORT_FOLDERS } from "./paths.ts";

const MAX_NAME_CHARS = 64;
const NAME = /^[a-z0-9][a-z0-9._-]*$/;
const ALLOWED = "Use lowercase letters, numbers, hyphens, dots, and underscores.";

/** S3 keys hold 1,024 bytes; prefix, category and name want their part of it. */
const MAX_FILE_PATH_CHARS = 300;

export const nameProblem = (name: string): string | undefined => {
  if (name === "") return "Skill name is required.";
  if (name.length > MAX_NAME_CHARS) return `Skill name exceeds ${MAX_NAME_CHARS} characters.`;
  if (!NAME.test(name)) return `Invalid skill name '${name}'. ${ALLOWED} Must start with a letter or digit.`;
  // Such a folder would not be looked into (paths.ts).
  if (isReserved(name)) return `Invalid skill name '${name}': folders of this name have another meaning.`;
  return undefined;
};

/** Empty is no category. */
export const categoryProblem = (category: string): string | undefined => {
  if (category === "") return undefined;
  if (category.length > MAX_NAME_CHARS) return `Category exceeds ${MAX_NAME_CHARS} characters.`;
  if (!NAME.test(category))
    return `Invalid category '${category}'. ${ALLOWED} Categories must be a single directory name.`;
  if (isReserved(category))
    return `Invalid category '${category}': folders of this name have another meaning.`;
  return undefined;
};

const isReserved = (folder: string): boolean => ["venv", "node_modules", ...SUPPORT_FOLDERS].includes(folder);

const SORTED_FOLDERS = SUPPORT_FOLDERS.toSorted();

/** Out of the skill's folder. */
export const wayOutProblem = (path: string): string | undefined =>
  path.split("/").includes("..") ? "Path traversal ('..') is not allowed." : undefined;

/** Whether the skill itself is meant. */
export const isSkillFile = (given: string, skillName: string): boolean =>
  given === "SKILL.md" || given === `${skillName}/SKILL.md`;

/** The path of a skill's file within its folder, or what is wrong with it. */
export const readFilePath = (
  given: string,
  skillName: string,
): { readonly path: string } | { readonly problem: string } => {
  if (given === "") return { problem: "file_path is required." };
  const wayOut = wayOutProblem(given);
  if (wayOut !== undefined) return { problem: wayOut };
  if (isSkillFile(given, skillName)) return { path: "SKILL.md" };
  const parts = given.split("/");
  const [first = ""] = parts;
  if (!SORTED_FOLDERS.some((folder) => folder === first))
    return { problem: `File must be under one of: ${SORTED_FOLDERS.join(", ")}. Got: '${given}'` };
  if (parts.length < 2)
    return { problem: `Provide a file path, not just a directory. Example: '${first}/myfile.md'` };
  // What the index does not look at would be stored, and never seen again.
  if (given.length > MAX_FILE_PATH_CHARS || !isSafePath(given))
    return {
      problem: `Invalid file path '${given}'. Use up to ${MAX_FILE_PATH_CHARS} characters, no names that begin with a dot, no control characters, and none of venv, node_modules and __pycache__.`,
    };
  return { path: given };
};

// ---- one name, written in two ways

/** What has no category is listed under this name. */
export const NO_CATEGORY = "general";

/**
 * As people see it: a Mac writes é as two characters, a folder's name may end in a space, and whoever types or repeats such a name
 * writes it as anybody would.
 */
export const asSeen = (name: string): string => name.normalize("NFC").replace(/\s+/g, " ").trim();

export const pathAsSeen = (path: string): string => path.split("/").map(asSeen).join("/");

// ---- commands

/** `web_search` → `web-search`; undefined when nothing is left. */
export const slashName = (name: string): string | undefined =>
  tidy(
    name
      .toLowerCase()
      .replace(/[ _]/g, "-")
      .replace(/[^a-z0-9-]/g, ""),
    "-",
  ) || undefined;

/** Bot API: 1 to 32 of a-z, 0-9 and _. */
const MAX_COMMAND_CHARS = 32;

/** `my-skill` → `my_skill`; "" when nothing is left. */
export const telegramCommand = (name: string): string => {
  const command = name
    .toLowerCase()
    .replace(/-/g, "_")
    .replace(/[^a-z0-9_]/g, "");
  return tidy(tidy(command, "_").slice(0, MAX_COMMAND_CHARS), "_");
};

const tidy = (text: string, separator: "-" | "_"): string =>
  text.split(separator).filter(Boolean).join(separator);

/** Which of these names a typed command means, `/claude_code` for `claude-code` too: Telegram's menu knows no hyphen. */
export const findByCommand = <Named extends { readonly name: string }>(
  skills: readonly Named[],
  command: string,
): Named | undefined => {
  const typed = command.replace(/^\//, "").toLowerCase();
  const wanted = typed.replaceAll("_", "-");
  return (
    skills.find(({ name }) => slashName(name) === wanted) ??
    skills.find(({ name }) => typed !== "" && telegramCommand(slashName(name) ?? "") === typed)
  );
};
