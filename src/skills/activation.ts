// Skills as slash commands (hermes-behaviour.md 4.5): which commands there are, what a typed one means, and the message it
// becomes. Called by the command menu and by who opens a turn.

import { shortened } from "../clip.ts";
import type { SkillSummary } from "../skill-ports.ts";
import { findByCommand, slashName, telegramCommand } from "./names.ts";
import { byText } from "./paths.ts";
import { setupNote, withVariables } from "./shown.ts";
import type { OpenSkill } from "./view.ts";

/** hermes-behaviour.md 4.5. */
const DESCRIPTION_CHARS = 40;

export interface SkillCommand {
  /** As the Bot API takes it, without the slash. */
  readonly command: string;
  readonly description: string;
  /** Of the skill. */
  readonly name: string;
}

/** By command, each once, none that is taken. */
export const slashCommands = (
  skills: readonly SkillSummary[],
  takenNames: readonly string[],
): readonly SkillCommand[] => {
  const used = new Set(takenNames);
  return skills
    .filter(({ withheld }) => withheld === undefined)
    .map(({ name, description }) => ({
      command: telegramCommand(slashName(name) ?? ""),
      description: shortened(description, DESCRIPTION_CHARS) || name,
      name,
    }))
    .sort((a, b) => byText(a.command, b.command) || byText(a.name, b.name))
    .filter(({ command }) => {
      const isFree = command !== "" && !used.has(command);
      used.add(command);
      return isFree;
    });
};

/** The skill a typed command (`/page_brief`, `page-brief`) means: of several the one the menu shows. */
export const findBySlash = (skills: readonly SkillSummary[], command: string): SkillSummary | undefined =>
  findByCommand(
    skills.filter(({ withheld }) => withheld === undefined).toSorted((a, b) => byText(a.name, b.name)),
    command,
  );

/** What the model is sent for `/skill instruction`. */
export const skillActivation = (skill: OpenSkill, instruction: string, sessionId: string): string => {
  const { summary, body, files } = skill;
  const setup = setupNote(skill.needs);
  const wish = instruction.trim();
  return [
    `[IMPORTANT: The user has invoked the "${summary.name}" skill: follow its instructions, which are these.]`,
    withVariables(body.trim(), summary.folder, sessionId),
    ...(setup === "" ? [] : [`[Skill setup note: ${setup}]`]),
    ...(files.length === 0 ? [] : [supportingFiles(summary.name, files)]),
    ...(wish === ""
      ? []
      : [`The user has provided the following instruction alongside the skill invocation: ${wish}`]),
  ].join("\n\n");
};

/** More are in the answer of skill_view. */
const LISTED_FILES = 50;

const supportingFiles = (name: string, files: readonly string[]): string =>
  [
    `[This skill has supporting files. Load one with skill_view(name "${name}", file_path) when the skill says so:]`,
    ...files.slice(0, LISTED_FILES).map((file) => `- ${file}`),
  ].join("\n");
