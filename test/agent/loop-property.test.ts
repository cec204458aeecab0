import { describe, expect, it } from "vitest";
import type { LoopResult } from "../../src/agent/loop.ts";
import { ModelError } from "../../src/errors.ts";
import type { Message } from "../../src/message.ts";
import type { Tool } from "../../src/ports.ts";
import fc from "../support/properties.ts";
import {
  call,
  calls,
  limits,
  play,
  problemsOf,
  recordingJournal,
  type Scripted,
  says,
  scriptedAsk,
  tool,
  user,
} from "./loop-kit.ts";

const toolNames = ["good", "reads", "throws", "hangs", "asks", "big", "stops", "slow"];
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...toolNames, "GoodTool") },
  fc.constantFrom("no such thing", ""),
);
const args = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("{}", '{"a":1}', '{"a":2}', "") },
  fc.constantFrom("[1]", "{'a'}", '{"a": "unfin'),
);
const id = fc.constantFrom("1", "2", "3", "");
const toolCall = fc.tuple(name, args, id).map(([tool, text, callId]) => call(tool, text, callId));
const finish = fc.constantFrom("stop" as const, "tool_calls", "length", "cut", "content_filter");

const reply: fc.Arbitrary<Scripted> = fc.oneof(
  { weight: 5, arbitrary: fc.array(toolCall, { minLength: 1, maxLength: 4 }).map((some) => calls(some)) },
  fc.tuple(fc.array(toolCall, { maxLength: 3 }), finish).map(([some, end]) => calls(some, "text", end)),
  fc.tuple(fc.constantFrom("", "text", "<think>x"), finish).map(([text, end]) => says(text, { finish: end })),
  fc
    .constantFrom("timeout" as const, "context_overflow" as const, "auth" as const)
    .map((failure) => new ModelError(failure, "no")),
);

interface World {
  readonly stop: AbortController;
  leftMs: number;
}

const never = () => new Promise<never>(() => {});

const toolsIn = (world: World): readonly Tool[] => [
  tool("good", () => ({ text: "good" })),
  tool("reads", async () => ({ text: "read" }), { parallel: true, repeatable: true }),
  tool("throws", () => {
    throw new Error("thrown");
  }),
  tool("hangs", never, { parallel: true, repeatable: true }),
  tool("asks", () => ({ text: "asked", ask: { question: "Which?", choices: [] } })),
  tool("big", () => ({ text: "b".repeat(100_000) }), { untrusted: true }),
  tool("stops", () => {
    world.stop.abort();
    return { text: "stopped" };
  }),
  tool("slow", () => {
    world.leftMs = 0;
    return { text: "slow" };
  }),
];

const playIn = (script: Scripted[], messages: readonly Message[], stopAtLook: number) => {
  const world: World = { stop: new AbortController(), leftMs: 12 };
  const journal = recordingJournal((times) => ({
    messages: times % 2 === 0 ? [user("meanwhile")] : [],
    stop: times === stopAtLook,
  }));
  return play({
    ask: scriptedAsk(...script, ...Array.from({ length: 30 }, () => says("the end"))),
    tools: toolsIn(world),
    messages,
    journal,
    signal: world.stop.signal,
    limits: limits({ maxSteps: 8, remainingMs: () => world.leftMs, stepReserveMs: 10 }),
  });
};

/** The history as a reader finds it; folded-in messages are stored by the journal and do not matter here. */
const mayBeOpen = (result: LoopResult): boolean => result.kind === "out_of_time";

describe("whatever models, tools and stops do", () => {
  it("every stored call has exactly one result, or the next invocation gives it one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(reply, { maxLength: 8 }),
        fc.integer({ min: -1, max: 6 }),
        async (script, stopAtLook) => {
          const before = [user("go")];
          const first = await playIn(script, before, stopAtLook);
          const history = [...before, ...first.stored];
          const second = mayBeOpen(first.result) ? await playIn([], history, -1) : { stored: [] };
          expect(problemsOf([...history, ...second.stored])).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("a crash after any stored message leaves a history that the next invocation makes valid", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(reply, { maxLength: 6 }), fc.nat(20), async (script, survived) => {
        const before = [user("go")];
        const first = await playIn(script, before, -1);
        const history = [...before, ...first.stored.slice(0, survived)];
        const second = await playIn([], history, -1);
        expect(problemsOf([...history, ...second.stored])).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
