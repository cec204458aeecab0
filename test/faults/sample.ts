// Which points `npm test` runs: every shape and every fault, the calls that matter most always. HERMES_FAULTS=all runs all.

import type { Point } from "./strike.ts";

export const RUNS_ALL = process.env["HERMES_FAULTS"] === "all";

/** Every so many points; no multiple of the three faults, so that the sample goes through all of them. */
const STRIDE = 14;

/** So few points are all run. */
const FEW = 6;

/** Where a message is taken, a turn changes hands, something unrepeatable happens, or a reply becomes one. */
const CRITICAL: readonly (readonly [name: RegExp, fault: RegExp])[] = [
  [/^telegram\.send(Rich)?Message$/, /./],
  [/META commit out$/, /kill-before/],
  [/^tool\.launch$/, /./],
  [/^lambda\.Invoke$/, /kill-after/],
  [/META close and release$/, /kill-before/],
];

const isCritical = ({ name, fault }: Point): boolean =>
  CRITICAL.some(([names, faults]) => names.test(name) && faults.test(fault));

export const chosen = (points: readonly Point[]): readonly Point[] =>
  RUNS_ALL || points.length <= FEW
    ? points
    : points.filter((point, index) => index % STRIDE === 0 || isCritical(point));
