// What every implementation of NotesStore promises (src/memory-ports.ts).

import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { NotesStore } from "../../src/memory-ports.ts";

/** A person nobody else is: tests of one table do not meet. Telegram's ids have up to 52 bits. */
export const newUser = (): number => randomInt(2 ** 48 - 1);

const NOTES = { memory: ["Runs Linux 🐧"], user: ["Name: Ada", "Lives in\nBerlin"], revision: 0 };

export const notesContract = (name: string, start: () => NotesStore): void => {
  describe(`notes ${name}`, () => {
    it("are empty for somebody new, and come back as they were written", async () => {
      const notes = start();
      const ada = newUser();
      expect(await notes.read(ada)).toEqual({ memory: [], user: [], revision: 0 });
      expect(await notes.write(ada, NOTES)).toBe(true);
      expect(await notes.read(ada)).toEqual({ ...NOTES, revision: 1 });
      expect(await notes.write(ada, { memory: [], user: [], revision: 1, applied: ["call-1"] })).toBe(true);
      expect(await notes.read(ada)).toEqual({ memory: [], user: [], revision: 2, applied: ["call-1"] });
    });

    it("are one person's alone", async () => {
      const notes = start();
      const [ada, bob] = [newUser(), newUser()];
      await notes.write(ada, NOTES);
      expect(await notes.read(bob)).toEqual({ memory: [], user: [], revision: 0 });
      expect(await notes.write(bob, { memory: ["Bob's"], user: [], revision: 0 })).toBe(true);
      expect((await notes.read(ada)).memory).toEqual(NOTES.memory);
    });

    it("are written only as they were read: whoever is second is told so", async () => {
      const notes = start();
      const ada = newUser();
      await notes.write(ada, NOTES);
      expect(await notes.write(ada, { ...NOTES, user: ["As new"] })).toBe(false);
      const asRead = await notes.read(ada);
      const written = await Promise.all(
        ["one", "two", "three"].map((entry) => notes.write(ada, { ...asRead, memory: [entry] })),
      );
      expect(written.filter(Boolean)).toHaveLength(1);
      expect((await notes.read(ada)).revision).toBe(2);
      expect(await notes.write(ada, { ...asRead, revision: 7 })).toBe(false);
    });
  });
};
