// The memory that needs no service: Hermes' MEMORY.md and USER.md of one person, kept in the table (hermes-behaviour.md 5.2). The
// model writes them with the memory tool, and they are recalled whole. Made by the composition.

import type { KnownFact, MemoryProvider, Notes, NotesStore } from "../memory-ports.ts";
import type { Tool } from "../ports.ts";
import { type NotesLimits, noteId, renderNotes, type Target } from "./notes.ts";
import { updateNotes } from "./update-notes.ts";

export interface BuiltInMemoryOptions {
  readonly notes: NotesStore;
  /** Asked anew each time: config.yaml is read with the first turn. */
  readonly limits: () => Promise<NotesLimits>;
  readonly tools: readonly Tool[];
}

export const createBuiltInMemory = ({ notes, limits, tools }: BuiltInMemoryOptions): MemoryProvider => ({
  name: "built-in",
  tools,
  // The same whatever is asked: once it is in the prompt it stays as it was then, and so do the prompt's bytes.
  async recall(_query, { isFirst, origin: { userId } }) {
    if (!isFirst || userId === undefined) return "";
    const [stored, allowed] = await Promise.all([notes.read(userId), limits()]);
    return renderNotes(stored, allowed);
  },
  // Only what the model chose to note is kept.
  async remember() {},
  async known({ origin: { userId } }) {
    return userId === undefined ? [] : factsIn(await notes.read(userId));
  },
  async forget(ids, { origin: { userId }, signal }) {
    if (userId === undefined) return;
    await updateNotes(notes, userId, signal, (stored) => {
      const next = without(stored, ids);
      const isSame = factsIn(next).length === factsIn(stored).length;
      return isSame ? { result: undefined } : { result: undefined, next };
    });
  },
});

/** Also what a switch keeps out of the prompt: a person sees and forgets everything that is kept. */
const factsIn = (notes: Notes): readonly KnownFact[] =>
  (["user", "memory"] as const).flatMap((target) =>
    notes[target].toReversed().map((text) => ({ id: noteId(target, text), text })),
  );

const without = (notes: Notes, ids: readonly string[] | "all"): Notes => {
  const kept = (target: Target) =>
    ids === "all" ? [] : notes[target].filter((entry) => !ids.includes(noteId(target, entry)));
  return { ...notes, memory: kept("memory"), user: kept("user") };
};
