// What every implementation of PendingSyncs promises (src/skill-ports.ts).

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { PendingSyncs } from "../../src/skill-ports.ts";

const newFolder = (): string => `tests/${randomBytes(6).toString("hex")}`;

const NOW = 1_790_000_000_000;
const DONE = { state: "submitted", etag: '"e1"', attempts: 1, dueAt: NOW + 30_000 } as const;

export const pendingSyncsContract = (name: string, start: () => PendingSyncs): void => {
  describe(`pending changes of skills ${name}`, () => {
    it("are on record until they are removed, the newest change of a folder in place of the one before", async () => {
      const pending = start();
      const folder = newFolder();
      await pending.begin(folder, "one", NOW);
      await pending.begin(folder, "two", NOW + 1);
      const mine = async () => (await pending.list()).filter((record) => record.folder === folder);
      expect(await mine()).toEqual([
        {
          ...{ folder, token: "two", since: NOW + 1, state: "pending", attempts: 0 },
          ...{ dueAt: NOW + 1, claimedUntil: 0 },
        },
      ]);
      expect(await pending.remove(folder, "one")).toBe(false);
      expect(await pending.remove(folder, "two")).toBe(true);
      expect(await pending.remove(folder, "two")).toBe(true);
      expect(await mine()).toEqual([]);
    });

    it("are worked on by one at a time, until its claim runs out", async () => {
      const pending = start();
      const folder = newFolder();
      expect(await pending.claim(folder, "a", NOW, NOW + 60)).toBeUndefined();
      await pending.begin(folder, "one", NOW);
      expect(await pending.claim(folder, "a", NOW, NOW + 60)).toMatchObject({ token: "one" });
      expect(await pending.claim(folder, "b", NOW + 59, NOW + 119)).toBeUndefined();
      expect(await pending.claim(folder, "a", NOW + 59, NOW + 60)).toMatchObject({ token: "one" });
      expect(await pending.claim(folder, "b", NOW + 60, NOW + 120)).toMatchObject({
        claimedUntil: NOW + 120,
      });
    });

    it("keep a claim when they change, so that two versions are never on their way at once", async () => {
      const pending = start();
      const folder = newFolder();
      await pending.begin(folder, "one", NOW);
      await pending.claim(folder, "a", NOW, NOW + 60);
      await pending.begin(folder, "two", NOW + 1);
      expect(await pending.claim(folder, "b", NOW + 2, NOW + 62)).toBeUndefined();
    });

    it("take progress from whoever claimed them as they still are, which ends the claim", async () => {
      const pending = start();
      const folder = newFolder();
      await pending.begin(folder, "one", NOW);
      const record = await pending.claim(folder, "a", NOW, NOW + 60);
      if (record === undefined) throw new Error("not claimed");
      expect(await pending.update(record, "b", DONE)).toBe(false);
      expect(await pending.update(record, "a", DONE)).toBe(true);
      expect(await pending.update(record, "a", DONE)).toBe(true);
      expect(await pending.claim(folder, "b", NOW + 1, NOW + 61)).toEqual({
        ...{ folder, token: "one", since: NOW, claimedUntil: NOW + 61 },
        ...DONE,
      });
      await pending.begin(folder, "two", NOW + 1);
      expect(await pending.update(record, "b", DONE)).toBe(false);
      expect((await pending.claim(folder, "b", NOW + 2, NOW + 62))?.etag).toBeUndefined();
    });

    it("say of a deletion that there is no etag, whatever was submitted before", async () => {
      const pending = start();
      const folder = newFolder();
      await pending.begin(folder, "one", NOW);
      const record = await pending.claim(folder, "a", NOW, NOW + 60);
      if (record === undefined) throw new Error("not claimed");
      await pending.update(record, "a", DONE);
      await pending.claim(folder, "a", NOW, NOW + 60);
      await pending.update(record, "a", { state: "submitted", attempts: 2, dueAt: NOW });
      const [now] = (await pending.list()).filter((one) => one.folder === folder);
      expect(now).not.toHaveProperty("etag");
      expect(now).toMatchObject({ attempts: 2, claimedUntil: 0 });
    });
  });
};
