// What every implementation of Jobs promises (src/ports.ts).

import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../src/job-record.ts";
import type { Jobs } from "../../src/ports.ts";
import { ADA, newSession } from "./said.ts";

const recordOf = (id: string, owner = newSession()): JobRecord => ({
  ...{ id, owner, name: "Tea", prompt: "Say that tea is ready.", origin: ADA, timezone: "Europe/Berlin" },
  schedule: { kind: "interval", minutes: 60, display: "every 60m" },
  ...{ state: "scheduled", times: null, completed: 0, createdAt: 1, failures: 0, revision: 0 },
  startsAt: "2026-11-24T08:00:00.000Z",
});

export const jobsContract = (name: string, start: () => Jobs): void => {
  describe(`records of jobs ${name}`, () => {
    it("are an owner's own, and come back as they were put", async () => {
      const jobs = start();
      const record = recordOf("0123456789ab");
      const stored = await jobs.put(record);
      expect(stored).toEqual({ ...record, revision: 1 });
      expect(await jobs.get(record.owner, record.id)).toEqual(stored);
      expect(await jobs.list(record.owner)).toEqual([stored]);
      expect(await jobs.get(newSession(), record.id)).toBeUndefined();
      expect(await jobs.list(newSession())).toEqual([]);
    });

    it("are listed whole when they are more than the store gives at once", async () => {
      const jobs = start();
      const owner = newSession();
      const output = "x".repeat(24_000);
      const last = { scheduledTime: "2026-11-24T08:00:00.000Z", status: "ok", output } as const;
      const ids = Array.from({ length: 50 }, (_, n) => String(n).padStart(12, "0"));
      await Promise.all(ids.map((id) => jobs.put({ ...recordOf(id, owner), last })));
      expect((await jobs.list(owner)).map(({ id }) => id).toSorted()).toEqual(ids);
    });

    it("are changed only as they were read: whoever is second is told so", async () => {
      const jobs = start();
      const first = await jobs.put(recordOf("0123456789ab"));
      if (first === undefined) throw new Error("not stored");
      const changed = await jobs.put({ ...first, name: "Coffee" });
      expect(changed?.revision).toBe(2);
      expect(await jobs.put({ ...first, name: "Water" })).toBeUndefined();
      expect(await jobs.put({ ...recordOf(first.id, first.owner), name: "New" })).toBeUndefined();
      expect((await jobs.get(first.owner, first.id))?.name).toBe("Coffee");
    });
  });
};
