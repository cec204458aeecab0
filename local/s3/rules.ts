// The documented rules a request must keep. Called by server.ts, operations.ts and listing.ts.

import { type Bucket, type Content, invalid, missing, ServiceError, type Version } from "./shapes.ts";

/** User guide, "Naming Amazon S3 objects": at most 1,024 bytes of UTF-8. */
const MAX_KEY_BYTES = 1_024;
/** API reference, PutObject: 5 GB in one piece. */
const MAX_OBJECT_BYTES = 5 * 1024 ** 3;
/** API reference, ListObjectsV2: "returns up to 1,000 key names"; a larger max-keys is not refused. */
const MAX_PAGE = 1_000;

export const checkKey = (key: string): string => {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new ServiceError("KeyTooLongError", "Your key is too long");
  return key;
};

export const checkLength = (length: number): void => {
  if (length > MAX_OBJECT_BYTES)
    throw new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
};

export const maxKeysIn = (query: URLSearchParams): number => {
  const text = query.get("max-keys");
  if (text === null) return MAX_PAGE;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 2 ** 31 - 1)
    throw invalid("Provided max-keys not an integer or within integer range");
  return Math.min(value, MAX_PAGE);
};

/** How keys are spelled in a listing: the identity, or as in a URL (ListObjectsV2, encoding-type), a space as a plus. */
export const encodingIn = (query: URLSearchParams): ((key: string) => string) => {
  const type = query.get("encoding-type");
  if (type === null) return (key) => key;
  if (type !== "url") throw invalid("Invalid Encoding Method specified in Request");
  return (key) => encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
};

const VERSION = /^(?:null|[\w-]{32})$/;

export const versionIn = (query: URLSearchParams): string | undefined => {
  const id = query.get("versionId");
  if (id === null) return undefined;
  if (id === "") throw invalid("Version id cannot be the empty string");
  if (!VERSION.test(id)) throw invalid("Invalid version id specified");
  return id;
};

export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** The service takes an ETag with or without its quotes. */
const isSame = (given: string, { etag }: Content): boolean =>
  given.replaceAll('"', "") === etag.replaceAll('"', "");

export const checkReadConditions = ({ ifMatch, ifNoneMatch }: Conditions, content: Content): void => {
  if (ifMatch !== undefined && ifMatch !== "*" && !isSame(ifMatch, content)) throw failed("If-Match");
  if (ifNoneMatch !== undefined && (ifNoneMatch === "*" || isSame(ifNoneMatch, content)))
    throw new ServiceError("NotModified", "Not Modified", { etag: content.etag });
};

/** User guide, "Conditional writes": a delete marker is no object, If-None-Match takes nothing but `*`, If-Match an ETag. */
export const checkWriteConditions = (
  { ifMatch, ifNoneMatch }: Conditions,
  current: Content | undefined,
): void => {
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") throw missing("If-None-Match with an ETag");
  if (ifMatch === "*") throw missing("If-Match: * of a PutObject");
  if (ifMatch !== undefined && ifNoneMatch !== undefined)
    throw missing("If-Match together with If-None-Match");
  if (ifNoneMatch !== undefined && current !== undefined) throw failed("If-None-Match");
  if (ifMatch !== undefined) checkIfMatch(ifMatch, current);
};

/**
 * User guide, "Conditional deletes": evaluated against the current version; another ETag is 412, "you will receive a 404 Not
 * Found response, as the object key no longer exists". Of a delete marker it says nothing; here it is a key without object.
 */
export const checkDeleteConditions = (
  { ifMatch, ifNoneMatch }: Conditions,
  current: Content | undefined,
): void => {
  if (ifNoneMatch !== undefined) throw missing("If-None-Match of a DeleteObject");
  if (ifMatch !== undefined) checkIfMatch(ifMatch, current);
};

const checkIfMatch = (ifMatch: string, current: Content | undefined): void => {
  if (current === undefined) throw noSuchKey();
  if (ifMatch !== "*" && !isSame(ifMatch, current)) throw failed("If-Match");
};

const failed = (condition: string): ServiceError =>
  new ServiceError(
    "PreconditionFailed",
    `At least one of the pre-conditions you specified did not hold: ${condition}`,
  );

const noSuchKey = (headers: Readonly<Record<string, string>> = {}): ServiceError =>
  new ServiceError("NoSuchKey", "The specified key does not exist.", headers);

/**
 * User guide, "Working with delete markers": a GET that meets one is 404 and says so in a header; one that asks for the
 * marker by its version id is 405.
 */
export const versionToRead = (
  bucket: Bucket,
  key: string,
  id: string | undefined,
): Version & { readonly content: Content } => {
  const all = bucket.objects.get(key) ?? [];
  const version = id === undefined ? all[0] : all.find((one) => one.id === id);
  if (version === undefined)
    throw id === undefined
      ? noSuchKey()
      : new ServiceError("NoSuchVersion", "The specified version does not exist.");
  const { content } = version;
  if (content !== undefined) return { ...version, content };
  const headers = { "x-amz-delete-marker": "true", ...versionHeader(bucket, version.id) };
  if (id === undefined) throw noSuchKey(headers);
  throw new ServiceError(
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    headers,
  );
};

/** Objects of a bucket without versioning have no such header. */
export const versionHeader = ({ isVersioned }: Bucket, id: string): Readonly<Record<string, string>> =>
  isVersioned ? { "x-amz-version-id": id } : {};
