// Which limit holds, which budget is named, and how money and days read.

import { describe, expect, it } from "vitest";
import { budgetsFor, spentBudget } from "../../src/usage/budget.ts";
import { dayOf, dollars, microsOf, nextDayMs } from "../../src/usage/money.ts";

const DEFAULTS = { userDay: 100, turn: 20, jobDay: 30 };
const NONE = { everybody: {}, user: {}, job: {} };

describe("a limit", () => {
  it("is the job's own, else the person's, else everybody's, else config.yaml's", () => {
    expect(budgetsFor(DEFAULTS, NONE)).toEqual(DEFAULTS);
    const limits = { everybody: { userDay: 1, turn: 2, jobDay: 3 }, user: { userDay: 4 }, job: {} };
    expect(budgetsFor(DEFAULTS, limits)).toEqual({ userDay: 4, turn: 2, jobDay: 3 });
    const own = { everybody: { turn: 2 }, user: { turn: 5 }, job: { turn: 6, jobDay: 0 } };
    expect(budgetsFor(DEFAULTS, own)).toEqual({ userDay: 100, turn: 6, jobDay: 0 });
  });

  it("is reached when it is spent to the last micro-dollar, and the longest lasting is named", () => {
    const costs = { user: 99, job: undefined, turn: 19 };
    expect(spentBudget(DEFAULTS, costs)).toBeUndefined();
    expect(spentBudget(DEFAULTS, { ...costs, turn: 20 })).toEqual({ name: "turn", limit: 20 });
    expect(spentBudget(DEFAULTS, { ...costs, job: 30, turn: 20 })).toEqual({ name: "job_day", limit: 30 });
    expect(spentBudget(DEFAULTS, { user: 100, job: 30, turn: 20 })).toEqual({ name: "user_day", limit: 100 });
    expect(spentBudget({ ...DEFAULTS, userDay: 0 }, { ...costs, user: 0 })?.name).toBe("user_day");
  });
});

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [1, "under $0.0001"],
    [812, "$0.0008"],
    [99_900, "$0.0999"],
    [100_000, "$0.10"],
    [1_250_000, "$1.25"],
  ])("%i micro-dollars read as %s", (micros, text) => {
    expect(dollars(micros)).toBe(text);
  });

  it("is kept in whole micro-dollars", () => {
    expect([0.1, 0.25, 1.005].map(microsOf)).toEqual([100_000, 250_000, 1_005_000]);
  });
});

describe("a day", () => {
  it("begins at midnight UTC", () => {
    const midnight = Date.UTC(2026, 10, 25);
    expect([midnight - 1, midnight].map(dayOf)).toEqual(["2026-11-24", "2026-11-25"]);
    expect([midnight - 1, midnight].map(nextDayMs)).toEqual([midnight, midnight + 86_400_000]);
  });
});
