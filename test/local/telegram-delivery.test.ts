import type { Update } from "@grammyjs/types";
import { beforeEach, describe, expect, it } from "vitest";
import { createDelivery, type Delivery, type PostUpdate } from "../../local/telegram/delivery.ts";
import { makeButtonUpdate, makeStopUpdate, makeTextUpdate } from "../../local/telegram/updates.ts";
import { createManualTimers, type ManualTimers, settle } from "./manual-timers.ts";

const BOT = { id: 77, is_bot: true, first_name: "Hermes" };

let timers: ManualTimers;
let delivery: Delivery;
let start: number;

beforeEach(() => {
  timers = createManualTimers();
  start = timers.now();
  delivery = createDelivery({ timers, secretToken: () => undefined, random: () => 0 });
});

const frame = (updateId: number, chatId: number) => ({
  updateId,
  chat: { id: chatId },
  from: { id: chatId },
  messageId: updateId,
  date: Math.floor(timers.now() / 1000),
});
const text = (updateId: number, chatId = 42) => makeTextUpdate({ ...frame(updateId, chatId), text: "hi" });

const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}): PostUpdate =>
  async () => ({ status, headers, body: "" });

/** Seconds after the start at which the attempts were made. */
const seconds = (attempts: readonly { readonly at: number }[]) =>
  attempts.map(({ at }) => (at - start) / 1000);

describe("delivery", () => {
  it("asks again at once, then after 2, 4, 8 … s, at most 60, until it is accepted", async () => {
    let refusals = 8;
    const result = delivery.deliver(text(1), async () => ({
      status: refusals-- > 0 ? 500 : 204,
      headers: {},
      body: "",
    }));
    await timers.advance(10 * 60_000);
    const { outcome, attempts } = await result;
    expect(outcome).toBe("delivered");
    expect(seconds(attempts)).toEqual([0, 0, 2, 6, 14, 30, 62, 122, 182]);
  });

  it("waits as long as Retry-After says, which does not count as a step of the schedule", async () => {
    const answers = [503, 503, 500, 500, 200];
    const result = delivery.deliver(text(1), async () => {
      const status = answers.shift() ?? 200;
      return { status, headers: status === 503 ? { "Retry-After": "5" } : {}, body: "" };
    });
    await timers.advance(60_000);
    expect(seconds((await result).attempts)).toEqual([0, 5, 10, 10, 12]);
  });

  it("caps Retry-After at an hour", async () => {
    const result = delivery.deliver(text(1), answering(503, { "retry-after": "999999" }));
    await timers.advance(3_600_000);
    delivery.dropPending();
    expect(seconds((await result).attempts)).toEqual([0, 3600]);
  });

  it("waits 60 s for an answer, tells the request so, and takes an exception for no answer", async () => {
    let aborted = false;
    const answers: PostUpdate[] = [
      (_, __, signal) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            aborted = true;
          });
        }),
      () => Promise.reject(new Error("connection refused")),
      answering(200),
    ];
    const result = delivery.deliver(text(1), (...request) => (answers.shift() ?? answering(200))(...request));
    await timers.advance(59_999);
    expect(aborted).toBe(false);
    await timers.advance(10_000);
    expect(aborted).toBe(true);
    expect((await result).attempts.map(({ answer }) => answer)).toEqual(["timeout", "no answer", 200]);
  });

  it("drops a message 24 hours after its date and a button press after 150 s", async () => {
    const press = delivery.deliver(
      makeButtonUpdate({ ...frame(1, 42), callbackId: "a", data: "b", bot: BOT }),
      answering(500),
    );
    const old = makeTextUpdate({ ...frame(2, 42), date: frame(2, 42).date - 23 * 3600, text: "old" });
    const message = delivery.deliver(old, answering(500, { "retry-after": "1800" }));
    await timers.advance(2 * 3_600_000);
    expect(await press).toMatchObject({ outcome: "expired" });
    expect(seconds((await press).attempts).at(-1)).toBeLessThan(150);
    expect(seconds((await message).attempts)).toEqual([0, 1800, 3600]);
    expect(delivery.pending()).toBe(0);
  });

  it("opens no more connections than it may; who waits longest gets the next", async () => {
    const limited = createDelivery({ timers, secretToken: () => undefined, maxConnections: () => 2 });
    const seen: number[] = [];
    const answers = new Map<number, () => void>();
    const post: PostUpdate = (update) =>
      new Promise((resolve) => {
        seen.push(update.update_id);
        answers.set(update.update_id, () => resolve({ status: 200, headers: {}, body: "" }));
      });
    const all = [1, 2, 3, 4].map((n) => limited.deliver(text(n, 100 + n), post));
    await settle();
    expect(seen).toEqual([1, 2]);
    answers.get(2)?.();
    await settle();
    expect(seen).toEqual([1, 2, 3]);
    for (const n of [1, 3]) answers.get(n)?.();
    await settle();
    answers.get(4)?.();
    expect((await Promise.all(all)).map(({ outcome }) => outcome)).toEqual(Array(4).fill("delivered"));
  });

  it("delivers the messages of a chat one by one, of several chats at once", async () => {
    const seen: number[] = [];
    const release = Promise.withResolvers<void>();
    const post: PostUpdate = async (update) => {
      seen.push(update.update_id);
      if (update.update_id === 1) await release.promise;
      return { status: 200, headers: {}, body: "" };
    };
    const all = [text(1), text(2), text(3, 43)].map((update) => delivery.deliver(update, post));
    await settle();
    expect(seen).toEqual([1, 3]);
    expect(delivery.pending()).toBe(2);
    release.resolve();
    await Promise.all(all);
    expect(seen).toEqual([1, 3, 2]);
  });

  it("lets button presses and stops overtake the messages of their chat", async () => {
    const seen: number[] = [];
    const held = Promise.withResolvers<void>();
    const post: PostUpdate = async (update: Update) => {
      seen.push(update.update_id);
      if (update.message) await held.promise;
      return { status: 200, headers: {}, body: "" };
    };
    const message = delivery.deliver(text(1), post);
    await delivery.deliver(makeStopUpdate({ updateId: 2, chatId: 42, draftId: 7 }), post);
    await delivery.deliver(makeButtonUpdate({ ...frame(3, 42), callbackId: "a", data: "b", bot: BOT }), post);
    expect(seen).toEqual([1, 2, 3]);
    held.resolve();
    await message;
  });

  it("sends the same update each time, whatever a receiver did to it", async () => {
    const bodies: string[] = [];
    const result = delivery.deliver(text(1), async (update) => {
      bodies.push(JSON.stringify(update));
      update.update_id = 0;
      return { status: bodies.length < 2 ? 500 : 200, headers: {}, body: "" };
    });
    await result;
    expect(bodies[0]).toBe(bodies[1]);
  });

  it("forgets what waits when pending updates are dropped", async () => {
    const first = delivery.deliver(text(1), answering(500));
    const second = delivery.deliver(text(2), answering(200));
    await settle();
    delivery.dropPending();
    expect(await first).toMatchObject({ outcome: "dropped" });
    expect(await second).toEqual({ outcome: "dropped", attempts: [] });
  });
});
