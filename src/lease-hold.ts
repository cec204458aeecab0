// A lease that is held: every write under it, in order, and the heartbeat that renews it. Called by lease.ts.

import { asError, LeaseLost } from "./errors.ts";
import { beyondTheTurn, type LeasePorts, type Taken } from "./lease-take.ts";
import { LEASE_MS, RENEW_MS, SEND_MARGIN_MS } from "./lease-times.ts";
import type { Clock } from "./ports.ts";
import type { Meta, MetaPatch, Row } from "./session-state.ts";
import type { Entry, SessionKey } from "./turn.ts";

/** Everything about a lease that changes while it is held. */
export interface Held {
  readonly ports: LeasePorts;
  readonly session: SessionKey;
  readonly requestId: string;
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

export const hold = (
  ports: LeasePorts,
  { session, requestId }: Pick<Held, "session" | "requestId">,
  taken: Taken,
): Held => {
  const held: Held = {
    ports,
    session,
    requestId,
    ...taken,
    uncommitted: [],
    isHeld: true,
    isOver: false,
    writes: Promise.resolve(),
    puts: Promise.resolve(),
    heartbeat: new AbortController(),
    lost: new AbortController(),
  };
  keepAlive(held);
  return held;
};

/** The same holder, once more. */
export const holdAgain = (held: Held, taken: Taken): void => {
  Object.assign(held, taken, { isHeld: true, uncommitted: [] });
  keepAlive(held);
};

export const commit = (held: Held, patch: MetaPatch): Promise<void> =>
  oneAtATime(held, async () => {
    if (!held.isHeld) throw new LeaseLost("it was released already");
    await writeMeta(held, patch);
  });

const writeMeta = async (held: Held, patch: MetaPatch) => {
  const askedAt = held.ports.clock.elapsed();
  const until = await held.ports.sessions.commit(held.session, held.meta.fence, patch);
  apply(held, patch);
  held.wallEnd = until;
  held.monotonicEnd = askedAt + LEASE_MS;
};

export const close = (held: Held, patch: MetaPatch): Promise<void> => {
  held.pending = beyondTheTurn(held.pending, held.meta);
  // What waits is this holder's next work, and its own first try at it.
  return held.pending.length === 0 ? release(held, patch) : commit(held, { ...patch, tries: 1 });
};

export const release = (held: Held, patch: MetaPatch): Promise<void> =>
  oneAtATime(held, async () => {
    held.heartbeat.abort();
    await held.ports.sessions.release(held.session, held.meta.fence, patch);
    apply(held, patch);
    held.isHeld = false;
  });

/**
 * A step that was given up before its commit (its entries were answered) leaves rows which the next step overwrites:
 * in the table, where a put that is still under way must not come last, and in our copy.
 */
export const append = (held: Held, rows: readonly Row[]): Promise<void> => {
  const put = held.puts.then(async () => {
    await watched(held, () => held.ports.sessions.append(held.session, rows));
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
  held.rows = [...held.rows, ...held.uncommitted].filter((row) => isCommitted(row) && row.seq >= base);
  held.uncommitted = held.uncommitted.filter((row) => !isCommitted(row));
};

export const ensure = async (held: Held): Promise<void> => {
  // A refused heartbeat ended it, whatever our own clocks say.
  held.lost.signal.throwIfAborted();
  if (hasTime(held)) return;
  await commit(held, {});
  if (leftMs(held.ports.clock, held) < SEND_MARGIN_MS)
    throw new LeaseLost("too little of it is left to begin a send");
};

export const hasTime = (held: Held): boolean =>
  held.isHeld && !held.lost.signal.aborted && leftMs(held.ports.clock, held) >= SEND_MARGIN_MS;

const leftMs = (clock: Clock, held: Held): number =>
  Math.min(held.wallEnd - clock.now(), held.monotonicEnd - clock.elapsed());

export const look = async (held: Held): Promise<readonly Entry[]> => {
  held.pending = beyondTheTurn(await held.ports.inbox.waiting(held.session), held.meta);
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
const keepAlive = (held: Held): void => {
  const heartbeat = new AbortController();
  held.heartbeat = heartbeat;
  const beat = async (): Promise<void> => {
    for (;;) {
      await held.ports.clock.sleep(RENEW_MS, heartbeat.signal);
      await renew().catch((error: unknown) => {
        held.ports.log.warn("the lease was not renewed", { error: asError(error) });
      });
    }
  };
  // A renewal that waited behind the release has nothing left to renew.
  const renew = () =>
    oneAtATime(held, async () => {
      if (!heartbeat.signal.aborted) await writeMeta(held, {});
    });
  // Ends by the abort alone: `sleep` rejects with it.
  beat().catch(() => undefined);
};
