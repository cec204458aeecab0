// The home directory on disk: seeds HERMES_HOME from the package, then reads it. Made by agent-side.ts, used through
// middleware/seed-home.ts.
//
//   {target}/.seed/{hash}/…      the packaged files, whole: written beside and renamed into place
//   {target}/.seed/current       → {hash}; moving it is the one step by which a new version replaces an old one
//   {target}/config.yaml …       → .seed/current/config.yaml; every packaged file has its link at its usual place
//   {target}/plugins/mine.mjs    a real file is a person's own: read too, never touched, wins over a packaged one
//
// A start reads the packaged files of its own version, not through `current`: it sees one version, whoever else starts.

// The calls are synchronous because that is faster: some fifty small ones take 7 ms in a row and 17 ms by way of the
// thread pool, and on a cold start nothing else wants the thread.

import { isUtf8 } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import {
  type Dirent,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { asError, HermesError } from "../errors.ts";
import { assembleHome, type Home, type HomeContents, type HomeOptions } from "../home/home.ts";
import type { Log } from "../log.ts";
import { once } from "../once.ts";

export interface HomeFiles {
  /** Seeds on the first call of a process and reads; later calls get the same Home. A failure is tried again. */
  seed(): Promise<Home>;
}

export interface HomeFilesOptions extends HomeOptions {
  /** The packaged home/ (beside the bundle: `new URL("home/", import.meta.url)`). */
  readonly source: URL | string;
  /** HERMES_HOME. */
  readonly target: string;
}

/** A file of the home directory: where its bytes are, under the name it has there (`plugins/chance.mjs`). */
interface HomeFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
}

export const createHomeFiles = (options: HomeFilesOptions): HomeFiles => {
  const seed = once(() =>
    seedAndRead(options).catch((thrown: unknown) => {
      if (thrown instanceof HermesError) throw thrown;
      const why = asError(thrown).message;
      throw new HermesError("config", `the home directory cannot be set up: ${why}`, { cause: thrown });
    }),
  );
  return { seed };
};

const seedAndRead = async (options: HomeFilesOptions): Promise<Home> => {
  const source = typeof options.source === "string" ? options.source : fileURLToPath(options.source);
  const packaged = listFiles(source).map((name) => readHomeFile(source, name));
  if (packaged.length === 0)
    throw new HermesError("config", `there is no packaged home directory at ${source}`);

  const version = versionOf(packaged);
  const seeds = join(options.target, ".seed");
  stage(packaged, seeds, version);
  pointAt(seeds, version);
  for (const { name } of packaged) linkInto(options.target, name);

  const files = new Map(
    packaged.map((file) => [file.name, { ...file, path: join(seeds, version, file.name) }]),
  );
  for (const file of ownFiles(options.target, packaged, options.log)) files.set(file.name, file);
  removeOldSeeds(seeds, version, options.log);
  return assembleHome(contentsOf([...files.values()]), options);
};

// ---- seeding

/** Names of all files below `root`, with `/`, sorted. Dot files and node_modules are never part of a home. */
const listFiles = (root: string, below = ""): string[] => {
  const entries = unlessMissing<Dirent[]>([], () => readdirSync(join(root, below), { withFileTypes: true }));
  return entries
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
    .flatMap((entry) => {
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? listFiles(root, name) : [name];
    })
    .sort();
};

const readHomeFile = (root: string, name: string): HomeFile => {
  const path = join(root, name);
  return { name, path, bytes: readFileSync(path) };
};

const versionOf = (files: readonly HomeFile[]): string => {
  const hash = createHash("sha256");
  for (const { name, bytes } of files) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  return hash.digest("hex").slice(0, 16);
};

/** Puts the version's folder in place, whole or not at all. Of two that do it at once either one's stays: same bytes. */
const stage = (files: readonly HomeFile[], seeds: string, version: string): void => {
  const folder = join(seeds, version);
  if (touch(folder)) return;
  const draft = join(seeds, `draft-${randomUUID()}`);
  for (const parent of new Set(files.map(({ name }) => dirname(join(draft, name))))) {
    mkdirSync(parent, { recursive: true });
  }
  // Read-only: an edit through the link would be lost with the next version, and is not what its hash says.
  for (const { name, bytes } of files) writeFileSync(join(draft, name), bytes, { mode: 0o444 });
  try {
    renameSync(draft, folder);
  } catch (thrown) {
    rmSync(draft, { recursive: true, force: true });
    if (!hasCode(thrown, "ENOTEMPTY", "EEXIST")) throw thrown;
  }
};

/** Marks the folder as in use (removeOldSeeds goes by age). False when it is not there. */
const touch = (folder: string): boolean =>
  unlessMissing(false, () => {
    const now = new Date();
    utimesSync(folder, now, now);
    return true;
  });

const pointAt = (seeds: string, version: string): void => {
  const current = join(seeds, "current");
  if (unlessMissing("", () => readlinkSync(current)) === version) return;
  const draft = join(seeds, `draft-${randomUUID()}`);
  symlinkSync(version, draft);
  renameSync(draft, current);
};

/** The text of a packaged file's link. It follows from the name alone, so that a link of ours is known by its text. */
const linkText = (name: string): string => join(relative(dirname(name), "."), ".seed", "current", name);

const linkInto = (target: string, name: string): void => {
  const place = join(target, name);
  mkdirSync(dirname(place), { recursive: true });
  try {
    symlinkSync(linkText(name), place);
  } catch (thrown) {
    // Ours from before, or a person's own file: ownFiles tells them apart.
    if (!hasCode(thrown, "EEXIST")) throw thrown;
  }
};

/** Old versions and drafts of starts that crashed. By age, since another process may be at work on a fresh one. */
const SEED_KEPT_MS = 3_600_000;

const removeOldSeeds = (seeds: string, version: string, log: Log): void => {
  for (const name of readdirSync(seeds)) {
    if (name === version || name === "current") continue;
    const path = join(seeds, name);
    try {
      if (statSync(path).mtimeMs < Date.now() - SEED_KEPT_MS) rmSync(path, { recursive: true, force: true });
    } catch (thrown) {
      log.debug("an old seed stays", { name, reason: asError(thrown).message });
    }
  }
};

// ---- reading

/** What people put there themselves. Links of ours to files the package no longer has are removed on the way. */
const ownFiles = (target: string, packaged: readonly HomeFile[], log: Log): HomeFile[] => {
  const names = new Set(packaged.map(({ name }) => name));
  return listFiles(target).flatMap((name) => {
    try {
      if (isOurLink(target, name)) {
        if (!names.has(name)) unlinkSync(join(target, name));
        return [];
      }
      return isRead(name) ? [readHomeFile(target, name)] : [];
    } catch (thrown) {
      log.warn("a file of the home directory cannot be read", {
        file: name,
        reason: asError(thrown).message,
      });
      return [];
    }
  });
};

const isOurLink = (target: string, name: string): boolean => {
  try {
    return readlinkSync(join(target, name)) === linkText(name);
  } catch (thrown) {
    if (hasCode(thrown, "EINVAL")) return false; // not a link
    throw thrown;
  }
};

const isPlugin = (name: string): boolean => /^plugins\/[^/]+\.m?js$/.test(name);

const SKILLS = "skills/";
const isSkillFile = (name: string): boolean => name.startsWith(SKILLS);

const isRead = (name: string): boolean =>
  name === "config.yaml" || name === "SOUL.md" || isSkillFile(name) || isPlugin(name);

const contentsOf = (files: readonly HomeFile[]): HomeContents => {
  const textOf = (name: string) => files.find((file) => file.name === name)?.bytes.toString("utf8");
  const config = textOf("config.yaml");
  const soul = textOf("SOUL.md");
  return {
    ...(config === undefined ? {} : { config }),
    ...(soul === undefined ? {} : { soul }),
    skills: files
      .filter(({ name, bytes }) => isSkillFile(name) && isUtf8(bytes))
      .map(({ name, bytes }) => ({ path: name.slice(SKILLS.length), text: bytes.toString("utf8") })),
    plugins: files
      .filter(({ name }) => isPlugin(name))
      .map((file) => ({ name: file.name.replace("plugins/", ""), load: () => importFile(file) })),
  };
};

/** The hash makes a replaced file a new module: modules are cached by URL for the life of the process. */
const importFile = ({ path, bytes }: HomeFile): Promise<unknown> => {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return import(`${pathToFileURL(path).href}?v=${hash}`);
};

// ---- file system errors

const hasCode = (thrown: unknown, ...codes: string[]): boolean =>
  thrown instanceof Error && "code" in thrown && codes.includes(String(thrown.code));

const unlessMissing = <T>(fallback: T, call: () => T): T => {
  try {
    return call();
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return fallback;
    throw thrown;
  }
};
