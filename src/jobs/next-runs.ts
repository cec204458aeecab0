// When a schedule fires next, as the service does it (facts/platform.md 3): a cron time that the clock leaps over is skipped,
// one that comes twice is taken the first time, an interval is elapsed time from its start. Calendars are croner's and
// Temporal's; nothing here counts days.

import { Cron } from "croner";
import { Temporal } from "temporal-polyfill";
import type { Schedule } from "../turn.ts";
import { cronFields } from "./cron-fields.ts";
import { ScheduleError } from "./schedule.ts";

/**
 * - `gap`: the local time does not exist, the service skips it; `atMs` is where it would have been
 * - `overlap`: the local time comes twice, this is the first
 */
export interface NextRun {
  readonly atMs: number;
  readonly note?: "gap" | "overlap";
}

export const fires = ({ note }: NextRun): boolean => note !== "gap";

interface NextRunsAt {
  /** Runs after this. */
  readonly afterMs: number;
  readonly timezone: string;
  /** When an interval began to count. */
  readonly startMs: number;
}

/** The next `count` runs, oldest first, with the skipped ones between them. Fewer when there are no more. */
export const nextRuns = (schedule: Schedule, at: NextRunsAt, count: number): readonly NextRun[] => {
  switch (schedule.kind) {
    case "once": {
      const atMs = Date.parse(schedule.runAt);
      return atMs > at.afterMs && count > 0 ? [{ atMs }] : [];
    }
    case "interval":
      return intervals(schedule.minutes * 60_000, at, count);
    default:
      return cronRuns(schedule.expr, at, count);
  }
};

const intervals = (lengthMs: number, { afterMs, startMs }: NextRunsAt, count: number): readonly NextRun[] => {
  const past = Math.max(0, Math.floor((afterMs - startMs) / lengthMs));
  return Array.from({ length: count }, (_, index) => ({ atMs: startMs + (past + 1 + index) * lengthMs }));
};

/** The widest step a clock makes, with room: how far back local times are looked at, so that none is missed. */
const WIDEST_STEP_MS = 26 * 3_600_000;

/** As lists: croner's grammar of steps is narrower than cron's. */
const listed = (expr: string): string => {
  const fields = cronFields(expr);
  if (typeof fields === "string") throw new ScheduleError(`Invalid cron expression '${expr}': ${fields}`);
  const { minutes, hours, days, months, weekdays, isAnyDay, isAnyWeekday } = fields;
  return [minutes, hours, isAnyDay ? "*" : days, months, isAnyWeekday ? "*" : weekdays].join(" ");
};

const cronRuns = (expr: string, { afterMs, timezone }: NextRunsAt, count: number): readonly NextRun[] => {
  const runs: NextRun[] = [];
  // Local times are looked for as if they were UTC, where every one exists once; what becomes of each is the zone's word.
  const local = new Cron(listed(expr), { paused: true, timezone: "UTC" });
  const offsetMs =
    Temporal.Instant.fromEpochMilliseconds(afterMs).toZonedDateTimeISO(timezone).offsetNanoseconds / 1e6;
  let from: Date | null = new Date(afterMs + offsetMs - WIDEST_STEP_MS);
  for (let fired = 0; fired < count; ) {
    from = local.nextRun(from);
    if (from === null) break;
    const run = inZone(from.getTime(), timezone);
    if (run.atMs <= afterMs) continue;
    runs.push(run);
    if (fires(run)) fired += 1;
  }
  return runs;
};

const inZone = (localMs: number, timezone: string): NextRun => {
  const local = Temporal.Instant.fromEpochMilliseconds(localMs).toZonedDateTimeISO("UTC").toPlainDateTime();
  const earlier = local.toZonedDateTime(timezone, { disambiguation: "earlier" });
  const later = local.toZonedDateTime(timezone, { disambiguation: "later" });
  const atMs = earlier.epochMilliseconds;
  if (atMs === later.epochMilliseconds) return { atMs };
  return earlier.toPlainDateTime().equals(local)
    ? { atMs, note: "overlap" }
    : { atMs: later.epochMilliseconds, note: "gap" };
};
