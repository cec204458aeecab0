import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { lease } from "../../middleware/lease.ts";
import type { Answer } from "../../middleware/step.ts";
import { type Lease, takeLease } from "../../src/lease.ts";
import { LEASE_MS } from "../../src/lease-times.ts";
import type { Sessions } from "../../src/ports.ts";
import type { Turn } from "../../src/turn.ts";
import { newSession } from "../contracts/said.ts";
import { contextWith } from "../front-door.ts";
import { type Container, leaseOf, place } from "../lease-kit.ts";

const NOTHING = () => {};

type Work = (lease: Lease, signal: AbortSignal) => Promise<void>;

/** An invocation by a wake; with `via` "http" by a request whose turn runs inline. */
const invoke = (
  container: Container,
  work: Work,
  options: { requestId?: string; remainingMs?: number; via?: "http" | "iam" } = {},
) => {
  const { requestId = "a", remainingMs = 60_000, via = "iam" } = options;
  const turn: Turn = { kind: "wake", session: container.session, requestId };
  return middy<unknown, Answer>({ timeoutEarlyInMillis: 10 })
    .use(lease({ ...container, foresee: NOTHING }))
    .handler(async (_event, context, { signal }) => {
      await work(context.lease, signal);
      return { statusCode: 200, body: "worked" };
    })({}, contextWith({ turn, verified: { via }, getRemainingTimeInMillis: () => remainingMs }) as never);
};

/** Renewals and releases by this container. */
const watching = (container: Container) => {
  const written: string[] = [];
  const sessions: Sessions = {
    ...container.sessions,
    async commit(...args) {
      written.push("commit");
      return container.sessions.commit(...args);
    },
    async release(...args) {
      written.push("release");
      return container.sessions.release(...args);
    },
  };
  return { ...container, sessions, written };
};

describe("the lease of a turn's session", () => {
  it("is held while the agent works, and free when it is done", async () => {
    const { container, session } = place();
    const other = container();
    const answer = await invoke(container(), async (held) => {
      expect(held.session).toBe(session);
      expect(await takeLease(other, session, "b")).toBeUndefined();
      expect(await held.next()).toBeUndefined();
    });
    expect(answer).toEqual({ statusCode: 200, body: "worked" });
    expect((await leaseOf(other, "b")).meta.tries).toBe(1);
  });

  it("ends the invocation quietly, with nothing held, when another event has it", async () => {
    const { container } = place();
    await leaseOf(container(), "b");
    const one = watching(container());
    const worked = () => Promise.reject(new Error("worked"));
    expect(await invoke(one, worked)).toEqual({ statusCode: 200, body: "" });
    await one.clock.advance(60_000);
    expect(one.written).toEqual([]);
  });

  it("asks the sender of a request to come again, as no retry of its own would look after a dead holder", async () => {
    const { container } = place();
    await leaseOf(container(), "b");
    await expect(invoke(container(), async () => {}, { via: "http" })).rejects.toMatchObject({
      code: "busy",
    });
  });

  it("fails the invocation when an earlier try of the same event has it", async () => {
    const { container } = place();
    await leaseOf(container(), "a");
    await expect(invoke(container(), async () => {})).rejects.toMatchObject({ code: "busy" });
  });

  it("is neither renewed nor given back after an error: it runs out, and the retry takes it over", async () => {
    const { container, session } = place();
    const one = watching(container());
    await expect(invoke(one, () => Promise.reject(new Error("no model")))).rejects.toThrow("no model");
    await one.clock.advance(LEASE_MS);
    expect(one.written).toEqual([]);
    const retry = container();
    await expect(takeLease(retry, session, "a")).rejects.toMatchObject({ code: "busy" });
    await retry.clock.advance(60_000);
    expect((await leaseOf(retry)).meta.tries).toBe(2);
  });

  it("is left the same way when the invocation is about to be cut", async () => {
    const { container } = place();
    const one = watching(container());
    const stuck: Work = (_lease, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await expect(invoke(one, stuck, { remainingMs: 20 })).rejects.toMatchObject({ name: "TimeoutError" });
    await one.clock.advance(60_000);
    expect(one.written).toEqual([]);
  });

  it("of one invocation is not touched by the failure of another in the same process", async () => {
    const { container } = place();
    const one = container();
    const { promise: bothAtWork, resolve: atWork } = Promise.withResolvers<void>();
    const handler = middy<unknown, Answer>()
      .use(lease({ ...one, foresee: NOTHING }))
      .handler(async (_event, { turn }) => {
        await bothAtWork;
        if (turn.requestId === "failing") throw new Error("theirs");
        return undefined;
      });
    const sessions = { failing: newSession(), working: newSession() };
    const begin = (requestId: "failing" | "working") => {
      const turn: Turn = { kind: "wake", session: sessions[requestId], requestId };
      return handler({}, contextWith({ turn, verified: { via: "iam" } }) as never);
    };
    const failing = expect(begin("failing")).rejects.toThrow("theirs");
    const working = begin("working");
    await one.clock.advance(0);
    atWork();
    await Promise.all([failing, working]);
    await one.clock.advance(60_000);
    const later = container();
    await later.clock.advance(60_000);
    expect(await takeLease(later, sessions.working, "b")).toBeUndefined();
    expect(await takeLease(later, sessions.failing, "b")).toBeDefined();
  });

  it("is taken while what a turn will ask first is already being read", async () => {
    const { container, session } = place();
    const one = container();
    const order: string[] = [];
    const sessions: Sessions = {
      ...one.sessions,
      acquire(...args) {
        order.push("acquire");
        return one.sessions.acquire(...args);
      },
    };
    const step = lease({ ...one, sessions, foresee: (of) => order.push(`foresee ${of}`) });
    const turn: Turn = { kind: "wake", session, requestId: "a" };
    await step.before?.({ context: { turn, verified: { via: "iam" } } } as never);
    expect(order).toEqual([`foresee ${session}`, "acquire"]);
  });

  it("need not have been taken for the step to stand an error of another", async () => {
    const { container, session } = place();
    const turn: Turn = { kind: "wake", session, requestId: "a" };
    const failing = middy<unknown, Answer>()
      .before(() => {
        throw new Error("an earlier step");
      })
      .use(lease({ ...container(), foresee: NOTHING }))
      .handler(() => undefined);
    await expect(failing({}, contextWith({ turn }) as never)).rejects.toThrow("an earlier step");
    expect((await leaseOf(container(), "b")).meta.fence).toBe(1);
  });
});
