// ListObjectsV2 and ListObjectVersions: in the order of the bytes of the keys, page by page. Called by operations.ts.

import { encodingIn, maxKeysIn } from "./rules.ts";
import { type Bucket, invalid, missing, type Version } from "./shapes.ts";
import { document, type Xml } from "./xml.ts";

interface Entry {
  readonly key: string;
  readonly version: Version;
  readonly isLatest: boolean;
}

const byKey = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const keysOf = ({ objects }: Bucket, prefix: string): readonly string[] =>
  [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(byKey);

/** Whole seconds, with the zeros of the service. */
const timeOf = ({ atMs }: Version): string => `${new Date(atMs).toISOString().slice(0, 19)}.000Z`;

/** A page's entries: objects, or what several have in common up to the delimiter (ListObjectsV2, CommonPrefixes). */
interface Row {
  /** Where the next page goes on from: after this. */
  readonly at: string;
  readonly version?: Version;
}

export const listObjects = (bucket: Bucket, query: URLSearchParams): string => {
  const prefix = query.get("prefix") ?? "";
  const encoded = encodingIn(query);
  const token = query.get("continuation-token");
  const maxKeys = maxKeysIn(query);
  const after = token === null ? (query.get("start-after") ?? "") : keyOfToken(token);
  const left = rowsOf(bucket, prefix, query.get("delimiter") ?? "").filter(({ at }) => byKey(at, after) > 0);
  const page = left.slice(0, maxKeys);
  const isTruncated = page.length > 0 && left.length > page.length;
  return document("ListBucketResult", {
    Name: bucket.name,
    Prefix: encoded(prefix),
    Delimiter: query.get("delimiter") ?? undefined,
    MaxKeys: maxKeys,
    EncodingType: query.get("encoding-type") ?? undefined,
    KeyCount: page.length,
    IsTruncated: isTruncated,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: isTruncated ? tokenOf(page.at(-1)?.at ?? "") : undefined,
    Contents: page.flatMap(({ at, version }) => (version ? [objectOf(encoded(at), version)] : [])),
    CommonPrefixes: page.flatMap(({ at, version }) => (version ? [] : [{ Prefix: encoded(at) }])),
  });
};

const rowsOf = (bucket: Bucket, prefix: string, delimiter: string): readonly Row[] => {
  const rows = new Map<string, Row>();
  for (const key of keysOf(bucket, prefix)) {
    const [version] = bucket.objects.get(key) ?? [];
    if (version?.content === undefined) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const at = end < 0 ? key : key.slice(0, end + delimiter.length);
    rows.set(at, end < 0 ? { at, version } : { at });
  }
  return [...rows.values()];
};

const objectOf = (Key: string, version: Version): Xml => ({
  Key,
  LastModified: timeOf(version),
  ETag: version.content?.etag,
  Size: version.content?.bytes.length,
  StorageClass: "STANDARD",
});

/** "ContinuationToken is obfuscated and is not a real key." */
const tokenOf = (key: string): string => `1${Buffer.from(key).toString("base64")}`;

const keyOfToken = (token: string): string => {
  const key = Buffer.from(token.slice(1), "base64").toString();
  if (token !== tokenOf(key)) throw invalid("The continuation token provided is incorrect");
  return key;
};

export const listVersions = (bucket: Bucket, query: URLSearchParams): string => {
  if (query.has("delimiter")) throw missing("delimiter of ListObjectVersions");
  const prefix = query.get("prefix") ?? "";
  const encoded = encodingIn(query);
  const maxKeys = maxKeysIn(query);
  const left = entriesAfter(bucket, prefix, query.get("key-marker"), query.get("version-id-marker"));
  const page = left.slice(0, maxKeys);
  const last = left.length > page.length ? page.at(-1) : undefined;
  return document("ListVersionsResult", {
    Name: bucket.name,
    Prefix: encoded(prefix),
    KeyMarker: encoded(query.get("key-marker") ?? ""),
    VersionIdMarker: query.get("version-id-marker") ?? "",
    MaxKeys: maxKeys,
    EncodingType: query.get("encoding-type") ?? undefined,
    IsTruncated: last !== undefined,
    NextKeyMarker: last && encoded(last.key),
    NextVersionIdMarker: last?.version.id,
    Version: page
      .filter(({ version }) => version.content !== undefined)
      .map((entry) => versionOf(entry, encoded)),
    DeleteMarker: page
      .filter(({ version }) => version.content === undefined)
      .map((entry) => versionOf(entry, encoded)),
  });
};

/** API reference, ListObjectVersions: a version-id-marker needs its key-marker. */
const entriesAfter = (
  bucket: Bucket,
  prefix: string,
  key: string | null,
  id: string | null,
): readonly Entry[] => {
  if (id !== null && key === null)
    throw invalid("A version-id marker cannot be specified without a key marker.");
  const all = keysOf(bucket, prefix).flatMap((one) =>
    (bucket.objects.get(one) ?? []).map((version, index) => ({ key: one, version, isLatest: index === 0 })),
  );
  if (key === null) return all;
  const marked = all.findIndex((entry) => entry.key === key && entry.version.id === id);
  return marked >= 0 ? all.slice(marked + 1) : all.filter((entry) => byKey(entry.key, key) > 0);
};

const versionOf = ({ key, version, isLatest }: Entry, encoded: (key: string) => string): Xml => ({
  ...(version.content
    ? objectOf(encoded(key), version)
    : { Key: encoded(key), LastModified: timeOf(version) }),
  VersionId: version.id,
  IsLatest: isLatest,
});
