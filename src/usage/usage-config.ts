// The sections `prices` and `budgets` of config.yaml: their schema and defaults. What each key means stands beside it in
// home/config.yaml. Part of home/config.ts.

import * as z from "zod/mini";
import type { PriceTable } from "./prices.ts";

const SECTION = "a section of keys";

/** Far beyond any model; a slip of the decimal point is meant to be noticed. */
const MAX_PRICE = 10_000;
const PRICE = `US dollars for a million tokens, from 0 to ${MAX_PRICE}`;
const amount = (expected: string, max: number) =>
  z.number(expected).check(z.gte(0, expected), z.lte(max, expected));
const rates = {
  input: amount(PRICE, MAX_PRICE),
  cached: amount(PRICE, MAX_PRICE),
  output: amount(PRICE, MAX_PRICE),
};

const RATES = "a section with input, cached and output";
const ENTRY = z.strictObject({ ...rates, peak: z.optional(z.strictObject(rates, RATES)) }, RATES);

type Models = PriceTable["models"];

/** facts/platform.md 7, as of November 2026. The retired name is still served, and billed as the one that took its place. */
const FLASH = { input: 0.15, cached: 0.003, output: 0.6, peak: { input: 0.3, cached: 0.006, output: 1.2 } };
const MODELS: Models = {
  "deepseek-flash": FLASH,
  "deepseek-v4-flash": FLASH,
  "deepseek-v4-pro": {
    input: 0.66,
    cached: 0.022,
    output: 1.98,
    peak: { input: 1.32, cached: 0.044, output: 3.96 },
  },
  // As dear as models come in ordinary use.
  default: { input: 5, cached: 5, output: 25 },
};

const DAYS = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 } as const;
type Day = keyof typeof DAYS;
const DAY = `one of ${Object.keys(DAYS).join(", ")}`;

const HOURS = 'a range of hours such as "06:00-10:00", within one day';
const RANGE = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;

const minutesOf = (range: string) => {
  const [h1 = 0, m1 = 0, h2 = 0, m2 = 0] = (RANGE.exec(range) ?? []).slice(1).map(Number);
  return { from: h1 * 60 + m1, to: h2 * 60 + m2 };
};

/** Minutes of a day. */
const WHOLE_DAY = 1_440;

const isRange = (range: string): boolean => {
  const { from, to } = minutesOf(range);
  return RANGE.test(range) && from < to && to <= WHOLE_DAY;
};

const hours = z.pipe(z.string(HOURS).check(z.refine(isRange, HOURS)), z.transform(minutesOf));
const days = z.pipe(
  z.enum(Object.keys(DAYS) as Day[], DAY),
  z.transform((day: Day) => DAYS[day]),
);

export const PRICES = z.prefault(
  z.strictObject(
    {
      peak: z.prefault(
        z.strictObject(
          {
            days: z.prefault(z.array(days, `a list: ${DAY}`), ["mon", "tue", "wed", "thu", "fri"]),
            hours: z.prefault(z.array(hours, `a list: ${HOURS}`), ["01:00-04:00", "06:00-10:00"]),
          },
          SECTION,
        ),
        {},
      ),
      models: z.pipe(
        z.prefault(z.record(z.string(), ENTRY, "a section: names of models"), {}),
        z.transform((given: Models): Models => ({ ...MODELS, ...given })),
      ),
    },
    SECTION,
  ),
  {},
);

/** Nobody means more by a budget. */
const MAX_BUDGET = 100_000;
const BUDGET = `US dollars, from 0 to ${MAX_BUDGET}`;
const budget = (fallback: number) => z._default(amount(BUDGET, MAX_BUDGET), fallback);

export const BUDGETS = z.prefault(
  z.strictObject({ user_day_usd: budget(1), turn_usd: budget(0.25), job_day_usd: budget(0.25) }, SECTION),
  {},
);
