// When a schedule runs next. Called by the firing clock and by whoever looks at the stand-in.
//
// Days and months are croner's, zones and their changes Temporal's. Croner looks for local times as if they were UTC, since
// its own treatment of clock changes is another one than the service's.

import { Cron } from "croner";
import { Temporal } from "temporal-polyfill";
import { type Expression, parseExpression } from "./expression.ts";
import type { Settings } from "./shapes.ts";

/**
 * The first run of a schedule created, or replaced by an update, at `sinceMs`. Of an at() that is past already it is that
 * past time: what becomes of it is the caller's to decide. A rate() whose StartDate is past starts with its next beat.
 */
export const firstRun = (settings: Settings, sinceMs: number): number | undefined => {
  const { kind } = parseExpression(settings.ScheduleExpression);
  if (kind === "at") return nextRun(settings, sinceMs, Number.NEGATIVE_INFINITY);
  return nextRun(settings, sinceMs, kind === "rate" ? sinceMs - 1 : sinceMs);
};

/** The first run later than `afterMs`; `sinceMs` is when the schedule was created or last updated. */
export const nextRun = (settings: Settings, sinceMs: number, afterMs: number): number | undefined => {
  const expression = parseExpression(settings.ScheduleExpression);
  if (expression.kind === "at") return once(expression.wall, settings.ScheduleExpressionTimezone, afterMs);
  const startMs = settings.StartDate === undefined ? undefined : settings.StartDate * 1_000;
  const run =
    expression.kind === "rate"
      ? elapsed(expression.everyMs, startMs ?? sinceMs, afterMs)
      : // StartDate: "invocations might occur on, or after" it.
        cronRun(expression, settings.ScheduleExpressionTimezone, Math.max(afterMs, (startMs ?? 0) - 1));
  // EndDate: "the date, in UTC, before which the schedule can invoke its target".
  const endMs = settings.EndDate === undefined ? Number.POSITIVE_INFINITY : settings.EndDate * 1_000;
  return run !== undefined && run < endMs ? run : undefined;
};

/** "EventBridge Scheduler ignores StartDate [EndDate] for one-time schedules." */
const once = (wall: Temporal.PlainDateTime, zone: string, afterMs: number): number | undefined => {
  const at = instantOf(wall, zone);
  return at !== undefined && at > afterMs ? at : undefined;
};

/**
 * User guide, "Rate-based schedules": the first run is at StartDate; "if you do not provide a StartDate for a rate-based
 * schedule, your schedule starts invoking the target immediately". Elapsed time, whatever clocks do
 * (facts/platform.md 3, "DST").
 */
const elapsed = (everyMs: number, anchorMs: number, afterMs: number): number =>
  anchorMs > afterMs ? anchorMs : anchorMs + (Math.floor((afterMs - anchorMs) / everyMs) + 1) * everyMs;

const cronRun = (
  { fields }: Extract<Expression, { kind: "cron" }>,
  zone: string,
  afterMs: number,
): number | undefined => {
  const cron = new Cron(cronerPattern(fields), {
    paused: true,
    timezone: "UTC",
    mode: "7-part",
    alternativeWeekdays: true,
    sloppyRanges: true,
    domAndDow: true,
  });
  let wall = Temporal.Instant.fromEpochMilliseconds(afterMs).toZonedDateTimeISO(zone).toPlainDateTime();
  for (;;) {
    const next = cron.nextRun(new Date(asIfUtc(wall)));
    if (next === null) return undefined;
    wall = Temporal.Instant.fromEpochMilliseconds(next.getTime()).toZonedDateTimeISO("UTC").toPlainDateTime();
    const at = instantOf(wall, zone);
    if (at !== undefined && at > afterMs) return at;
  }
};

/** Croner's seven fields; `*` where the service has `?`, and its steps of years from the first one the service knows. */
const cronerPattern = (fields: readonly string[]): string => {
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year = "*"] = fields.map((one) =>
    one === "?" ? "*" : one,
  );
  // "L in the day-of-week field specifies the last day of the week": Saturday, which is 7.
  const weekday = dayOfWeek === "L" ? "7" : dayOfWeek;
  return ["0", minutes, hours, dayOfMonth, month, weekday, year.replaceAll("*/", "1970-2199/")].join(" ");
};

const asIfUtc = (wall: Temporal.PlainDateTime): number => wall.toZonedDateTime("UTC").epochMilliseconds;

/**
 * User guide, "Daylight savings time": a run that "falls on a non-existent date and time" is skipped, and when clocks go
 * back it "runs only once": here at the first of the two (the guide does not say which). The guide speaks of cron();
 * of an at() in the gap nothing is documented, and the harder reading, that it never runs, is the one to be ready for.
 */
const instantOf = (wall: Temporal.PlainDateTime, zone: string): number | undefined => {
  const zoned = wall.toZonedDateTime(zone, { disambiguation: "earlier" });
  return zoned.toPlainDateTime().equals(wall) ? zoned.epochMilliseconds : undefined;
};
