// Notes in memory. test/contracts/notes.ts runs against it.

import type { Notes, NotesStore } from "../../src/memory-ports.ts";

export const createFakeNotes = (): NotesStore & { readonly stored: Map<number, Notes> } => {
  const stored = new Map<number, Notes>();
  const read = (userId: number): Notes =>
    structuredClone(stored.get(userId) ?? { memory: [], user: [], revision: 0 });
  return {
    stored,
    read: async (userId) => read(userId),
    async write(userId, notes) {
      if (read(userId).revision !== notes.revision) return false;
      stored.set(userId, { ...structuredClone(notes), revision: notes.revision + 1 });
      return true;
    },
  };
};
