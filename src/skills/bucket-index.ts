// What is in the bucket, as this process knows it: the listing, and the facts of every skill. A start costs one listing and one
// manifest, read side by side; a look later one listing. Only what nobody has looked at yet is read. Called by library.ts.
//
//   load    list ‖ manifest → read what is new, some at a time → write the manifest, if nobody else did
//   note    what this process wrote itself is known at once; a load that began before hears of it at its end

import { isDeepStrictEqual } from "node:util";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import { orLogged } from "../or-logged.ts";
import type { Clock } from "../ports.ts";
import type { SkillFileInfo, SkillFiles } from "../skill-ports.ts";
import type { ParseYaml } from "../yaml.ts";
import { type SkillFacts, unread } from "./document.ts";
import { createNotRead, learn, maxBytesOf, type NotRead } from "./learn.ts";
import {
  type KnownFacts,
  MANIFEST_PATH,
  MAX_MANIFEST_BYTES,
  readManifest,
  writeManifest,
} from "./manifest.ts";
import { categoryOf, isCategoryPath, isSafePath, isSkillPath } from "./paths.ts";
import { withoutOrders } from "./skill-danger.ts";

export interface Snapshot {
  /** Every file but the manifest, by its path. */
  readonly files: ReadonlyMap<string, SkillFileInfo>;
  /** Of every SKILL.md, by its path. */
  readonly facts: ReadonlyMap<string, SkillFacts>;
  /** Of the categories' DESCRIPTION.md, by category, as far as they are known. */
  readonly categories: ReadonlyMap<string, SkillFacts>;
}

export interface Look {
  /** Looks at the bucket, with whoever is at it. */
  readonly isFresh: boolean;
  /** Of a fresh look: it begins now, so that it sees what was written before. */
  readonly isBegunNow?: boolean;
  /** Of a fresh look: throws rather than answering with what was known before. */
  readonly mustBeFresh?: boolean;
}

export interface BucketIndex {
  /** Throws HermesError `unavailable` when the bucket cannot be listed, and never was or `mustBeFresh`. */
  current(options: Look): Promise<Snapshot>;
  /** A file as it is now, or `gone`; with its facts where it is a SKILL.md. */
  note(path: string, now: Noted): void;
}

type Noted = { readonly file: SkillFileInfo; readonly facts?: SkillFacts } | "gone";

interface BucketIndexOptions {
  readonly files: SkillFiles;
  readonly parseYaml: ParseYaml;
  /** Whether the security scan counts. */
  readonly guard?: boolean;
  readonly clock: Pick<Clock, "elapsed">;
  readonly log: Log;
}

type Files = ReadonlyMap<string, SkillFileInfo>;

interface State {
  readonly files: Files;
  readonly known: ReadonlyMap<string, KnownFacts>;
  readonly snapshot: Snapshot;
}

type Change = (files: Map<string, SkillFileInfo>, known: Map<string, KnownFacts>) => void;

export const createBucketIndex = (options: BucketIndexOptions): BucketIndex => {
  let state: State | undefined;
  let loading: Promise<State> | undefined;
  let manifestEtag: string | undefined;
  let sinceLoad: Change[] = [];
  const notRead = createNotRead();

  const load = async (): Promise<State> => {
    sinceLoad = [];
    const isFirst = state === undefined;
    const [listing, first] = await Promise.all([
      options.files.list(),
      isFirst ? fetchManifest(options) : undefined,
    ]);
    const files = fitToShow(options, listing, state?.files);
    const known = new Map(first?.known ?? state?.known);
    const listed = listing.find(({ path }) => path === MANIFEST_PATH)?.etag;
    let etag = isFirst ? (first?.etag ?? listed) : manifestEtag;
    if (!isFirst && listed !== etag && unknownOf(files, known).length > 0) {
      const newer = await fetchManifest(options);
      for (const [path, facts] of newer.known) known.set(path, facts);
      etag = newer.etag ?? listed;
    }
    manifestEtag = await learnTheRest({ ...options, notRead }, files, known, etag);
    for (const change of sinceLoad) change(files, known);
    state = stateOf(files, known, state);
    return state;
  };

  const loadOnce = (): Promise<State> => {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  };

  return {
    async current({ isFresh, isBegunNow, mustBeFresh }) {
      if (state !== undefined && !isFresh) return state.snapshot;
      try {
        if (isBegunNow) await Promise.allSettled([loading]);
        const loaded = await loadOnce();
        return (state ?? loaded).snapshot;
      } catch (thrown) {
        if (state === undefined || mustBeFresh) throw thrown;
        options.log.warn("the skills could not be listed anew", { error: asError(thrown) });
        return state.snapshot;
      }
    },
    note(path, now) {
      const change = changeOf(path, now);
      if (loading !== undefined) sinceLoad.push(change);
      if (state === undefined || isKnown(state, path, now)) return;
      const files = new Map(state.files);
      const known = new Map(state.known);
      change(files, known);
      state = stateOf(files, known);
    },
  };
};

/** What is not shown is not there. Names that were there before are not looked at again. */
const fitToShow = (
  { guard, log }: BucketIndexOptions,
  listing: readonly SkillFileInfo[],
  before: Files | undefined,
): Map<string, SkillFileInfo> => {
  const files = new Map(listing.filter(({ path }) => isSafePath(path)).map((file) => [file.path, file]));
  if (guard !== true) return files;
  const others = [...files.keys()].filter((path) => before?.has(path) !== true);
  const shown = new Set(withoutOrders(others));
  const hidden = others.filter((path) => !shown.has(path));
  for (const path of hidden) files.delete(path);
  if (hidden.length > 0)
    log.warn("files in the bucket of skills are left out, whose names look like an attack", {
      files: hidden.length,
    });
  return files;
};

const changeOf =
  (path: string, now: Noted): Change =>
  (files, known) => {
    known.delete(path);
    if (now === "gone") {
      files.delete(path);
      return;
    }
    files.set(path, now.file);
    if (now.facts !== undefined) known.set(path, { etag: now.file.etag, facts: now.facts });
  };

/** Every view of a skill notes what it has read: what was made of the snapshot serves on while that is the same. */
const isKnown = ({ files, known }: State, path: string, now: Noted): boolean => {
  if (now === "gone") return !files.has(path);
  const { etag, size } = now.file;
  const before = files.get(path);
  if (before?.etag !== etag || before.size !== size) return false;
  return now.facts === undefined || isDeepStrictEqual(known.get(path), { etag, facts: now.facts });
};

/** Adds what can be read of the unknown to `known`. The manifest's etag after that. */
const learnTheRest = async (
  options: BucketIndexOptions & { readonly notRead: NotRead },
  files: Files,
  known: Map<string, KnownFacts>,
  etag: string | undefined,
): Promise<string | undefined> => {
  const { learned, failed } = await learn(options.notRead.lastOf(unknownOf(files, known)), options);
  options.notRead.add(failed);
  for (const [path, facts] of learned) known.set(path, facts);
  for (const path of known.keys()) if (!files.has(path)) known.delete(path);
  return learned.size > 0 ? storeManifest(options, known, etag) : etag;
};

const isAsBefore = (before: State, files: Files, known: ReadonlyMap<string, KnownFacts>): boolean =>
  files.size === before.files.size &&
  known.size === before.known.size &&
  [...files].every(([path, { etag }]) => before.files.get(path)?.etag === etag) &&
  [...known].every(([path, facts]) => before.known.get(path) === facts);

/** The one before if nothing is new: then what was made of its snapshot (entries, the index of the search) serves on. */
const stateOf = (files: Files, known: ReadonlyMap<string, KnownFacts>, before?: State): State => {
  if (before !== undefined && isAsBefore(before, files, known)) return before;
  const facts = skillsIn(files).map((file): [string, SkillFacts] => [file.path, factsFor(file, known)]);
  const categories = categoriesIn(files).map((file): [string, SkillFacts] => [
    categoryOf(file.path),
    factsFor(file, known),
  ]);
  return { files, known, snapshot: { files, facts: new Map(facts), categories: new Map(categories) } };
};

/** One that was not read yet has its folder's name until the next load. */
const factsFor = (file: SkillFileInfo, known: ReadonlyMap<string, KnownFacts>): SkillFacts => {
  if (file.size > maxBytesOf(file.path)) return unread("too large");
  const found = known.get(file.path);
  return found?.etag === file.etag ? found.facts : unread();
};

const skillsIn = (files: Files): SkillFileInfo[] =>
  [...files.values()].filter(({ path }) => isSkillPath(path));

/** One in the folder of a skill is a file of that skill. */
const categoriesIn = (files: Files): SkillFileInfo[] =>
  [...files.values()].filter(
    ({ path }) => isCategoryPath(path) && !files.has(`${categoryOf(path)}/SKILL.md`),
  );

/** Skills first: there is a bound to what one load reads. */
const unknownOf = (files: Files, known: ReadonlyMap<string, KnownFacts>): SkillFileInfo[] =>
  [...skillsIn(files), ...categoriesIn(files)].filter(
    ({ path, etag, size }) => size <= maxBytesOf(path) && known.get(path)?.etag !== etag,
  );

interface FetchedManifest {
  readonly etag?: string;
  readonly known: ReadonlyMap<string, KnownFacts>;
}

/** It only saves requests: without it everything is read. */
const fetchManifest = async ({ files, log }: BucketIndexOptions): Promise<FetchedManifest> => {
  const reading = files.read(MANIFEST_PATH, { maxBytes: MAX_MANIFEST_BYTES });
  const file = await orLogged(log, "reading the manifest of the skills", reading);
  return file === undefined ? { known: new Map() } : { etag: file.etag, known: readManifest(file.bytes) };
};

/** The etag it has now, as far as we know. Who was faster has read the same skills. */
const storeManifest = async (
  { files, log }: BucketIndexOptions,
  known: ReadonlyMap<string, KnownFacts>,
  expected: string | undefined,
): Promise<string | undefined> => {
  const bytes = writeManifest(known);
  if (bytes === undefined) {
    log.warn("the manifest of the skills would be too large and is not kept", { skills: known.size });
    return expected;
  }
  const writing = files.write(MANIFEST_PATH, bytes, expected);
  return (await orLogged(log, "writing the manifest of the skills", writing)) ?? expected;
};
