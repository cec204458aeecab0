// What the tests of a search have in common: the bounds of the ordinary run and of the soak, and how a failure is told.

import { expect, it } from "vitest";
import { type Bound, explore } from "./explore.ts";
import type { Outcome } from "./run.ts";
import type { Scenario } from "./world.ts";

/** HERMES_SOAK=1: the bounds are wider, and time ends what they leave open. */
export const IS_SOAK = process.env["HERMES_SOAK"] === "1";

/** For each bound. */
export const SOAK_MS = Number(process.env["HERMES_SOAK_MINUTES"] ?? 3) * 60_000;

const ORDINARY: readonly Bound[] = [
  { preemptions: 2, faults: 0 },
  { preemptions: 1, faults: 1 },
];

/** For scenarios that are much like another. */
export const NARROW: readonly Bound[] = [
  { preemptions: 2, faults: 0 },
  { preemptions: 0, faults: 1 },
];

const SOAK: readonly Bound[] = [
  { preemptions: 4, faults: 0 },
  { preemptions: 0, faults: 2 },
  { preemptions: 2, faults: 1 },
  { preemptions: 1, faults: 2 },
];

/** Every run of a scenario within the bounds; each bound is a test of its own. */
export const searchesOf = (scenario: Scenario, ordinary: readonly Bound[] = ORDINARY): void => {
  for (const bound of IS_SOAK ? SOAK : ordinary) {
    const { preemptions, faults } = bound;
    it(
      `holds in every order with at most ${preemptions} preemptions and ${faults} faults`,
      async () => {
        const limitMs = IS_SOAK ? SOAK_MS : Number.POSITIVE_INFINITY;
        const found = await explore(scenario, { bound, limitMs });
        const { schedules, judged, steps, isComplete, failures } = found;
        tell(
          `${scenario.name}: ${schedules} schedules with at most ${preemptions} preemptions and ${faults} faults, ` +
            `${judged} of them different to the end, ${steps} steps${isComplete ? "" : "; not all"}`,
        );
        expect(failures.map(asText)).toEqual([]);
        expect(isComplete || IS_SOAK).toBe(true);
      },
      SOAK_MS + 60_000,
    );
  }
};

/** What was wrong, the schedule that replays it (`following(…)` of run.ts), and what happened in it. */
export const asText = ({ violations, schedule, trace }: Outcome): string =>
  [...violations, `schedule: ${JSON.stringify(schedule)}`, ...trace].join("\n");

export const tell = (line: string): void => void process.stdout.write(`races: ${line}\n`);
