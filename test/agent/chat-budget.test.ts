// One budget a chat: replies wait for it, decoration goes without.

import { describe, expect, it } from "vitest";
import { createChatBudget } from "../../src/agent/chat-budget.ts";
import { createFakeClock } from "../fakes/clock.ts";

const ADA = { chatId: 42 };
const BOB = { chatId: 43 };
const CREW = { chatId: -1_001_234_567_890 };
const never = new AbortController().signal;

/** When each of `count` replies asked for at once could go out, in ms from now. */
const departures = async (to: { readonly chatId: number }, count: number): Promise<readonly number[]> => {
  const clock = createFakeClock();
  const budget = createChatBudget(clock);
  const times: number[] = [];
  const taken = Array.from({ length: count }, () =>
    budget.take(to, never).then(() => times.push(clock.elapsed())),
  );
  await clock.advance(120_000);
  await Promise.all(taken);
  return times;
};

describe("the budget of a chat", () => {
  it("lets a short burst out at once and then one reply a second, in the order they were asked for", async () => {
    expect(await departures(ADA, 6)).toEqual([0, 0, 0, 1_000, 2_000, 3_000]);
  });

  it("is smaller in a group: twenty a minute", async () => {
    expect(await departures(CREW, 8)).toEqual([0, 0, 0, 0, 0, 3_000, 6_000, 9_000]);
  });

  it("always keeps a reply's worth from decoration", async () => {
    const clock = createFakeClock();
    const budget = createChatBudget(clock);
    expect([budget.spare(ADA), budget.spare(ADA), budget.spare(ADA)]).toEqual([true, true, false]);
    await budget.take(ADA, never);
    expect(clock.elapsed()).toBe(0);
    expect(budget.spare(BOB)).toBe(true);
    await clock.advance(2_000);
    expect(budget.spare(ADA)).toBe(true);
  });

  it("shows no decoration while Telegram wants silence", async () => {
    const clock = createFakeClock();
    const budget = createChatBudget(clock);
    budget.pause(ADA, 5_000);
    await clock.advance(4_999);
    expect(budget.spare(ADA)).toBe(false);
    await clock.advance(1);
    expect(budget.spare(ADA)).toBe(true);
  });

  it("is not waited for any longer than the signal allows", async () => {
    const budget = createChatBudget(createFakeClock());
    const stop = new AbortController();
    for (let times = 0; times < 3; times += 1) await budget.take(ADA, stop.signal);
    const waiting = budget.take(ADA, stop.signal);
    stop.abort(new Error("no more time"));
    await expect(waiting).rejects.toThrow("no more time");
  });
});
