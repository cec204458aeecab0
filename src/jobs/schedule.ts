// Hermes' schedule language: durations, intervals, five-field cron, timestamps (hermes-behaviour.md 3.2). Where upstream was
// wrong (section 9 there) this is not: nothing of zero length, naive times in the person's zone, nothing in the past.

import { Temporal } from "temporal-polyfill";
import { HermesError } from "../errors.ts";
import type { Schedule } from "../turn.ts";
import { cronFields } from "./cron-fields.ts";

/** A wish that is no schedule, or none that can be kept; its words say what to write instead. */
export class ScheduleError extends HermesError {
  override name = "ScheduleError";
  constructor(message: string) {
    super("malformed", message);
  }
}

interface At {
  readonly nowMs: number;
  /** IANA name: of times that say no offset. */
  readonly timezone: string;
}

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440 };
const DURATION = /^(\d{1,7})\s*(m|mins?|minutes?|h|hrs?|hours?|d|days?)$/i;
const CRON_FIELD = /^[\d*/,-]+$/;
const DATE = /^\d{4}-\d{2}-\d{2}/;
/** Date, time, offset. What is not understood is refused: a zone that is overlooked is a reminder at another hour. */
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::[0-5]\d(?:\.\d{1,9})?)?) ?(z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** A year: what is further away is a mistake, or a calendar's work. */
const MAX_MINUTES = 366 * 1_440;

/** Whole minutes, at least one. Throws ScheduleError. */
export const parseDuration = (text: string): number => {
  const [, count, unit] = DURATION.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined)
    throw new ScheduleError(`Invalid duration: '${text}'. Use format like '30m', '2h', or '1d'`);
  const minutes = Number(count) * (MINUTES[unit.charAt(0).toLowerCase()] ?? 0);
  if (minutes < 1) throw new ScheduleError(`Invalid duration: '${text}' is no time at all.`);
  if (minutes > MAX_MINUTES) throw new ScheduleError(`Invalid duration: '${text}' is more than a year.`);
  return minutes;
};

/** Throws ScheduleError. */
export const parseSchedule = (text: string, at: At): Schedule => {
  const schedule = text.trim().replace(/\s+/g, " ");
  const [, interval] = /^every (.+)$/i.exec(schedule) ?? [];
  if (interval !== undefined) return everySo(interval);
  const fields = schedule.split(" ");
  if (fields.length >= 5 && fields.slice(0, 5).every((field) => CRON_FIELD.test(field)))
    return cron(schedule, fields);
  if (DATE.test(schedule)) return onceAt(schedule, at);
  if (DURATION.test(schedule)) return onceIn(schedule, at);
  throw new ScheduleError(
    `Invalid schedule '${text}'. Use:\n` +
      "  - Duration: '30m', '2h', '1d' (one-shot)\n" +
      "  - Interval: 'every 30m', 'every 2h' (recurring)\n" +
      "  - Cron: '0 9 * * *' (cron expression)\n" +
      "  - Timestamp: '2026-02-03T14:00:00' (one-shot at time)",
  );
};

const everySo = (interval: string): Schedule => {
  const minutes = parseDuration(interval);
  return { kind: "interval", minutes, display: `every ${minutes}m` };
};

const cron = (expr: string, fields: readonly string[]): Schedule => {
  if (fields.length !== 5)
    throw new ScheduleError(`Invalid cron expression '${expr}': five fields, minute hour day month weekday.`);
  const problem = cronFields(expr);
  if (typeof problem === "string")
    throw new ScheduleError(
      `Invalid cron expression '${expr}': ${problem}. An interval is written like 'every 90m'.`,
    );
  return { kind: "cron", expr, display: expr };
};

const onceIn = (duration: string, { nowMs }: At): Schedule => {
  const runAt = isoOf(nowMs + parseDuration(duration) * 60_000);
  return { kind: "once", runAt, display: `once in ${asWritten(duration)}` };
};

/** As upstream shows it, "2h"; a unit that is a word stands apart from its number. */
const asWritten = (duration: string): string => {
  const [, count, unit = ""] = DURATION.exec(duration) ?? [];
  return `${count}${unit.length > 1 ? " " : ""}${unit}`;
};

const onceAt = (text: string, { nowMs, timezone }: At): Schedule => {
  const [, date, time = "00:00", offset] = TIMESTAMP.exec(text) ?? [];
  const local = understood(text, () =>
    Temporal.PlainDateTime.from(`${date}T${time}`, { overflow: "reject" }),
  );
  const atMs =
    offset === undefined
      ? zoned(local, timezone)
      : understood(text, () => Temporal.Instant.from(`${date}T${time}${offset}`)).epochMilliseconds;
  if (atMs <= nowMs) throw new ScheduleError(`'${text}' is in the past and cannot be scheduled.`);
  const display = `once at ${local.toString({ smallestUnit: "minute" }).replace("T", " ")}`;
  return { kind: "once", runAt: isoOf(atMs), display };
};

const understood = <T>(text: string, read: () => T): T => {
  try {
    return read();
  } catch {
    throw new ScheduleError(
      `Invalid timestamp '${text}'. Write it like 2026-02-03T14:00, 2026-02-03T14:00:00Z or 2026-02-03T14:00+01:00.`,
    );
  }
};

/** Of two such times, when the clock is put back, the first; a time that the clock leaps over is none. */
const zoned = (local: Temporal.PlainDateTime, timezone: string): number => {
  const time = local.toZonedDateTime(timezone, { disambiguation: "earlier" });
  if (time.toPlainDateTime().equals(local)) return time.epochMilliseconds;
  const next = local.toZonedDateTime(timezone, { disambiguation: "later" }).toPlainDateTime();
  throw new ScheduleError(
    `There is no ${local.toString({ smallestUnit: "minute" })} in ${timezone}: the clock is put forward then. ` +
      `The same moment is ${next.toString({ smallestUnit: "minute" })}.`,
  );
};

/** Whole seconds: the service knows no others. */
const isoOf = (ms: number): string =>
  new Date(Math.ceil(ms / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
