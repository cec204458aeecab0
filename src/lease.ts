// The lease of a session, held: who may write it now, what waits in it, and when that right ends (design.md 5).
// middleware/lease.ts takes it, agent/run-turn.ts works under it.

import {
  append,
  close,
  commit,
  ensure,
  type Held,
  hasTime,
  hold,
  holdAgain,
  look,
  release,
} from "./lease-hold.ts";
import { type LeasePorts, take } from "./lease-take.ts";
import { GIVE_UP_TRIES } from "./lease-times.ts";
import type { Meta, MetaPatch, Row } from "./session-state.ts";
import type { Entry, SessionKey } from "./turn.ts";

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
  /** True while enough of the lease is left to begin a call that nobody misses. */
  hasTime(): boolean;
  /** What waits in the inbox beyond the entries of the open turn, consistently read. */
  look(): Promise<readonly Entry[]>;
  /** The same as last read; a batch that was taken up is no longer part of it. */
  readonly waiting: readonly Entry[];
  /** Ends the heartbeat and leaves the lease to run out, so that a retry finds the turn as it is. Never throws. */
  abandon(): void;
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
  const held = hold(ports, { session, requestId }, taken);
  return {
    session,
    get meta() {
      return held.meta;
    },
    get rows() {
      return held.rows;
    },
    lost: held.lost.signal,
    next: () => next(held),
    append: (rows) => append(held, rows),
    commit: (patch) => commit(held, patch),
    close: (patch) => close(held, patch),
    handOver: async (patch) => {
      await release(held, patch);
      held.isOver = true;
    },
    ensure: () => ensure(held),
    hasTime: () => hasTime(held),
    look: () => look(held),
    get waiting() {
      return held.pending;
    },
    abandon: () => held.heartbeat.abort(),
  };
};

const next = async (held: Held): Promise<Batch | undefined> => {
  for (;;) {
    if (held.isOver) return undefined;
    if (!held.isHeld && !(await takeAgain(held))) return undefined;
    await refreshRows(held);
    if (held.meta.out !== undefined) return { kind: "deliver" };
    if (held.meta.turn !== undefined) return { kind: "resume" };
    const [first, ...others] = held.pending;
    if (first !== undefined) return takeUp(held, first, others);
    await release(held, {});
  }
};

/** After a commit that went back to an earlier session (/resume) its rows are not the ones in memory. */
const refreshRows = async (held: Held): Promise<void> => {
  const { sessionId, base, seq } = held.meta;
  if (seq === 0 || held.rows.at(-1)?.seq === seq) return;
  const rows = await held.ports.sessions.newestRows(held.session, { sessionId, fromSeq: base });
  held.rows = rows.filter((row) => row.seq <= seq);
};

/** Waiting messages become one turn; anything else is worked on alone, and so is what is about to be given up. */
const takeUp = (held: Held, first: Entry, others: readonly Entry[]): Batch => {
  const isAlone = first.kind !== "message" || held.meta.tries >= GIVE_UP_TRIES;
  const until = isAlone ? 0 : others.findIndex((entry) => entry.kind !== "message");
  const together = until === -1 ? others : others.slice(0, until);
  held.pending = others.slice(together.length);
  return { kind: "entries", entries: [first, ...together] };
};

/** The look after the release: what arrived while we were closing found us busy and relies on it. */
const takeAgain = async (held: Held): Promise<boolean> => {
  const { ports, session, requestId } = held;
  const waiting = await ports.inbox.waiting(session);
  if (waiting.length === 0) return false;
  const taken = await take(ports, session, requestId);
  if (taken === undefined) return false;
  holdAgain(held, taken);
  return true;
};
