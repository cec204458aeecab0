// When jobs run next, against brute force over every minute, and the expression the service is given against the one people
// wrote.

import { describe, expect, it } from "vitest";
import { describeRuns } from "../../src/jobs/describe-runs.ts";
import { toExpression } from "../../src/jobs/expression.ts";
import { checkFrequency } from "../../src/jobs/limits.ts";
import { nextRuns } from "../../src/jobs/next-runs.ts";
import { parseSchedule } from "../../src/jobs/schedule.ts";
import fc from "../support/properties.ts";
import { awsMatches, cronMatches, localMinute, wallClock } from "./brute-force.ts";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "America/Sao_Paulo",
  "Africa/Cairo",
];

const MINUTE_MS = 60_000;

const field = (min: number, max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    { weight: 3, arbitrary: fc.integer({ min, max }).map(String) },
    fc.integer({ min: 2, max: Math.max(2, Math.floor((max - min) / 2)) }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 4 }).map((list) => list.join(",")),
  );

/** One of the two day fields says nothing: the service cannot say both. */
const expression = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7), fc.boolean())
  .map(([minute, hour, day, month, weekday, byWeek]) =>
    [minute, hour, byWeek ? "*" : day, month, byWeek ? weekday : "*"].join(" "),
  );

/** Three days around both changes of the clock of 2026 in Berlin and New York, of Lord Howe's, and an ordinary week. */
const around = fc.constantFrom(
  Date.UTC(2026, 2, 28),
  Date.UTC(2026, 9, 24),
  Date.UTC(2026, 2, 7),
  Date.UTC(2026, 9, 31),
  Date.UTC(2026, 3, 4),
  Date.UTC(2026, 9, 3),
  Date.UTC(2026, 5, 1),
);

const WINDOW_MINUTES = 3 * 1_440;

/** Every minute of the window at which the service would fire: a local minute counts once, the first time it comes. */
const firedWithin = (expr: string, fromMs: number, timezone: string): readonly number[] => {
  const clock = wallClock(timezone);
  const seen = new Set<string>();
  // A minute that came before the window may come again in it.
  for (let back = 180; back >= 0; back -= 1) seen.add(localMinute(clock, fromMs - back * MINUTE_MS).key);
  const fired: number[] = [];
  for (let minute = 1; minute <= WINDOW_MINUTES; minute += 1) {
    const atMs = fromMs + minute * MINUTE_MS;
    const local = localMinute(clock, atMs);
    const isFirst = !seen.has(local.key);
    seen.add(local.key);
    if (isFirst && cronMatches(expr, local)) fired.push(atMs);
  }
  return fired;
};

describe("the next runs of a cron expression", () => {
  it("are those of brute force over every minute, through both changes of the clock", () => {
    fc.assert(
      fc.property(expression, fc.constantFrom(...ZONES), around, (expr, timezone, fromMs) => {
        const fired = firedWithin(expr, fromMs, timezone).slice(0, 5);
        const schedule = { kind: "cron" as const, expr, display: expr };
        const next = nextRuns(schedule, { afterMs: fromMs, startMs: fromMs, timezone }, 5)
          .filter(({ note }) => note !== "gap")
          .map(({ atMs }) => atMs);
        expect(next.slice(0, fired.length)).toEqual(fired);
        expect(next.slice(fired.length).every((atMs) => atMs > fromMs + WINDOW_MINUTES * MINUTE_MS)).toBe(
          true,
        );
      }),
      { numRuns: 150 },
    );
  });

  it("are the same in the service's six fields", () => {
    fc.assert(
      fc.property(expression, around, (expr, fromMs) => {
        const { expression: said } = toExpression(
          { kind: "cron", expr, display: expr },
          { nowMs: 0, timezone: "UTC" },
        );
        const clock = wallClock("UTC");
        for (let minute = 0; minute < 1_440; minute += 1) {
          const local = localMinute(clock, fromMs + minute * MINUTE_MS);
          if (cronMatches(expr, local) !== awsMatches(said, local))
            throw new Error(`${expr} is not ${said} at ${local.key}`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("tell of a run that the clock leaps over, and of one it repeats", () => {
    const at = (afterMs: number) => ({ afterMs, startMs: afterMs, timezone: "Europe/Berlin" });
    const schedule = parseSchedule("30 2 * * *", { nowMs: 0, timezone: "Europe/Berlin" });
    const spring = nextRuns(schedule, at(Date.UTC(2026, 2, 28, 12)), 1);
    expect(spring).toEqual([
      { atMs: Date.UTC(2026, 2, 29, 1, 30), note: "gap" },
      { atMs: Date.UTC(2026, 2, 30, 0, 30) },
    ]);
    const autumn = nextRuns(schedule, at(Date.UTC(2026, 9, 24, 12)), 2);
    expect(autumn).toEqual([
      { atMs: Date.UTC(2026, 9, 25, 0, 30), note: "overlap" },
      { atMs: Date.UTC(2026, 9, 26, 1, 30) },
    ]);
  });

  it("are none for a day that never comes", () => {
    const schedule = parseSchedule("0 9 30 2 *", { nowMs: 0, timezone: "UTC" });
    expect(nextRuns(schedule, { afterMs: 0, startMs: 0, timezone: "UTC" }, 3)).toEqual([]);
  });
});

describe("the next runs of an interval", () => {
  it("count elapsed time from its start, whatever the clock on the wall does", () => {
    const startMs = Date.UTC(2026, 2, 28, 20);
    const schedule = parseSchedule("every 1d", { nowMs: startMs, timezone: "Europe/Berlin" });
    const runs = nextRuns(schedule, { afterMs: startMs + 1, startMs, timezone: "Europe/Berlin" }, 2);
    expect(runs.map(({ atMs }) => (atMs - startMs) / 3_600_000)).toEqual([24, 48]);
  });
});

describe("a moment whose local time comes twice", () => {
  it("is told in the person's zone the first time, and in UTC the second", () => {
    const at = (runAt: string) =>
      toExpression(
        { kind: "once", runAt, display: "once" },
        { nowMs: Date.parse("2026-10-24T12:00:00Z"), timezone: "Europe/Berlin" },
      );
    expect(at("2026-10-25T00:30:00Z")).toEqual({
      expression: "at(2026-10-25T02:30:00)",
      timezone: "Europe/Berlin",
    });
    expect(at("2026-10-25T01:30:00Z")).toEqual({ expression: "at(2026-10-25T01:30:00)", timezone: "UTC" });
  });
});

describe("how often a job may run", () => {
  it("does not count a time that the clock leaps over", () => {
    const nowMs = Date.parse("2026-03-28T20:00:00Z");
    const often = (expr: string) => () =>
      checkFrequency({ kind: "cron", expr, display: expr }, "Europe/Berlin", nowMs);
    // 02:30 would be 03:30 on the 29th, where there is a run already.
    expect(often("30 2,3 * * *")).not.toThrow();
    expect(often("30,33 4 * * *")).toThrow("every 5 minutes at most");
  });
});

describe("a schedule that lies within a leapt-over hour", () => {
  const every = { kind: "cron", expr: "* 2 * * *", display: "* 2 * * *" } as const;
  const beforeMs = Date.parse("2027-03-27T12:00:00Z");
  const timezone = "Europe/Berlin";

  it("runs again the day after, and is told of in one sentence", () => {
    const runs = nextRuns(every, { afterMs: beforeMs, startMs: beforeMs, timezone }, 2);
    expect(runs.filter(({ note }) => note !== "gap").map(({ atMs }) => new Date(atMs).toISOString())).toEqual(
      ["2027-03-29T00:00:00.000Z", "2027-03-29T00:01:00.000Z"],
    );
    expect(describeRuns(runs, timezone).match(/skipped/g)).toHaveLength(1);
  });

  it("is no less often than it may be on the day before", () => {
    expect(() => checkFrequency(every, timezone, beforeMs)).toThrow("every 5 minutes at most");
  });
});

it("steps from a minute on, and steps of one, are what cron means by them", () => {
  const next = (expr: string) =>
    nextRuns({ kind: "cron", expr, display: expr }, { afterMs: 0, startMs: 0, timezone: "UTC" }, 2).map(
      ({ atMs }) => new Date(atMs).toISOString().slice(0, 16),
    );
  expect(next("5/10 * * * *")).toEqual(["1970-01-01T00:05", "1970-01-01T00:15"]);
  expect(next("0 9 */1 * 1")).toEqual(["1970-01-05T09:00", "1970-01-12T09:00"]);
});
