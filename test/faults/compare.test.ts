// The judge itself: what a fault excuses, and that it excuses nothing more.

import { describe, expect, it } from "vitest";
import { violations } from "./compare.ts";
import type { Outcome, SessionState } from "./outcome.ts";
import { type Allowed, NOTHING_ALLOWED } from "./strike.ts";

const session = (more: Partial<SessionState> = {}): SessionState => ({
  rows: [],
  left: {},
  inbox: [],
  ...more,
});

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  sessions: { chat: session() },
  jobs: [],
  schedules: [],
  replies: ["one", "two"],
  asked: { "mark-1": 1 },
  askedThoughStored: [],
  toolRuns: { "/launch/1": 1, "/peek/2": 1 },
  retries: 0,
  failures: 0,
  refusals: [],
  ...more,
});

const judged = (got: Partial<Outcome>, allowed: Partial<Allowed> = {}) =>
  violations(outcome(), outcome(got), { ...NOTHING_ALLOWED, ...allowed });

describe("a reply", () => {
  it("may be there twice where its send was in doubt", () => {
    expect(judged({ replies: ["one", "one", "two"] }, { twice: [0] })).toEqual([]);
  });

  it.each([
    ["twice where nothing was in doubt", ["one", "one", "two"], {}],
    ["twice where another was in doubt", ["one", "one", "two"], { twice: [1] }],
    ["three times", ["one", "one", "one", "two"], { twice: [0] }],
    ["missing", ["two"], { twice: [0] }],
    ["missing with nobody told", ["two"], { twice: [0], isDoubtful: true }],
    ["in another place", ["two", "one"], { twice: [0] }],
  ])("may not be %s", (_, replies, allowed) => {
    expect(judged({ replies }, allowed)).toHaveLength(1);
  });

  it("may be missing when it was in doubt twice and the person is told", () => {
    const told = "⚠️ The connection to Telegram failed while I answered: …";
    expect(judged({ replies: ["one", told] }, { isDoubtful: true })).toEqual([]);
    expect(judged({ replies: ["one", told] })).toHaveLength(1);
  });
});

describe("the model", () => {
  it("may be asked once more for what a fault took, and never for what is stored", () => {
    expect(judged({ asked: { "mark-1": 2 } }, { retries: 1 })).toEqual([]);
    expect(judged({ asked: { "mark-1": 3 } }, { retries: 1 })).toHaveLength(1);
    expect(judged({ askedThoughStored: ["mark-1"] }, { retries: 1 })).toHaveLength(1);
  });
});

describe("a tool", () => {
  it("runs again only if it may be repeated", () => {
    expect(judged({ toolRuns: { "/launch/1": 1, "/peek/2": 2 } }, { retries: 1 })).toEqual([]);
    expect(
      judged({ toolRuns: { "/launch/1": 2, "/peek/2": 1 } }, { retries: 1, unknown: ["x"] }),
    ).toHaveLength(1);
  });

  it("has a result that nobody knows only where it was under way", () => {
    const row = (content: string) => ({ role: "tool", content, toolCallId: "call" });
    const expected = outcome({ sessions: { chat: session({ rows: [row("done")] }) } });
    const got = outcome({ sessions: { chat: session({ rows: [row("Outcome unknown: …")] }) } });
    expect(violations(expected, got, { ...NOTHING_ALLOWED, unknown: ["call"] })).toEqual([]);
    expect(violations(expected, got, { ...NOTHING_ALLOWED, unknown: ["other"] })).toHaveLength(1);
  });
});

it.each([
  ["a lease that is held", { sessions: { chat: session({ left: { until: 1 } }) } }],
  ["an entry that waits", { sessions: { chat: session({ inbox: ["IN#1"] }) } }],
  ["a record of a failure", { failures: 1 }],
  ["more retries than faults", { retries: 2 }],
  ["a request that the model refused", { refusals: ["no"] }],
])("%s is a violation", (_, got) => {
  expect(judged(got, { retries: 1 })).toHaveLength(1);
});
