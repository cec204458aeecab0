// What a sweep came to, said and judged the same way for every shape. Called by the tests of this folder.

import { expect, inject } from "vitest";
import type { Fault } from "./proxy.ts";
import { chosen, RUNS_ALL } from "./sample.ts";
import type { Shape } from "./shape.ts";
import { type Sweep, type SweepOptions, sweep } from "./sweep.ts";

/** Runs the points of a shape, says how many there were, and expects that none of them made a difference. */
export const expectNoDifference = async (
  shape: Shape,
  options: Pick<SweepOptions, "first" | "isHopeless" | "excused"> = {},
): Promise<void> => {
  const swept = await sweep(shape, { artifact: inject("artifact"), choose: chosen, ...options });
  process.stdout.write(`${lineOf(swept)}\n`);
  expect(swept.violations).toEqual([]);
  // Every fault is met somewhere, and each chosen point somewhere in its tries, but for the clock's own calls.
  expect(new Set(swept.exercised.map(({ fault }) => fault)).size).toBe(3);
  expect(swept.exercised.length + swept.missed.length).toBe(swept.chosen.length);
  if (!RUNS_ALL) return;
  expect(swept.chosen).toHaveLength(swept.places.length * 3);
  expect(swept.exercised.length).toBeGreaterThanOrEqual(swept.places.length);
};

const lineOf = ({ title, places, chosen: points, exercised, missed, seconds }: Sweep): string => {
  const of = (fault: Fault) => exercised.filter((point) => point.fault === fault).length;
  const faults = `${of("kill-before")} killed before, ${of("kill-after")} after, ${of("lose-answer")} answers lost`;
  const left = missed.length === 0 ? "" : `, ${missed.length} of the clock's did not come`;
  return `faults: ${title}: ${places.length} calls, ${places.length * 3} points, ${points.length} chosen, ${exercised.length} run (${faults})${left}, ${seconds} s`;
};
