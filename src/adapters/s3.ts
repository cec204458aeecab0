// The files of skills in a bucket of S3: compare and set on ETags. The bucket is versioned: what was replaced or deleted is kept for
// as long as its lifecycle says (serverless.yml).
//
// What of a change is certain: an answer that was lost is asked for again by the SDK, and the second time the condition fails
// by our own doing. So a refused write looks at what is stored, and bytes that are ours are a success.

import { addAbortSignal, Readable } from "node:stream";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { HermesError } from "../errors.ts";
import { isFilePath, keyProblem } from "../skill-path.ts";
import type { SkillFile, SkillFileInfo, SkillFiles, SkillFileVersion } from "../skill-ports.ts";
import { type BucketOptions, changed, failed, openPlace, type Place, type Refusals } from "./s3-bucket.ts";

/** S3's own limit of a page (ListObjectsV2, max-keys). */
const PAGE = 1_000;
/** 20,000 files are more than anybody has; a bucket of something else must not be listed to its end. */
const MAX_PAGES = 20;
/** MethodNotAllowed: the version is a deletion. */
const OF_A_READ: Refusals<"missing"> = {
  NoSuchKey: "missing",
  NoSuchVersion: "missing",
  MethodNotAllowed: "missing",
};
/** InvalidArgument: no version can be called that. */
const OF_A_VERSION: Refusals<"missing"> = { ...OF_A_READ, InvalidArgument: "missing" };
/** NoSuchKey: there is nothing that could have the ETag. */
const OF_A_WRITE: Refusals<"changed"> = { PreconditionFailed: "changed", NoSuchKey: "changed" };
const OF_A_REMOVAL: Refusals<"changed" | "missing"> = {
  PreconditionFailed: "changed",
  NoSuchKey: "missing",
};
/** HEAD has no body that could tell more. */
const OF_A_LOOK: Refusals<"missing"> = { NotFound: "missing" };

export const createSkillFiles = (options: BucketOptions): SkillFiles => {
  const place = openPlace(options);
  return {
    list: () => list(place),
    read: (path, { maxBytes, version }) => read(place, path, maxBytes, version),
    write: (path, bytes, expected) => write(place, path, bytes, expected),
    remove: (path, expected) => remove(place, path, expected),
    versions: (path, limit) => versions(place, path, limit),
  };
};

/** Undefined when nothing can be called that. */
const keyOf = ({ prefix }: Place, path: string): string | undefined =>
  keyProblem(path, prefix) === undefined ? prefix + path : undefined;

const keyToChange = ({ prefix }: Place, path: string): string => {
  const problem = keyProblem(path, prefix);
  if (problem !== undefined) throw new HermesError("tool", problem);
  return prefix + path;
};

/** XML cannot carry every key: one odd name would make a listing that no parser has to read (ListObjectsV2, encoding-type). */
const ENCODING = { EncodingType: "url" } as const;
/** "" when it is nothing that anybody can have meant; that is no path, and left out. */
const decoded = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll("+", "%20"));
  } catch {
    return "";
  }
};

const list = async (place: Place): Promise<readonly SkillFileInfo[]> => {
  const { Bucket, prefix: Prefix, log } = place;
  const found: SkillFileInfo[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const input = { Bucket, Prefix, MaxKeys: PAGE, ...ENCODING, ...(token && { ContinuationToken: token }) };
    const { Contents = [], NextContinuationToken } = await place.ask("list", {}, (sdk, client) =>
      client.send(new sdk.ListObjectsV2Command(input)),
    );
    for (const { Key = "", ETag: etag, Size: size } of Contents) {
      const path = decoded(Key).slice(Prefix.length);
      if (isFilePath(path) && etag !== undefined && size !== undefined) found.push({ path, etag, size });
    }
    token = NextContinuationToken;
    if (token === undefined) return found;
  }
  log?.warn("the bucket of skills has more files than are looked at", { looked: MAX_PAGES * PAGE });
  return found;
};

const read = async (
  place: Place,
  path: string,
  maxBytes: number,
  version?: string,
): Promise<SkillFile | undefined> => {
  const Key = keyOf(place, path);
  if (Key === undefined || version === "") return undefined;
  const input = { Bucket: place.Bucket, Key, ...(version !== undefined && { VersionId: version }) };
  const once = async (): Promise<SkillFile | undefined | Lost> => {
    const answer = await place.ask("read", version === undefined ? OF_A_READ : OF_A_VERSION, (sdk, client) =>
      client.send(new sdk.GetObjectCommand(input)),
    );
    if (typeof answer === "string") return undefined;
    const bytes = await bytesIn(answer, maxBytes, place.timeoutMs);
    return "lost" in bytes ? bytes : { path, etag: answer.ETag ?? "", size: bytes.length, bytes };
  };
  // The SDK repeats until there is an answer; what breaks off in the middle of its body is ours to repeat.
  let file = await once();
  if (isLost(file)) file = await once();
  if (isLost(file)) throw failed("send all of a file", file.lost);
  return file;
};

interface Lost {
  readonly lost: unknown;
}

const isLost = (file: SkillFile | undefined | Lost): file is Lost => file !== undefined && "lost" in file;

const bytesIn = async (
  { Body, ContentLength }: GetObjectCommandOutput,
  maxBytes: number,
  timeoutMs: number,
): Promise<Buffer | Lost> => {
  if (!(Body instanceof Readable)) return { lost: new Error("NoBody") };
  const tooLarge = (): HermesError => {
    Body.destroy();
    return new HermesError("too_large", `the file is larger than ${maxBytes} bytes`);
  };
  if ((ContentLength ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(AbortSignal.timeout(timeoutMs), Body)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > maxBytes) break;
    }
  } catch (error) {
    return { lost: error };
  }
  if (size > maxBytes) throw tooLarge();
  return Buffer.concat(chunks);
};

const write = async (
  place: Place,
  path: string,
  bytes: Uint8Array,
  expected: string | undefined,
): Promise<string | undefined> => {
  const Key = keyToChange(place, path);
  const condition = expected === undefined ? { IfNoneMatch: "*" } : { IfMatch: etagOf(expected) };
  const input = { Bucket: place.Bucket, Key, Body: bytes, ...condition };
  const answer = await changed(place, "store a file", OF_A_WRITE, (sdk, client) =>
    client.send(new sdk.PutObjectCommand(input)),
  );
  if (typeof answer === "string") return etagOfOurs(place, path, bytes);
  if (answer.ETag === undefined) throw failed("store a file", new Error("NoETag"));
  return answer.ETag;
};

/** An empty header is none, and the change would have no condition: no object has this ETag. */
const etagOf = (expected: string): string => (expected === "" ? '"none"' : expected);

/** Of the file that is there, if it is what we wanted to store. */
const etagOfOurs = async (place: Place, path: string, bytes: Uint8Array): Promise<string | undefined> => {
  try {
    const file = await read(place, path, bytes.length);
    return file !== undefined && Buffer.from(file.bytes).equals(bytes) ? file.etag : undefined;
  } catch (error) {
    if (error instanceof HermesError && error.code === "too_large") return undefined;
    throw error;
  }
};

const remove = async (place: Place, path: string, expected: string): Promise<boolean> => {
  const object = { Bucket: place.Bucket, Key: keyToChange(place, path) };
  const answer = await changed(place, "delete a file", OF_A_REMOVAL, (sdk, client) =>
    client.send(new sdk.DeleteObjectCommand({ ...object, IfMatch: etagOf(expected) })),
  );
  if (answer !== "changed") return true;
  const look = await place.ask("answer", OF_A_LOOK, (sdk, client) =>
    client.send(new sdk.HeadObjectCommand(object)),
  );
  return look === "missing";
};

const versions = async (place: Place, path: string, limit: number): Promise<readonly SkillFileVersion[]> => {
  const key = keyOf(place, path);
  if (key === undefined || limit < 1) return [];
  // Of the keys that begin with this one it is itself the first.
  const input = { Bucket: place.Bucket, Prefix: key, MaxKeys: Math.min(limit, PAGE), ...ENCODING };
  const { Versions = [], DeleteMarkers = [] } = await place.ask("list versions", {}, (sdk, client) =>
    client.send(new sdk.ListObjectVersionsCommand(input)),
  );
  return [...DeleteMarkers.map((told) => ({ ...told, Size: undefined })), ...Versions]
    .filter(({ Key = "" }) => decoded(Key) === key)
    .map(({ VersionId: version = "null", LastModified, IsLatest: isLatest = false, Size }) => ({
      version,
      at: LastModified?.getTime() ?? 0,
      size: Size ?? 0,
      isLatest,
      isDeletion: Size === undefined,
    }))
    .sort(newestFirst);
};

/**
 * The SDK puts versions and deletions in two lists, each newest first, and times are whole seconds: of one second the latest
 * comes first, then the deletion, as after a version that was deleted at once.
 */
const newestFirst = (a: SkillFileVersion, b: SkillFileVersion): number =>
  b.at - a.at || Number(b.isLatest) - Number(a.isLatest);
