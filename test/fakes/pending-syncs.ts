// Pending changes of skills in memory. test/contracts/pending-syncs.ts runs against it.

import type { PendingSync, PendingSyncs } from "../../src/skill-ports.ts";

export interface FakePendingSyncs extends PendingSyncs {
  readonly records: Map<string, PendingSync>;
  /** How often all were read. */
  readonly counts: { list: number };
}

export const createFakePendingSyncs = (): FakePendingSyncs => {
  const records = new Map<string, PendingSync>();
  const claimers = new Map<string, string>();
  const counts = { list: 0 };
  return {
    records,
    counts,
    async begin(folder, token, nowMs) {
      const { claimedUntil = 0 } = records.get(folder) ?? {};
      const fresh = { folder, token, since: nowMs, dueAt: nowMs, attempts: 0, claimedUntil };
      records.set(folder, { ...fresh, state: "pending" });
    },
    async list() {
      counts.list += 1;
      return [...records.values()].toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
    },
    async claim(folder, by, nowMs, untilMs) {
      const record = records.get(folder);
      if (record === undefined) return undefined;
      if (record.claimedUntil > nowMs && claimers.get(folder) !== by) return undefined;
      const claimed = { ...record, claimedUntil: untilMs };
      claimers.set(folder, by);
      records.set(folder, claimed);
      return claimed;
    },
    async update({ folder, token }, by, progress) {
      const record = records.get(folder);
      if (record?.token !== token || claimers.get(folder) !== by) return false;
      const { etag: _, ...rest } = record;
      records.set(folder, { ...rest, ...progress, claimedUntil: 0 });
      return true;
    },
    async remove(folder, token) {
      const record = records.get(folder);
      if (record === undefined) return true;
      if (record.token !== token) return false;
      claimers.delete(folder);
      return records.delete(folder);
    },
  };
};
