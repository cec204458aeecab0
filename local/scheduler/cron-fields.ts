// The six fields of cron(): which values and which signs each may have. Called by expression.ts.
//
// Source of every rule: Scheduler user guide, "Schedule types", the table of fields and wildcards (the same as EventBridge
// user guide, "Cron expressions reference"). What the guide does not show is refused here: what passes must pass there.

import { invalid } from "../rest-json/errors.ts";

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** JAN…, SUN…: the first stands for `min`. */
  readonly names: readonly string[];
  /** "The ? wildcard specifies any": only in the two fields for days. */
  readonly mayBeAny: boolean;
  /** Terms beside values, ranges and steps; they stand alone in their field. */
  readonly special?: RegExp;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const field = (name: string, min: number, max: number, rest: Partial<Field> = {}): Field => ({
  name,
  min,
  max,
  names: [],
  mayBeAny: false,
  ...rest,
});

const FIELDS = [
  field("minutes", 0, 59),
  field("hours", 0, 23),
  // "L … specifies the last day of the month"; "3W specifies the weekday closest to the third day of the month".
  field("day-of-month", 1, 31, { mayBeAny: true, special: /^(L|([1-9]|[12]\d|3[01])W)$/ }),
  field("month", 1, 12, { names: MONTHS }),
  // "3#2 would be the second Tuesday of the month"; "6L" is the last Friday in the guide's example.
  // "If you use a '#' character, you can define only one expression in the day-of-week field."
  field("day-of-week", 1, 7, {
    names: DAYS,
    mayBeAny: true,
    special: /^(L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/,
  }),
  field("year", 1970, 2199),
] as const;

/** The fields as written, each known to be right. Throws what the service throws. */
export const checkedFields = (expression: string, text: string): readonly string[] => {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    throw wrong(expression, `cron() takes six fields (minutes hours day-of-month month day-of-week year)`);
  }
  for (const [index, rule] of FIELDS.entries()) checkField(expression, rule, fields[index] ?? "");
  // "You can't specify the Day-of-month and Day-of-week fields in the same cron expression. If you specify a value or a *
  // in one of the fields, you must use a ? in the other."
  if ((fields[2] === "?") === (fields[4] === "?")) {
    throw wrong(expression, "exactly one of day-of-month and day-of-week must be ?");
  }
  return fields;
};

const checkField = (expression: string, rule: Field, text: string): void => {
  if (text === "?" && rule.mayBeAny) return;
  if (rule.special?.test(text)) return;
  for (const term of text.split(",")) {
    if (!isTerm(rule, term)) throw wrong(expression, `${rule.name} cannot be "${text}"`);
  }
};

/** `*`, a value, a range, or one of them with a step ("/ specifies increments", as in 1/10). */
const isTerm = (rule: Field, term: string): boolean => {
  const [base = "", step, more] = term.split("/");
  if (more !== undefined) return false;
  if (step !== undefined && !(/^\d{1,4}$/.test(step) && isWithin(Number(step), 1, rule.max))) return false;
  if (base === "*") return true;
  const [from = "", to, third] = base.split("-");
  if (third !== undefined) return false;
  const first = numberOf(rule, from);
  const last = to === undefined ? first : numberOf(rule, to);
  return first !== undefined && last !== undefined && first <= last;
};

const numberOf = (rule: Field, text: string): number | undefined => {
  const named = rule.names.indexOf(text);
  if (named >= 0) return rule.min + named;
  if (!/^\d{1,4}$/.test(text)) return undefined;
  return isWithin(Number(text), rule.min, rule.max) ? Number(text) : undefined;
};

const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max;

/** The service says no more than the first sentence (seen in localstack #9284); the rest helps whoever wrote it. */
export const wrong = (expression: string, reason: string) =>
  invalid(`Invalid Schedule Expression ${expression}. ${reason}.`);
