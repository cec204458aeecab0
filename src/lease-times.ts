// How long a lease lasts and what is decided by it. The numbers hang together, so they stand together.

/**
 * A lease holds this long from each write on META. Short, so that Lambda's first retry, about a minute after a crash, finds
 * it run out for certain (with TAKEOVER_GRACE_MS: 35 s at the latest); long against the two heartbeats that may fail.
 */
export const LEASE_MS = 30_000;

/** Three beats to a lease: one may be lost and the next still leaves SEND_MARGIN_MS. */
export const RENEW_MS = 8_000;

/**
 * A lease is taken over only this long after it ran out. Lambda's clocks are kept to well below a second of each other; the
 * holder begins no send in the last SEND_MARGIN_MS and none lasts 8 s, so that 9 s of skew would still not let two send at once.
 */
export const TAKEOVER_GRACE_MS = 5_000;

/** No send and no unrepeatable tool begins with less than this left: its own time-out of 8 s, and 4 s for clock skew. */
export const SEND_MARGIN_MS = 12_000;

/** The holder that gives up on what is open: the first run and Lambda's two retries have failed at it. */
export const GIVE_UP_TRIES = 4;
