// What the S3 stand-in remembers: buckets, their keys and all versions. A state file keeps them from one run to the next.

import { createHash, randomBytes } from "node:crypto";
import { readStateFile, writeStateFile } from "../state-file.ts";
import type { Bucket, Content, Version } from "./shapes.ts";

export interface Store {
  readonly buckets: ReadonlyMap<string, Bucket>;
  /** A new newest version; a deletion without `content`. */
  add(bucket: Bucket, key: string, content?: Content): Version;
  /** That version is gone for good. */
  drop(bucket: Bucket, key: string, version: string): void;
}

/** `name` and whether it keeps versions. */
export type BucketSetting = Pick<Bucket, "name" | "isVersioned">;

/** User guide, "Working with object metadata": the ETag of an object put in one piece is the MD5 of its bytes, in quotes. */
export const contentOf = (bytes: Buffer, type: string): Content => ({
  bytes,
  type,
  etag: `"${createHash("md5").update(bytes).digest("hex")}"`,
});

interface SavedVersion {
  readonly id: string;
  readonly atMs: number;
  readonly type?: string;
  readonly base64?: string;
}

interface SavedState {
  readonly buckets: Readonly<Record<string, Readonly<Record<string, readonly SavedVersion[]>>>>;
}

export const openStore = (
  file: string | undefined,
  settings: readonly BucketSetting[],
  now: () => number,
): Store => {
  const saved = readStateFile(file, "S3") as SavedState | undefined;
  const buckets = new Map<string, Bucket>(
    settings.map(({ name, isVersioned }) => [
      name,
      { name, isVersioned, objects: new Map(Object.entries(saved?.buckets[name] ?? {}).map(loaded)) },
    ]),
  );
  const save = (): void => {
    if (file !== undefined) writeStateFile(file, stateOf(buckets));
  };
  return {
    buckets,
    add(bucket, key, content) {
      const version: Version = { id: newId(bucket), atMs: now(), ...(content && { content }) };
      const older = bucket.isVersioned ? (bucket.objects.get(key) ?? []) : [];
      bucket.objects.set(key, [version, ...older]);
      save();
      return version;
    },
    drop(bucket, key, id) {
      const left = (bucket.objects.get(key) ?? []).filter((version) => version.id !== id);
      if (left.length === 0) bucket.objects.delete(key);
      else bucket.objects.set(key, left);
      save();
    },
  };
};

/** User guide, "How S3 Versioning works": opaque, URL-ready; `null` without versioning. Those of the service have 32 characters. */
const newId = ({ isVersioned }: Bucket): string =>
  isVersioned ? randomBytes(24).toString("base64url") : "null";

const loaded = ([key, versions]: [string, readonly SavedVersion[]]): [string, readonly Version[]] => [
  key,
  versions.map(({ id, atMs, type = "", base64 }) => ({
    id,
    atMs,
    ...(base64 === undefined ? {} : { content: contentOf(Buffer.from(base64, "base64"), type) }),
  })),
];

const stateOf = (buckets: ReadonlyMap<string, Bucket>): SavedState => ({
  buckets: Object.fromEntries(
    [...buckets].map(([name, { objects }]) => [
      name,
      Object.fromEntries([...objects].map(([key, versions]) => [key, versions.map(savedOf)])),
    ]),
  ),
});

const savedOf = ({ id, atMs, content }: Version): SavedVersion => ({
  id,
  atMs,
  ...(content && { type: content.type, base64: content.bytes.toString("base64") }),
});
