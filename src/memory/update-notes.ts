// Changes what is stored about a person while their other chats may do so too. Called by the memory tool and by built-in.ts.

import { HermesError } from "../errors.ts";
import type { Notes, NotesStore } from "../memory-ports.ts";

/** Whoever is refused was overtaken by a write that went through: so many chats of one person may write at once. */
const TRIES = 10;

/** `next` is what is to be stored; absent when nothing is to change. */
export interface Update<Result> {
  readonly result: Result;
  readonly next?: Notes;
}

/** `change` is asked again about what somebody else stored in between. Throws HermesError `busy`, and what the store throws. */
export const updateNotes = async <Result>(
  store: NotesStore,
  userId: number,
  signal: AbortSignal,
  change: (notes: Notes) => Update<Result>,
): Promise<Result> => {
  for (let tries = 0; tries < TRIES; tries += 1) {
    signal.throwIfAborted();
    const { result, next } = change(await store.read(userId));
    if (next === undefined || (await store.write(userId, next))) return result;
  }
  throw new HermesError("busy", "a person's notes are being written by others all the time", {
    retryable: true,
  });
};
