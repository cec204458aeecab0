// What every implementation of Ledger promises (src/usage-ports.ts).

import { randomInt, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { NO_SPENDING } from "../../src/usage/spending.ts";
import type { Ledger, Limits, LimitsOf, Payer, Spending } from "../../src/usage-ports.ts";
import { newSession } from "./said.ts";

export const DAY = "2026-11-24";

export const spendingOf = (cost: number): Spending => ({
  usage: { prompt: 1_000, cached: 600, completion: 50, reasoning: 20 },
  calls: 1,
  estimated: 0,
  cost,
});

/** Nobody else's. */
export const newPayer = (more: Partial<Payer> = {}): Payer => {
  const userId = randomInt(2 ** 40);
  return { userId, chatId: userId, ...more };
};

interface Started {
  readonly ledger: Ledger;
  setLimits(of: LimitsOf, limits: Limits): void | Promise<void>;
}

export const ledgerContract = (name: string, start: () => Promise<Started>): void => {
  describe(`the ledger ${name}`, () => {
    let started: Started;
    let ledger: Ledger;
    beforeAll(async () => {
      started = await start();
      ledger = started.ledger;
    });

    it("of whom nothing is known says nothing", async () => {
      const none = { everybody: {}, user: {}, job: {} };
      const payer = newPayer();
      expect(await ledger.read("2001-01-01", payer)).toEqual({
        user: NO_SPENDING,
        chat: NO_SPENDING,
        limits: none,
      });
      expect(await ledger.read("2001-01-01", { ...payer, jobId: randomUUID() })).toMatchObject({
        job: NO_SPENDING,
      });
    });

    it("adds up for the user, the chat and the job, each over all that is theirs", async () => {
      const jobId = randomUUID();
      const ada = newPayer({ jobId });
      const group = newPayer({ userId: ada.userId });
      await ledger.add(DAY, ada, spendingOf(300), { writer: newSession(), number: 1 });
      const spent = await ledger.add(DAY, group, spendingOf(40), { writer: newSession(), number: 1 });
      expect(spent).toEqual({
        user: {
          usage: { prompt: 2_000, cached: 1_200, completion: 100, reasoning: 40 },
          calls: 2,
          estimated: 0,
          cost: 340,
        },
        chat: spendingOf(40),
      });
      expect(await ledger.read(DAY, ada)).toMatchObject({
        user: { cost: 340 },
        chat: { cost: 300 },
        job: { cost: 300 },
      });
    });

    it("keeps days apart", async () => {
      const payer = newPayer();
      const writer = newSession();
      await ledger.add(DAY, payer, spendingOf(7), { writer, number: 5 });
      const next = await ledger.add("2026-11-25", payer, spendingOf(1), { writer, number: 6 });
      expect(next.user.cost).toBe(1);
      expect((await ledger.read(DAY, payer)).user.cost).toBe(7);
    });

    it("counts a call once however often it is told, and every later one", async () => {
      const payer = newPayer({ jobId: randomUUID() });
      const writer = newSession();
      await ledger.add(DAY, payer, spendingOf(5), { writer, number: 10_001 });
      const again = await ledger.add(DAY, payer, spendingOf(5), { writer, number: 10_001 });
      expect(again).toMatchObject({ user: { cost: 5, calls: 1 }, chat: { cost: 5 }, job: { cost: 5 } });
      const later = await ledger.add(DAY, payer, spendingOf(2), { writer, number: 20_001 });
      expect(later.user.cost).toBe(7);
    });

    it("loses nothing of what many add at once", async () => {
      const payer = newPayer();
      const sessions = Array.from({ length: 8 }, newSession);
      const added = await Promise.all(
        sessions.map((writer) => ledger.add(DAY, payer, spendingOf(10), { writer, number: 1 })),
      );
      expect(Math.max(...added.map(({ user }) => user.cost))).toBe(80);
      expect((await ledger.read(DAY, payer)).user).toMatchObject({ cost: 80, calls: 8 });
    });

    it("tells the limits of everybody, of the user and of the job as they are now", async () => {
      const payer = newPayer({ jobId: randomUUID() });
      await started.setLimits({ kind: "default" }, { userDay: 1, turn: 2, jobDay: 3 });
      await started.setLimits({ kind: "user", id: payer.userId }, { userDay: 5_000_000 });
      await started.setLimits({ kind: "job", id: payer.jobId ?? "" }, { jobDay: 7, turn: 8 });
      expect((await ledger.read(DAY, payer)).limits).toEqual({
        everybody: { userDay: 1, turn: 2, jobDay: 3 },
        user: { userDay: 5_000_000 },
        job: { jobDay: 7, turn: 8 },
      });
      await started.setLimits({ kind: "user", id: payer.userId }, { userDay: 6_000_000 });
      expect((await ledger.read(DAY, payer)).limits.user).toEqual({ userDay: 6_000_000 });
    });
  });
};
