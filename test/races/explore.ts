// Searches the runs of a scenario: every schedule with at most so many preemptions and faults, fewest first. A run that
// comes to a state from which as much was tried before is not followed further. Called by the tests of this folder.

import type { Choice } from "./choices.ts";
import { type Deviation, type Outcome, run, type Schedule, stampOf } from "./run.ts";
import type { Scenario } from "./world.ts";

export interface Bound {
  readonly preemptions: number;
  readonly faults: number;
}

export interface Search {
  readonly bound: Bound;
  /** Choices that are not tried; without it all are. */
  readonly skips?: (choice: Choice) => boolean;
  /** The search ends unfinished when this has passed. */
  readonly limitMs?: number;
  /** It ends likewise after so many runs that broke an invariant; 1 unless told. */
  readonly most?: number;
}

export interface Found {
  /** Runs begun, and those of them that were followed to the end and judged. */
  readonly schedules: number;
  readonly judged: number;
  readonly steps: number;
  readonly isComplete: boolean;
  /** Runs that broke an invariant. */
  readonly failures: readonly Outcome[];
}

interface Node {
  readonly before: Node | undefined;
  readonly deviation: Deviation | undefined;
  readonly left: Bound;
}

const schedule = (node: Node): Schedule => {
  const deviations: Deviation[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.before)
    if (at.deviation !== undefined) deviations.unshift(at.deviation);
  return deviations;
};

export const explore = async (
  scenario: Scenario,
  { bound, skips, limitMs = Number.POSITIVE_INFINITY, most = 1 }: Search,
): Promise<Found> => {
  const endsAt = performance.now() + limitMs;
  const queue: Node[] = [{ before: undefined, deviation: undefined, left: bound }];
  const tried = createTried();
  const failures: Outcome[] = [];
  let [schedules, judged, steps] = [0, 0, 0];
  for (const node of queue) {
    if (performance.now() >= endsAt || failures.length >= most) break;
    const { outcome, isWhole } = await follow(scenario, node, tried, (choice, step) => {
      if (skips?.(choice) !== true) queue.push(...childOf(node, choice, step));
    });
    schedules += 1;
    steps += outcome.steps;
    if (isWhole) judged += 1;
    if (outcome.violations.length > 0) failures.push(outcome);
  }
  return { schedules, judged, steps, isComplete: schedules === queue.length, failures };
};

const childOf = (before: Node, { kind, label }: Choice, step: number): readonly Node[] => {
  const preemptions = before.left.preemptions - (kind === "preemption" ? 1 : 0);
  const faults = before.left.faults - (kind === "fault" ? 1 : 0);
  if (preemptions < 0 || faults < 0) return [];
  return [{ before, deviation: { step, label }, left: { preemptions, faults } }];
};

/** Where a run was, and what was still allowed from there. */
const createTried = () => {
  const tried = new Map<number, Bound[]>();
  return {
    /** True when at least as much was tried from this state before; else it will have been. */
    has(stamp: number, left: Bound): boolean {
      const before = tried.get(stamp) ?? [];
      const isCovered = before.some(
        ({ preemptions, faults }) => preemptions >= left.preemptions && faults >= left.faults,
      );
      if (!isCovered) tried.set(stamp, [...before, left]);
      return isCovered;
    },
  };
};

/** Runs a node's schedule, and from its last deviation on the ordinary choices; what else could be chosen there is offered. */
const follow = async (
  scenario: Scenario,
  node: Node,
  tried: ReturnType<typeof createTried>,
  offer: (choice: Choice, step: number) => void,
): Promise<{ readonly outcome: Outcome; readonly isWhole: boolean }> => {
  const wanted = new Map(schedule(node).map(({ step, label }) => [step, label]));
  const last = node.deviation?.step ?? -1;
  let isWhole = true;
  const outcome = await run(scenario, (choices, step, world) => {
    if (step <= last) {
      const label = wanted.get(step);
      if (label === undefined) return choices.ordinary;
      const choice = choices.others.find((one) => one.label === label);
      if (choice === undefined)
        throw new Error(`the run is not the same again: no "${label}" at step ${step}`);
      return choice;
    }
    if (tried.has(stampOf(world), node.left)) {
      isWhole = false;
      return undefined;
    }
    for (const choice of choices.others) offer(choice, step);
    return choices.ordinary;
  });
  return { outcome, isWhole };
};
