// What the S3 stand-in keeps and refuses with. Called by all of local/s3/.

export interface Version {
  /** `null` in a bucket without versioning, as at the service. */
  readonly id: string;
  readonly atMs: number;
  /** Absent: a delete marker. */
  readonly content?: Content;
}

export interface Content {
  readonly bytes: Buffer;
  /** With its quotes. */
  readonly etag: string;
  readonly type: string;
}

export interface Bucket {
  readonly name: string;
  readonly isVersioned: boolean;
  /** By key; each newest first and never empty. */
  readonly objects: Map<string, readonly Version[]>;
}

/** API reference, "Error responses", list of error codes. 304 has no code there; the client makes one of the status. */
const STATUS = {
  NotModified: 304,
  BadDigest: 400,
  EntityTooLarge: 400,
  IncompleteBody: 400,
  InvalidArgument: 400,
  InvalidDigest: 400,
  InvalidRequest: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  XAmzContentSHA256Mismatch: 400,
  AccessDenied: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchVersion: 404,
  MethodNotAllowed: 405,
  ConditionalRequestConflict: 409,
  MissingContentLength: 411,
  PreconditionFailed: 412,
  InternalError: 500,
  NotImplemented: 501,
  SlowDown: 503,
} as const;

export type ErrorCode = keyof typeof STATUS;

export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

export const invalid = (message: string): ServiceError => new ServiceError("InvalidArgument", message);
/** What the service has, and this stand-in does not. The service's own sentence. */
export const missing = (what: string): ServiceError =>
  new ServiceError(
    "NotImplemented",
    `A header you provided implies functionality that is not implemented: ${what}`,
  );
