// The operator's command over what was spent and what may be.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { budgetCommand } from "../../ops/budget.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import { createLedger } from "../../src/adapters/dynamodb/ledger.ts";
import { type LocalTable, startTable } from "../adapters/dynamodb/local-table.ts";
import { spendingOf } from "../contracts/ledger.ts";
import { newSession } from "../contracts/said.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 9);

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

const run = (words: string, options: object = {}) =>
  budgetCommand({ table: local.table, now: () => NOW_MS }, { words: words.split(" "), ...options });

describe("npm run budget", () => {
  it("shows who spent what on a day, the sum without counting anything twice, and the limits", async () => {
    expect(await run("show")).toBe(
      "2026-11-24 (UTC)\n  nothing was spent\nLimits beside those of home/config.yaml\n  none\n",
    );
    const ledger = createLedger(local.table, systemClock);
    const add = (userId: number, chatId: number, cost: number, jobId?: string) =>
      ledger.add(
        "2026-11-23",
        { userId, chatId, ...(jobId === undefined ? {} : { jobId }) },
        spendingOf(cost),
        { writer: newSession(), number: 1 },
      );
    await add(42, 42, 300_000);
    await add(42, -100, 200_000, "tea");
    await add(43, -100, 1_000_000);
    expect(await run("set default", { turn: "0.5" })).toBe("default: $0.50 a turn, from the next turn on.\n");

    const shown = (await run("show", { day: "2026-11-23" })).split("\n");
    expect(shown[1]).toBe(
      "  all together  $1.50  3 calls, prompt 3,000 (1,800 cached), completion 150 (60 reasoning)",
    );
    expect(shown.slice(2, 7).map((line) => line.trim().split("  ").slice(0, 2).join(" "))).toEqual([
      "chat#-100 $1.20",
      "user#43 $1.00",
      "user#42 $0.50",
      "chat#42 $0.30",
      "job#tea $0.20",
    ]);
    expect(shown).toContain("  default  $0.50 a turn");
  });

  it("sets and unsets limits, which the next turn reads", async () => {
    const ledger = createLedger(local.table, systemClock);
    const limits = async () =>
      (await ledger.read("2026-11-24", { userId: 42, chatId: 42, jobId: "tea" })).limits;
    expect(await run("set user 42", { day: "5" })).toBe(
      "user 42: $5.00 a person's day, from the next turn on.\n",
    );
    await run("set job tea", { day: "1", turn: "0.75" });
    await run("set default", { day: "2", "job-day": "0.1" });
    expect(await limits()).toMatchObject({
      everybody: { userDay: 2_000_000, jobDay: 100_000 },
      user: { userDay: 5_000_000 },
      job: { jobDay: 1_000_000, turn: 750_000 },
    });
    expect(await run("unset user 42")).toBe("user 42: has no limits of its own any more.\n");
    expect((await limits()).user).toEqual({});
  });

  it.each([
    ["set user", { day: "1" }, "Say whom"],
    ["set user Ada", { day: "1" }, "Say whom"],
    ["set default 42", { day: "1" }, "Say whom"],
    ["set user 42", {}, "Say how much"],
    ["set user 42", { day: "much" }, '"much" is no amount'],
    ["set user 42", { day: "-1" }, '"-1" is no amount'],
    ["set user 42", { "job-day": "1" }, "--job-day is everybody's"],
    ["show", { day: "yesterday" }, "is no day"],
  ])("says what is wrong with %s %j", async (words, options, message) => {
    await expect(run(words, options)).rejects.toThrow(message);
  });
});
