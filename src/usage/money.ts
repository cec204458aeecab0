// Money, counts and days as people read them. Used wherever usage is shown, and by ops/budget.ts.

/** Ledgers count in these. */
const MICROS_PER_DOLLAR = 1_000_000;

export const microsOf = (dollars: number): number => Math.round(dollars * MICROS_PER_DOLLAR);

/** `$1.25`; what is less than ten cents has two more digits, and what is not nothing never reads as nothing. */
export const dollars = (micros: number): string => {
  const amount = micros / MICROS_PER_DOLLAR;
  if (micros === 0 || amount >= 0.1) return `$${amount.toFixed(2)}`;
  return amount < 0.0001 ? "under $0.0001" : `$${amount.toFixed(4)}`;
};

/** `64,000` */
export const thousands = (count: number): string => count.toLocaleString("en-US");

const DAY_MS = 86_400_000;

/** The day a moment belongs to for budgets: `2026-11-24`, UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** When the budgets of the day of `ms` start afresh, ms. */
export const nextDayMs = (ms: number): number => (Math.floor(ms / DAY_MS) + 1) * DAY_MS;
