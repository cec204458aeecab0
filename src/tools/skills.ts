// `skills_list` and `skill_view` (hermes-behaviour.md 4.3). Their answers are JSON with name, path and version first: a later
// change of the skill finds there what this conversation has seen (seen-versions.ts), also in a result that was cut.

import * as z from "zod/mini";
import { asManyAsFit } from "../chunks.ts";
import { clip } from "../clip.ts";
import type { Tool, ToolContext, ToolOutcome } from "../ports.ts";
import type { SkillSummary } from "../skill-ports.ts";
import type { FoundSkills, SkillsOfAll } from "../skills/library.ts";
import { NO_CATEGORY, pathAsSeen } from "../skills/names.ts";
import { linkedFiles, MAX_FILE_BYTES, setupNote, variablesIn } from "../skills/shown.ts";
import type { OpenSkill, ViewedFile } from "../skills/view.ts";
import { defineTool } from "./define-tool.ts";
import { seenVersion } from "./seen-versions.ts";
import { answered, said, skillsFor } from "./skill-answer.ts";

/** Of text in one result, as JSON writes it. */
const MAX_TEXT_CHARS = 36_000;
/** Beside the text, and what says where it goes on. */
const PIECE_CHARS = 100;
/** One character is `\u0001` at its longest. */
const JSON_CHARS_EACH = 6;
/** Of a list beside the text there is the twelfth part of a result, so that the text has half of it; what is left out stands in the text. */
const LISTS_SHARE = 12;
/** And so of the names of a skill's files: who needs one that is not among them is told its name by the skill. */
const MAX_FILES_CHARS = 4_000;

/** Of a list; beyond it descriptions are cut, and then left out. */
const MAX_LIST_CHARS = 24_000;
const SHORT_DESCRIPTION_CHARS = 80;
/** Of all categories' names together, and of what they are described as. */
const MAX_CATEGORIES_CHARS = 4_000;
const CATEGORY_DESCRIPTION_CHARS = 200;

const listParameters = z.object({
  category: z.optional(z.string()),
  query: z.optional(z.string()).check(z.describe("Search in words or by meaning.")),
});

export const createSkillsList = (skills: SkillsOfAll): Tool =>
  defineTool({
    name: "skills_list",
    toolset: "skills",
    description: "List skills (name, description), or search them.",
    parallel: true,
    repeatable: true,
    parameters: listParameters,
    run: ({ category, query }, context) =>
      answered(context, async () => {
        const isWanted = category ? isIn(pathAsSeen(category)) : undefined;
        const found = await skillsFor(skills, context).search(query?.trim() ?? "", context.signal, isWanted);
        return said(listing(found, isWanted));
      }),
  });

const listing = ({ skills, note }: FoundSkills, isWanted: ReturnType<typeof isIn> | undefined) => {
  const categories = [...new Set(skills.map((skill) => skill.category))].filter(Boolean).sort();
  const wanted = isWanted ? skills.filter(isWanted) : skills;
  return {
    success: true,
    skills: withinBounds(wanted),
    categories: asManyAsFit(categories, MAX_CATEGORIES_CHARS, lengthOf),
    ...describedCategories(skills),
    count: wanted.length,
    ...(note === undefined ? {} : { note }),
    hint: "Load one with skill_view(name).",
  };
};

/** The prompt lists what has no category under a name. */
const isIn =
  (wanted: string) =>
  ({ category }: SkillSummary): boolean =>
    category === wanted || category.startsWith(`${wanted}/`) || (category === "" && wanted === NO_CATEGORY);

/** Nothing where no category is described. */
const describedCategories = (skills: readonly SkillSummary[]) => {
  const abouts = new Map(
    skills.flatMap(({ category, categoryDescription = "" }): [string, string][] =>
      categoryDescription === "" ? [] : [[category, clip(categoryDescription, CATEGORY_DESCRIPTION_CHARS)]],
    ),
  );
  const shown = asManyAsFit([...abouts], MAX_CATEGORIES_CHARS, (line) => lengthOf(line.join("")));
  return shown.length === 0 ? {} : { category_descriptions: Object.fromEntries(shown) };
};

const lengthOf = ({ length }: string): number => length;

type Line = Readonly<Record<string, unknown>>;

/** Whole descriptions where they fit, else short ones, else as many names as fit. */
const withinBounds = (skills: readonly SkillSummary[]): readonly Line[] => {
  const lengths = [Number.POSITIVE_INFINITY, SHORT_DESCRIPTION_CHARS, 0];
  const lists = lengths.map((length) => () => skills.map((skill) => lineOf(skill, length)));
  const fits = (lines: readonly Line[]) => jsonLength(lines) <= MAX_LIST_CHARS;
  for (const list of lists) {
    const lines = list();
    if (fits(lines)) return lines;
  }
  const names = skills.map(({ name }) => ({ name }));
  const shown = asManyAsFit(names, MAX_LIST_CHARS, (line) => jsonLength(line) + 1);
  if (shown.length === names.length) return shown;
  return [...shown, { more: names.length - shown.length, how: "Narrow it with query or category." }];
};

const lineOf = ({ name, description, category, withheld }: SkillSummary, length: number): Line => ({
  name,
  ...(length === 0 ? {} : { description: clip(description, length) }),
  ...(category === "" ? {} : { category }),
  ...(withheld === undefined ? {} : { withheld }),
});

const viewParameters = z.object({
  name: z.string(),
  file_path: z.optional(z.string()).check(z.describe("A supporting file of it.")),
  offset: z
    ._default(z.int().check(z.gte(0), z.lte(MAX_FILE_BYTES)), 0)
    .check(z.describe("Read on from this character.")),
});

export const createSkillView = (skills: SkillsOfAll): Tool =>
  defineTool({
    name: "skill_view",
    toolset: "skills",
    description: "Load a skill, or one of its files. Name: as listed, or category/name.",
    parallel: true,
    repeatable: true,
    parameters: viewParameters,
    run: ({ name, file_path, offset }, context) =>
      answered(context, async () =>
        file_path && file_path !== "SKILL.md"
          ? fileAnswer(await skillsFor(skills, context).viewFile(name, file_path), offset, context)
          : skillAnswer(await skillsFor(skills, context).open(name), offset, context),
      ),
  });

const skillAnswer = (skill: OpenSkill, offset: number, context: ToolContext): ToolOutcome => {
  const { summary, version, text } = skill;
  const path = `${summary.folder}/SKILL.md`;
  const head = {
    success: true,
    name: summary.name,
    path,
    ...(version === undefined
      ? { bundled: "comes with the bot, read-only" }
      : seenAs(version, { path, offset }, context)),
    description: summary.description,
    ...besideText(skill, context),
    ...variables(skill, context),
  };
  return said({ ...head, ...piece(text, offset, roomBeside(head, context)) });
};

interface Piece {
  readonly path: string;
  readonly offset: number;
}

/** What a later change may stand on: with pieces of two versions nobody has seen either of them. */
const seenAs = (version: string, { path, offset }: Piece, { messages }: ToolContext) =>
  offset === 0 || seenVersion(messages, path) === version
    ? { version }
    : {
        note: "You have not read the beginning of this version: read it from offset 0 before you change it.",
      };

/**
 * Hermes puts the values into the text. Here the text is what the model edits from, for all chats: what stood for a variable would
 * be stored in its place, and a patch that quotes it would never fit.
 */
const variables = ({ text, summary }: OpenSkill | ViewedFile, { sessionId }: ToolContext) => {
  const values = variablesIn(text ?? "", summary.folder, sessionId);
  return Object.keys(values).length === 0 ? {} : { template_variables: values };
};

/** Lists within their part of the result. */
const besideText = ({ needs, files }: OpenSkill, { maxResultChars }: ToolContext) => {
  const fitting = (list: readonly string[], room = Number.POSITIVE_INFINITY) =>
    asManyAsFit(list, Math.min(room, maxResultChars / LISTS_SHARE), (one) => jsonLength(one) + 1);
  const [environment, commands] = [fitting(needs.environment), fitting(needs.commands)];
  const setup = setupNote({ environment, commands });
  const linked = linkedFiles(fitting(files, MAX_FILES_CHARS));
  const hasFiles = Object.keys(linked).length > 0;
  return {
    tags: fitting(needs.tags),
    related_skills: fitting(needs.relatedSkills),
    ...(hasFiles
      ? {
          linked_files: linked,
          usage_hint: "Load one with skill_view(name, file_path) when the skill says so.",
        }
      : {}),
    ...(setup === ""
      ? { readiness_status: "available" }
      : {
          required_environment_variables: environment,
          setup_needed: true,
          setup_note: setup,
          readiness_status: "setup_needed",
        }),
  };
};

const fileAnswer = (viewed: ViewedFile, offset: number, context: ToolContext): ToolOutcome => {
  const { summary, file, text, size, version } = viewed;
  const path = `${summary.folder}/${file}`;
  const head = {
    success: true,
    name: summary.name,
    path,
    ...(version === undefined ? {} : seenAs(version, { path, offset }, context)),
    file,
    file_type: /\.[^./]+$/.exec(file)?.[0] ?? "",
    ...variables(viewed, context),
  };
  return said({
    ...head,
    ...(text === undefined
      ? { content: `[Binary file: ${file}, size: ${size} bytes]`, is_binary: true }
      : piece(text, offset, roomBeside(head, context))),
  });
};

const jsonLength = (value: unknown): number => JSON.stringify(value).length;

/** The loop cuts what is longer, and `next_offset` would pass over what was cut. */
const roomBeside = (head: object, { maxResultChars }: ToolContext): number =>
  Math.min(MAX_TEXT_CHARS, Math.max(0, maxResultChars - jsonLength(head) - PIECE_CHARS));

const piece = (whole: string, offset: number, room: number) => {
  const most = clip(whole.slice(offset), room);
  const over = jsonLength(most) - room;
  const content =
    over <= 0 ? most : clip(most, Math.max(most.length - over, Math.floor(room / JSON_CHARS_EACH)));
  const end = offset + content.length;
  return {
    ...(end < whole.length ? { next_offset: end, total_chars: whole.length } : {}),
    content,
  };
};
