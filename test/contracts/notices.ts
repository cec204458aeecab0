// What every implementation of Notices promises (src/ports.ts).

import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Notices } from "../../src/ports.ts";

const EVENING_MS = Date.UTC(2026, 8, 21, 23, 59, 59, 999);

export const noticesContract = (name: string, start: () => Promise<Notices>): void => {
  describe(`notices ${name}`, () => {
    let notices: Notices;
    beforeAll(async () => {
      notices = await start();
    });

    it("are for one of the many who ask at once", async () => {
      const key = randomUUID();
      const asked = await Promise.all([1, 2, 3, 4].map(() => notices.claim(key, EVENING_MS)));
      expect(asked.filter(Boolean)).toHaveLength(1);
    });

    it("are due again the next day, and at once for another key", async () => {
      const key = randomUUID();
      expect(await notices.claim(key, EVENING_MS)).toBe(true);
      expect(await notices.claim(key, EVENING_MS)).toBe(false);
      expect(await notices.claim(key, EVENING_MS + 1)).toBe(true);
      expect(await notices.claim(randomUUID(), EVENING_MS)).toBe(true);
    });

    it("are still due to whoever they were given to, and to nobody else", async () => {
      const key = randomUUID();
      expect(await notices.claim(key, EVENING_MS, "turn 1")).toBe(true);
      expect(await notices.claim(key, EVENING_MS, "turn 1")).toBe(true);
      expect(await notices.claim(key, EVENING_MS, "turn 2")).toBe(false);
      expect(await notices.claim(key, EVENING_MS)).toBe(false);
    });
  });
};
