import { describe, expect, it } from "vitest";
import { takeLease } from "../src/lease.ts";
import type { Sessions } from "../src/ports.ts";
import type { Outgoing } from "../src/session-state.ts";
import type { CommandEntry, Entry } from "../src/turn.ts";
import { ADA, entryId, messageEntry } from "./contracts/said.ts";
import { type Container, leaseOf, place } from "./lease-kit.ts";

const command = (update: number): CommandEntry => ({
  kind: "command",
  id: entryId(update),
  origin: ADA,
  at: update,
  name: "status",
  args: "",
});

const turnOf = (...updates: number[]) => ({
  entries: updates.map(entryId),
  origin: ADA,
  firstSeq: 1,
  hops: 0,
  steps: 0,
});

const outOf = (...updates: number[]): Outgoing => ({
  text: "Hi",
  origin: ADA,
  next: 0,
  simplified: [],
  sentIds: [],
  entries: updates.map(entryId),
});

describe("taking the lease", () => {
  it("is for exactly one of two who come at once; the other leaves quietly", async () => {
    const { container, session } = place();
    const [a, b] = [container(), container()];
    const taken = await Promise.all([takeLease(a, session, "a"), takeLease(b, session, "b")]);
    expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it("throws when the same event holds it already, so that Lambda asks again", async () => {
    const { container, session } = place();
    await takeLease(container(), session, "ab");
    await expect(takeLease(container(), session, "ab")).rejects.toMatchObject({
      code: "busy",
      retryable: true,
    });
    expect(await takeLease(container(), session, "a")).toBeUndefined();
  });

  it("fails, and holds nothing for long, when the inbox cannot be read beside it", async () => {
    const { container, session } = place();
    const one = container();
    const inbox = { ...one.inbox, waiting: () => Promise.reject(new Error("no inbox")) };
    await expect(takeLease({ ...one, inbox }, session, "a")).rejects.toThrow("no inbox");
    await one.clock.advance(36_000);
    expect((await leaseOf(one)).meta).toMatchObject({ fence: 2, tries: 2 });
  });
});

describe("the next batch", () => {
  const arrive = async (container: Container, ...entries: Entry[]) => {
    for (const entry of entries) await container.inbox.put(container.session, entry);
  };

  /** Answers a batch of entries as a turn does: taken, answered, removed, closed. */
  const answer = async (container: Container, lease: Awaited<ReturnType<typeof leaseOf>>) => {
    const batch = await lease.next();
    if (batch?.kind !== "entries") throw new Error(`expected entries, not ${batch?.kind}`);
    const ids = batch.entries.map(({ id }) => id);
    await container.inbox.remove(container.session, ids);
    await lease.close({});
    return ids;
  };

  it("is messages that wait together, but anything else alone and in its place", async () => {
    const { container } = place();
    const one = container();
    await arrive(one, messageEntry(1), messageEntry(2), command(3), command(4), messageEntry(5));
    const lease = await leaseOf(one);
    const batches: unknown[] = [];
    for (let count = 0; count < 4; count += 1) batches.push(await answer(one, lease));
    expect(batches).toEqual([[1, 2], [3], [4], [5]].map((ids) => ids.map(entryId)));
    expect(await lease.next()).toBeUndefined();
  });

  it("is the delivery of an answer before anything else, then the open turn, then what waits", async () => {
    const { container } = place();
    const one = container();
    await arrive(one, messageEntry(1), messageEntry(2));
    await (await leaseOf(one)).handOver({ turn: turnOf(1), out: outOf(1) });
    const lease = await leaseOf(one);
    expect(await lease.next()).toEqual({ kind: "deliver" });
    await lease.commit({ out: null });
    expect(await lease.next()).toEqual({ kind: "resume" });
    await lease.commit({ turn: null });
    expect(await lease.next()).toMatchObject({ kind: "entries", entries: [{ id: entryId(2) }] });
  });

  it("is found by the look after the release when it came while we were closing", async () => {
    const { container, session } = place();
    const one = container();
    let isClosing = false;
    const sessions: Sessions = {
      ...one.sessions,
      async release(...args) {
        if (!isClosing) {
          isClosing = true;
          await arrive(one, messageEntry(1));
          expect(await takeLease(container(), session, "its own wake")).toBeUndefined();
        }
        await one.sessions.release(...args);
      },
    };
    const lease = await leaseOf({ ...one, sessions });
    expect(await lease.next()).toMatchObject({ kind: "entries", entries: [{ id: entryId(1) }] });
    expect(lease.meta).toMatchObject({ fence: 2, tries: 1 });
  });

  it("is somebody else's when they took the lease between our release and our look", async () => {
    const { container } = place();
    const one = container();
    const other = container();
    const lease = await leaseOf(one);
    await lease.close({});
    await arrive(one, messageEntry(1));
    await leaseOf(other, "b");
    expect(await lease.next()).toBeUndefined();
  });

  it("is nothing after a hand-over, which leaves the turn open for whoever comes", async () => {
    const { container } = place();
    const one = container();
    await arrive(one, messageEntry(1), messageEntry(2));
    const lease = await leaseOf(one);
    await lease.handOver({ turn: turnOf(1) });
    expect(await lease.next()).toBeUndefined();
    expect(await (await leaseOf(container(), "b")).next()).toEqual({ kind: "resume" });
  });
});

describe("closing a turn", () => {
  it("gives the lease back in the same write when nothing more is known to wait, and keeps it otherwise", async () => {
    const { container, session } = place();
    const one = container();
    await one.inbox.put(session, messageEntry(1));
    const lease = await leaseOf(one);
    await lease.next();
    await lease.commit({ turn: turnOf(1) });
    await one.inbox.put(session, messageEntry(2));
    expect(await lease.look()).toMatchObject([{ id: entryId(2) }]);
    await one.inbox.remove(session, [entryId(1)]);
    await lease.close({ turn: null, title: "Tea" });
    expect(lease.meta.tries).toBe(1); // its own first try at what waits
    expect(await takeLease(container(), session, "b")).toBeUndefined();
    await lease.next();
    await one.inbox.remove(session, [entryId(2)]);
    await lease.close({});
    expect((await leaseOf(container(), "b")).meta).toMatchObject({ title: "Tea", tries: 1 });
    await expect(lease.commit({})).rejects.toMatchObject({ code: "lease_lost" });
  });

  it("does not take the turn's own entries, seen by a look before they were taken up, for more to do", async () => {
    const { container, session } = place();
    const one = container();
    await one.inbox.put(session, messageEntry(1));
    const lease = await leaseOf(one);
    await lease.next();
    await lease.look();
    await lease.commit({ turn: turnOf(1) });
    await one.inbox.remove(session, [entryId(1)]);
    await lease.close({ turn: null });
    expect(await takeLease(container(), session, "b")).toBeDefined();
  });
});
