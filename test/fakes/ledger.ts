// The ledger in memory. test/contracts/ledger.ts runs against it.

import { NO_SPENDING, sumOf } from "../../src/usage/spending.ts";
import type { Ledger, Limits, LimitsOf, Payer, Spending } from "../../src/usage-ports.ts";

export interface FakeLedger extends Ledger {
  setLimits(of: LimitsOf, limits: Limits): void;
}

interface Account {
  spending: Spending;
  readonly marks: Map<string, number>;
}

export const createFakeLedger = (): FakeLedger => {
  const accounts = new Map<string, Account>();
  const limits = new Map<string, Limits>();
  const account = (day: string, name: string): Account => {
    const key = `${day} ${name}`;
    const found = accounts.get(key) ?? { spending: NO_SPENDING, marks: new Map() };
    accounts.set(key, found);
    return found;
  };
  const spent = (day: string, { userId, chatId, jobId }: Payer) => ({
    user: account(day, `user#${userId}`).spending,
    chat: account(day, `chat#${chatId}`).spending,
    ...(jobId === undefined ? {} : { job: account(day, `job#${jobId}`).spending }),
  });
  const limit = (name: string): Limits => limits.get(name) ?? {};
  return {
    setLimits(of, values) {
      const name = of.kind === "default" ? of.kind : `${of.kind}#${of.id}`;
      limits.set(name, { ...limit(name), ...values });
    },
    async read(day, payer) {
      const [user, job] = [limit(`user#${payer.userId}`), limit(`job#${payer.jobId}`)];
      return { ...spent(day, payer), limits: { everybody: limit("default"), user, job } };
    },
    async add(day, payer, spending, { writer, number }) {
      const { userId, chatId, jobId } = payer;
      for (const name of [`user#${userId}`, `chat#${chatId}`, ...(jobId ? [`job#${jobId}`] : [])]) {
        const { marks, ...found } = account(day, name);
        if ((marks.get(writer) ?? Number.NEGATIVE_INFINITY) >= number) continue;
        marks.set(writer, number);
        accounts.set(`${day} ${name}`, { marks, spending: sumOf(found.spending, spending) });
      }
      return spent(day, payer);
    },
  };
};
