// How the stand-in finds and makes records. The service asks models for both; here both are deterministic, and simple enough to
// foresee in a test. Called by operations.ts and server.ts.

import { randomBytes } from "node:crypto";
import type { MemoryRecord } from "./shapes.ts";
import type { Store, StoredEvent } from "./store.ts";

/** The strategy that extraction stands for: a namespace template `/users/{actorId}/facts/`, as in serverless.yml. */
const STRATEGY = "facts-0000000000";

/** The share of the query's words that the text has, 0 to 1. */
export const scoreOf = (query: string, text: string): number => {
  const wanted = wordsIn(query);
  const said = wordsIn(text);
  return wanted.size === 0 ? 0 : [...wanted].filter((word) => said.has(word)).length / wanted.size;
};

const wordsIn = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []);

/** model: `mem-…`, 40 to 50 characters. */
export const newRecordId = (): string => `mem-${randomBytes(18).toString("hex")}`;

/** Each sentence of a person about themselves becomes a record, once. Returns how many there are now that were not. */
export const extractFacts = (store: Store, nowMs: number): number => {
  const before = store.records.size;
  for (const stored of store.events.values()) {
    if (!stored.isWaiting) continue;
    stored.isWaiting = false;
    for (const fact of factsIn(stored)) learnOnce(store, stored.event.actorId, fact, nowMs);
  }
  store.save();
  return store.records.size - before;
};

const factsIn = ({ event }: StoredEvent): readonly string[] =>
  event.payload
    .flatMap(({ conversational }) => (conversational?.role === "USER" ? conversational.content.text : []))
    .flatMap((text) => text.match(/[^.!?\n]+[.!?]?/g) ?? [])
    .map((sentence) => sentence.trim())
    .filter((sentence) => /\bI |\bmy /i.test(sentence));

/** The service consolidates: what is known already becomes no second record. */
const learnOnce = ({ records }: Store, actorId: string, text: string, nowMs: number): void => {
  const namespace = `/users/${actorId}/facts/`;
  const isKnown = (record: MemoryRecord) =>
    record.namespaces.includes(namespace) && record.content.text === text;
  if ([...records.values()].some(isKnown)) return;
  const memoryRecordId = newRecordId();
  records.set(memoryRecordId, {
    memoryRecordId,
    content: { text: text.slice(0, 16_000) },
    memoryStrategyId: STRATEGY,
    namespaces: [namespace],
    createdAt: nowMs / 1_000,
  });
};
