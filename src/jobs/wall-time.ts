// Wall clocks of time zones: which instant a local time is, and what a clock shows at an instant. The only importer
// of Temporal (its function API: 25 KB in the bundle where the classes are 68 KB). Called by src/jobs.

import { create as plainTime, toString as plainText, toZonedDateTime } from "temporal-polyfill/fns/PlainDateTime";
import { getTimeZoneTransition, toPlainDateTime, create as zonedTime } from "temporal-polyfill/fns/ZonedDateTime";

/** What a clock on the wall shows; a date that exists, a time that a given zone may skip. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/**
 * Where a wall time lies in its zone.
 * - `once`: the ordinary case
 * - `twice`: the clock goes back over it; `atMs` is the first occurrence
 * - `never`: the clock jumps over it; `atMs` is the jump, which is also the first valid instant after it
 */
export interface Located {
  readonly atMs: number;
  readonly occurs: "once" | "twice" | "never";
}

const NS_PER_MS = 1_000_000n;
const MS_PER_SECOND = 1000;

const zonedAt = (atMs: number, timezone: string) => zonedTime(BigInt(atMs) * NS_PER_MS, timezone);

/** Undefined when there is no such date (30 February) or time. */
export const isWallTime = (time: WallTime): boolean => {
  try {
    return plainOf(time) !== undefined;
  } catch {
    return false; // a RangeError is how Temporal says that a field is out of range
  }
};

const plainOf = ({ year, month, day, hour, minute, second }: WallTime) =>
  plainTime(year, month, day, hour, minute, second);

/** Temporal's two readings of a wall time agree unless the clock jumps over it or shows it twice. */
export const locate = (time: WallTime, timezone: string): Located => {
  const plain = plainOf(time);
  const earlier = toZonedDateTime(plain, timezone, { disambiguation: "earlier" });
  const later = toZonedDateTime(plain, timezone, { disambiguation: "later" });
  const atMs = earlier.epochMilliseconds;
  if (atMs === later.epochMilliseconds) return { atMs, occurs: "once" };
  if (plainText(toPlainDateTime(earlier)) === plainText(plain)) return { atMs, occurs: "twice" };
  // In a gap "earlier" reads the time with the offset of after the jump, so it lies before the jump.
  const jump = getTimeZoneTransition(earlier, "next");
  return { atMs: jump?.epochMilliseconds ?? later.epochMilliseconds, occurs: "never" };
};

/** `2027-03-28T02:30:00`, as the clock of that zone shows it; below seconds is cut. */
export const wallText = (atMs: number, timezone: string): string =>
  plainText(toPlainDateTime(zonedAt(wholeSeconds(atMs), timezone)), { smallestUnit: "second" });

/**
 * A wall time as if its zone were UTC, in ms: a line without jumps, on which croner counts and `Date` formats.
 * `fromLine` is its inverse.
 */
export const onLine = (atMs: number, timezone: string): number =>
  Date.parse(`${wallText(atMs, timezone)}Z`);

export const fromLine = (lineMs: number): WallTime => {
  const date = new Date(lineMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
};

export const wholeSeconds = (ms: number): number => Math.floor(ms / MS_PER_SECOND) * MS_PER_SECOND;
