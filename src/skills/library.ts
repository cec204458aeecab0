// The skills, as the agent and its tools use them: those in the bucket, above those that come with the bot. Made by
// skills-side.ts, one a process. What is in the bucket is known by bucket-index.ts, what a name means by shelf.ts.

import { abortable } from "../abortable.ts";
import { asError, HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import { orLogged } from "../or-logged.ts";
import type { Clock } from "../ports.ts";
import type { SkillFiles, SkillLibrary, SkillSummary, SkillSync } from "../skill-ports.ts";
import { timeLimit } from "../time-limit.ts";
import type { ParseYaml } from "../yaml.ts";
import type { ActionName } from "./action-names.ts";
import { type BucketIndex, createBucketIndex, type Look } from "./bucket-index.ts";
import type { Action, Asked, Changed, Workshop } from "./change.ts";
import { deleteSkill } from "./delete-skill.ts";
import type { BundledFile, SkillEntry } from "./entry.ts";
import { patch } from "./patch-skill.ts";
import { byText } from "./paths.ts";
import { createLocalSearch, type LocalSearch } from "./search.ts";
import { createShelf, named } from "./shelf.ts";
import { withVariables } from "./shown.ts";
import { SkillError } from "./skill-error.ts";
import { rollback, versions } from "./versions.ts";
import { lookedUp, type OpenSkill, openSkill, PerhapsStale, type ViewedFile, viewFile } from "./view.ts";
import { removeFile, writeFile } from "./write-file.ts";
import { create, edit } from "./write-skill.ts";

const ACTIONS: Readonly<Record<ActionName, Action>> = {
  create,
  edit,
  patch,
  delete: deleteSkill,
  write_file: writeFile,
  remove_file: removeFile,
  versions,
  rollback,
};

export interface FoundSkills {
  readonly skills: readonly SkillSummary[];
  /** What the model should know of how they were found. */
  readonly note?: string;
}

/** Methods throw SkillError for what is wrong with a call, and HermesError `unavailable` when the bucket does not answer. */
export interface AgentSkills extends SkillLibrary {
  /** Best first, at most some 20 of those wanted; without a query all there are. */
  search(
    query: string,
    signal: AbortSignal,
    isWanted?: (skill: SkillSummary) => boolean,
  ): Promise<FoundSkills>;
  open(name: string): Promise<OpenSkill>;
  /** The skill itself, as it was listed: its folder may be what another one is called. */
  openListed(skill: SkillSummary): Promise<OpenSkill>;
  viewFile(name: string, filePath: string): Promise<ViewedFile>;
  change(action: ActionName, asked: Asked): Promise<Changed>;
}

/** What is used by chats, and beside it what jobs see of the same: config.yaml may switch a skill off for one of them alone. */
export interface SkillsOfAll extends AgentSkills {
  readonly inJobs: AgentSkills;
}

export interface SkillLibraryOptions {
  readonly files: SkillFiles;
  readonly bundled: readonly BundledFile[];
  readonly sync?: SkillSync;
  readonly parseYaml: ParseYaml;
  /** `skills.disabled`: everywhere. */
  readonly disabled: readonly string[];
  /** `skills.platform_disabled`: besides. */
  readonly platformDisabled?: Readonly<Record<"telegram" | "cron", readonly string[]>>;
  /** `skills.guard_agent_created`: whether the security scan counts. */
  readonly guard: boolean;
  readonly clock: Pick<Clock, "elapsed" | "sleep">;
  readonly log: Log;
}

const MAX_FOUND = 20;
/** Of what a Knowledge Base names, where not all of it is wanted. */
const MAX_LOOKED_AT = 100;

const BUNDLED_ALONE =
  "The others cannot be reached right now: these are only the skills that come with the bot.";

/** The answer of the Knowledge Base is worth this wait; without it the local search answers. */
const SEARCH_MS = 3_000;

export const createSkillLibrary = (options: SkillLibraryOptions): SkillsOfAll => {
  const { files, parseYaml, guard, clock, log, disabled, platformDisabled } = options;
  // One look at the bucket serves both.
  const index = createBucketIndex({ files, parseYaml, guard, clock, log });
  const { telegram = [], cron = [] } = platformDisabled ?? {};
  const skills = libraryOver(options, index, [...disabled, ...telegram]);
  const isOther = telegram.length > 0 || cron.length > 0;
  return { ...skills, inJobs: isOther ? libraryOver(options, index, [...disabled, ...cron]) : skills };
};

const libraryOver = (
  options: SkillLibraryOptions,
  index: BucketIndex,
  disabled: readonly string[],
): AgentSkills => {
  const { files, sync, parseYaml, guard, log } = options;
  const shelf = createShelf({ ...options, index, rules: { disabled, guard } });
  const view = { shelf, files, parseYaml, guard };
  const shop: Workshop = { ...options, index, shelf };
  const local = createLocalSearch();
  let visible: { readonly of: readonly SkillEntry[]; readonly ones: readonly SkillEntry[] } | undefined;

  const listed = async (isFresh: boolean) => {
    const { entries, isPartial } = await shelf.inventory({ isFresh });
    if (visible?.of !== entries) visible = { of: entries, ones: oneAName(entries) };
    return { entries: visible.ones, isPartial };
  };

  /** Of several the first by its path: nobody is there to be asked. */
  const meant = async (name: string, look: Look): Promise<SkillEntry> => {
    const { entries } = await shelf.inventory(look);
    const [first] = named(entries, name).toSorted((a, b) => byText(a.path, b.path));
    if (first === undefined || first.isHidden) throw new PerhapsStale(`Skill '${name}' not found.`);
    return first;
  };
  const open = (entry: SkillEntry) => openSkill(view, entry);

  return {
    async list({ isFresh, needsBucket }) {
      const { entries, isPartial } = await listed(isFresh);
      if (isPartial && needsBucket)
        throw new HermesError("unavailable", "the bucket of skills cannot be read");
      return entries.map(({ summary }) => summary);
    },
    async text(name, sessionId) {
      const opening = lookedUp((look) => meant(name, look), open);
      const opened = await orLogged(log, "reading a skill", opening.catch(noneIfRefused));
      return opened && withVariables(opened.text, opened.summary.folder, sessionId);
    },
    async search(query, signal, isWanted) {
      const { entries, isPartial } = await listed(true);
      const found =
        query === ""
          ? { skills: entries.map(({ summary }) => summary) }
          : await search({ options, sync, local }, entries, { query, isWanted }, signal);
      return isPartial ? { ...found, note: BUNDLED_ALONE } : found;
    },
    open: (name) => lookedUp((look) => shelf.find(name, look), open),
    openListed({ name, folder, isBundled }) {
      const isIt = ({ summary }: SkillEntry) => summary.folder === folder && summary.isBundled === isBundled;
      return lookedUp(
        async (look) => (await shelf.inventory(look)).entries.find(isIt) ?? (await shelf.find(name)),
        open,
      );
    },
    viewFile: (name, filePath) =>
      lookedUp(
        (look) => shelf.find(name, look),
        (entry) => viewFile(view, entry, filePath),
      ),
    change: (action, asked) => ACTIONS[action](shop, asked),
  };
};

/** That there is none to be used is no failure. */
const noneIfRefused = (thrown: unknown): undefined => {
  if (!(thrown instanceof SkillError)) throw thrown;
  return undefined;
};

/** Two of one name stand in different folders: the first by its path is meant by the name, the other by category/name. */
const oneAName = (entries: readonly SkillEntry[]): readonly SkillEntry[] => {
  const first = new Map<string, SkillEntry>();
  for (const entry of entries.filter(({ isHidden }) => !isHidden)) {
    const { name } = entry.summary;
    const before = first.get(name);
    if (before === undefined || comesFirst(entry, before)) first.set(name, entry);
  }
  return entries.filter((entry) => first.get(entry.summary.name) === entry);
};

/** A skill that cannot be used stands in nobody's way. */
const comesFirst = (a: SkillEntry, b: SkillEntry): boolean => {
  const [isUsable, isOther] = [a, b].map(({ summary }) => summary.withheld === undefined);
  return isUsable === isOther ? a.path < b.path : isUsable === true;
};

interface SearchPorts {
  readonly options: SkillLibraryOptions;
  readonly sync: SkillSync | undefined;
  readonly local: LocalSearch;
}

interface Search {
  readonly query: string;
  readonly isWanted: ((skill: SkillSummary) => boolean) | undefined;
}

/** The Knowledge Base knows the texts; the local index knows what was written just now and what comes with the bot. */
const search = async (
  { options, sync, local }: SearchPorts,
  entries: readonly SkillEntry[],
  { query, isWanted }: Search,
  signal: AbortSignal,
): Promise<FoundSkills> => {
  const limit = isWanted === undefined ? MAX_FOUND : MAX_LOOKED_AT;
  const [semantic, byWords] = await Promise.all([
    sync === undefined ? undefined : semanticSearch(options, sync, { query, limit }, signal),
    local.search(entries, query),
  ]);
  const folders = [...new Set(inTurn(semantic ?? [], byWords))];
  const byFolder = new Map(entries.map(({ folder, summary }) => [folder, summary]));
  const there = folders.flatMap((folder) => byFolder.get(folder) ?? []);
  const wanted = there.filter((skill) => isWanted?.(skill) !== false);
  // A Knowledge Base may still have texts of skills that are withheld by now.
  const skills = wanted.toSorted((a, b) => isWithheld(a) - isWithheld(b)).slice(0, MAX_FOUND);
  const isDegraded = sync !== undefined && semantic === undefined;
  return {
    skills,
    ...(isDegraded
      ? { note: "The search by meaning does not answer right now; these were found by their words." }
      : {}),
  };
};

const isWithheld = ({ withheld }: SkillSummary): number => Number(withheld !== undefined);

/** One of each: a Knowledge Base names as many as it is asked for, near or not, and what fits by its words must not wait behind them. */
const inTurn = (ones: readonly string[], others: readonly string[]): readonly string[] =>
  Array.from({ length: Math.max(ones.length, others.length) }, (_, at) => [ones[at], others[at]])
    .flat()
    .filter((one) => one !== undefined);

const semanticSearch = async (
  { clock, log }: SkillLibraryOptions,
  sync: SkillSync,
  { query, limit: most }: { readonly query: string; readonly limit: number },
  signal: AbortSignal,
): Promise<readonly string[] | undefined> => {
  using limit = timeLimit(clock, SEARCH_MS);
  const bounded = AbortSignal.any([signal, limit.signal]);
  try {
    return await abortable(bounded, sync.search(query, most, bounded));
  } catch (thrown) {
    signal.throwIfAborted();
    log.warn("the skills were searched without the Knowledge Base", { error: asError(thrown) });
    return undefined;
  }
};
