// Taking a session's lease: one conditional write, with the inbox and the newest rows read beside it (design.md 5, step 2).
// Called by lease.ts.

import { randomBytes } from "node:crypto";
import { HermesError } from "./errors.ts";
import { LEASE_MS } from "./lease-times.ts";
import type { Log } from "./log.ts";
import type { Clock, Inbox, Sessions } from "./ports.ts";
import type { Meta, Row } from "./session-state.ts";
import type { Entry, EntryId, SessionKey } from "./turn.ts";

export interface LeasePorts {
  readonly sessions: Sessions;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a taken lease begins with. */
export interface Taken {
  readonly meta: Meta;
  /** Committed rows from `meta.base` on, oldest first. */
  readonly rows: readonly Row[];
  /** What waits in the inbox beyond the open turn. */
  readonly pending: readonly Entry[];
  /** When the lease ends, by the wall clock and by the monotonic one. */
  readonly wallEnd: number;
  readonly monotonicEnd: number;
}

/**
 * Undefined when another event's holder has the lease. Throws `busy` when an earlier or parallel run of this very event
 * has it.
 */
export const take = async (
  ports: LeasePorts,
  session: SessionKey,
  requestId: string,
): Promise<Taken | undefined> => {
  const { sessions, inbox, clock } = ports;
  const by = `${requestId}/${randomBytes(6).toString("base64url")}`;
  const askedAt = clock.elapsed();
  // One round trip: META tells afterwards whether the rows read beside it are the current ones.
  const [meta, waiting, newest] = await Promise.all([
    sessions.acquire(session, by),
    inbox.waiting(session),
    sessions.newestRows(session),
  ]);
  if ("heldBy" in meta) {
    if (meta.heldBy?.startsWith(`${requestId}/`) !== true) return undefined;
    throw new HermesError("busy", "this event is already being worked on", { retryable: true });
  }
  const { sessionId, base, seq, until = 0 } = meta;
  const rows = rowsAreCurrent(newest, meta)
    ? newest
    : await sessions.newestRows(session, { sessionId, fromSeq: base });
  return {
    meta,
    rows: rows.filter((row) => row.sessionId === sessionId && row.seq >= base && row.seq <= seq),
    pending: beyondTheTurn(waiting, meta),
    wallEnd: until,
    monotonicEnd: askedAt + LEASE_MS,
  };
};

/**
 * Were these rows, read beside the acquire, written before it? The newest committed row must be there with the fence of
 * the holder that committed it, and none missing below it. A step's last row is put after its others and pages are
 * read from the end, so that a page with the current last row has the rest of the step too.
 */
const rowsAreCurrent = (rows: readonly Row[], meta: Meta): boolean => {
  if (meta.seq === 0) return true;
  const mine = rows.filter((row) => row.sessionId === meta.sessionId && row.seq <= meta.seq);
  const last = mine.at(-1);
  if (last === undefined || last.seq !== meta.seq || last.fence !== meta.seqFence) return false;
  const oldest = mine[0]?.seq ?? 0;
  const isUnbroken = last.seq - oldest === mine.length - 1;
  return isUnbroken && oldest <= Math.max(meta.base, 1);
};

/** Entries that are in the transcript already (META.turn) or being answered (META.out) wait no more. */
export const beyondTheTurn = (waiting: readonly Entry[], meta: Meta): readonly Entry[] => {
  const taken = new Set<EntryId>([...(meta.turn?.entries ?? []), ...(meta.out?.entries ?? [])]);
  return waiting.filter((entry) => !taken.has(entry.id));
};
