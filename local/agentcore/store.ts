// What the AgentCore Memory stand-in remembers: events, the sessions they were said in, records. A state file keeps them from
// one run to the next.

import { readStateFile, writeStateFile } from "../state-file.ts";
import type { MemoryEvent, MemoryRecord } from "./shapes.ts";

export interface StoredEvent {
  readonly event: MemoryEvent;
  /** Something is still to be learnt from it. */
  isWaiting: boolean;
}

export interface Session {
  readonly actorId: string;
  readonly sessionId: string;
  readonly createdAt: number;
}

export interface Store {
  /** By event id. */
  readonly events: Map<string, StoredEvent>;
  /** By actor and session; they outlast their events. */
  readonly sessions: Map<string, Session>;
  /** By record id. */
  readonly records: Map<string, MemoryRecord>;
  /** The answers to requests that came with a client token. */
  readonly answers: Map<string, unknown>;
  /** When an event with something said was last taken from an actor in a session, ms. */
  readonly saidAt: Map<string, number>;
  save(): void;
}

interface SavedState {
  readonly events: readonly StoredEvent[];
  readonly sessions: readonly Session[];
  readonly records: readonly MemoryRecord[];
}

/** No id has a space in it. */
export const sessionKeyOf = ({
  actorId,
  sessionId,
}: {
  readonly actorId: string;
  readonly sessionId: string;
}): string => `${actorId} ${sessionId}`;

export const openStore = (file: string | undefined): Store => {
  const saved = readStateFile(file, "AgentCore Memory") as SavedState | undefined;
  const events = new Map((saved?.events ?? []).map((stored) => [stored.event.eventId, stored]));
  const sessions = new Map((saved?.sessions ?? []).map((session) => [sessionKeyOf(session), session]));
  const records = new Map((saved?.records ?? []).map((record) => [record.memoryRecordId, record]));
  return {
    events,
    sessions,
    records,
    answers: new Map(),
    saidAt: new Map(),
    save() {
      if (file === undefined) return;
      writeStateFile(file, {
        events: [...events.values()],
        sessions: [...sessions.values()],
        records: [...records.values()],
      });
    },
  };
};
