// What every implementation of Forgettings promises (src/memory-ports.ts).

import { describe, expect, it } from "vitest";
import type { Forgettings } from "../../src/memory-ports.ts";
import { newUser } from "./notes.ts";

export const forgettingsContract = (name: string, start: () => Forgettings): void => {
  describe(`forgettings ${name}`, () => {
    it("are each person's own, the last one counts, and nobody new has any", async () => {
      const forgettings = start();
      const [ada, bob] = [newUser(), newUser()];
      expect(await forgettings.last(ada)).toBe(0);
      await forgettings.mark(ada, 5);
      await forgettings.mark(ada, 7);
      await forgettings.mark(ada, 7);
      await forgettings.mark(bob, 6);
      expect(await Promise.all([ada, bob].map(forgettings.last))).toEqual([7, 6]);
    });
  });
};
