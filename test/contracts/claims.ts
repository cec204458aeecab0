// What every implementation of Claims promises (src/ports.ts).

import { beforeAll, describe, expect, it } from "vitest";
import type { Claims } from "../../src/ports.ts";
import { entryId, newSession } from "./said.ts";

export const claimsContract = (name: string, start: () => Promise<Claims>): void => {
  describe(`claims ${name}`, () => {
    let claims: Claims;
    beforeAll(async () => {
      claims = await start();
    });

    it("know an entry as answered once that was said, and said again", async () => {
      const session = newSession();
      expect(await claims.answered(session, entryId(1))).toBe(false);
      await claims.complete(session, entryId(1));
      await claims.complete(session, entryId(1));
      expect(await claims.answered(session, entryId(1))).toBe(true);
    });

    it("answer for no other entry, and for no other session's entry of the same id", async () => {
      const session = newSession();
      await claims.complete(session, entryId(1));
      expect(await claims.answered(session, entryId(2))).toBe(false);
      expect(await claims.answered(newSession(), entryId(1))).toBe(false);
    });
  });
};
