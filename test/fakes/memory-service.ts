// AgentCore Memory in memory: what was said, what is remembered, and a failure when a test wants one.
// test/contracts/memory-service.ts runs against it.

import { HermesError } from "../../src/errors.ts";
import type { MemoryRecord, MemoryService } from "../../src/memory-ports.ts";

type Said = Parameters<MemoryService["createEvent"]>[0];

export interface FakeMemoryService extends MemoryService {
  readonly events: Said[];
  /** With the namespace each is in. */
  readonly records: (MemoryRecord & { readonly namespace: string })[];
  /** The calls, in order. */
  readonly calls: (keyof MemoryService)[];
  /** The next `times` calls are refused. */
  fail(times?: number): void;
  /** The next call waits until its signal ends it. */
  hang(): void;
}

export const createFakeMemoryService = (): FakeMemoryService => {
  const events: Said[] = [];
  const records: FakeMemoryService["records"] = [];
  const calls: (keyof MemoryService)[] = [];
  const tokens = new Set<string>();
  let failures = 0;
  let isHanging = false;

  const begin = async (operation: keyof MemoryService, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    calls.push(operation);
    if (isHanging) {
      isHanging = false;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }
    if (failures === 0) return;
    failures -= 1;
    throw new HermesError("unavailable", `the memory did not ${operation}: ServiceException`, {
      retryable: true,
    });
  };
  const isNew = (token: string): boolean => !tokens.has(token) && Boolean(tokens.add(token));
  const below = (path: string) =>
    records
      .filter(({ namespace }) => namespace.startsWith(path))
      .map(({ namespace, ...record }): MemoryRecord => record);

  return {
    events,
    records,
    calls,
    fail: (times = 1) => {
      failures = times;
    },
    hang: () => {
      isHanging = true;
    },
    async createEvent(event, signal) {
      await begin("createEvent", signal);
      if (isNew(`event ${event.token}`)) events.push(event);
    },
    async search(path, query, limit, signal) {
      await begin("search", signal);
      return below(path)
        .map((record) => ({ ...record, score: scoreOf(query, record.text) }))
        .filter(({ score }) => score > 0)
        .toSorted((one, other) => other.score - one.score)
        .slice(0, limit);
    },
    async list(path, signal) {
      await begin("list", signal);
      return below(path);
    },
    async add(namespace, text, token, at, signal) {
      await begin("add", signal);
      if (isNew(`record ${token}`)) records.push({ id: `mem-${records.length}`, text, at, namespace });
    },
    async remove(ids, signal) {
      await begin("remove", signal);
      records.splice(0, records.length, ...records.filter(({ id }) => !ids.includes(id)));
    },
    async removeEvents(actor, signal) {
      await begin("removeEvents", signal);
      events.splice(0, events.length, ...events.filter((event) => event.actor !== actor));
    },
  };
};

const wordsIn = (text: string): readonly string[] => text.toLowerCase().match(/\w+/g) ?? [];

const scoreOf = (query: string, text: string): number => {
  const wanted = wordsIn(query);
  const said = new Set(wordsIn(text));
  return wanted.filter((word) => said.has(word)).length / Math.max(1, wanted.length);
};
