// A Knowledge Base in memory that indexes when it is told to. test/contracts/knowledge-base.ts runs against it.

import { HermesError } from "../../src/errors.ts";
import type { DocumentState, KnowledgeBase } from "../../src/skill-ports.ts";

interface Stored {
  readonly text: string;
  readonly state: Exclude<DocumentState, "missing"> | "leaving";
  /** What is found. */
  readonly indexed?: string;
}

export interface FakeKnowledgeBase extends KnowledgeBase {
  /** Everything that is under way arrives. */
  index(): void;
  /** What is found, by id. */
  found(): Readonly<Record<string, string>>;
  /** The next `times` versions of this document fail. */
  failNext(id: string, times?: number): void;
  /** Refuses every call with this, until it is told undefined; `only`: those that have this id in them. */
  refuse(error: HermesError | undefined, only?: string): void;
  /** Runs once: after the next documents were taken, before anybody hears of it. */
  afterPut(hook: () => unknown): void;
  /** Runs once: before the next documents are taken. */
  beforePut(hook: () => unknown): void;
  readonly counts: Record<keyof KnowledgeBase, number>;
}

export const BUSY = new HermesError("unavailable", "the Knowledge Base did not take documents: Scripted", {
  retryable: true,
});
export const DENIED = new HermesError(
  "unavailable",
  "the Knowledge Base did not take documents: AccessDenied",
);

export const createFakeKnowledgeBase = (): FakeKnowledgeBase => {
  const documents = new Map<string, Stored>();
  const doomed = new Map<string, number>();
  const counts = { put: 0, remove: 0, states: 0, list: 0, search: 0 };
  const before: (() => unknown)[] = [];
  const after: (() => unknown)[] = [];
  let refusal: { readonly error: HermesError; readonly only?: string | undefined } | undefined;
  const enter = (call: keyof KnowledgeBase, ids: readonly string[]): void => {
    counts[call] += 1;
    if (refusal && (refusal.only === undefined || ids.includes(refusal.only))) throw refusal.error;
  };
  const isDoomed = (id: string): boolean => {
    const left = doomed.get(id) ?? 0;
    doomed.set(id, left - 1);
    return left > 0;
  };
  return {
    counts,
    found: () =>
      Object.fromEntries(
        [...documents].flatMap(([id, { indexed }]) => (indexed === undefined ? [] : [[id, indexed]])),
      ),
    failNext: (id, times = 1) => void doomed.set(id, times),
    refuse(error, only) {
      refusal = error && { error, only };
    },
    beforePut: (hook) => void before.push(hook),
    afterPut: (hook) => void after.push(hook),
    index() {
      for (const [id, document] of documents) {
        const { text, state } = document;
        if (state !== "working" && state !== "leaving") continue;
        if (isDoomed(id)) documents.set(id, { ...document, state: "failed" });
        else if (state === "leaving") documents.delete(id);
        else documents.set(id, { text, state: "indexed", indexed: text });
      }
    },

    async put(taken) {
      await before.shift()?.();
      enter(
        "put",
        taken.map(({ id }) => id),
      );
      for (const { id, text } of taken) documents.set(id, { ...documents.get(id), text, state: "working" });
      await after.shift()?.();
    },
    async remove(ids) {
      enter("remove", ids);
      for (const id of ids) {
        const document = documents.get(id);
        if (document !== undefined) documents.set(id, { ...document, state: "leaving" });
      }
    },
    async states(ids) {
      enter("states", ids);
      return new Map(
        ids.map((id) => {
          const { state = "missing" } = documents.get(id) ?? {};
          return [id, state === "leaving" ? "working" : state];
        }),
      );
    },
    async list() {
      enter("list", []);
      return [...documents].flatMap(([id, { state }]) => (state === "leaving" ? [] : [id]));
    },
    async search(query, limit, signal) {
      signal.throwIfAborted();
      enter("search", []);
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      return [...documents]
        .map(([id, { indexed = "" }]) => ({
          id,
          score: words.filter((word) => indexed.toLowerCase().includes(word)).length,
        }))
        .filter(({ score }) => score > 0)
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit)
        .map(({ id }) => id);
    },
  };
};
