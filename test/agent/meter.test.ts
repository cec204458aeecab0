// The meter of a turn: nothing is asked beyond a budget, and nothing that was asked goes uncounted.

import { describe, expect, it } from "vitest";
import { createAskModel } from "../../src/agent/ask-model.ts";
import { startMeter } from "../../src/agent/meter.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import { ModelError } from "../../src/errors.ts";
import { parseConfig } from "../../src/home/config.ts";
import type { ModelReply } from "../../src/message.ts";
import type { Model, ModelRequest } from "../../src/ports.ts";
import type { Ledger } from "../../src/usage-ports.ts";
import { ADA, newSession } from "../contracts/said.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { createFakeLedger, type FakeLedger } from "../fakes/ledger.ts";
import { recordingLog, says } from "./loop-kit.ts";

/** A Saturday: no peak. A reply costs 100 × 0.15 + 10 × 0.6 = 21 micro-dollars. */
const NOW_MS = Date.UTC(2026, 10, 28, 12);
const TODAY = "2026-11-28";
const REPLY_COST = 21;
const PAYER = { userId: 42, chatId: 42 };

const request = (signal = new AbortController().signal): ModelRequest => ({
  system: "You are a test.",
  messages: [{ role: "user", content: "hello" }],
  tools: [],
  maxTokens: 100,
  reasoning: "off",
  signal,
});

type Answer = (request: ModelRequest) => Promise<ModelReply>;

const modelOf = (answer: Answer, name = "deepseek-flash"): Model & { readonly asked: ModelRequest[] } => {
  const asked: ModelRequest[] = [];
  return {
    ...{ name, provider: "deepseek", readsImages: false, asked },
    complete(wish) {
      asked.push(wish);
      return answer(wish);
    },
  };
};

const setup = (overrides: { readonly ledger?: Ledger; readonly atMs?: number } = {}) => {
  const ledger = createFakeLedger();
  const clock = createFakeClock(overrides.atMs ?? NOW_MS);
  const log = recordingLog();
  const { config } = parseConfig("", "config.yaml", () => ({ value: {} }));
  const lease = { session: newSession(), meta: { fence: 3 } };
  // What the meter reads of a turn, and no more.
  const c = {
    ports: { ledger: overrides.ledger ?? ledger, clock, log },
    home: { config },
    lease,
  } as unknown as TurnContext;
  return { ...{ c, clock, log, lease }, ledger: ledger as FakeLedger };
};

const userCost = async (ledger: Ledger, day = TODAY) => (await ledger.read(day, PAYER)).user.cost;

describe("a call", () => {
  it("is counted for user, chat and job by the model that was asked, its cached tokens apart", async () => {
    const { c, ledger } = setup();
    const meter = startMeter(c, { origin: ADA, job: { id: "tea" } });
    const usage = { prompt: 1_000, cached: 800, completion: 100, reasoning: 40 };
    await meter.metered(modelOf(async () => says("Hi", { usage }))).complete(request());
    await meter.settled();

    const spending = { usage, calls: 1, estimated: 0, cost: 93 }; // 200 × 0.15 + 800 × 0.003 + 100 × 0.6, rounded up
    expect(await ledger.read(TODAY, { ...PAYER, jobId: "tea" })).toMatchObject({
      user: spending,
      chat: spending,
      job: spending,
    });
    expect([meter.turnCost(), meter.takeSpending(), meter.takeSpending().cost]).toEqual([93, spending, 0]);
  });

  it.each([
    ["nothing but zeros", { prompt: 0, cached: 0, completion: 0, reasoning: 0 }],
    ["an empty report", {}],
    ["less than nothing", { prompt: -5, cached: -5, completion: -5, reasoning: 0 }],
    ["what is no number", { prompt: Number.NaN, cached: "3", completion: null, reasoning: undefined }],
  ])("whose tokens are told as %s is estimated like one of which nobody told", async (_, usage) => {
    const { c, ledger } = setup();
    const meter = startMeter(c, { origin: ADA });
    const wild = says("A".repeat(400), { usage: usage as unknown as NonNullable<ModelReply["usage"]> });
    const told = await meter.metered(modelOf(async () => wild)).complete(request());
    await meter.settled();
    expect(told.usage).toBeUndefined();
    const { user } = await ledger.read(TODAY, PAYER);
    expect(user).toMatchObject({ calls: 1, estimated: 1, usage: { prompt: 5, completion: 100 } });
    expect(meter.takeSpending()).toEqual(user);
  });

  it("whose tokens nobody told is estimated, and marked so", async () => {
    const { c, ledger } = setup();
    const meter = startMeter(c, { origin: ADA });
    const { usage: _, ...untold } = says("A".repeat(400));
    await meter.metered(modelOf(async () => untold)).complete(request());
    await meter.settled();
    const { user } = await ledger.read(TODAY, PAYER);
    expect(user).toMatchObject({ calls: 1, estimated: 1, usage: { prompt: 5, completion: 100 } });
  });

  it("that is stopped is paid for as far as it came, without waiting for the connection", async () => {
    const { c, ledger } = setup();
    const meter = startMeter(c, { origin: ADA });
    const stop = new AbortController();
    const asked = meter
      .metered(
        modelOf(({ onWritten }) => {
          onWritten?.(40);
          queueMicrotask(() => stop.abort(new Error("stopped")));
          return new Promise<never>(() => {});
        }),
      )
      .complete(request(stop.signal));
    await expect(asked).rejects.toThrow("stopped");
    await meter.settled();
    expect((await ledger.read(TODAY, PAYER)).user).toMatchObject({ estimated: 1, usage: { completion: 10 } });
  });

  it("that is refused costs nothing; the fallback that answers then is paid at its own price", async () => {
    const { c, clock, log, ledger } = setup();
    const meter = startMeter(c, { origin: ADA });
    const ask = createAskModel({
      primary: meter.metered(modelOf(async () => Promise.reject(new ModelError("billing", "no credit")))),
      fallback: meter.metered(modelOf(async () => says("Hi"), "deepseek-v4-pro")),
      clock,
      log,
    });
    await ask(request(), { remainingMs: () => 60_000 });
    await meter.settled();
    expect((await ledger.read(TODAY, PAYER)).user).toMatchObject({ calls: 1, cost: 86 }); // 100 × 0.66 + 10 × 1.98
  });
});

describe("a budget", () => {
  it("of a day that is spent keeps the model from being asked, the fallback included", async () => {
    const { c, clock, log, ledger } = setup();
    ledger.setLimits({ kind: "user", id: 42 }, { userDay: REPLY_COST });
    const [primary, fallback] = [modelOf(async () => says("Hi")), modelOf(async () => says("Ho"))];
    const meter = startMeter(c, { origin: ADA });
    const options = { primary: meter.metered(primary), fallback: meter.metered(fallback), clock, log };
    const ask = createAskModel(options);
    await ask(request(), { remainingMs: () => 60_000 });
    await expect(ask(request(), { remainingMs: () => 60_000 })).rejects.toMatchObject({
      name: "BudgetExceeded",
      spent: { name: "user_day", limit: REPLY_COST },
    });
    expect([primary.asked.length, fallback.asked.length]).toEqual([1, 0]);
    expect(log.lines).toEqual([]);
  });

  it("of a turn counts what earlier invocations of the turn have spent", async () => {
    const { c, ledger } = setup();
    ledger.setLimits({ kind: "default" }, { turn: 100 });
    const meter = startMeter(c, { origin: ADA, cost: 90 });
    const model = meter.metered(modelOf(async () => says("Hi")));
    await model.complete(request());
    expect(meter.turnCost()).toBe(90 + REPLY_COST);
    await expect(model.complete(request())).rejects.toMatchObject({ spent: { name: "turn" } });
  });

  it("of a job is the job's own, and its runs count for the person's too", async () => {
    const { c, ledger } = setup();
    ledger.setLimits({ kind: "job", id: "tea" }, { jobDay: 1 });
    const bill = { origin: ADA, job: { id: "tea" } };
    await startMeter(c, bill)
      .metered(modelOf(async () => says("Hi")))
      .complete(request());
    const next = startMeter(c, bill);
    expect(await next.spentBudget()).toEqual({ name: "job_day", limit: 1 });
    expect(await startMeter(c, { origin: ADA }).spentBudget()).toBeUndefined();
    expect(await userCost(ledger)).toBe(REPLY_COST);
  });

  it("is what others have left of it: each call sees what another chat spent meanwhile", async () => {
    const { c, ledger } = setup();
    ledger.setLimits({ kind: "user", id: 42 }, { userDay: 1_000 });
    const meter = startMeter(c, { origin: ADA });
    const model = meter.metered(modelOf(async () => says("Hi")));
    await model.complete(request());
    const elsewhere = { writer: newSession(), number: 1 };
    const spending = { usage: { prompt: 1, cached: 0, completion: 0, reasoning: 0 }, calls: 1, estimated: 0 };
    await ledger.add(TODAY, { userId: 42, chatId: -7 }, { ...spending, cost: 980 }, elsewhere);
    await model.complete(request());
    await expect(model.complete(request())).rejects.toMatchObject({ spent: { name: "user_day" } });
  });

  it("that was raised holds from the next turn on", async () => {
    const { c, ledger } = setup();
    ledger.setLimits({ kind: "user", id: 42 }, { userDay: 0 });
    expect(await startMeter(c, { origin: ADA }).spentBudget()).toMatchObject({ name: "user_day" });
    ledger.setLimits({ kind: "user", id: 42 }, { userDay: 5 });
    expect(await startMeter(c, { origin: ADA }).spentBudget()).toBeUndefined();
  });

  it("starts afresh at midnight UTC, also in the middle of a turn, and the call before belongs to the day before", async () => {
    const { c, clock, ledger } = setup({ atMs: Date.UTC(2026, 10, 28, 23, 59, 59) });
    ledger.setLimits({ kind: "user", id: 42 }, { userDay: REPLY_COST });
    const meter = startMeter(c, { origin: ADA });
    const model = meter.metered(modelOf(async () => says("Hi")));
    await model.complete(request());
    await expect(model.complete(request())).rejects.toMatchObject({ name: "BudgetExceeded" });
    await clock.advance(1_000);
    await model.complete(request());
    await meter.settled();
    expect([await userCost(ledger), await userCost(ledger, "2026-11-29")]).toEqual([REPLY_COST, REPLY_COST]);
  });

  it("is nobody's but the chat's where no user speaks", async () => {
    const { c, ledger } = setup();
    const meter = startMeter(c, { origin: { chatId: -100, chatType: "channel" } });
    await meter.metered(modelOf(async () => says("Hi"))).complete(request());
    await meter.settled();
    expect(await ledger.read(TODAY, { userId: -100, chatId: -100 })).toMatchObject({
      user: { cost: REPLY_COST },
      chat: { cost: REPLY_COST },
    });
  });
});

describe("when the ledger fails", () => {
  const down = () => Promise.reject(new Error("the table is down"));

  it("to be read, the turn goes on within its own budget, and the operator's log has an error", async () => {
    const { ledger } = setup();
    const { c, log } = setup({ ledger: { read: down, add: ledger.add } });
    const meter = startMeter(c, { origin: ADA, cost: 249_990 });
    const model = meter.metered(modelOf(async () => says("Hi")));
    await model.complete(request());
    await expect(model.complete(request())).rejects.toMatchObject({
      spent: { name: "turn", limit: 250_000 },
    });
    expect(log.lines).toMatchObject([{ message: expect.stringMatching(/^the ledger could not be read/) }]);
  });

  it("to be written, the call counts all the same, and is written once with the next", async () => {
    const fake = createFakeLedger();
    let failures = 2;
    const { c } = setup({
      ledger: {
        read: fake.read,
        async add(...entry) {
          failures -= 1;
          // The second time the write is done, and its answer is lost.
          if (failures !== 1) await fake.add(...entry);
          if (failures >= 0) throw new Error("the table is down");
          return fake.add(...entry);
        },
      },
    });
    fake.setLimits({ kind: "user", id: 42 }, { userDay: 2 * REPLY_COST });
    const meter = startMeter(c, { origin: ADA });
    const model = meter.metered(modelOf(async () => says("Hi")));
    await model.complete(request());
    await model.complete(request());
    await expect(model.complete(request())).rejects.toMatchObject({ name: "BudgetExceeded" });
    await meter.settled();
    expect((await fake.read(TODAY, PAYER)).user).toMatchObject({ calls: 2, cost: 2 * REPLY_COST });
  });

  it("for good, what it misses is in the operator's log, and settling does not fail", async () => {
    const { c, log } = setup({ ledger: { read: createFakeLedger().read, add: down } });
    const meter = startMeter(c, { origin: ADA });
    await meter.metered(modelOf(async () => says("Hi"))).complete(request());
    await meter.settled();
    expect(log.lines.at(-1)).toMatchObject({
      message: "what a model call cost is not in the ledger",
      fields: { userId: 42, day: TODAY, cost: REPLY_COST },
    });
  });
});

describe("the mark of a call", () => {
  it("grows from call to call of a lease, over its turns and errands, and with every later holder", async () => {
    const fake = createFakeLedger();
    const marks: number[] = [];
    const add: Ledger["add"] = (day, payer, spending, mark) => {
      marks.push(mark.number);
      return fake.add(day, payer, spending, mark);
    };
    const { c, lease } = setup({ ledger: { read: fake.read, add } });
    const callOnce = async () => {
      const meter = startMeter(c, { origin: ADA });
      await meter.metered(modelOf(async () => says("Hi"))).complete(request());
      await meter.settled();
    };
    await callOnce();
    await callOnce();
    lease.meta.fence = 4;
    await callOnce();
    expect(marks).toEqual(marks.toSorted((a, b) => a - b));
    expect(new Set(marks).size).toBe(3);
    expect(await userCost(fake)).toBe(3 * REPLY_COST);
  });
});
