// The transcript under a lease: which rows its holder sees, and how those it adds become part of them.

import { describe, expect, it } from "vitest";
import type { Sessions } from "../src/ports.ts";
import type { MetaPatch, Row } from "../src/session-state.ts";
import { ADA, entryId, rowOf, SESSION_ID } from "./contracts/said.ts";
import { type Container, leaseOf, place } from "./lease-kit.ts";

/** META of a session whose transcript has come so far. */
const upTo = (seq: number, fence = 1): MetaPatch => ({ sessionId: SESSION_ID, seq, seqFence: fence });

const seqsOf = (rows: readonly Row[]) => rows.map(({ seq }) => seq);

/** Has rows 1 to `count` put and committed by one holder, who then gives the lease back. */
const speak = async (container: Container, count: number) => {
  const lease = await leaseOf(container);
  const { fence } = lease.meta;
  await lease.append(Array.from({ length: count }, (_, index) => rowOf(index + 1, fence)));
  await lease.handOver(upTo(count, fence));
};

/** The container whose reading beside the acquire sees these rows instead of the current ones. */
const readingEarly = (container: Container, rows: readonly Row[]): Container => ({
  ...container,
  sessions: {
    ...container.sessions,
    newestRows: (session, options) =>
      options === undefined ? Promise.resolve(rows) : container.sessions.newestRows(session, options),
  },
});

describe("the rows of a lease", () => {
  it("are those that were committed: what a crash left behind does not exist", async () => {
    const { container } = place();
    const first = container();
    const lease = await leaseOf(first);
    await lease.append([rowOf(1, 1), rowOf(2, 1)]);
    await lease.commit(upTo(2));
    await lease.append([rowOf(3, 1, "never committed")]);
    expect(seqsOf(lease.rows)).toEqual([1, 2]);
    await lease.handOver({});
    const next = await leaseOf(container());
    expect(seqsOf(next.rows)).toEqual([1, 2]);
    await next.append([rowOf(3, 2, "another third")]);
    await next.commit(upTo(3, 2));
    expect(next.rows.at(-1)?.message.content).toBe("another third");
  });

  it("are read again when those read beside the taking were not current", async () => {
    const { container } = place();
    const one = container();
    await speak(one, 1);
    await speak(one, 3);
    for (const [why, stale] of [
      ["nothing was there yet", []],
      ["the last step was not there yet", [rowOf(1, 2), rowOf(2, 2)]],
      ["the newest is of a holder who lost", [rowOf(1, 2), rowOf(2, 2), rowOf(3, 1)]],
      ["one in between is missing", [rowOf(1, 2), rowOf(3, 2)]],
      ["the beginning is missing", [rowOf(2, 2), rowOf(3, 2)]],
      ["they are another session's", [rowOf(1, 2, "", "z"), rowOf(2, 2, "", "z"), rowOf(3, 2, "", "z")]],
    ] as const) {
      const lease = await leaseOf(readingEarly(one, stale));
      expect(lease.rows, why).toEqual([rowOf(1, 2), rowOf(2, 2), rowOf(3, 2)]);
      await lease.handOver({});
    }
  });

  it("cost one read when they are current", async () => {
    const { container } = place();
    const one = container();
    await speak(one, 3);
    const read: unknown[] = [];
    const newestRows: Sessions["newestRows"] = (session, options) => {
      read.push(options);
      return one.sessions.newestRows(session, options);
    };
    await leaseOf({ ...one, sessions: { ...one.sessions, newestRows } });
    expect(read).toEqual([undefined]);
  });

  it("begin at base, also when compaction moves it under our eyes", async () => {
    const { container } = place();
    const lease = await leaseOf(container());
    await lease.append([1, 2, 3, 4].map((seq) => rowOf(seq, 1)));
    await lease.commit(upTo(4));
    await lease.append([{ ...rowOf(5, 1), marker: { kind: "summary", keepFrom: 3 } }]);
    await lease.commit({ ...upTo(5), base: 3 });
    expect(seqsOf(lease.rows)).toEqual([3, 4, 5]);
    await lease.handOver({});
    expect(seqsOf((await leaseOf(container())).rows)).toEqual([3, 4, 5]);
  });

  it("hold one row a place: rows of a step that was given up are replaced by the next", async () => {
    const { container } = place();
    const lease = await leaseOf(container());
    await lease.append([rowOf(1, 1, "given up"), rowOf(2, 1, "given up")]);
    await lease.append([rowOf(1, 1, "asked")]);
    await lease.commit(upTo(1));
    await lease.append([rowOf(2, 1, "answered")]);
    await lease.commit(upTo(2));
    expect(lease.rows.map(({ message }) => message.content)).toEqual(["asked", "answered"]);
  });

  it("are put one step after the other, so that a slow one does not come last", async () => {
    const { container } = place();
    const one = container();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const put: Row[] = [];
    const sessions: Sessions = {
      ...one.sessions,
      async append(_session, rows) {
        put.push(...rows);
        await answered;
      },
    };
    const lease = await leaseOf({ ...one, sessions });
    const slow = lease.append([rowOf(1, 1, "given up")]);
    const next = lease.append([rowOf(1, 1, "asked")]);
    await one.clock.advance(0);
    expect(put).toEqual([rowOf(1, 1, "given up")]);
    answer();
    await Promise.all([slow, next]);
    expect(put).toEqual([rowOf(1, 1, "given up"), rowOf(1, 1, "asked")]);
  });

  it("are those of the earlier session after a commit that went back to it", async () => {
    const { container } = place();
    const lease = await leaseOf(container());
    const earlier = "20260101_100000_bbbbbbbb";
    const turn = { entries: [entryId(1)], origin: ADA, firstSeq: 1, hops: 0, steps: 0 };
    await lease.append([rowOf(1, 1, "earlier", earlier)]);
    await lease.commit({ ...upTo(1), sessionId: earlier });
    await lease.append([rowOf(1, 1, "now"), rowOf(2, 1, "now")]);
    await lease.commit(upTo(2));
    await lease.commit({ ...upTo(1), sessionId: earlier, turn });
    expect(await lease.next()).toEqual({ kind: "resume" });
    expect(lease.rows.map(({ message }) => message.content)).toEqual(["earlier"]);
  });
});
