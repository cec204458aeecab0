// What a call costs: DeepSeek's prices at the edges of its peak hours, and models that nobody priced.

import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/home/config.ts";
import type { Usage } from "../../src/message.ts";
import { costOf } from "../../src/usage/prices.ts";
import { toldUsage } from "../../src/usage/spending.ts";

const { prices } = parseConfig("", "config.yaml", () => ({ value: {} })).config;

const MILLION: Usage = { prompt: 2_000_000, cached: 1_000_000, completion: 1_000_000, reasoning: 500_000 };

/** Micro-dollars. */
const OFF_PEAK = 150_000 + 3_000 + 600_000;
const PEAK = 2 * OFF_PEAK;

const at = (time: string): number => Date.parse(`2026-11-${time}Z`);

describe("a call of deepseek-flash", () => {
  it.each([
    ["Tuesday, the moment before the first peak", "24T00:59:59.999", OFF_PEAK],
    ["Tuesday, its first moment", "24T01:00:00", PEAK],
    ["Tuesday, its last moment", "24T03:59:59.999", PEAK],
    ["Tuesday, between the two peaks", "24T04:00:00", OFF_PEAK],
    ["Tuesday, the moment before the second", "24T05:59:59.999", OFF_PEAK],
    ["Tuesday, in the second", "24T06:00:00", PEAK],
    ["Tuesday, the moment after it", "24T10:00:00", OFF_PEAK],
    ["Friday", "27T09:59:59", PEAK],
    ["Saturday", "28T07:00:00", OFF_PEAK],
    ["Sunday", "29T02:00:00", OFF_PEAK],
    ["Monday", "30T01:30:00", PEAK],
  ])("costs what the hour says: %s", (_when, time, cost) => {
    expect(costOf(prices, "deepseek-flash", MILLION, at(time))).toBe(cost);
  });

  it("pays for reasoning as part of the completion, and is rounded up to whole micro-dollars", () => {
    const some = { prompt: 100, cached: 0, completion: 0, reasoning: 0 };
    expect(costOf(prices, "deepseek-flash", some, at("28T07:00:00"))).toBe(15);
    expect(costOf(prices, "deepseek-flash", { ...some, prompt: 1 }, at("28T07:00:00"))).toBe(1);
    expect(costOf(prices, "deepseek-flash", { ...some, prompt: 0 }, at("28T07:00:00"))).toBe(0);
  });

  it("is billed the same under the retired name", () => {
    expect(costOf(prices, "deepseek-v4-flash", MILLION, at("24T01:00:00"))).toBe(PEAK);
  });
});

describe("a model without a price", () => {
  it.each(["gpt-17", "constructor", "__proto__", ""])("counts as dear: %j", (name) => {
    expect(costOf(prices, name, MILLION, at("24T01:00:00"))).toBe(5_000_000 + 5_000_000 + 25_000_000);
  });
});

describe("what an API tells of its tokens", () => {
  it("is made sound before it is counted", () => {
    expect(toldUsage({ prompt: 10, cached: 50, completion: Number.NaN, reasoning: -3 })).toEqual({
      prompt: 10,
      cached: 10,
      completion: 0,
      reasoning: 0,
    });
  });

  it("is nothing where no prompt was counted: there is none without one", () => {
    expect(toldUsage(undefined)).toBeUndefined();
    expect(toldUsage({ prompt: 0, cached: 0, completion: 12, reasoning: 0 })).toBeUndefined();
  });
});

describe("prices and budgets of config.yaml", () => {
  const parse = (value: unknown) => parseConfig("", "config.yaml", () => ({ value })).config;

  it("add to the built-in table, or replace an entry of it", () => {
    const free = { input: 0, cached: 0, output: 0 };
    const { models } = parse({ prices: { models: { "my-own": free, default: free } } }).prices;
    expect(models).toMatchObject({ "my-own": free, default: free, "deepseek-flash": { input: 0.15 } });
  });

  it("may have a peak of their own, also until midnight", () => {
    const table = parse({ prices: { peak: { days: ["sat"], hours: ["22:00-24:00"] } } }).prices;
    expect(costOf(table, "deepseek-flash", MILLION, at("28T23:59:59"))).toBe(PEAK);
    expect(costOf(table, "deepseek-flash", MILLION, at("24T01:00:00"))).toBe(OFF_PEAK);
  });

  it.each([
    [{ budgets: { turn_usd: -1 } }, /budgets\.turn_usd: expected US dollars, from 0 to 100000, found -1/],
    [{ budgets: { user_day_usd: "1 $" } }, /budgets\.user_day_usd/],
    [{ prices: { models: { x: { input: 1 } } } }, /prices\.models\.x\.cached/],
    [{ prices: { peak: { hours: ["10:00-06:00"] } } }, /prices\.peak\.hours\.0: expected a range of hours/],
    [{ prices: { peak: { hours: ["20:00-24:30"] } } }, /prices\.peak\.hours/],
    [{ prices: { peak: { days: ["Monday"] } } }, /prices\.peak\.days\.0/],
  ])("that are wrong are named: %j", (value, message) => {
    expect(() => parse(value)).toThrow(message);
  });
});
