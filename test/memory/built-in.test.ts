import { describe, expect, it } from "vitest";
import { createBuiltInMemory } from "../../src/memory/built-in.ts";
import { createMemoryTool } from "../../src/tools/memory.ts";
import { ADA, newSession, SESSION_ID } from "../contracts/said.ts";
import { createFakeNotes } from "../fakes/notes.ts";
import fc from "../support/properties.ts";
import { contextOf } from "../tools/context.ts";

const LIMITS = { memory: 2_200, user: 1_375 };

const originOf = (userId: number | undefined) => {
  const { userId: _ada, ...nobody } = ADA;
  return userId === undefined ? nobody : { ...nobody, userId };
};

const contextFor = (userId: number | undefined) => ({
  origin: originOf(userId),
  session: newSession(),
  sessionId: SESSION_ID,
  signal: new AbortController().signal,
});

const start = (limits: Partial<typeof LIMITS> = LIMITS) => {
  let calls = 0;
  const notes = createFakeNotes();
  const tool = createMemoryTool({ notes, limits: async () => limits, redact: (text) => text });
  const memory = createBuiltInMemory({ notes, limits: async () => limits, tools: [tool] });
  return {
    notes,
    memory,
    add: (userId: number, target: string, content: string) => {
      calls += 1;
      const context = contextOf({ origin: originOf(userId), operation: `call-${calls}` });
      return tool.run({ action: "add", target, content }, context);
    },
    recall: (userId: number | undefined, isFirst = true) =>
      memory.recall("anything", { ...contextFor(userId), isFirst }),
    known: async (userId: number | undefined) =>
      ((await memory.known?.(contextFor(userId))) ?? []).map(({ text }) => text),
  };
};

describe("the built-in memory", () => {
  it("is recalled whole with the first message, and not again while it is in the prompt", async () => {
    const { add, recall } = start();
    expect(await recall(1)).toBe("");
    await add(1, "user", "Name: Ada");
    expect(await recall(1)).toContain("Name: Ada");
    expect(await recall(1, false)).toBe("");
  });

  it("leaves out of the prompt what is switched off, and still shows it to the person", async () => {
    const { notes, recall, known } = start({ user: 1_375 });
    await notes.write(1, { memory: ["a note"], user: ["a fact"], revision: 0 });
    expect(await recall(1)).not.toContain("a note");
    expect(await known(1)).toEqual(["a fact", "a note"]);
  });

  it("knows and forgets one entry or all, newest first", async () => {
    const { memory, add, known } = start();
    for (const text of ["one", "two", "three"]) await add(1, "user", text);
    expect(await known(1)).toEqual(["three", "two", "one"]);
    const [, two] = (await memory.known?.(contextFor(1))) ?? [];
    await memory.forget?.([two?.id ?? ""], contextFor(1));
    await memory.forget?.([two?.id ?? "", "not-there"], contextFor(1));
    expect(await known(1)).toEqual(["three", "one"]);
    await memory.forget?.("all", contextFor(1));
    expect(await known(1)).toEqual([]);
  });

  it("forgets also what another chat writes over at that moment, and keeps what is new", async () => {
    const { memory, notes, add, known } = start();
    await add(1, "user", "old");
    const [old] = (await memory.known?.(contextFor(1))) ?? [];
    await Promise.all([memory.forget?.([old?.id ?? ""], contextFor(1)), add(1, "user", "new")]);
    expect(await known(1)).toEqual(["new"]);
    expect((await notes.read(1)).revision).toBe(3);
  });

  it("has nothing of somebody it cannot tell", async () => {
    const { memory, notes, recall, known } = start();
    expect(await recall(undefined)).toBe("");
    expect(await known(undefined)).toEqual([]);
    await memory.forget?.("all", contextFor(undefined));
    expect(notes.stored.size).toBe(0);
  });

  it("learns nothing by itself", async () => {
    const { memory, notes } = start();
    const exchange = { user: "I am Ada", assistant: "Hello", at: 1, id: "1", missed: [] };
    await memory.remember({ ...exchange, ...contextFor(1) });
    expect(notes.stored.size).toBe(0);
  });

  it("never mixes two people, whoever writes and forgets in whatever order, also where they say the same", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 30 }), async (steps) => {
        const started = start();
        const alone = new Map(PEOPLE.map((who) => [who, start()]));
        for (const step of steps) {
          await perform(started, step);
          await perform(alone.get(step.who) ?? started, step);
        }
        // Each has what they would have if nobody else were there.
        for (const who of PEOPLE) {
          expect(await started.known(who)).toEqual(await alone.get(who)?.known(who));
          expect(await started.recall(who)).toBe(await alone.get(who)?.recall(who));
        }
      }),
    );
  });
});

/** Ids that begin alike, and a group's, which is negative. */
const PEOPLE = [1, 11, 111, -1];

const STEP = fc.record({
  who: fc.constantFrom(...PEOPLE),
  does: fc.constantFrom("add", "forget", "forget all"),
  text: fc.constantFrom("likes tea", "likes cats", "likes both"),
});

type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

const perform = async ({ memory, add }: ReturnType<typeof start>, { who, does, text }: Step) => {
  if (does === "add") return add(who, "memory", text);
  const facts = (await memory.known?.(contextFor(who))) ?? [];
  const ids = facts.filter((fact) => fact.text === text).map(({ id }) => id);
  return memory.forget?.(does === "forget all" ? "all" : ids, contextFor(who));
};
