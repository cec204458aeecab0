// What every implementation of Sessions promises (src/ports.ts, design.md 4-5): the lease and the transcript.

import { beforeAll, describe, expect, it } from "vitest";
import { LeaseLost } from "../../src/errors.ts";
import { LEASE_MS, TAKEOVER_GRACE_MS } from "../../src/lease-times.ts";
import { type Clock, NEWEST_ROWS, type Sessions } from "../../src/ports.ts";
import type { Meta } from "../../src/session-state.ts";
import type { SessionKey } from "../../src/turn.ts";
import { createFakeClock, type FakeClock } from "../fakes/clock.ts";
import { ADA, entryId, newSession, rowOf, SESSION_ID } from "./said.ts";

/** A container of its own, by its own clock, over one store. */
export type OpenSessions = (clock: Clock) => Sessions;

export const sessionsContract = (name: string, start: () => Promise<OpenSessions>): void => {
  describe(`sessions ${name}`, () => {
    let open: OpenSessions;
    beforeAll(async () => {
      open = await start();
    });
    const setUp = (): { session: SessionKey; clock: FakeClock; sessions: Sessions } => {
      const clock = createFakeClock();
      return { session: newSession(), clock, sessions: open(clock) };
    };
    leaseRules(setUp);
    commitRules(setUp);
    transcriptRules(setUp);
  });
};

type SetUp = () => { session: SessionKey; clock: FakeClock; sessions: Sessions };

/** Takes a lease that must be free. */
export const take = async (sessions: Sessions, session: SessionKey, by = "request/1"): Promise<Meta> => {
  const taken = await sessions.acquire(session, by);
  if ("heldBy" in taken) throw new Error(`held by ${taken.heldBy}`);
  return taken;
};

const leaseRules = (setUp: SetUp): void => {
  it("gives an unknown session's lease, with the first fence, the first try and nothing said", async () => {
    const { session, clock, sessions } = setUp();
    expect(await sessions.acquire(session, "a/1")).toMatchObject({
      fence: 1,
      tries: 1,
      by: "a/1",
      until: clock.now() + LEASE_MS,
      sessionId: "",
      seq: 0,
      base: 0,
      settings: {},
    });
  });

  it("refuses while somebody holds it, and says who", async () => {
    const { session, sessions } = setUp();
    await take(sessions, session, "a/1");
    expect(await sessions.acquire(session, "b/1")).toEqual({ heldBy: "a/1" });
  });

  it("gives it to exactly one of many who ask at once", async () => {
    const { session, sessions } = setUp();
    const asked = ["a/1", "b/1", "c/1", "d/1", "e/1"].map((by) => sessions.acquire(session, by));
    const holders = (await Promise.all(asked)).filter((taken) => "fence" in taken);
    expect(holders).toHaveLength(1);
    expect(holders[0]).toMatchObject({ fence: 1, tries: 1 });
  });

  it("passes on only when more than 5 s have gone by since it ran out", async () => {
    const { session, clock, sessions } = setUp();
    await take(sessions, session, "a/1");
    await clock.advance(LEASE_MS + TAKEOVER_GRACE_MS);
    expect(await sessions.acquire(session, "b/1")).toEqual({ heldBy: "a/1" });
    await clock.advance(1);
    expect(await sessions.acquire(session, "b/1")).toMatchObject({ by: "b/1", fence: 2 });
  });

  it("knows its own token again: an acquire that is repeated changes nothing", async () => {
    const { session, sessions } = setUp();
    await take(sessions, session, "a/1");
    expect(await sessions.acquire(session, "a/1")).toMatchObject({ by: "a/1", fence: 1, tries: 1 });
  });

  it("counts every take as a try until a release, and never lets the fence fall", async () => {
    const { session, clock, sessions } = setUp();
    await take(sessions, session, "a/1");
    await clock.advance(40_000);
    expect(await take(sessions, session, "a/2")).toMatchObject({ fence: 2, tries: 2 });
    await clock.advance(40_000);
    expect(await take(sessions, session, "a/3")).toMatchObject({ fence: 3, tries: 3 });
    await sessions.release(session, 3, {});
    expect(await take(sessions, session, "b/1")).toMatchObject({ fence: 4, tries: 1 });
  });

  it("is free again at once after a release, which may be repeated", async () => {
    const { session, sessions } = setUp();
    await take(sessions, session, "a/1");
    await sessions.release(session, 1, { title: "Tea" });
    await expect(sessions.release(session, 1, { title: "Tea" })).resolves.toBeUndefined();
    expect(await take(sessions, session, "b/1")).toMatchObject({ fence: 2, title: "Tea" });
  });
};

const commitRules = (setUp: SetUp): void => {
  const turn = { entries: [entryId(1)], origin: ADA, firstSeq: 1, hops: 0, steps: 0 };
  const out = { text: "Hi", origin: ADA, next: 0, simplified: [], sentIds: [], entries: [entryId(1)] };

  it("keeps what was committed for the next holder, and removes what was set to null", async () => {
    const { session, sessions } = setUp();
    await take(sessions, session);
    await sessions.commit(session, 1, { turn, sessionId: SESSION_ID, seq: 1, seqFence: 1 });
    await sessions.commit(session, 1, { out, settings: { model: "m" }, title: "Tea" });
    await sessions.release(session, 1, { turn: null, title: null });
    const next = await take(sessions, session);
    expect(next).toMatchObject({
      sessionId: SESSION_ID,
      seq: 1,
      seqFence: 1,
      out,
      settings: { model: "m" },
    });
    expect(next).not.toHaveProperty("turn");
    expect(next).not.toHaveProperty("title");
  });

  it("renews with every commit, and says until when", async () => {
    const { session, clock, sessions } = setUp();
    await take(sessions, session, "a/1");
    await clock.advance(29_000);
    expect(await sessions.commit(session, 1, {})).toBe(clock.now() + LEASE_MS);
    await clock.advance(29_000);
    expect(await sessions.acquire(session, "b/1")).toEqual({ heldBy: "a/1" });
  });

  it("does not hear a holder whose lease passed on: nothing changes", async () => {
    const { session, clock, sessions } = setUp();
    await take(sessions, session, "a/1");
    await clock.advance(40_000);
    const later = await take(sessions, session, "b/1");
    await expect(sessions.commit(session, 1, { title: "old" })).rejects.toBeInstanceOf(LeaseLost);
    await expect(sessions.release(session, 1, { title: "old" })).rejects.toBeInstanceOf(LeaseLost);
    expect(await sessions.acquire(session, "b/1")).toEqual(later);
  });

  it("does not hear a holder who gave it back, though nobody has taken it since", async () => {
    const { session, sessions } = setUp();
    await take(sessions, session);
    await sessions.release(session, 1, {});
    await expect(sessions.commit(session, 1, { title: "late" })).rejects.toBeInstanceOf(LeaseLost);
    expect(await take(sessions, session)).not.toHaveProperty("title");
  });
};

const transcriptRules = (setUp: SetUp): void => {
  it("reads rows back as they were put, oldest first", async () => {
    const { session, sessions } = setUp();
    const rows = [
      { ...rowOf(9, 1), entryId: entryId(1) },
      {
        ...rowOf(10, 1),
        message: {
          role: "assistant" as const,
          content: "",
          reasoning: " ",
          toolCalls: [{ id: "call_1", name: "todo", arguments: '{"text":"ü"}' }],
        },
        tokens: 7,
      },
      {
        ...rowOf(11, 1),
        message: { role: "tool" as const, toolCallId: "call_1", toolName: "todo", content: "ok" },
      },
      { ...rowOf(12, 1), marker: { kind: "summary" as const, keepFrom: 9 } },
    ];
    await sessions.append(session, rows);
    const read = await sessions.newestRows(session);
    expect(read.map(({ seq }) => seq)).toEqual([9, 10, 11, 12]);
    for (const [index, row] of rows.entries()) expect(read[index]).toMatchObject(row);
  });

  it("puts the same rows twice without harm, and lets a later holder overwrite what nobody committed", async () => {
    const { session, sessions } = setUp();
    await sessions.append(session, [rowOf(1, 1)]);
    await sessions.append(session, [rowOf(1, 1)]);
    await sessions.append(session, [rowOf(1, 2, "by the later holder")]);
    expect(await sessions.newestRows(session)).toEqual([
      expect.objectContaining({ fence: 2, message: { role: "user", content: "by the later holder" } }),
    ]);
  });

  it("refuses a row where a later holder wrote", async () => {
    const { session, sessions } = setUp();
    await sessions.append(session, [rowOf(1, 2, "later")]);
    await expect(sessions.append(session, [rowOf(1, 1, "older")])).rejects.toBeInstanceOf(LeaseLost);
    expect(await sessions.newestRows(session)).toMatchObject([{ fence: 2, message: { content: "later" } }]);
  });

  it("finds the newest session without being told its id, and an older one by its id", async () => {
    const { session, sessions } = setUp();
    const older = "20260101_100000_aaaaaaaa";
    await sessions.append(
      session,
      [1, 2, 3].map((seq) => rowOf(seq, 1, "old", older)),
    );
    await sessions.append(session, [rowOf(1, 1, "new")]);
    expect(await sessions.newestRows(session)).toMatchObject([{ sessionId: SESSION_ID, seq: 1 }]);
    expect(await sessions.newestRows(session, { sessionId: older, fromSeq: 2 })).toMatchObject([
      { sessionId: older, seq: 2 },
      { sessionId: older, seq: 3 },
    ]);
    expect(await sessions.newestRows(newSession())).toEqual([]);
  });

  it("reads no more than the newest rows of a long session", async () => {
    const { session, sessions } = setUp();
    const many = Array.from({ length: NEWEST_ROWS + 3 }, (_, index) => rowOf(index + 1, 1));
    await sessions.append(session, many);
    const rows = await sessions.newestRows(session, { sessionId: SESSION_ID });
    expect(rows.map(({ seq }) => seq)).toEqual(many.slice(3).map(({ seq }) => seq));
  });

  it("takes a message of a megabyte and gives it back whole, also beside others", async () => {
    const { session, sessions } = setUp();
    const large = "é漢🙂".repeat(1_048_576 / 9);
    await sessions.append(session, [rowOf(1, 1), rowOf(2, 1, large), rowOf(3, 1)]);
    const rows = await sessions.newestRows(session, { sessionId: SESSION_ID });
    expect(rows.map(({ message }) => message.content.length)).toEqual([5, large.length, 5]);
    expect(rows[1]?.message.content === large).toBe(true);
  });
};
