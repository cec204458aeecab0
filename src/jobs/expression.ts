// A schedule as EventBridge Scheduler is told it: at(), rate() or a cron() of six fields with the zone (facts/platform.md 3).

import { Temporal } from "temporal-polyfill";
import type { Schedule } from "../turn.ts";
import { cronFields } from "./cron-fields.ts";
import { ScheduleError } from "./schedule.ts";

export interface Expression {
  readonly expression: string;
  readonly timezone: string;
  /** ISO. A rate() without one fires at once. */
  readonly startDate?: string;
}

/** Throws ScheduleError for what the service has no words for. `nowMs`: when an interval begins to count. */
export const toExpression = (
  schedule: Schedule,
  { nowMs, timezone }: { readonly nowMs: number; readonly timezone: string },
): Expression => {
  switch (schedule.kind) {
    case "once":
      return at(schedule.runAt, timezone);
    case "interval":
      return {
        expression: rate(schedule.minutes),
        timezone,
        startDate: new Date(nowMs + schedule.minutes * 60_000).toISOString(),
      };
    default:
      return { expression: cron(schedule.expr), timezone };
  }
};

/** In the person's zone, but for a local time that comes a second time: the service would take the first. */
const at = (runAt: string, timezone: string): Expression => {
  const instant = Temporal.Instant.from(runAt);
  const local = instant.toZonedDateTimeISO(timezone).toPlainDateTime();
  const first = local.toZonedDateTime(timezone, { disambiguation: "earlier" });
  if (!first.toInstant().equals(instant) && timezone !== "UTC") return at(runAt, "UTC");
  return { expression: `at(${local.toString({ smallestUnit: "second" })})`, timezone };
};

const UNITS = [
  ["day", 1_440],
  ["hour", 60],
  ["minute", 1],
] as const;

const rate = (minutes: number): string => {
  const [unit, length] = UNITS.find(([, size]) => minutes % size === 0) ?? UNITS[2];
  const count = minutes / length;
  return `rate(${count} ${unit}${count === 1 ? "" : "s"})`;
};

const MAX_CHARS = 256;

const cron = (expr: string): string => {
  const fields = cronFields(expr);
  if (typeof fields === "string") throw new ScheduleError(`Invalid cron expression '${expr}': ${fields}`);
  const { isAnyDay, isAnyWeekday } = fields;
  if (!isAnyDay && !isAnyWeekday)
    throw new ScheduleError(
      `'${expr}' names days of the month and days of the week: cron means either, and there is no such schedule here. ` +
        "Make two jobs, one with `*` as day of the month and one with `*` as day of the week.",
    );
  const minutes = said(fields.minutes, 0, 59);
  const hours = said(fields.hours, 0, 23);
  const days = isAnyWeekday ? said(fields.days, 1, 31) : "?";
  const months = said(fields.months, 1, 12);
  // The service counts from Sunday = 1.
  const weekdays = isAnyWeekday
    ? "?"
    : said(
        fields.weekdays.map((day) => day + 1),
        1,
        7,
      );
  const expression = `cron(${minutes} ${hours} ${days} ${months} ${weekdays} *)`;
  if (expression.length <= MAX_CHARS) return expression;
  throw new ScheduleError(`'${expr}' is too irregular for one schedule. Make several jobs of it.`);
};

/** The values of a field in the fewest words: all of them, from one on in steps, or a list of ranges. */
const said = (values: readonly number[], min: number, max: number): string => {
  if (values.length === max - min + 1) return "*";
  const [first = min, second] = values;
  const step = (second ?? max + 1) - first;
  const isSteady = values.every((value, index) => value === first + index * step);
  const goesToTheEnd = first + values.length * step > max;
  if (values.length > 2 && step > 1 && isSteady && goesToTheEnd) return `${first}/${step}`;
  return ranges(values).join(",");
};

const ranges = (values: readonly number[]): readonly string[] => {
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.flatMap((run) => (run.length < 3 ? run.map(String) : [`${run[0]}-${run.at(-1)}`]));
};
