// How the bucket of skills is asked: the client, what counts as an answer and what as a failure. Called by s3.ts.

import { setTimeout as pause } from "node:timers/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { asError, HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import { once } from "../once.ts";
import { type AwsPlace, placeOf, statusOf, timeoutsOf } from "./aws-client.ts";

export interface BucketOptions extends AwsPlace {
  readonly bucket: string;
  /** Where the skills are in the bucket; slashes around it do not matter. "" = at the top. */
  readonly prefix: string;
  readonly log?: Log;
  /** ms for one attempt of three, and for reading one body. */
  readonly timeoutMs?: number;
}

/** One object is small and near: what takes longer is lost (the calls of a turn wait for this). */
const ATTEMPT_TIMEOUT_MS = 3_000;
const ATTEMPTS = 3;
/** "On a 409 failure you should retry the upload" (API reference, PutObject). */
const CONFLICT_ATTEMPTS = 3;
const CONFLICT_PAUSE_MS = 100;

type Sdk = typeof import("@aws-sdk/client-s3");

/** What the service may say to an operation that is an answer and no failure, by the names of its errors. */
export type Refusal = "missing" | "changed" | "conflict";
export type Refusals<R extends Refusal> = Readonly<Record<string, R>>;

const CONFLICTS: Refusals<"conflict"> = {
  ConditionalRequestConflict: "conflict",
  OperationAborted: "conflict",
};

export type Call<T> = (sdk: Sdk, client: S3Client) => Promise<T>;

/** Where the files are, and how to ask. */
export interface Place {
  readonly Bucket: string;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly log: Log | undefined;
  /** `what` completes "the bucket of skills did not …". */
  ask<T, R extends Refusal = never>(what: string, refusals: Refusals<R>, call: Call<T>): Promise<T | R>;
}

export const openPlace = (options: BucketOptions): Place => {
  const prefix = options.prefix.replaceAll(/^\/+|\/+$/g, "");
  const timeoutMs = options.timeoutMs ?? ATTEMPT_TIMEOUT_MS;
  const open = once(() => openClient(options, timeoutMs));
  return {
    Bucket: options.bucket,
    prefix: prefix === "" ? "" : `${prefix}/`,
    timeoutMs,
    log: options.log,
    async ask(what, refusals, call) {
      const { sdk, client } = await open();
      try {
        return await call(sdk, client);
      } catch (error) {
        const refusal = refusals[asError(error).name];
        if (refusal === undefined) throw failed(what, error);
        return refusal;
      }
    },
  };
};

/** Loaded when skills are first asked for. */
const openClient = async (options: BucketOptions, timeoutMs: number) => {
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    ...placeOf(options, ATTEMPTS),
    // A name such as `bucket.host` exists only at the service itself.
    ...(options.endpoint === undefined ? {} : { forcePathStyle: true }),
    requestHandler: timeoutsOf(timeoutMs),
  });
  return { sdk, client };
};

/** Of the error only its name: what S3 says quotes keys, roles and the account. */
export const failed = (what: string, thrown: unknown): HermesError => {
  const error: Error & { readonly code?: unknown } = asError(thrown);
  const name = error.name === "Error" && typeof error.code === "string" ? error.code : error.name;
  const status = statusOf(error) ?? 0;
  const retryable = status < 400 || status === 409 || status === 429 || status >= 500;
  return new HermesError("unavailable", `the bucket of skills did not ${what}: ${name}`, { retryable });
};

/** The answer to a change, which a conflicting one of somebody else may put off. */
export const changed = async <T extends object, R extends Exclude<Refusal, "conflict">>(
  place: Place,
  what: string,
  refusals: Refusals<R>,
  call: Call<T>,
): Promise<T | R> => {
  for (let attempt = 0; attempt < CONFLICT_ATTEMPTS; attempt += 1) {
    if (attempt > 0) await pause(CONFLICT_PAUSE_MS * attempt);
    const answer = await place.ask<T, R | "conflict">(what, { ...CONFLICTS, ...refusals }, call);
    if (answer !== "conflict") return answer;
  }
  throw new HermesError("unavailable", `the bucket of skills did not ${what}: others change it`, {
    retryable: true,
  });
};
