// Whoever speaks, in whatever order: nobody is told what another person said. Through the whole provider and the wire, with people
// whose ids begin alike.

import { expect, it } from "vitest";
import { startAgentCore } from "../../local/agentcore/server.ts";
import { createMemoryService } from "../../src/adapters/agentcore.ts";
import { actorOf, notesOf } from "../../src/memory/agentcore-ids.ts";
import { createManualTimers } from "../local/manual-timers.ts";
import fc from "../support/properties.ts";
import { contextOf, exchange, memoryOver } from "./agentcore-kit.ts";

const MEMORY = "hermes_memory-0123456789";
const PEOPLE = [1, 12, 123, 2, 21] as const;

const person = fc.constantFrom(...PEOPLE);

interface Step {
  readonly kind: "say" | "note" | "learn" | "forget-others" | "forget-all";
  readonly person: number;
  readonly other: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step["kind"][]>("say", "note", "learn", "forget-others", "forget-all"),
  person,
  other: person,
});

const place = async () => {
  const timers = createManualTimers();
  const agentCore = await startAgentCore({ memoryId: MEMORY, timers });
  const service = createMemoryService({
    memoryId: MEMORY,
    region: "us-east-1",
    endpoint: agentCore.endpoint,
  });
  return { timers, agentCore, service, memory: memoryOver(service).memory };
};

type World = Awaited<ReturnType<typeof place>>;

/** Every text names whose it is. */
const mark = (userId: number): string => `owner${userId}x`;

const play = async (world: World, { kind, person: userId, other }: Step, index: number) => {
  const { timers, agentCore, service, memory } = world;
  const context = contextOf(userId);
  const said = `I am ${mark(userId)} and like thing ${index}`;
  if (kind === "say") {
    await memory.remember({ ...context, ...exchange(said), id: `${index}`, missed: [] });
    await timers.advance(4_000);
  }
  if (kind === "note")
    await service.add(notesOf(actorOf(userId)), said, `n${index}`, timers.now(), context.signal);
  if (kind === "learn") agentCore.extract();
  if (kind === "forget-all") await memory.forget?.("all", context);
  if (kind === "forget-others" && other !== userId) {
    const theirs = (await memory.known?.(contextOf(other))) ?? [];
    await memory.forget?.(
      theirs.map(({ id }) => id),
      context,
    );
    expect(await memory.known?.(contextOf(other))).toEqual(theirs);
  }
};

const check = async ({ memory }: World, userId: number) => {
  const known = (await memory.known?.(contextOf(userId))) ?? [];
  expect(known.filter(({ text }) => !text.includes(mark(userId)))).toEqual([]);
  const recalled = await memory.recall("I am who, and like which thing?", contextOf(userId));
  const lines = recalled.split("\n").filter((line) => line !== "");
  expect(lines.filter((line) => !line.includes(mark(userId)))).toEqual([]);
  return known.length;
};

it("never tells, or lets anybody delete, what is another person's", async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
      const world = await place();
      try {
        for (const [index, one] of steps.entries()) await play(world, one, index);
        world.agentCore.extract();
        for (const userId of PEOPLE) seen += await check(world, userId);
      } finally {
        await world.agentCore.close();
      }
    }),
    { numRuns: 25 },
  );
  expect(seen).toBeGreaterThan(50); // otherwise nothing was there to be mixed up
});

it("forgets one person whole and nobody else, whatever their ids are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.maxSafeInteger().map(Math.abs), { minLength: 2, maxLength: 4 }),
      async (ids) => {
        const world = await place();
        try {
          for (const [index, userId] of ids.entries()) {
            await play(world, { kind: "say", person: userId, other: 1 }, index);
            await play(world, { kind: "note", person: userId, other: 1 }, index);
          }
          const [gone = 0, ...others] = ids;
          await world.memory.forget?.("all", contextOf(gone));
          world.agentCore.extract();
          expect(await check(world, gone)).toBe(0);
          for (const userId of others) expect(await check(world, userId)).toBe(2);
        } finally {
          await world.agentCore.close();
        }
      },
    ),
    { numRuns: 10 },
  );
});
