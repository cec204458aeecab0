// Hermes' schedule language (hermes-behaviour.md 3.2 and 9): a text becomes a Schedule, or an error that says what to
// write instead. Called by the cronjob tool before anything is stored.

import { momentsAfter } from "./cron-clock.ts";
import { parseCronFields } from "./cron-fields.ts";
import { FORMS, ScheduleError } from "./schedule-error.ts";
import { isWallTime, locate, onLine, type WallTime, wallText } from "./wall-time.ts";

export { ScheduleError };

export type Schedule =
  | { readonly kind: "once"; /** ISO UTC with Z, whole seconds */ readonly runAt: string; readonly display: string }
  | { readonly kind: "interval"; readonly minutes: number; readonly display: string }
  | { readonly kind: "cron"; /** five fields as written, single spaces */ readonly expr: string; readonly display: string };

/** The moment of speaking, and the zone of the one who speaks. */
export interface Spoken {
  readonly nowMs: number;
  readonly timezone: string;
}

/** A one-shot this late still runs, and may still be asked for (hermes-behaviour.md 3.4). */
export const ONE_SHOT_GRACE_SECONDS = 120;

const MS_PER_MINUTE = 60_000;
const MAX_MINUTES = 10 * 366 * 24 * 60;
const MAX_TEXT = 200;

const DURATION = /^(\d{1,9})\s*(m|mins?|minutes?|h|hrs?|hours?|d|days?)$/i;
const MINUTES_PER_UNIT: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

/** Minutes; at least one, and no more than ten years. */
export const parseDuration = (text: string): number => {
  const [, amount, unit] = DURATION.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new ScheduleError(`Invalid duration: '${shown(text)}'. Use a form like '30m', '2h', or '1d'.`);
  }
  const minutes = Number(amount) * (MINUTES_PER_UNIT[unit.charAt(0).toLowerCase()] ?? Number.NaN);
  if (minutes < 1) throw new ScheduleError(`Invalid duration: '${shown(text)}'. The shortest is one minute ('1m').`);
  if (minutes > MAX_MINUTES) throw new ScheduleError(`Invalid duration: '${shown(text)}'. The longest is ten years.`);
  return minutes;
};

/** Throws a ScheduleError; times without an offset are the zone's. */
export const parseSchedule = (text: string, at: Spoken): Schedule => {
  const trimmed = text.trim();
  const [, period] = /^every\s+(\S.*)$/is.exec(trimmed) ?? [];
  if (trimmed.length > MAX_TEXT) throw invalid(text);
  if (period !== undefined) return interval(period, text);
  if (looksLikeCron(trimmed)) return cron(trimmed, at);
  if (/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return timestamp(trimmed, at);
  if (DURATION.test(trimmed)) return fromNow(trimmed, at);
  throw invalid(text);
};

const shown = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

const invalid = (text: string): ScheduleError => new ScheduleError(`Invalid schedule '${shown(text)}'. ${FORMS}`);

const interval = (period: string, text: string): Schedule => {
  if (!DURATION.test(period.trim())) throw invalid(text);
  const minutes = parseDuration(period);
  return { kind: "interval", minutes, display: `every ${minutes}m` };
};

const fromNow = (duration: string, { nowMs }: Spoken): Schedule => ({
  kind: "once",
  runAt: isoSeconds(nowMs + parseDuration(duration) * MS_PER_MINUTE),
  display: `once in ${duration}`,
});

/** Five fields and more are meant as cron, whatever is wrong with them; fewer than five never were (Hermes). */
const looksLikeCron = (text: string): boolean => {
  const fields = text.split(/\s+/);
  const isName = /^(?:[\d*,/?-]|[a-z]{3}(?![a-z]))+$/i;
  return fields.length >= 5 && fields.every((field) => isName.test(field));
};

const cron = (text: string, at: Spoken): Schedule => {
  const expr = text.split(/\s+/).join(" ");
  parseCronFields(expr);
  const first = momentsAfter(expr, onLine(at.nowMs, at.timezone)).next();
  if (first.done === true) {
    throw new ScheduleError(`Invalid cron expression '${expr}': no such date ever comes.`);
  }
  return { kind: "cron", expr, display: expr };
};

/** Date, time, zone; annotations such as [Europe/Berlin] are refused rather than ignored. */
const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):([0-5]\d)(?::([0-5]\d)(?:[.,]\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?$/i;

const timestamp = (text: string, at: Spoken): Schedule => {
  const [whole, year, month, day, hour, minute, second, offset] = TIMESTAMP.exec(text) ?? [];
  if (whole === undefined) throw new ScheduleError(`Invalid timestamp '${shown(text)}'. ${FORMS}`);
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map((part) => Number(part ?? 0));
  const time = { year: y ?? 0, month: mo ?? 0, day: d ?? 0, hour: h ?? 0, minute: mi ?? 0, second: s ?? 0 };
  if (!isWallTime(time)) throw new ScheduleError(`Invalid timestamp '${text}': there is no such date or time.`);
  const atMs = offset === undefined ? inZone(time, at, text) : withOffset(time, offset, text);
  if (atMs < at.nowMs - ONE_SHOT_GRACE_SECONDS * 1000) {
    throw new ScheduleError(
      `'${text}' is in the past and cannot be scheduled: it is ${clock(at.nowMs, at.timezone)} now (${at.timezone}).`,
    );
  }
  if (atMs > at.nowMs + MAX_MINUTES * MS_PER_MINUTE) {
    throw new ScheduleError(`'${text}' is more than ten years away and cannot be scheduled.`);
  }
  const display = `once at ${text.slice(0, 10)} ${hour ?? "00"}:${minute ?? "00"}`;
  return { kind: "once", runAt: isoSeconds(atMs), display };
};

/** In an overlap the first of the two (Temporal's "compatible"); in a gap there is no such time to be meant. */
const inZone = (time: WallTime, { timezone }: Spoken, text: string): number => {
  const { atMs, occurs } = locate(time, timezone);
  if (occurs !== "never") return atMs;
  throw new ScheduleError(
    `'${text}' does not exist in ${timezone}: the clocks go forward over it. The next valid time is ${clock(atMs, timezone)}.`,
  );
};

const withOffset = (time: WallTime, offset: string, text: string): number => {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? [];
  const utcMs = locate(time, "UTC").atMs;
  if (sign === undefined) return utcMs;
  const [h, m] = [Number(hours), Number(minutes)];
  if (h > 23 || m > 59) throw new ScheduleError(`Invalid timestamp '${text}': there is no offset ${offset}.`);
  return utcMs - (sign === "-" ? -1 : 1) * (h * 60 + m) * MS_PER_MINUTE;
};

const clock = (atMs: number, timezone: string): string => wallText(atMs, timezone).slice(0, 16);

const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
