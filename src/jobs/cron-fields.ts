// A five-field cron expression as the sets of values it means. Used to check one, and to say it in another grammar.

export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** `*`, also in steps of one: says nothing. */
  readonly isAnyDay: boolean;
  readonly isAnyWeekday: boolean;
}

const RANGES = [
  ["minute", 0, 59],
  ["hour", 0, 23],
  ["day of month", 1, 31],
  ["month", 1, 12],
  ["day of week", 0, 7],
] as const;

/** The fields, or what is wrong with them. */
export const cronFields = (expr: string): CronFields | string => {
  const fields = expr.split(" ");
  if (fields.length !== RANGES.length) return `it has ${fields.length} fields instead of five`;
  const sets: (readonly number[])[] = [];
  for (const [index, [name, min, max]] of RANGES.entries()) {
    const values = valuesOf(fields[index] ?? "", min, max);
    if (values === undefined) return `'${fields[index]}' is not acceptable as ${name} (${min}-${max})`;
    sets.push(values);
  }
  const [minutes = [], hours = [], days = [], months = [], week = []] = sets;
  // 0 and 7 are both Sunday.
  const weekdays = [...new Set(week.map((day) => day % 7))].sort((a, b) => a - b);
  return {
    minutes,
    hours,
    days,
    months,
    weekdays,
    isAnyDay: ANY.test(fields[2] ?? ""),
    isAnyWeekday: ANY.test(fields[4] ?? ""),
  };
};

const ANY = /^\*(?:\/1)?$/;
const PART = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/;

/** Sorted; undefined for what is out of range or no field at all. A range that ends before it begins is none. */
const valuesOf = (field: string, min: number, max: number): readonly number[] | undefined => {
  const parts = field.split(",").map((part) => partOf(part, min, max));
  if (parts.includes(undefined)) return undefined;
  return [...new Set(parts.flatMap((values) => values ?? []))].sort((a, b) => a - b);
};

const partOf = (part: string, min: number, max: number): readonly number[] | undefined => {
  const match = PART.exec(part);
  if (match === null) return undefined;
  const [, from, to, step] = match;
  const first = from === undefined ? min : Number(from);
  const stride = step === undefined ? 1 : Number(step);
  const last = to === undefined ? openEnd(first, max, from === undefined || step !== undefined) : Number(to);
  if (first < min || last > max || first > last || stride < 1 || stride > max - min) return undefined;
  return Array.from(
    { length: Math.floor((last - first) / stride) + 1 },
    (_, index) => first + index * stride,
  );
};

/** `*` and `5/10` go on to the end, as in Vixie's cron; `5` is itself. */
const openEnd = (first: number, max: number, goesOn: boolean): number => (goesOn ? max : first);
