// The inbox in memory; containers share it by sharing the record. test/contracts/inbox.ts runs against it.

import type { Inbox } from "../../src/ports.ts";
import type { Entry, EntryId, SessionKey } from "../../src/turn.ts";

export const createFakeInbox = (): Inbox => {
  const stored = new Map<SessionKey, Map<EntryId, Entry>>();
  const entriesOf = (session: SessionKey): Map<EntryId, Entry> => {
    const entries = stored.get(session) ?? new Map<EntryId, Entry>();
    stored.set(session, entries);
    return entries;
  };
  return {
    async put(session, entry) {
      entriesOf(session).set(entry.id, structuredClone(entry));
    },
    async waiting(session) {
      const entries = [...entriesOf(session).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      return structuredClone(entries);
    },
    async remove(session, ids) {
      for (const id of ids) entriesOf(session).delete(id);
    },
  };
};
