// Reads what the index does not know yet of skills and categories, within the bounds of one load. Called by bucket-index.ts.

import { HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../ports.ts";
import { sideBySide } from "../side-by-side.ts";
import type { SkillFileInfo, SkillFiles } from "../skill-ports.ts";
import type { ParseYaml } from "../yaml.ts";
import { MAX_SKILL_BYTES } from "./document.ts";
import type { KnownFacts } from "./manifest.ts";
import { isCategoryPath } from "./paths.ts";
import { factsOfFile } from "./skill-danger.ts";

/** Ours: a DESCRIPTION.md is a line or two. */
const MAX_CATEGORY_BYTES = 16_000;

/** Bounds what one load costs: requests at a time, files, and ms until no other is begun. */
const READS_AT_ONCE = 16;
const READS_A_LOAD = 200;
const READING_MS = 5_000;

export interface LearnOptions {
  readonly files: Pick<SkillFiles, "read">;
  readonly parseYaml: ParseYaml;
  readonly clock: Pick<Clock, "elapsed">;
  readonly log: Log;
}

export const maxBytesOf = (path: string): number =>
  isCategoryPath(path) ? MAX_CATEGORY_BYTES : MAX_SKILL_BYTES;

export interface Learned {
  readonly learned: ReadonlyMap<string, KnownFacts>;
  /** What was asked for and could not be read. */
  readonly failed: readonly SkillFileInfo[];
}

/** What could be read of these, within the bounds of one load. The next load goes on where this one ended. */
export const learn = async (unknown: readonly SkillFileInfo[], options: LearnOptions): Promise<Learned> => {
  const learned = new Map<string, KnownFacts>();
  const failed: SkillFileInfo[] = [];
  const startedAt = options.clock.elapsed();
  await sideBySide(READS_AT_ONCE, unknown.slice(0, READS_A_LOAD), async (file) => {
    if (options.clock.elapsed() - startedAt > READING_MS) return;
    const facts = await readFacts(file.path, options);
    if (facts === undefined) failed.push(file);
    else learned.set(file.path, facts);
  });
  const left = unknown.length - learned.size;
  if (left > 0) options.log.info("some skills were not read yet", { left });
  return { learned, failed };
};

/** What could not be read, the longest ago first: it is read again after all others, and keeps none of them waiting. */
export interface NotRead {
  lastOf(files: readonly SkillFileInfo[]): readonly SkillFileInfo[];
  add(files: readonly SkillFileInfo[]): void;
}

export const createNotRead = (): NotRead => {
  let etags = new Map<string, string>();
  return {
    lastOf(files) {
      const byPath = new Map(files.map((file) => [file.path, file]));
      const wasTried = ({ path, etag }: SkillFileInfo) => etags.get(path) === etag;
      const again = [...etags.keys()].flatMap((path) => byPath.get(path) ?? []).filter(wasTried);
      etags = new Map(again.map(({ path, etag }) => [path, etag]));
      return [...files.filter((file) => !wasTried(file)), ...again];
    },
    add(files) {
      for (const { path, etag } of files) {
        etags.delete(path);
        etags.set(path, etag);
      }
    },
  };
};

const readFacts = async (path: string, options: LearnOptions): Promise<KnownFacts | undefined> => {
  try {
    const file = await options.files.read(path, { maxBytes: maxBytesOf(path) });
    if (file === undefined) return undefined;
    return { etag: file.etag, facts: factsOfFile(path, file.bytes, options.parseYaml) };
  } catch (thrown) {
    // Too large since it was listed, or the bucket is busy: the next load looks again.
    if (!(thrown instanceof HermesError)) throw thrown;
    options.log.warn("a skill could not be read", { error: thrown });
    return undefined;
  }
};
