// Files of a skill beside its SKILL.md, where that is gone or about to come: those that a deletion left behind are taken away, some
// at a time. Called by delete-skill.ts and write-skill.ts.

import { orLogged } from "../or-logged.ts";
import { sideBySide } from "../side-by-side.ts";
import type { Snapshot } from "./bucket-index.ts";
import { type Asked, remove, type Workshop } from "./change.ts";
import { leftoversOf } from "./paths.ts";

/** Of names in a result. */
export const LISTED_FILES = 50;
/** Ours: requests at a time. */
const ASKED_AT_ONCE = 8;

/** Those that were not removed. */
export const removeAll = async (
  shop: Workshop,
  { signal }: Asked,
  { files }: Snapshot,
  paths: readonly string[],
): Promise<readonly string[]> => {
  const gone = await sideBySide(
    ASKED_AT_ONCE,
    paths,
    async (path) => !signal.aborted && isRemoved(shop, files, path),
  );
  return paths.filter((_, at) => !gone[at]);
};

const isRemoved = (shop: Workshop, files: Snapshot["files"], path: string): Promise<boolean> =>
  remove(shop, path, files.get(path)?.etag ?? "").catch((error: unknown) => {
    shop.log.warn("a file of a deleted skill stays", { error });
    return false;
  });

/**
 * Of the files in a folder those that a deleted skill left there: they are older than its deletion. What somebody has put there
 * since, or where no skill was ever deleted, is nobody's leftover; nor is what the bucket does not tell the age of.
 */
export const leftByDeletion = async (
  shop: Workshop,
  { signal }: Asked,
  { files }: Snapshot,
  folder: string,
): Promise<readonly string[]> => {
  const paths = leftoversOf(folder, [...files.keys()]);
  if (paths.length === 0) return [];
  const deletion = await latestOf(shop, `${folder}/SKILL.md`);
  if (deletion?.isDeletion !== true) return [];
  const latest = await sideBySide(ASKED_AT_ONCE, paths, async (path) => {
    signal.throwIfAborted();
    return latestOf(shop, path);
  });
  return paths.filter((_, at) => (latest[at]?.at ?? Number.POSITIVE_INFINITY) <= deletion.at);
};

const latestOf = async ({ files, log }: Workshop, path: string) => {
  const found = await orLogged(log, "asking for the versions of a skill's file", files.versions(path, 1));
  return found?.[0];
};
