// What every implementation of Failures promises (src/ports.ts). `records` reads them back.

import { describe, expect, it } from "vitest";
import type { Failure, Failures } from "../../src/ports.ts";
import { entryId, messageEntry, newSession } from "./said.ts";

export const failuresContract = (
  name: string,
  start: () => { readonly failures: Failures; records(): Promise<readonly Failure[]> },
): void => {
  describe(`records of what was given up ${name}`, () => {
    it("hold what is needed to do it again, once however often it is given up", async () => {
      const { failures, records } = start();
      const session = newSession();
      const failure = {
        session,
        at: 1_790_000_000_000,
        tries: 4,
        ids: [entryId(1)],
        entries: [messageEntry(1)],
      };
      await failures.put(failure);
      await failures.put({ ...failure, tries: 5, entries: [] });
      await failures.put({ ...failure, ids: [entryId(2)], entries: [messageEntry(2)] });
      const mine = (await records()).filter((record) => record.session === session);
      expect(mine.map(({ tries, entries }) => [tries, entries.length])).toEqual([
        [4, 1],
        [4, 1],
      ]);
    });
  });
};
