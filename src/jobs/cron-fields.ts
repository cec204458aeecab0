// The five fields of a cron expression as the numbers they stand for. Called by schedule.ts (is it valid?),
// expression.ts (what the service is told) and next-runs.ts. Grammar: hermes-behaviour.md 3.2, crontab(5).

import { ScheduleError } from "./schedule-error.ts";

export interface CronField {
  /** `*`: every value, and no restriction. */
  readonly isStar: boolean;
  /** Ascending, each once; weekdays 0 (Sunday) to 6. */
  readonly values: readonly number[];
}

export type CronFields = Readonly<Record<FieldName, CronField>>;
export type FieldName = "minute" | "hour" | "day" | "month" | "weekday";

interface FieldRule {
  readonly name: FieldName;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Index = number of the weekday; the second Sunday is the 7 that cron also takes. */
export const WEEKDAYS: readonly string[] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const RULES: readonly FieldRule[] = [
  { name: "minute", label: "minute", min: 0, max: 59 },
  { name: "hour", label: "hour", min: 0, max: 23 },
  { name: "day", label: "day of the month", min: 1, max: 31 },
  { name: "month", label: "month", min: 1, max: 12, names: MONTHS },
  { name: "weekday", label: "weekday", min: 0, max: 7, names: WEEKDAYS },
];

/** `a`, `a-b`, `*`, each with an optional `/step`; `a/step` runs to the end of the range, as in Hermes' croniter. */
const PART = /^(?:(\*)|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)(?:\/([0-9]{1,2}))?$/;

/** Throws a ScheduleError that names the field. */
export const parseCronFields = (expr: string): CronFields => {
  const texts = expr.trim().split(/\s+/);
  if (texts.length !== RULES.length) {
    throw new ScheduleError(
      `Invalid cron expression '${expr}': it needs exactly five fields (minute hour day month weekday), found ${texts.length}. Seconds and years cannot be given.`,
    );
  }
  const parsed = RULES.map((rule, index) => [rule.name, parseField(texts[index] ?? "", rule, expr)]);
  return Object.fromEntries(parsed) as CronFields;
};

const parseField = (text: string, rule: FieldRule, expr: string): CronField => {
  const fail = (why: string): never => {
    throw new ScheduleError(`Invalid cron expression '${expr}': ${rule.label} '${text}' ${why}.`);
  };
  const parts = text.toUpperCase().split(",");
  const values = new Set(parts.flatMap((part) => valuesOf(part, rule, fail)));
  const ascending = [...new Set([...values].map((value) => wrapped(value, rule)))].sort((a, b) => a - b);
  return { isStar: parts.some((part) => part === "*" || part === "*/1"), values: ascending };
};

/** Sunday is 0 and 7. */
const wrapped = (value: number, rule: FieldRule): number => (rule.name === "weekday" ? value % 7 : value);

const valuesOf = (part: string, rule: FieldRule, fail: (why: string) => never): readonly number[] => {
  const [, star, from, to, stepText] = PART.exec(part) ?? [];
  if (star === undefined && from === undefined) return fail("has no valid form (digits, names, * - , /)");
  const step = Number(stepText ?? 1);
  const max = star !== undefined && rule.name === "weekday" ? 6 : rule.max;
  if (step < 1) return fail("has a step of 0");
  if (step > max) return fail(`has a step beyond its range (${rule.min}-${max}); for longer periods use 'every ${step}…'`);
  const low = star === undefined ? numberOf(from ?? "", rule) : rule.min;
  const high = highEnd(to, { star, stepText, low, max }, rule);
  if (!isWithin(low, rule) || !isWithin(high, rule)) return fail(`is out of range (${rule.min}-${rule.max})`);
  if (low > high) return fail("is a range that ends before it begins; write a list");
  return stepped(low, high, step);
};

interface Ends {
  readonly star: string | undefined;
  readonly stepText: string | undefined;
  readonly low: number;
  readonly max: number;
}

const highEnd = (to: string | undefined, { star, stepText, low, max }: Ends, rule: FieldRule): number => {
  if (to !== undefined) {
    const high = numberOf(to, rule);
    return high === 0 && rule.name === "weekday" && low > 0 ? 7 : high; // FRI-SUN, 5-0
  }
  const runsOn = star !== undefined || stepText !== undefined;
  return runsOn ? Math.max(low, rule.name === "weekday" ? 6 : max) : low;
};

const numberOf = (text: string, { names, min }: FieldRule): number => {
  const index = names?.indexOf(text) ?? -1;
  if (index >= 0) return index + min;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
};

const isWithin = (value: number, { min, max }: FieldRule): boolean => value >= min && value <= max;

const stepped = (low: number, high: number, step: number): readonly number[] =>
  Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
