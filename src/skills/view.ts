// What skill_view shows (hermes-behaviour.md 4.3), and a whole skill for a slash command. Called by library.ts.

import type { SkillFiles, SkillSummary } from "../skill-ports.ts";
import type { ParseYaml } from "../yaml.ts";
import type { Look } from "./bucket-index.ts";
import { needsOf, readSkill, type SkillNeeds } from "./document.ts";
import type { SkillEntry } from "./entry.ts";
import { isSkillFile, pathAsSeen, wayOutProblem } from "./names.ts";
import { findDanger } from "./scan.ts";
import { AS_IT_IS, type Shelf } from "./shelf.ts";
import { MAX_FILE_BYTES } from "./shown.ts";
import { SkillError } from "./skill-error.ts";
import { textOf } from "./text.ts";

/** A skill with its text, for who follows it. */
export interface OpenSkill {
  readonly summary: SkillSummary;
  /** SKILL.md as it is stored. */
  readonly text: string;
  readonly body: string;
  readonly needs: SkillNeeds;
  /** Within its folder, SKILL.md not among them. */
  readonly files: readonly string[];
  /** As a tool result shows it; absent for what comes with the bot. */
  readonly version?: string;
}

export interface ViewedFile {
  readonly summary: SkillSummary;
  /** Within the skill's folder. */
  readonly file: string;
  /** Undefined where it is not text. */
  readonly text: string | undefined;
  readonly size: number;
  readonly version?: string;
}

export interface ViewOptions {
  readonly shelf: Shelf;
  readonly files: SkillFiles;
  readonly parseYaml: ParseYaml;
  /** Whether the security scan counts. */
  readonly guard: boolean;
}

/** What a model sees of an etag; S3 puts it in quotes. */
export const versionOf = (etag: string): string => etag.replaceAll('"', "");

/** Refused over what was known of the bucket: somebody may have repaired, moved or written it since. */
export class PerhapsStale extends SkillError {}

/** What an old picture refuses is looked for once more in a new one, and only then refused. */
export const lookedUp = async <Found>(
  find: (look: Look) => Promise<SkillEntry>,
  use: (entry: SkillEntry) => Promise<Found>,
): Promise<Found> => {
  try {
    return await use(await find({ isFresh: false }));
  } catch (thrown) {
    if (!(thrown instanceof PerhapsStale)) throw thrown;
    return use(await find(AS_IT_IS));
  }
};

export const withheldError = ({ summary }: SkillEntry): SkillError =>
  new PerhapsStale(
    `Skill '${summary.name}' is withheld: ${summary.withheld}. It cannot be loaded; it can be deleted, edited as a whole, or rolled back to an earlier version.`,
  );

export const openSkill = async (options: ViewOptions, entry: SkillEntry): Promise<OpenSkill> => {
  if (entry.summary.withheld !== undefined) throw withheldError(entry);
  const { shelf, parseYaml } = options;
  const { text, version, summary } = await skillText(shelf, entry);
  const { fields, body } = readSkill(text, parseYaml);
  return {
    summary,
    text,
    body,
    needs: needsOf(fields),
    files: await shelf.filesOf(entry),
    ...(version === undefined ? {} : { version }),
  };
};

interface Text {
  readonly summary: SkillSummary;
  readonly text: string;
  readonly size: number;
  readonly version?: string;
}

/** Of SKILL.md. */
const skillText = async (shelf: Shelf, entry: SkillEntry): Promise<Text> => {
  if (entry.summary.isBundled) return bundledText(shelf, entry, entry.path);
  const now = await shelf.readNow(entry);
  if (now === undefined) throw new PerhapsStale(`Skill '${entry.summary.name}' was deleted meanwhile.`);
  // Somebody may have changed it since the index looked.
  const { summary } = now.entry;
  if (summary.withheld !== undefined) throw withheldError(now.entry);
  const { bytes, size, etag } = now.file;
  return { summary, text: new TextDecoder().decode(bytes), size, version: versionOf(etag) };
};

const bundledText = (shelf: Shelf, { summary }: SkillEntry, path: string): Text => {
  const text = shelf.bundledText(path) ?? "";
  return { summary, text, size: new TextEncoder().encode(text).length };
};

/** A supporting file, or SKILL.md as any file. */
export const viewFile = async (
  options: ViewOptions,
  entry: SkillEntry,
  filePath: string,
): Promise<ViewedFile> => {
  if (entry.summary.withheld !== undefined) throw withheldError(entry);
  const { shelf } = options;
  if (isSkillFile(filePath, entry.summary.name))
    return { file: "SKILL.md", ...(await skillText(shelf, entry)) };
  const path = await supportingPath(options, entry, filePath);
  const shown = { summary: entry.summary, file: path };
  if (entry.summary.isBundled) return { ...shown, ...bundledText(shelf, entry, `${entry.folder}/${path}`) };
  const file = await options.files.read(`${entry.folder}/${path}`, { maxBytes: MAX_FILE_BYTES });
  if (file === undefined) throw new PerhapsStale(`File '${path}' was deleted meanwhile.`);
  const text = textOf(file.bytes);
  const danger = text !== undefined && options.guard ? findDanger(text) : undefined;
  if (danger !== undefined)
    throw new SkillError(`File '${path}' is withheld: the security scan found ${danger}.`);
  return { ...shown, text, size: file.size, version: versionOf(file.etag) };
};

/** Files that a skill has may be read wherever they are in its folder. */
const supportingPath = async ({ shelf }: ViewOptions, entry: SkillEntry, wanted: string): Promise<string> => {
  const isIt = (file: string) => pathAsSeen(file) === pathAsSeen(wanted);
  const all = await shelf.filesOf(entry);
  const found = all.includes(wanted) ? wanted : all.find(isIt);
  if (found !== undefined) return found;
  const wayOut = wayOutProblem(wanted);
  if (wayOut !== undefined) throw new SkillError(wayOut);
  const Refusal = entry.summary.isBundled ? SkillError : PerhapsStale;
  throw new Refusal(`File '${wanted}' not found in skill '${entry.summary.name}'.`, {
    available_files: all.slice(0, 50),
  });
};
