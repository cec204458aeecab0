// Every point of a shape: recorded from an uninterrupted run, then run one by one, each compared with that run. Called by
// the tests of this folder; `npm test` takes a sample, HERMES_FAULTS=all takes them all.

import { type Call, describePlace, isTimed, type Place } from "./calls.ts";
import { violations } from "./compare.ts";
import type { Fault } from "./proxy.ts";
import { type Ran, runOnce } from "./run.ts";
import type { Shape } from "./shape.ts";
import type { Point } from "./strike.ts";
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
const TRIES = 4;

export interface SweepOptions {
  readonly artifact: string;
  /** Of all points, those to run; absent: all. */
  readonly choose?: (points: readonly Point[]) => readonly Point[];
  /** A fault that comes before: then the recovery from it is what is broken at every call. */
  readonly first?: Point;
}

export const sweep = async (shape: Shape, options: SweepOptions): Promise<Sweep> => {
  const { artifact, choose = everyOne, first } = options;
  const startedAt = performance.now();
  const worlds = await Promise.all(
    Array.from({ length: LANES }, () => openWorld({ artifact, ...shape.world })),
  );
  try {
    const baseline = await record(worlds, shape);
    const places = placesOf(
      first === undefined ? baseline.map(({ calls }) => calls) : await recordRecovery(worlds, shape, first),
      shape,
    );
    const chosen = choose(places.flatMap((place) => FAULTS.map((fault) => ({ ...place, fault }))));
    const job = { shape, baseline: baseline[0], before: first === undefined ? [] : [first] };
    const results = await runAll(worlds, job, chosen);
    return {
      title:
        first === undefined
          ? shape.title
          : `${shape.title}, recovered from ${first.fault} ${describePlace(first)}`,
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

const everyOne = (points: readonly Point[]): readonly Point[] => points;

/** Two runs in processes that are warm, one a world; a call of the clock that only one of them made is no point. */
const record = async (worlds: readonly World[], shape: Shape): Promise<readonly [Ran, ...Ran[]]> => {
  const recorded = await Promise.all(
    worlds.map(async (world) => {
      await runOnce(world, shape);
      return runOnce(world, shape);
    }),
  );
  const [first, ...others] = recorded;
  if (first === undefined) throw new Error("nothing was recorded");
  for (const other of others) {
    const differences = violations(first.outcome, other.outcome);
    if (differences.length > 0) throw new Error(`two uninterrupted runs differ:\n${differences.join("\n")}`);
  }
  return [first, ...others];
};

const recordRecovery = (
  worlds: readonly World[],
  shape: Shape,
  first: Point,
): Promise<readonly (readonly Call[])[]> =>
  Promise.all(
    worlds.map(async (world) => {
      const { recovery, met } = await runOnce(world, shape, [first]);
      if (!met) throw new Error(`${first.fault} ${describePlace(first)} was not met`);
      return recovery;
    }),
  );

const placesOf = (
  recorded: readonly (readonly Call[])[],
  { isPoint = () => true }: Shape,
): readonly Place[] => {
  const counted = recorded.map((calls) => {
    const counts = new Map<string, number>();
    for (const { name } of calls) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  });
  const names = [...new Set(recorded.flatMap((calls) => calls.map(({ name }) => name)))];
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
  const { shape, baseline, before } = job;
  const points = [...before, point];
  const where = [shape.title, ...points.map((one) => `${one.fault} ${describePlace(one)}`)].join(", ");
  const found: string[] = [];
  for (let time = 1; time <= TRIES; time += 1) {
    const { outcome, allowed, met } = await runOnce(world, shape, points).catch((cause: unknown) => {
      throw new Error(where, { cause });
    });
    found.push(...violations(baseline.outcome, outcome, allowed).map((what) => `${where}: ${what}`));
    if (met) return { point, met, found };
  }
  // Only a call of the clock may stay away.
  return {
    point,
    met: false,
    found: isTimed(point.name) ? found : [...found, `${where}: not met in ${TRIES} runs`],
  };
};
