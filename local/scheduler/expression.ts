// Schedule expressions: at(), rate() and cron(), read as the service reads them. Called by rules.ts and calendar.ts.
// Source: API reference, CreateSchedule, ScheduleExpression; user guide, "Schedule types".

import { Temporal } from "temporal-polyfill";
import { checkedFields, wrong } from "./cron-fields.ts";

export type Expression =
  | { readonly kind: "at"; readonly wall: Temporal.PlainDateTime }
  | { readonly kind: "rate"; readonly everyMs: number }
  | { readonly kind: "cron"; readonly fields: readonly string[] };

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export const parseExpression = (text: string): Expression => {
  const [, form, inside = ""] = /^(at|rate|cron)\((.*)\)$/.exec(text) ?? [];
  if (form === "at") return { kind: "at", wall: wallTime(text, inside) };
  if (form === "rate") return { kind: "rate", everyMs: rate(text, inside) };
  if (form === "cron") return { kind: "cron", fields: checkedFields(text, inside) };
  throw wrong(text, "It is none of at(yyyy-mm-ddThh:mm:ss), rate(value unit) and cron(fields)");
};

/** `at(yyyy-mm-ddThh:mm:ss)`: a date that exists, without offset or zone. */
const wallTime = (expression: string, text: string): Temporal.PlainDateTime => {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text)) {
    throw wrong(expression, "at() takes yyyy-mm-ddThh:mm:ss");
  }
  try {
    return Temporal.PlainDateTime.from(text, { overflow: "reject" });
  } catch {
    throw wrong(expression, "There is no such date and time");
  }
};

/** "A value as a positive integer, and a unit": minute, minutes, hour, hours, day or days, for any value. */
const rate = (expression: string, text: string): number => {
  const [, value, unit = ""] = /^([1-9]\d{0,8})\s+(minute|hour|day)s?$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (value === undefined || unitMs === undefined) {
    throw wrong(expression, "rate() takes a positive whole number and minutes, hours or days");
  }
  return Number(value) * unitMs;
};
