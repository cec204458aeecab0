// Which paths are skills, and which files belong to which. Paths are as below ~/.hermes/skills, with `/`
// (hermes-behaviour.md 4.1). Whoever can write to the bucket can name a file anything.

/** Folders of a skill that hold its supporting files; a SKILL.md in them is a template, not a skill. */
export const SUPPORT_FOLDERS = ["references", "templates", "assets", "scripts"] as const;

const SUPPORT: ReadonlySet<string> = new Set(SUPPORT_FOLDERS);

/** Not part of anybody's skills; everything that begins with a dot (.git, .hub, .archive) goes with them. */
const IGNORED: ReadonlySet<string> = new Set(["venv", "node_modules", "__pycache__"]);

/** S3's limit of a key is 1,024 bytes, prefix included. */
const MAX_PATH_CHARS = 700;

/** No way out of the skills' folder, and nothing that would break a line. */
export const isSafePath = (path: string): boolean =>
  path.length <= MAX_PATH_CHARS &&
  path.isWellFormed() &&
  !/[\\\p{Cc}\p{Cf}\u2028\u2029]/u.test(path) &&
  path.split("/").every((part) => part.trim() !== "" && !part.startsWith(".") && !IGNORED.has(part));

export const isSkillPath = (path: string): boolean => {
  const folders = path.split("/").slice(0, -1);
  return (
    path.endsWith("/SKILL.md") &&
    isSafePath(path) &&
    folders.length > 0 &&
    !folders.some((part) => SUPPORT.has(part))
  );
};

/** The DESCRIPTION.md of a category; of that of a skill the index knows better. */
export const isCategoryPath = (path: string): boolean => {
  const parts = path.split("/");
  return parts.at(-1) === "DESCRIPTION.md" && isSafePath(path) && !parts.some((part) => SUPPORT.has(part));
};

/** Of a skill's SKILL.md. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

export const lastPart = (folder: string): string => folder.slice(folder.lastIndexOf("/") + 1);

export const categoryOf = (folder: string): string =>
  folder.includes("/") ? folder.slice(0, folder.lastIndexOf("/")) : "";

/** Of these paths those of one skill, without those of a skill in a folder below it. */
export const filesOfSkill = (folder: string, paths: readonly string[]): readonly string[] => {
  const below = paths.filter((path) => path.startsWith(`${folder}/`));
  const nested = below.filter((path) => isSkillPath(path) && folderOf(path) !== folder).map(folderOf);
  return below.filter((path) => !nested.some((other) => path.startsWith(`${other}/`)));
};

/** Supporting files without a SKILL.md: of a deletion that did not end, or put there by hand (leftovers.ts). */
export const leftoversOf = (folder: string, paths: readonly string[]): readonly string[] =>
  paths.includes(`${folder}/SKILL.md`)
    ? []
    : paths.filter((path) => SUPPORT_FOLDERS.some((support) => path.startsWith(`${folder}/${support}/`)));

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
