// Every point of a shape: recorded from an uninterrupted run, then run one by one, each compared with that run. Called by
// the tests of this folder; `npm test` takes a sample, HERMES_FAULTS=all takes them all.

import { describePlace, isTimed, type Place } from "./calls.ts";
import { violations } from "./compare.ts";
import type { Fault } from "./proxy.ts";
import { type Ran, runOnce } from "./run.ts";
import type { Shape } from "./shape.ts";
import { type Allowed, NOTHING_ALLOWED, type Point } from "./strike.ts";
import { openWorld, type World } from "./world.ts";

export interface Sweep {
  readonly title: string;
  /** Calls of the uninterrupted run that are points. */
  readonly places: readonly Place[];
  /** Points of all that there are, in the order they were chosen. */
  readonly chosen: readonly Point[];
  readonly exercised: readonly Point[];
  /** Calls of the clock that did not come this time. */
  readonly missed: readonly Point[];
  readonly violations: readonly string[];
  readonly seconds: number;
}

const FAULTS: readonly Fault[] = ["kill-before", "kill-after", "lose-answer"];

/** As many at a time; each has processes of its own. */
const LANES = 2;

/** A point whose call did not come is tried again so often. */
const TRIES = 10;

export interface SweepOptions {
  readonly artifact: string;
  /** Of all points, those to run; absent: all. */
  readonly choose?: (points: readonly Point[]) => readonly Point[];
  /** Faults that come before: then the recovery from them is what is broken at every call. */
  readonly first?: readonly Point[];
  /** They are too many to be recovered from: what comes of them undisturbed is what all is compared with. */
  readonly isHopeless?: boolean;
  /** What one more fault may change beyond what every fault may. */
  readonly excused?: Partial<Allowed>;
}

export const sweep = async (shape: Shape, options: SweepOptions): Promise<Sweep> => {
  const { artifact, choose = everyOne, first = [], isHopeless = false, excused = {} } = options;
  const startedAt = performance.now();
  const worlds = await Promise.all(
    Array.from({ length: LANES }, () => openWorld({ artifact, ...shape.world })),
  );
  try {
    const baseline = await record(worlds, shape, isHopeless ? first : [], isHopeless ? excused : {});
    const recorded = isHopeless || first.length === 0 ? baseline : await recordOnce(worlds, shape, first);
    const places = placesOf(recorded, shape);
    const chosen = choose(places.flatMap((place) => FAULTS.map((fault) => ({ ...place, fault }))));
    const job = { shape, baseline: baseline[0], before: first, excused };
    const results = await runAll(worlds, job, chosen);
    return {
      title: titleOf(shape, first),
      places,
      chosen,
      exercised: results.filter(({ met }) => met).map(({ point }) => point),
      missed: results.filter(({ met }) => !met).map(({ point }) => point),
      violations: results.flatMap(({ found }) => found),
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    };
  } finally {
    await Promise.all(worlds.map((world) => world.close()));
  }
};

const titleOf = ({ title }: Shape, first: readonly Point[]): string => {
  const last = first.at(-1);
  if (last === undefined) return title;
  const faults = first.length === 1 ? "" : `${first.length} faults, the last `;
  return `${title}, after ${faults}${last.fault} ${describePlace(last)}`;
};

const everyOne = (points: readonly Point[]): readonly Point[] => points;

/** Two runs in processes that are warm, one a world; a call of the clock that only one of them made is no point. */
const record = async (
  worlds: readonly World[],
  shape: Shape,
  points: readonly Point[],
  excused: Partial<Allowed>,
): Promise<readonly [Ran, ...Ran[]]> => {
  await recordOnce(worlds, shape, []);
  const [first, ...others] = await recordOnce(worlds, shape, points);
  if (first === undefined) throw new Error("nothing was recorded");
  for (const other of others) {
    const differences = violations(first.outcome, other.outcome, {
      ...NOTHING_ALLOWED,
      retries: points.length,
      uncounted: other.allowed.uncounted ?? 0,
      ...excused,
    });
    if (differences.length > 0) throw new Error(`two runs differ:\n${differences.join("\n")}`);
  }
  return [first, ...others];
};

const recordOnce = (
  worlds: readonly World[],
  shape: Shape,
  points: readonly Point[],
): Promise<readonly Ran[]> =>
  Promise.all(
    worlds.map(async (world) => {
      const ran = await runOnce(world, shape, points);
      if (!ran.met) throw new Error(`${points.map(describePlace).join(", ")}: not met`);
      return ran;
    }),
  );

/** Calls since the last fault; all where there was none. */
const placesOf = (recorded: readonly Ran[], { isPoint = () => true }: Shape): readonly Place[] => {
  const counted = recorded.map(({ recovery: calls }) => {
    const counts = new Map<string, number>();
    for (const { name } of calls) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  });
  const names = [...new Set(recorded.flatMap(({ recovery }) => recovery.map(({ name }) => name)))];
  return names.filter(isPoint).flatMap((name) => {
    const least = Math.min(...counted.map((counts) => counts.get(name) ?? 0));
    return Array.from({ length: least }, (_, index) => ({ name, occurrence: index + 1 }));
  });
};

interface Job {
  readonly shape: Shape;
  readonly baseline: Ran;
  /** Faults before the one that is swept. */
  readonly before: readonly Point[];
  readonly excused: Partial<Allowed>;
}

interface Result {
  readonly point: Point;
  readonly met: boolean;
  readonly found: readonly string[];
}

const runAll = async (
  worlds: readonly World[],
  job: Job,
  points: readonly Point[],
): Promise<readonly Result[]> => {
  const queue = points.values();
  const lanes = worlds.map(async (world) => {
    const results: Result[] = [];
    for (const point of queue) results.push(await runPoint(world, job, point));
    return results;
  });
  return (await Promise.all(lanes)).flat();
};

const runPoint = async (world: World, job: Job, point: Point): Promise<Result> => {
  const { shape, baseline, before, excused } = job;
  const points = [...before, point];
  const where = [shape.title, ...points.map((one) => `${one.fault} ${describePlace(one)}`)].join(", ");
  const found: string[] = [];
  for (let time = 1; time <= TRIES; time += 1) {
    const { outcome, allowed, met } = await runOnce(world, shape, points).catch((cause: unknown) => {
      throw new Error(where, { cause });
    });
    const wrong = violations(baseline.outcome, outcome, { ...allowed, ...excused });
    found.push(...wrong.map((what) => `${where}: ${what}`));
    if (met) return { point, met, found };
  }
  // Only a call of the clock may stay away.
  return {
    point,
    met: false,
    found: isTimed(point.name) ? found : [...found, `${where}: not met in ${TRIES} runs`],
  };
};
