import { expect, it } from "vitest";
import fc from "../support/properties.ts";
import type { Choice } from "./choices.ts";
import { type Decide, run } from "./run.ts";
import { asText, IS_SOAK, SOAK_MS, tell } from "./searching.ts";
import type { Scenario, World } from "./world.ts";

const RUNS = 250;
const SOAK_RUNS = 1_000_000;
const MOST_FAULTS = 5;

/** So long that the sender's client may have cut it: the next piece is waited for. */
const CUT = ` ${"x".repeat(4_090)}`;

/** Containers' clocks differ by up to 3 s. */
const skew = fc.integer({ min: -1_500, max: 1_500 });

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    kinds: fc.array(fc.constantFrom("", "", " [tools]", " [long]", " /stop", CUT), {
      minLength: 2,
      maxLength: 5,
    }),
    skewsMs: fc.array(skew, { minLength: 1, maxLength: 5 }),
    isNew: fc.boolean(),
  })
  .map(({ kinds, ...given }) => ({
    ...given,
    name: "a longer run",
    updates: [...kinds, ""].map((kind, index) => `m${index + 1}${kind}`),
    probes: 1,
  }));

/** After so many ordinary steps another choice than the ordinary one. */
interface Turn {
  readonly after: number;
  readonly choice: number;
}

const turns: fc.Arbitrary<readonly Turn[]> = fc.array(fc.record({ after: fc.nat(25), choice: fc.nat(200) }), {
  maxLength: 12,
});

const isLast = ({ brought, scenario: { updates } }: World): boolean => brought === updates.length;

const taking = (planned: readonly Turn[]): Decide => {
  const left = [...planned];
  let since = 0;
  return (choices, _step, world) => {
    const [turn] = left;
    since += 1;
    // The last message comes when all else is at rest: it must simply work.
    if (turn === undefined || since <= turn.after || isLast(world)) return choices.ordinary;
    const others = choices.others.filter(({ kind }) => kind !== "fault" || world.faults < MOST_FAULTS);
    if (others.length === 0) return choices.ordinary;
    left.shift();
    since = 0;
    return others[turn.choice % others.length] as Choice;
  };
};

it(
  "a chat of three to six messages keeps its promises under several faults and clocks that differ",
  async () => {
    let [runs, steps] = [0, 0];
    await fc.assert(
      fc.asyncProperty(scenario, turns, async (chat, planned) => {
        const outcome = await run(chat, taking(planned));
        runs += 1;
        steps += outcome.steps;
        expect(outcome.violations, asText(outcome)).toEqual([]);
      }),
      IS_SOAK
        ? { numRuns: SOAK_RUNS, interruptAfterTimeLimit: SOAK_MS, markInterruptAsFailure: false }
        : { numRuns: RUNS },
    );
    tell(`${runs} longer runs, ${steps} steps`);
  },
  SOAK_MS + 120_000,
);
