import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createLedger } from "../../../src/adapters/dynamodb/ledger.ts";
import {
  listAccounts,
  listLimits,
  setLimits,
  unsetLimits,
} from "../../../src/adapters/dynamodb/ledger-admin.ts";
import { DAY, ledgerContract, newPayer, spendingOf } from "../../contracts/ledger.ts";
import { newSession } from "../../contracts/said.ts";
import { createFakeLedger } from "../../fakes/ledger.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

const ledgerOf = () => createLedger(local.table, systemClock);

ledgerContract("in memory", async () => {
  const ledger = createFakeLedger();
  return { ledger, setLimits: ledger.setLimits };
});
ledgerContract("over DynamoDB", async () => ({
  ledger: ledgerOf(),
  setLimits: (of, limits) => setLimits(local.table, of, limits),
}));

describe("an account over DynamoDB", () => {
  it("is read with the limits in one request, and written with one for each account", async () => {
    const payer = newPayer({ jobId: "tea" });
    local.requests();
    await ledgerOf().read(DAY, payer);
    expect(local.requests()).toEqual(["BatchGetItem"]);
    await ledgerOf().add(DAY, payer, spendingOf(1), { writer: newSession(), number: 1 });
    expect(local.requests()).toEqual(["UpdateItem", "UpdateItem", "UpdateItem"]);
  });

  it("ends by the table's one TTL attribute, and grows with the conversations and not with their calls", async () => {
    const payer = newPayer();
    const writer = newSession();
    for (const number of [1, 2, 3])
      await ledgerOf().add("2026-11-26", payer, spendingOf(1), { writer, number });
    const item = await local.item("USAGE#2026-11-26", `user#${payer.userId}`);
    expect(item?.["expiration"]).toBe(Date.UTC(2027, 11, 31) / 1_000);
    expect(Object.keys(item ?? {}).filter((name) => name.startsWith("by_"))).toHaveLength(1);
  });
});

describe("when DynamoDB fails", () => {
  it("a write whose answer was lost counts once", async () => {
    const payer = newPayer({ jobId: "lost" });
    local.dynamoDb.fail("drop-after", { operation: "UpdateItem", times: 3 });
    const spent = await ledgerOf().add(DAY, payer, spendingOf(9), { writer: newSession(), number: 1 });
    expect(spent).toMatchObject({ user: { cost: 9, calls: 1 }, chat: { cost: 9 }, job: { cost: 9 } });
  });

  it("a write that failed in the middle is made whole by being repeated", async () => {
    const payer = newPayer();
    const mark = { writer: newSession(), number: 1 };
    // Of the two accounts one is written, and the other's three attempts fail.
    local.dynamoDb.fail("error", { operation: "UpdateItem", times: 4 });
    await ledgerOf()
      .add(DAY, payer, spendingOf(9), mark)
      .catch(() => undefined);
    expect(await ledgerOf().add(DAY, payer, spendingOf(9), mark)).toMatchObject({
      user: { cost: 9, calls: 1 },
      chat: { cost: 9, calls: 1 },
    });
  });

  it("a read is an error and not an empty account", async () => {
    local.dynamoDb.fail("error", { operation: "BatchGetItem", times: 3 });
    await expect(ledgerOf().read(DAY, newPayer())).rejects.toMatchObject({ name: "InternalServerError" });
  });
});

describe("the operator", () => {
  it("sees the accounts of a day with the dearest first, and sets and unsets limits", async () => {
    const day = "2026-11-27";
    const [ada, bob] = [newPayer(), newPayer()];
    await ledgerOf().add(day, ada, spendingOf(1), { writer: newSession(), number: 1 });
    await ledgerOf().add(day, bob, spendingOf(2), { writer: newSession(), number: 1 });
    expect((await listAccounts(local.table, day)).map(({ name, cost }) => [name, cost])).toEqual([
      [`chat#${bob.chatId}`, 2],
      [`user#${bob.userId}`, 2],
      [`chat#${ada.chatId}`, 1],
      [`user#${ada.userId}`, 1],
    ]);
    const of = { kind: "user", id: ada.userId } as const;
    await setLimits(local.table, of, { userDay: 5 });
    await setLimits(local.table, of, { turn: 2 });
    expect(await listLimits(local.table)).toContainEqual({
      name: `user#${ada.userId}`,
      limits: { userDay: 5, turn: 2 },
    });
    await unsetLimits(local.table, of);
    expect((await ledgerOf().read(day, ada)).limits.user).toEqual({});
  });
});
