// What every client of an AWS service is made with: where it is, and until when a call counts as hung; and what its errors carry.
// Used by the adapters.

import { asError } from "../errors.ts";

export interface AwsPlace {
  readonly region?: string | undefined;
  /** Left out: the service's own, or AWS_ENDPOINT_URL_…, which the SDK reads. */
  readonly endpoint?: string;
}

const CONNECTION_TIMEOUT_MS = 1_000;

/**
 * The request's time is over with the answer's head: a body that stops in the middle is hung by the socket's. Without the last
 * the SDK only logs that a request takes long.
 */
export const timeoutsOf = (attemptTimeoutMs: number) => ({
  requestTimeout: attemptTimeoutMs,
  socketTimeout: attemptTimeoutMs,
  connectionTimeout: CONNECTION_TIMEOUT_MS,
  throwOnRequestTimeout: true,
});

/** `maxAttempts` includes the first. */
export const placeOf = ({ region, endpoint }: AwsPlace, maxAttempts: number) => ({
  ...(region === undefined ? {} : { region }),
  ...(endpoint === undefined ? {} : { endpoint }),
  maxAttempts,
});

/** The HTTP status of what a client threw; undefined when no answer came. */
export const statusOf = (thrown: unknown): number | undefined => {
  const error: Error & { readonly $metadata?: { readonly httpStatusCode?: number } } = asError(thrown);
  return error.$metadata?.httpStatusCode;
};
