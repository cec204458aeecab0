// The operations of S3 that skills need, over the store. Called by server.ts, which knows HTTP.

import { crc32Of } from "./body.ts";
import { listObjects, listVersions } from "./listing.ts";
import {
  type Conditions,
  checkDeleteConditions,
  checkKey,
  checkLength,
  checkReadConditions,
  checkWriteConditions,
  versionHeader,
  versionIn,
  versionToRead,
} from "./rules.ts";
import { type Bucket, missing } from "./shapes.ts";
import { contentOf, type Store } from "./store.ts";
import { document } from "./xml.ts";

export interface Input {
  readonly bucket: Bucket;
  /** "" when the request is about the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const xml = (body: string): Reply => ({ status: 200, headers: { "content-type": "application/xml" }, body });

const conditionsIn = ({ headers }: Input): Conditions => ({
  ifMatch: headers["if-match"],
  ifNoneMatch: headers["if-none-match"],
});

const currentOf = ({ bucket, key }: Input) => bucket.objects.get(key)?.[0]?.content;

const getObject = (_store: Store, input: Input): Reply => {
  const { bucket, key, query, headers } = input;
  if (headers["range"] !== undefined) throw missing("Range");
  const { id, atMs, content } = versionToRead(bucket, checkKey(key), versionIn(query));
  checkReadConditions(conditionsIn(input), content);
  return {
    status: 200,
    body: content.bytes,
    headers: {
      etag: content.etag,
      "content-type": content.type,
      "last-modified": new Date(atMs).toUTCString(),
      ...versionHeader(bucket, id),
      ...(headers["x-amz-checksum-mode"] === "ENABLED" && {
        "x-amz-checksum-crc32": crc32Of(content.bytes),
        "x-amz-checksum-type": "FULL_OBJECT",
      }),
    },
  };
};

const putObject = (store: Store, input: Input): Reply => {
  const { bucket, key, headers, body } = input;
  if (headers["x-amz-copy-source"] !== undefined) throw missing("x-amz-copy-source");
  checkKey(key);
  checkLength(body.length);
  checkWriteConditions(conditionsIn(input), currentOf(input));
  // API reference, PutObject: binary/octet-stream when it says nothing.
  const content = contentOf(body, headers["content-type"] ?? "binary/octet-stream");
  const { id } = store.add(bucket, key, content);
  const crc =
    headers["x-amz-sdk-checksum-algorithm"] === undefined ? {} : { "x-amz-checksum-crc32": crc32Of(body) };
  return { status: 200, headers: { etag: content.etag, ...versionHeader(bucket, id), ...crc } };
};

/** User guide, "Deleting object versions": a marker goes on top, even of nothing; with a version id that one goes for good. */
const deleteObject = (store: Store, input: Input): Reply => {
  const { bucket, query } = input;
  const key = checkKey(input.key);
  const version = versionIn(query);
  if (version !== undefined && input.headers["if-match"] !== undefined)
    throw missing("If-Match with a versionId");
  checkDeleteConditions(conditionsIn(input), currentOf(input));
  if (version !== undefined) {
    const found = bucket.objects.get(key)?.find(({ id }) => id === version);
    store.drop(bucket, key, version);
    const marker = found && found.content === undefined ? { "x-amz-delete-marker": "true" } : {};
    return { status: 204, headers: { ...versionHeader(bucket, version), ...marker } };
  }
  if (!bucket.isVersioned) {
    store.drop(bucket, key, "null");
    return { status: 204 };
  }
  const { id } = store.add(bucket, key);
  return { status: 204, headers: { "x-amz-delete-marker": "true", "x-amz-version-id": id } };
};

const getVersioning = (_store: Store, { bucket }: Input): Reply =>
  xml(document("VersioningConfiguration", { Status: bucket.isVersioned ? "Enabled" : undefined }));

/** Which query parameters tell the operation: the API reference's request syntax of each. */
export const OPERATIONS = {
  ListObjectsV2: {
    method: "GET",
    isOfKey: false,
    query: "list-type",
    run: (_store: Store, { bucket, query }: Input) => xml(listObjects(bucket, query)),
  },
  ListObjectVersions: {
    method: "GET",
    isOfKey: false,
    query: "versions",
    run: (_store: Store, { bucket, query }: Input) => xml(listVersions(bucket, query)),
  },
  GetBucketVersioning: { method: "GET", isOfKey: false, query: "versioning", run: getVersioning },
  GetObject: { method: "GET", isOfKey: true, query: undefined, run: getObject },
  HeadObject: { method: "HEAD", isOfKey: true, query: undefined, run: getObject },
  PutObject: { method: "PUT", isOfKey: true, query: undefined, run: putObject },
  DeleteObject: { method: "DELETE", isOfKey: true, query: undefined, run: deleteObject },
} as const;

export type OperationName = keyof typeof OPERATIONS;

/** What an operation on an object may say in its query; anything else (`uploads`, `tagging`, …) is another operation. */
const KNOWN_OF_OBJECT = new Set(["x-id", "versionId"]);

export const operationOf = (
  method: string,
  key: string,
  query: URLSearchParams,
): OperationName | undefined => {
  if (key !== "" && [...query.keys()].some((name) => !KNOWN_OF_OBJECT.has(name))) return undefined;
  const names = Object.keys(OPERATIONS) as OperationName[];
  return names.find((name) => {
    const { method: expected, isOfKey, query: mark } = OPERATIONS[name];
    return method === expected && isOfKey === (key !== "") && (mark === undefined || query.has(mark));
  });
};
