// How long a lease is ours: the heartbeat, the check before a send, and holders that freeze, crash or are not heard.

import { describe, expect, it } from "vitest";
import { LeaseLost } from "../src/errors.ts";
import { takeLease } from "../src/lease.ts";
import { LEASE_MS, RENEW_MS, SEND_MARGIN_MS } from "../src/lease-times.ts";
import type { Sessions } from "../src/ports.ts";
import { ADA, entryId, rowOf, SESSION_ID } from "./contracts/said.ts";
import { type Container, leaseOf, place } from "./lease-kit.ts";

/** How often META is written, beside what the fake does. */
const counting = (container: Container) => {
  const commits: number[] = [];
  const sessions: Sessions = {
    ...container.sessions,
    async commit(...args) {
      commits.push(container.clock.now());
      return container.sessions.commit(...args);
    },
  };
  return { ...container, sessions, commits };
};

/** Somebody else takes the lease of a holder who has stood still for 40 s. */
const takenOver = async () => {
  const { container, session } = place();
  const [frozen, other] = [counting(container()), container()];
  const lease = await leaseOf(frozen, "a");
  await other.clock.advance(40_000);
  const later = await leaseOf(other, "b");
  frozen.clock.freeze(40_000);
  return { session, frozen, lease, other, later };
};

describe("the heartbeat", () => {
  it("keeps the lease for as long as the holder works, whatever that takes", async () => {
    const { container, session } = place();
    const one = counting(container());
    const lease = await leaseOf(one);
    await one.clock.advance(10 * 60_000);
    expect(one.commits).toHaveLength((10 * 60_000) / RENEW_MS);
    const other = container();
    await other.clock.advance(10 * 60_000);
    expect(await takeLease(other, session, "b")).toBeUndefined();
    expect(lease.lost.aborted).toBe(false);
  });

  it("ends with the release, and begins again when the lease is taken up again", async () => {
    const { container, session } = place();
    const one = counting(container());
    const lease = await leaseOf(one);
    await lease.close({});
    await one.clock.advance(60_000);
    expect(one.commits).toEqual([]);
    await one.inbox.put(session, {
      kind: "post",
      id: entryId(1),
      origin: ADA,
      at: 0,
      text: "Tea is ready.",
    });
    await lease.next();
    await one.clock.advance(60_000);
    expect(one.commits).toHaveLength(7);
  });

  it("tells whatever runs under the lease when it is refused, and stops", async () => {
    const { frozen, lease } = await takenOver();
    expect(lease.lost.aborted).toBe(false);
    await frozen.clock.advance(60_000);
    expect(lease.lost.reason).toBeInstanceOf(LeaseLost);
    expect(frozen.commits).toHaveLength(1);
  });

  it("tries again at the next beat when a renewal failed, says so, and loses nothing by it", async () => {
    const { container } = place();
    const one = container();
    let failures = 2;
    const sessions: Sessions = {
      ...one.sessions,
      async commit(...args) {
        failures -= 1;
        if (failures >= 0) throw new Error("no answer");
        return one.sessions.commit(...args);
      },
    };
    const lease = await leaseOf({ ...one, sessions });
    await one.clock.advance(3 * RENEW_MS);
    expect(one.log.lines).toMatchObject([
      { level: "warn", message: "the lease was not renewed" },
      { level: "warn", message: "the lease was not renewed" },
    ]);
    expect(lease.lost.aborted).toBe(false);
    await one.clock.advance(LEASE_MS);
    await expect(lease.commit({ title: "Tea" })).resolves.toBeUndefined();
  });

  it("has nothing to renew once a release is done that it waited for", async () => {
    const { container } = place();
    const one = counting(container());
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const sessions: Sessions = {
      ...one.sessions,
      async commit(...args) {
        if (one.commits.length === 0) await answered;
        return one.sessions.commit(...args);
      },
    };
    const lease = await leaseOf({ ...one, sessions });
    const slow = lease.commit({ title: "Tea" });
    const closed = lease.close({});
    await one.clock.advance(RENEW_MS);
    answer();
    await Promise.all([slow, closed]);
    await one.clock.advance(0);
    expect(lease.lost.aborted).toBe(false);
    await one.clock.advance(60_000);
    expect(one.log.lines).toEqual([]);
  });

  it("never overtakes a commit, nor a commit another", async () => {
    const { container } = place();
    const one = container();
    const begun: unknown[] = [];
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const sessions: Sessions = {
      ...one.sessions,
      async commit(session, fence, patch) {
        begun.push(patch);
        await answered;
        return one.sessions.commit(session, fence, patch);
      },
    };
    const lease = await leaseOf({ ...one, sessions });
    const first = lease.commit({ title: "first" });
    const second = lease.commit({ title: "second" });
    await one.clock.advance(RENEW_MS);
    expect(begun).toEqual([{ title: "first" }]);
    answer();
    await Promise.all([first, second]);
    await one.clock.advance(0);
    expect(begun).toEqual([{ title: "first" }, { title: "second" }, {}]);
    expect(lease.meta.title).toBe("second");
  });
});

describe("before a send", () => {
  it("nothing is written while enough of the lease is left", async () => {
    const { container } = place();
    const one = counting(container());
    const lease = await leaseOf(one);
    one.clock.freeze(LEASE_MS - SEND_MARGIN_MS);
    await lease.ensure();
    expect(one.commits).toEqual([]);
  });

  it("the lease is renewed when too little is left by either clock", async () => {
    for (const pass of ["freeze", "correct"] as const) {
      const { container } = place();
      const one = counting(container());
      const lease = await leaseOf(one);
      one.clock[pass](LEASE_MS - SEND_MARGIN_MS + 1);
      await lease.ensure();
      await lease.ensure();
      expect(one.commits).toHaveLength(1);
    }
    const { container } = place();
    const one = counting(container());
    const lease = await leaseOf(one);
    // A wall clock that was put back does not make the lease longer.
    one.clock.freeze(LEASE_MS);
    one.clock.correct(-LEASE_MS);
    await lease.ensure();
    expect(one.commits).toHaveLength(1);
  });

  it("it is refused to a holder whose lease passed on, or was given back", async () => {
    const { frozen, lease } = await takenOver();
    await expect(lease.ensure()).rejects.toBeInstanceOf(LeaseLost);
    await expect(lease.ensure()).rejects.toBeInstanceOf(LeaseLost);
    expect(frozen.commits).toHaveLength(1);
    const own = await leaseOf(place().container());
    await own.close({});
    await expect(own.ensure()).rejects.toBeInstanceOf(LeaseLost);
  });

  it("a refused heartbeat counts, also when our own clock sees time enough", async () => {
    const { container } = place();
    const [slow, fast] = [container(), container()];
    const lease = await leaseOf(slow, "a");
    await fast.clock.advance(40_000);
    await leaseOf(fast, "b");
    await slow.clock.advance(RENEW_MS);
    await expect(lease.ensure()).rejects.toBeInstanceOf(LeaseLost);
  });

  it("a renewal that took too long, or failed, is none", async () => {
    const { container } = place();
    const one = container();
    let commit: Sessions["commit"] = async (...args) => {
      const until = await one.sessions.commit(...args);
      one.clock.freeze(LEASE_MS - SEND_MARGIN_MS + 1);
      one.clock.correct(-LEASE_MS);
      return until;
    };
    const sessions: Sessions = { ...one.sessions, commit: (...args) => commit(...args) };
    const lease = await leaseOf({ ...one, sessions });
    one.clock.freeze(LEASE_MS);
    await expect(lease.ensure()).rejects.toBeInstanceOf(LeaseLost);
    commit = () => Promise.reject(new Error("no answer"));
    await expect(lease.ensure()).rejects.toThrow("no answer");
  });
});

describe("a holder that stood still while another took over", () => {
  it("changes nothing that anybody reads", async () => {
    const { session, lease, other, later } = await takenOver();
    await later.append([rowOf(1, later.meta.fence, "the later holder's")]);
    await later.commit({ sessionId: SESSION_ID, seq: 1, seqFence: later.meta.fence });
    const late = rowOf(1, lease.meta.fence, "too late");
    await expect(lease.append([late])).rejects.toBeInstanceOf(LeaseLost);
    await expect(lease.commit({ title: "too late" })).rejects.toBeInstanceOf(LeaseLost);
    await expect(lease.close({ title: "too late" })).rejects.toBeInstanceOf(LeaseLost);
    await expect(lease.handOver({ title: "too late" })).rejects.toBeInstanceOf(LeaseLost);
    expect(lease.lost.aborted).toBe(true);
    await later.handOver({});
    const meta = (await leaseOf(other, "c")).meta;
    expect(meta).toMatchObject({ seq: 1, tries: 1 });
    expect(meta).not.toHaveProperty("title");
    expect(await other.sessions.newestRows(session)).toMatchObject([
      { message: { content: "the later holder's" } },
    ]);
  });

  it("goes on when nobody did: its lease ran out and is still its own", async () => {
    const { container } = place();
    const one = container();
    const lease = await leaseOf(one);
    one.clock.freeze(10 * 60_000);
    await lease.commit({ title: "Tea" });
    expect(lease.lost.aborted).toBe(false);
  });
});

describe("an abandoned lease", () => {
  it("is written no more and runs out, and a retry finds the turn as it was", async () => {
    const { container, session } = place();
    const one = counting(container());
    const lease = await leaseOf(one, "a");
    const turn = { entries: [entryId(1)], origin: ADA, firstSeq: 1, hops: 0, steps: 2 };
    await lease.commit({ turn });
    lease.abandon();
    lease.abandon();
    await one.clock.advance(LEASE_MS);
    expect(one.commits).toHaveLength(1);
    const retry = container();
    await expect(takeLease(retry, session, "a")).rejects.toMatchObject({ code: "busy" });
    await retry.clock.advance(60_000);
    const again = await leaseOf(retry, "a");
    expect(again.meta).toMatchObject({ turn, fence: 2, tries: 2 });
    expect(await again.next()).toEqual({ kind: "resume" });
  });
});
