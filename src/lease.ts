// The lease of a session, held: who may write it now, what waits in it, and when that right ends (design.md 5).
// middleware/lease.ts takes it, agent/run-turn.ts works under it.

import { randomBytes } from "node:crypto";
import { asError, HermesError, LeaseLost } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Clock, Inbox, Meta, MetaPatch, Row, Sessions } from "./ports.ts";
import { LEASE_MS, NEWEST_ROWS, RENEW_MS, SEND_MARGIN_MS } from "./ports.ts";
import type { Entry, EntryId, SessionKey } from "./turn.ts";

export interface LeasePorts {
  readonly sessions: Sessions;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What to work on next, in this order:
 * - `deliver`: an answer exists (`meta.out`) and is not delivered yet
 * - `resume`: a turn is open (`meta.turn`) and has no answer yet
 * - `entries`: waiting entries, oldest first; several only if all are messages
 */
export type Batch =
  | { readonly kind: "deliver" }
  | { readonly kind: "resume" }
  | { readonly kind: "entries"; readonly entries: readonly [Entry, ...Entry[]] };

export interface Lease {
  readonly session: SessionKey;
  /** META as of our last write. */
  readonly meta: Meta;
  /** The committed rows from `meta.base` on (a bounded page of the newest), those we committed included. */
  readonly rows: readonly Row[];
  /** Aborts when the lease is lost; whatever runs under it should stop. */
  readonly lost: AbortSignal;
  /** The next batch, or undefined when the session is done with, released and looked at once more. */
  next(): Promise<Batch | undefined>;
  /** Puts rows under our fence; nobody sees them before a commit. Throws LeaseLost. */
  append(rows: readonly Row[]): Promise<void>;
  /** One conditional write on META, which also renews the lease. Throws LeaseLost. */
  commit(patch: MetaPatch): Promise<void>;
  /** Commits the end of a turn; releases in the same write when nothing more is known to wait. */
  close(patch: MetaPatch): Promise<void>;
  /** Commits, releases and ends: somebody else goes on with the open turn. */
  handOver(patch: MetaPatch): Promise<void>;
  /** Resolves with enough of the lease left to begin a send or an unrepeatable tool. Throws LeaseLost. */
  ensure(): Promise<void>;
  /** What waits in the inbox beyond the entries of the open turn, consistently read. */
  look(): Promise<readonly Entry[]>;
  /** Ends the heartbeat and leaves the lease to run out, so that a retry finds the turn as it is. Never throws. */
  abandon(): void;
}

/** Everything that changes while a lease is held. */
interface Held {
  meta: Meta;
  rows: readonly Row[];
  /** Put, and not committed yet. */
  uncommitted: readonly Row[];
  pending: readonly Entry[];
  /** By both clocks: the wall clock for others, the monotonic one against a frozen process. */
  wallEnd: number;
  monotonicEnd: number;
  isHeld: boolean;
  /** Handed over: nothing more is ours to look at. */
  isOver: boolean;
  /** META writes one after the other. */
  writes: Promise<unknown>;
  /** Puts of rows likewise. */
  puts: Promise<unknown>;
  heartbeat: AbortController;
  readonly lost: AbortController;
}

/**
 * Takes the lease of `session`. Undefined when another event's holder has it: that holder looks at the inbox
 * again before it ends. Throws `busy` when an earlier or parallel run of this very event has it: Lambda asks again.
 */
export const takeLease = async (
  ports: LeasePorts,
  session: SessionKey,
  requestId: string,
): Promise<Lease | undefined> => {
  const taken = await take(ports, session, requestId);
  if (taken === undefined) return undefined;
  const held: Held = {
    ...taken,
    uncommitted: [],
    isHeld: true,
    isOver: false,
    writes: Promise.resolve(),
    puts: Promise.resolve(),
    heartbeat: new AbortController(),
    lost: new AbortController(),
  };
  keepAlive(ports, session, held);
  return {
    session,
    get meta() {
      return held.meta;
    },
    get rows() {
      return held.rows;
    },
    lost: held.lost.signal,
    next: () => next(ports, session, requestId, held),
    append: (rows) => append(ports, session, held, rows),
    commit: (patch) => commit(ports, session, held, patch),
    close: (patch) => close(ports, session, held, patch),
    handOver: async (patch) => {
      await release(ports, session, held, patch);
      held.isOver = true;
    },
    ensure: () => ensure(ports, session, held),
    look: () => look(ports, session, held),
    abandon: () => held.heartbeat.abort(),
  };
};

const take = async (ports: LeasePorts, session: SessionKey, requestId: string) => {
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
  return isUnbroken && (oldest <= Math.max(meta.base, 1) || rows.length >= NEWEST_ROWS);
};

/** Entries that are in the transcript already (META.turn) or being answered (META.out) wait no more. */
const beyondTheTurn = (waiting: readonly Entry[], meta: Meta): readonly Entry[] => {
  const taken = new Set<EntryId>([...(meta.turn?.entries ?? []), ...(meta.out?.entries ?? [])]);
  return waiting.filter((entry) => !taken.has(entry.id));
};

const next = async (
  ports: LeasePorts,
  session: SessionKey,
  requestId: string,
  held: Held,
): Promise<Batch | undefined> => {
  for (;;) {
    if (held.isOver) return undefined;
    if (!held.isHeld && !(await takeAgain(ports, session, requestId, held))) return undefined;
    await refreshRows(ports, session, held);
    if (held.meta.out !== undefined) return { kind: "deliver" };
    if (held.meta.turn !== undefined) return { kind: "resume" };
    const [first, ...others] = held.pending;
    if (first !== undefined) return takeUp(held, first, others);
    await release(ports, session, held, {});
  }
};

/** After a commit that went back to an earlier session (/resume) its rows are not the ones in memory. */
const refreshRows = async (ports: LeasePorts, session: SessionKey, held: Held): Promise<void> => {
  const { sessionId, base, seq } = held.meta;
  if (seq === 0 || held.rows.at(-1)?.seq === seq) return;
  const rows = await ports.sessions.newestRows(session, { sessionId, fromSeq: base });
  held.rows = rows.filter((row) => row.seq <= seq);
};

/** Waiting messages become one turn; anything else is worked on alone. */
const takeUp = (held: Held, first: Entry, others: readonly Entry[]): Batch => {
  const until = first.kind === "message" ? others.findIndex((entry) => entry.kind !== "message") : 0;
  const together = until === -1 ? others : others.slice(0, until);
  held.pending = others.slice(together.length);
  return { kind: "entries", entries: [first, ...together] };
};

/** The look after the release: what arrived while we were closing found us busy and relies on it. */
const takeAgain = async (ports: LeasePorts, session: SessionKey, requestId: string, held: Held) => {
  const waiting = await ports.inbox.waiting(session);
  if (waiting.length === 0) return false;
  const taken = await take(ports, session, requestId);
  if (taken === undefined) return false;
  Object.assign(held, taken, { isHeld: true, uncommitted: [] });
  keepAlive(ports, session, held);
  return true;
};

const commit = (ports: LeasePorts, session: SessionKey, held: Held, patch: MetaPatch): Promise<void> =>
  oneAtATime(held, async () => {
    if (!held.isHeld) throw new LeaseLost("it was released already");
    await writeMeta(ports, session, held, patch);
  });

const writeMeta = async (ports: LeasePorts, session: SessionKey, held: Held, patch: MetaPatch) => {
  const askedAt = ports.clock.elapsed();
  const until = await ports.sessions.commit(session, held.meta.fence, patch);
  apply(held, patch);
  held.wallEnd = until;
  held.monotonicEnd = askedAt + LEASE_MS;
};

const close = (ports: LeasePorts, session: SessionKey, held: Held, patch: MetaPatch): Promise<void> => {
  held.pending = beyondTheTurn(held.pending, held.meta);
  return held.pending.length === 0
    ? release(ports, session, held, patch)
    : commit(ports, session, held, { ...patch, tries: 0 });
};

const release = (ports: LeasePorts, session: SessionKey, held: Held, patch: MetaPatch): Promise<void> =>
  oneAtATime(held, async () => {
    held.heartbeat.abort();
    await ports.sessions.release(session, held.meta.fence, patch);
    apply(held, patch);
    held.isHeld = false;
  });

/**
 * A step that was given up before its commit (its entries were answered) leaves rows which the next step overwrites:
 * in the table, where a put that is still under way must not come last, and in our copy.
 */
const append = (ports: LeasePorts, session: SessionKey, held: Held, rows: readonly Row[]): Promise<void> => {
  const put = held.puts.then(async () => {
    await watched(held, () => ports.sessions.append(session, rows));
    const isReplaced = (old: Row) =>
      rows.some((row) => row.sessionId === old.sessionId && row.seq === old.seq);
    held.uncommitted = [...held.uncommitted.filter((old) => !isReplaced(old)), ...rows];
  });
  held.puts = put.catch(() => undefined);
  return put;
};

/** Our copy follows what was written: the fields of META, and the rows from `base` on that `seq` has moved over. */
const apply = (held: Held, patch: MetaPatch): void => {
  const fields = Object.entries({ ...held.meta, ...patch }).filter(([, value]) => value !== null);
  held.meta = Object.fromEntries(fields) as unknown as Meta;
  if (patch.sessionId === undefined && patch.seq === undefined) return;
  const { sessionId, base, seq } = held.meta;
  const isCommitted = (row: Row) => row.sessionId === sessionId && row.seq <= seq;
  const rows = [...held.rows, ...held.uncommitted].filter((row) => isCommitted(row) && row.seq >= base);
  // Of two rows in one place the later was put over the earlier.
  held.rows = [...new Map(rows.map((row) => [row.seq, row])).values()];
  held.uncommitted = held.uncommitted.filter((row) => !isCommitted(row));
};

const ensure = async (ports: LeasePorts, session: SessionKey, held: Held): Promise<void> => {
  // A refused heartbeat ended it, whatever our own clocks say.
  held.lost.signal.throwIfAborted();
  if (held.isHeld && leftMs(ports.clock, held) >= SEND_MARGIN_MS) return;
  await commit(ports, session, held, {});
  if (leftMs(ports.clock, held) < SEND_MARGIN_MS)
    throw new LeaseLost("too little of it is left to begin a send");
};

const leftMs = (clock: Clock, held: Held): number =>
  Math.min(held.wallEnd - clock.now(), held.monotonicEnd - clock.elapsed());

const look = async (ports: LeasePorts, session: SessionKey, held: Held): Promise<readonly Entry[]> => {
  held.pending = beyondTheTurn(await ports.inbox.waiting(session), held.meta);
  return held.pending;
};

/** META writes never overtake one another: the values are absolute, and the last one must be the newest. */
const oneAtATime = <T>(held: Held, write: () => Promise<T>): Promise<T> => {
  const turn = held.writes.then(() => watched(held, write));
  held.writes = turn.catch(() => undefined);
  return turn;
};

const watched = async <T>(held: Held, write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    if (error instanceof LeaseLost) {
      held.heartbeat.abort();
      held.lost.abort(error);
    }
    throw error;
  }
};

/** Renews while the holder works. A renewal that fails for another reason is tried again at the next beat. */
const keepAlive = (ports: LeasePorts, session: SessionKey, held: Held): void => {
  const heartbeat = new AbortController();
  held.heartbeat = heartbeat;
  const beat = async (): Promise<void> => {
    for (;;) {
      await ports.clock.sleep(RENEW_MS, heartbeat.signal);
      await renew().catch((error: unknown) => {
        ports.log.warn("the lease was not renewed", { error: asError(error) });
      });
    }
  };
  // A renewal that waited behind the release has nothing left to renew.
  const renew = () =>
    oneAtATime(held, async () => {
      if (!heartbeat.signal.aborted) await writeMeta(ports, session, held, {});
    });
  // Ends by the abort alone: `sleep` rejects with it.
  beat().catch(() => undefined);
};
