// Sessions in memory, by the same rules as the real ones: test/contracts/sessions.ts runs against both.

import { LeaseLost } from "../../src/errors.ts";
import { LEASE_MS, TAKEOVER_GRACE_MS } from "../../src/lease-times.ts";
import { type Clock, NEWEST_ROWS, type Sessions } from "../../src/ports.ts";
import type { Meta, Row } from "../../src/session-state.ts";
import type { SessionKey } from "../../src/turn.ts";

interface Stored {
  meta: Meta;
  readonly rows: Map<string, Row>;
}

/** What several containers share. */
export type SessionStore = Map<SessionKey, Stored>;

const NEW: Meta = {
  fence: 0,
  tries: 0,
  sessionId: "",
  seq: 0,
  seqFence: 0,
  base: 0,
  settings: {},
  totals: { prompt: 0, cached: 0, completion: 0, reasoning: 0, turns: 0, calls: 0 },
  startedAt: 0,
  updatedAt: 0,
  lastPrompt: 0,
  indexed: 0,
};

/** One container's view of the store, by its own clock. */
export const createFakeSessions = (clock: Clock, store: SessionStore = new Map()): Sessions => ({
  async acquire(session, by) {
    const stored = storedOf(store, session);
    const { until, by: holder, fence, tries } = stored.meta;
    if (until !== undefined && until >= clock.now() - TAKEOVER_GRACE_MS) {
      return holder === by ? structuredClone(stored.meta) : { heldBy: holder };
    }
    stored.meta = { ...stored.meta, by, until: clock.now() + LEASE_MS, fence: fence + 1, tries: tries + 1 };
    return structuredClone(stored.meta);
  },

  async newestRows(session, { sessionId, fromSeq = 0 } = {}) {
    const all = [...storedOf(store, session).rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    const wanted = sessionId ?? all.at(-1)?.sessionId;
    const rows = all.filter((row) => row.sessionId === wanted && row.seq >= fromSeq);
    return structuredClone(rows.slice(-NEWEST_ROWS));
  },

  async append(session, rows) {
    const stored = storedOf(store, session);
    for (const row of rows) {
      const sk = `${row.sessionId}#${String(row.seq).padStart(10, "0")}`;
      const there = stored.rows.get(sk);
      if (there !== undefined && there.fence > row.fence)
        throw new LeaseLost("a later holder wrote this row");
      stored.rows.set(sk, structuredClone(row));
    }
  },

  async commit(session, fence, patch) {
    const until = clock.now() + LEASE_MS;
    update(store, session, fence, { ...patch, until });
    return until;
  },

  async release(session, fence, patch) {
    const { meta } = storedOf(store, session);
    if (meta.fence === fence && meta.until === undefined) return;
    update(store, session, fence, { ...patch, tries: 0, until: null, by: null });
  },
});

const storedOf = (store: SessionStore, session: SessionKey): Stored => {
  const stored = store.get(session) ?? { meta: NEW, rows: new Map() };
  store.set(session, stored);
  return stored;
};

const update = (store: SessionStore, session: SessionKey, fence: number, values: object): void => {
  const stored = storedOf(store, session);
  if (stored.meta.fence !== fence || stored.meta.until === undefined) {
    throw new LeaseLost("a later holder took it");
  }
  const fields = Object.entries({ ...stored.meta, ...values }).filter(([, value]) => value !== null);
  stored.meta = structuredClone(Object.fromEntries(fields)) as unknown as Meta;
};
