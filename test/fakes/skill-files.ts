// The bucket of skills in memory, versioned, with races and failures to script. Keeps the same contract as the adapter
// (test/contracts/skill-files.ts).

import { createHash } from "node:crypto";
import { HermesError } from "../../src/errors.ts";
import { isFilePath, keyProblem } from "../../src/skill-path.ts";
import type { SkillFile, SkillFileInfo, SkillFiles, SkillFileVersion } from "../../src/skill-ports.ts";

type Operation = keyof SkillFiles;

/** The operation that is refused as `unavailable`, or any; `write-lost`: a write is stored, and then nobody hears of it. */
export type SkillFilesFault = Operation | "any" | "write-lost";

export interface FakeSkillFiles extends SkillFiles {
  /** Somebody else writes, whatever the name is (`aws s3 sync`, another container). Returns the etag. */
  put(path: string, text: string | Uint8Array): string;
  /** Somebody else deletes. */
  drop(path: string): void;
  /** What is stored there now. */
  text(path: string): string | undefined;
  fail(kind: SkillFilesFault, times?: number): void;
  readonly counts: Record<Operation, number>;
  /** Runs once: before the next write or removal compares. What it does itself triggers nothing. */
  beforeWrite(hook: (path: string) => unknown): void;
}

interface Version {
  readonly version: string;
  readonly at: number;
  /** Absent: a deletion. */
  readonly bytes?: Uint8Array;
}

/** As S3 lists its keys: by the bytes of UTF-8. */
const byPath = ({ path: a }: SkillFileInfo, { path: b }: SkillFileInfo): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

const etagOf = (bytes: Uint8Array): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

export const createFakeSkillFiles = ({
  now = Date.now,
}: {
  readonly now?: () => number;
} = {}): FakeSkillFiles => {
  /** Newest first. */
  const stored = new Map<string, Version[]>();
  const faults = new Map<SkillFilesFault, number>();
  const counts = { list: 0, read: 0, write: 0, remove: 0, versions: 0 };
  const hooks: ((path: string) => unknown)[] = [];

  const current = (path: string): Uint8Array | undefined => stored.get(path)?.[0]?.bytes;
  let made = 0;
  const add = (path: string, bytes?: Uint8Array): void => {
    made += 1;
    const version: Version = { version: `v${made}`, at: now(), ...(bytes && { bytes: bytes.slice() }) };
    stored.set(path, [version, ...(stored.get(path) ?? [])]);
  };
  const takes = (kind: SkillFilesFault): boolean => {
    const left = faults.get(kind) ?? 0;
    if (left > 0) faults.set(kind, left - 1);
    return left > 0;
  };
  const begin = (operation: Operation): void => {
    counts[operation] += 1;
    if (takes(operation) || takes("any")) throw unavailable();
  };
  const beforeChange = async (path: string): Promise<void> => {
    const problem = keyProblem(path);
    if (problem !== undefined) throw new HermesError("tool", problem);
    await hooks.shift()?.(path);
  };

  return {
    counts,
    put(path, text) {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      add(path, bytes);
      return etagOf(bytes);
    },
    drop: (path) => add(path),
    text: (path) => {
      const bytes = current(path);
      return bytes && Buffer.from(bytes).toString();
    },
    fail: (kind, times = 1) => void faults.set(kind, (faults.get(kind) ?? 0) + times),
    beforeWrite: (hook) => void hooks.push(hook),

    async list() {
      begin("list");
      return [...stored.keys()]
        .flatMap((path) => {
          const bytes = current(path);
          return bytes && isFilePath(path) ? { path, etag: etagOf(bytes), size: bytes.length } : [];
        })
        .sort(byPath);
    },
    async read(path, { maxBytes, version }) {
      begin("read");
      if (!isFilePath(path)) return undefined;
      const all = stored.get(path) ?? [];
      const found = version === undefined ? all[0] : all.find((one) => one.version === version);
      return fileOf(path, found?.bytes, maxBytes);
    },
    async write(path, bytes, expected) {
      begin("write");
      await beforeChange(path);
      const before = current(path);
      if ((before && etagOf(before)) === expected) add(path, bytes);
      else if (before === undefined || !Buffer.from(before).equals(bytes)) return undefined;
      if (takes("write-lost")) throw unavailable();
      return etagOf(bytes);
    },
    async remove(path, expected) {
      begin("remove");
      await beforeChange(path);
      const before = current(path);
      if (before === undefined) return true;
      if (etagOf(before) !== expected) return false;
      add(path);
      return true;
    },
    async versions(path, limit) {
      begin("versions");
      return isFilePath(path) ? (stored.get(path) ?? []).slice(0, limit).map(toldOf) : [];
    },
  };
};

const unavailable = (): HermesError =>
  new HermesError("unavailable", "the bucket of skills did not answer: Scripted", { retryable: true });

const fileOf = (path: string, bytes: Uint8Array | undefined, maxBytes: number): SkillFile | undefined => {
  if (bytes === undefined) return undefined;
  if (bytes.length > maxBytes) throw new HermesError("too_large", `${path} is larger than ${maxBytes} bytes`);
  return { path, etag: etagOf(bytes), size: bytes.length, bytes: bytes.slice() };
};

const toldOf = ({ version, at, bytes }: Version, index: number): SkillFileVersion => ({
  version,
  at,
  size: bytes?.length ?? 0,
  isLatest: index === 0,
  isDeletion: bytes === undefined,
});
