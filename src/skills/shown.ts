// How a skill is put before the model, whatever has read it: for the tools and for a slash command, which are part of every turn,
// while what reads and checks skills (view.ts) is loaded with the first of them.

import type { SkillNeeds } from "./document.ts";
import { SUPPORT_FOLDERS } from "./paths.ts";

/** hermes-behaviour.md 4.2. */
export const MAX_FILE_BYTES = 1_048_576;

/** By their folder; skills from elsewhere have files beside SKILL.md, too. */
export const linkedFiles = (files: readonly string[]): Readonly<Record<string, readonly string[]>> => {
  const folderOf = (file: string) => SUPPORT_FOLDERS.find((folder) => file.startsWith(`${folder}/`));
  return Object.fromEntries(Map.groupBy(files, (file) => folderOf(file) ?? "other"));
};

/** What a skill needs that a function without a shell does not have; "" when nothing. */
export const setupNote = ({
  environment,
  commands,
}: Pick<SkillNeeds, "environment" | "commands">): string => {
  const missing = [
    ...(environment.length > 0 ? [`environment variables (${environment.join(", ")})`] : []),
    ...(commands.length > 0 ? [`commands (${commands.join(", ")})`] : []),
  ];
  return missing.length === 0
    ? ""
    : `This skill asks for ${missing.join(" and ")}. There is no shell here and they cannot be set: use your own tools where they do the same, and say what cannot be done.`;
};

/** hermes-behaviour.md 4.3: variables a skill may use in its text. */
const VARIABLE = /\$\{HERMES_(?:SKILL_DIR|SESSION_ID)\}/g;

const meaningOf = (variable: string, folder: string, sessionId: string): string =>
  variable.includes("SKILL_DIR") ? folder : sessionId;

/** For who follows the text. */
export const withVariables = (text: string, folder: string, sessionId: string): string =>
  text.replace(VARIABLE, (variable) => meaningOf(variable, folder, sessionId));

/** What they stand for, each that the text has: for who is shown the text itself. */
export const variablesIn = (
  text: string,
  folder: string,
  sessionId: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (text.match(VARIABLE) ?? []).map((variable) => [variable, meaningOf(variable, folder, sessionId)]),
  );
