// The operations of AgentCore Memory's data plane over the store. Called by server.ts, which knows HTTP.

import { randomBytes } from "node:crypto";
import { ServiceError } from "../rest-json/errors.ts";
import type { Fields } from "../rest-json/members.ts";
import { newRecordId, scoreOf } from "./learning.ts";
import { page } from "./paging.ts";
import {
  actorIn,
  deletedIn,
  eventIn,
  isWithEventsIn,
  newEventIn,
  newRecordsIn,
  recordIdIn,
  refuseFilters,
  scopeIn,
  searchIn,
  sessionIn,
  strategyIn,
  tokenIn,
} from "./rules.ts";
import type { MemoryEvent, MemoryRecord } from "./shapes.ts";
import { type Store, type StoredEvent, sessionKeyOf } from "./store.ts";

export interface World {
  readonly store: Store;
  readonly memoryId: string;
  readonly now: () => number;
  /** Called after each event with something to learn from. */
  readonly learn: () => void;
}

/** facts/platform.md 4: 0.25 requests a second for each actor and session when something was said. */
const SAID_EVERY_MS = 4_000;

/** "If this token matches a previous request, AgentCore ignores the request, but does not return an error." */
const once = <T>({ store }: World, what: string, token: string | undefined, run: () => T): T => {
  if (token === undefined) return run();
  const key = `${what} ${token}`;
  if (!store.answers.has(key)) store.answers.set(key, run());
  return store.answers.get(key) as T;
};

const createEvent = (world: World, fields: Fields): unknown => {
  const { store, memoryId, now, learn } = world;
  const { isExtracted, ...said } = newEventIn(fields);
  return once(world, "event", tokenIn(fields), () => {
    const isSpoken = said.payload.some(({ conversational }) => conversational !== undefined);
    if (isSpoken) checkRate(world, said);
    const event: MemoryEvent = { ...said, memoryId, eventId: newEventId(said.eventTimestamp) };
    const { actorId, sessionId } = event;
    store.events.set(event.eventId, { event, isWaiting: isExtracted && isSpoken });
    const key = sessionKeyOf(event);
    if (!store.sessions.has(key)) store.sessions.set(key, { actorId, sessionId, createdAt: now() / 1_000 });
    store.save();
    if (isExtracted && isSpoken) learn();
    return { event };
  });
};

/** Seen at the service (floci-io/floci #3556): milliseconds, zero-padded, so that ids sort by time. */
const newEventId = (seconds: number): string =>
  `${String(Math.max(0, Math.round(seconds * 1_000))).padStart(16, "0")}#${randomBytes(4).toString("hex")}`;

const checkRate = ({ store, now }: World, said: Pick<MemoryEvent, "actorId" | "sessionId">): void => {
  const key = sessionKeyOf(said);
  const before = store.saidAt.get(key);
  if (before !== undefined && now() - before < SAID_EVERY_MS) {
    throw new ServiceError("ThrottledException", "Rate exceeded");
  }
  store.saidAt.set(key, now());
};

/** Seen at the service (floci-io/floci #3556): newest first; a session nothing was said in is empty; no `payload` if unwanted. */
const listEvents = ({ store }: World, fields: Fields): unknown => {
  refuseFilters(fields, "filter");
  const found = eventsOf(store, { actorId: actorIn(fields), sessionId: sessionIn(fields) }).toSorted(
    (one, other) => (one.eventId > other.eventId ? -1 : 1),
  );
  const { items, nextToken } = page(found, ({ eventId }) => eventId, fields);
  const events = fields["includePayloads"] === false ? items.map(withoutPayload) : items;
  return { events, nextToken };
};

const withoutPayload = ({ payload, ...rest }: MemoryEvent) => rest;

const eventsOf = (store: Store, session: { readonly actorId: string; readonly sessionId: string }) =>
  [...store.events.values()]
    .map(({ event }) => event)
    .filter((event) => sessionKeyOf(event) === sessionKeyOf(session));

const storedEvent = ({ store }: World, fields: Fields): StoredEvent => {
  const session = { actorId: actorIn(fields), sessionId: sessionIn(fields) };
  const stored = store.events.get(eventIn(fields));
  if (stored === undefined || sessionKeyOf(stored.event) !== sessionKeyOf(session)) {
    throw new ServiceError("ResourceNotFoundException", "Event not found");
  }
  return stored;
};

const deleteEvent = (world: World, fields: Fields): unknown => {
  const { eventId } = storedEvent(world, fields).event;
  world.store.events.delete(eventId);
  world.store.save();
  return { eventId };
};

/**
 * "Empty sessions are automatically deleted after one day": until then they are listed, unless the filter says otherwise. Of an
 * actor nobody has heard of the model allows a ResourceNotFoundException as well as an empty list: a client does well with both.
 */
const listSessions = ({ store }: World, fields: Fields): unknown => {
  const actorId = actorIn(fields);
  const isWithEvents = isWithEventsIn(fields);
  const all = [...store.sessions.values()].filter((session) => session.actorId === actorId);
  if (all.length === 0) throw new ServiceError("ResourceNotFoundException", "Actor not found");
  const found = all.filter((session) => !isWithEvents || eventsOf(store, session).length > 0);
  const { items, nextToken } = page(found, ({ sessionId }) => sessionId, fields);
  return { sessionSummaries: items, nextToken };
};

const listActors = ({ store }: World, fields: Fields): unknown => {
  const actors = [...new Set([...store.sessions.values()].map(({ actorId }) => actorId))];
  const { items, nextToken } = page(actors, (actorId) => actorId, fields);
  return { actorSummaries: items.map((actorId) => ({ actorId })), nextToken };
};

const recordsIn = (
  { store }: World,
  fields: Fields,
  strategy: string | undefined,
): readonly MemoryRecord[] => {
  const isWanted = scopeIn(fields);
  return [...store.records.values()].filter(
    ({ namespaces, memoryStrategyId }) =>
      namespaces.some(isWanted) && (strategy ?? memoryStrategyId) === memoryStrategyId,
  );
};

const retrieveRecords = (world: World, fields: Fields): unknown => {
  const { searchQuery, topK, memoryStrategyId } = searchIn(fields);
  const found = recordsIn(world, fields, memoryStrategyId)
    .map((record) => ({ ...record, score: scoreOf(searchQuery, record.content.text) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score || other.createdAt - one.createdAt)
    .slice(0, topK);
  const { items, nextToken } = page(found, ({ memoryRecordId }) => memoryRecordId, fields);
  return { memoryRecordSummaries: items, nextToken };
};

const listRecords = (world: World, fields: Fields): unknown => {
  refuseFilters(fields, "metadataFilters");
  const found = recordsIn(world, fields, strategyIn(fields));
  const { items, nextToken } = page(found, ({ memoryRecordId }) => memoryRecordId, fields);
  return { memoryRecordSummaries: items, nextToken };
};

const storedRecord = ({ store }: World, fields: Fields): MemoryRecord => {
  const record = store.records.get(recordIdIn(fields));
  if (record === undefined) throw new ServiceError("ResourceNotFoundException", "Memory record not found");
  return record;
};

const deleteRecord = (world: World, fields: Fields): unknown => {
  const { memoryRecordId } = storedRecord(world, fields);
  world.store.records.delete(memoryRecordId);
  world.store.save();
  return { memoryRecordId };
};

const createRecords = (world: World, fields: Fields): unknown => {
  const records = newRecordsIn(fields);
  return once(world, "records", tokenIn(fields), () => {
    const successfulRecords = records.map(({ requestIdentifier, ...record }) => {
      const memoryRecordId = newRecordId();
      world.store.records.set(memoryRecordId, { ...record, memoryRecordId });
      return { memoryRecordId, requestIdentifier, status: "SUCCEEDED" };
    });
    world.store.save();
    return { successfulRecords, failedRecords: [] };
  });
};

/** One that is not there is a failed record of a call that succeeds; its error code is not documented. */
const deleteRecords = ({ store }: World, fields: Fields): unknown => {
  const ids = deletedIn(fields);
  const isGone = ids.map((id) => store.records.delete(id));
  store.save();
  return {
    successfulRecords: ids
      .filter((_, index) => isGone[index])
      .map((memoryRecordId) => ({ memoryRecordId, status: "SUCCEEDED" })),
    failedRecords: ids
      .filter((_, index) => !isGone[index])
      .map((memoryRecordId) => ({
        memoryRecordId,
        status: "FAILED",
        errorCode: 404,
        errorMessage: "Memory record not found",
      })),
  };
};

/** model: requestUri of each. BatchUpdateMemoryRecords and the extraction jobs are missing. */
export const OPERATIONS = {
  CreateEvent: { method: "POST", path: "events", status: 201, run: createEvent },
  ListEvents: { method: "POST", path: "actor/{actorId}/sessions/{sessionId}", run: listEvents },
  GetEvent: {
    method: "GET",
    path: "actor/{actorId}/sessions/{sessionId}/events/{eventId}",
    run: (world: World, fields: Fields) => ({ event: storedEvent(world, fields).event }),
  },
  DeleteEvent: {
    method: "DELETE",
    path: "actor/{actorId}/sessions/{sessionId}/events/{eventId}",
    run: deleteEvent,
  },
  ListSessions: { method: "POST", path: "actor/{actorId}/sessions", run: listSessions },
  ListActors: { method: "POST", path: "actors", run: listActors },
  RetrieveMemoryRecords: { method: "POST", path: "retrieve", run: retrieveRecords },
  ListMemoryRecords: { method: "POST", path: "memoryRecords", run: listRecords },
  GetMemoryRecord: {
    method: "GET",
    path: "memoryRecord/{memoryRecordId}",
    run: (world: World, fields: Fields) => ({ memoryRecord: storedRecord(world, fields) }),
  },
  DeleteMemoryRecord: { method: "DELETE", path: "memoryRecords/{memoryRecordId}", run: deleteRecord },
  BatchCreateMemoryRecords: {
    method: "POST",
    path: "memoryRecords/batchCreate",
    status: 201,
    run: createRecords,
  },
  BatchDeleteMemoryRecords: { method: "POST", path: "memoryRecords/batchDelete", run: deleteRecords },
} as const;

export type OperationName = keyof typeof OPERATIONS;
