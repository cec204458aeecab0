import { describe, expect, it } from "vitest";
import { createLedgerAhead } from "../../src/agent/ledger-ahead.ts";
import type { SessionKey } from "../../src/turn.ts";
import { dayOf } from "../../src/usage/money.ts";
import type { Ledger } from "../../src/usage-ports.ts";
import { createFakeLedger } from "../fakes/ledger.ts";

const AT = Date.UTC(2026, 10, 24, 12);
const ADA = { userId: 42, chatId: 42 };
const DM = "agent:main:telegram:dm:42" as SessionKey;

const place = () => {
  const reads: number[] = [];
  let failures = 0;
  let nowMs = AT;
  const fake = createFakeLedger();
  const ledger: Ledger = {
    ...fake,
    async read(day, payer) {
      reads.push(payer.userId);
      failures -= 1;
      if (failures >= 0) throw new Error("the table is down");
      return fake.read(day, payer);
    },
  };
  return {
    reads,
    ahead: createLedgerAhead(ledger, { now: () => nowMs }),
    later: (ms: number) => {
      nowMs += ms;
    },
    failNext: () => {
      failures = 1;
    },
  };
};

describe("the ledger of a private chat", () => {
  it("is read while the lease is being taken, and once", async () => {
    const { ahead, reads } = place();
    ahead.begin(DM);
    expect(reads).toEqual([42]);
    await ahead.read(dayOf(AT), ADA);
    expect(reads).toEqual([42]);
    await ahead.read(dayOf(AT), ADA);
    expect(reads).toEqual([42, 42]);
  });

  it("is read again when it was begun for another, for a job, on another day, or long ago", async () => {
    for (const payer of [
      { userId: 43, chatId: 43 },
      { userId: 42, chatId: -1 },
      { ...ADA, jobId: "j" },
    ]) {
      const { ahead, reads } = place();
      ahead.begin(DM);
      await ahead.read(dayOf(AT), payer);
      expect(reads).toEqual([42, payer.userId]);
    }
    const { ahead, reads, later } = place();
    ahead.begin(DM);
    await ahead.read("2026-11-25", ADA);
    ahead.begin(DM);
    later(3_000);
    await ahead.read(dayOf(AT), ADA);
    expect(reads).toEqual([42, 42, 42, 42]);
  });

  it("that could not be read is told to whoever asks, and to nobody else", async () => {
    const { ahead, failNext } = place();
    failNext();
    ahead.begin(DM);
    await expect(ahead.read(dayOf(AT), ADA)).rejects.toThrow("down");
    failNext();
    ahead.begin(DM);
  });

  it("is not begun where the session does not say who pays", () => {
    const { ahead, reads } = place();
    for (const key of ["agent:main:telegram:group:-1:42", "agent:main:cron:abc", "agent:main:telegram:dm:x"])
      ahead.begin(key as SessionKey);
    expect(reads).toEqual([]);
  });
});
