// The judge itself: what a fault excuses, and that it excuses nothing more.

import { describe, expect, it } from "vitest";
import { violations } from "./compare.ts";
import type { Kept } from "./kept.ts";
import type { Outcome, SessionState } from "./outcome.ts";
import { type Allowed, NOTHING_ALLOWED } from "./strike.ts";

const session = (more: Partial<SessionState> = {}): SessionState => ({
  rows: [],
  lists: [],
  left: {},
  inbox: [],
  ...more,
});

const kept = (more: Partial<Kept> = {}): Kept => ({
  skills: { "sea/SKILL.md": "all of it" },
  documents: { sea: "all of it" },
  onTheWay: [],
  menu: ["sea"],
  events: ["hello → hi"],
  facts: ["has a boat"],
  notes: ["rows"],
  charged: { user: { calls: 1, estimated: 0 }, chat: { calls: 1, estimated: 0 } },
  ...more,
});

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  sessions: { chat: session() },
  jobs: [],
  schedules: [],
  replies: ["one", "two"],
  asked: { "mark-1": 1 },
  askedThoughStored: [],
  prompts: 1,
  kept: kept(),
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
    expect(judged({ asked: { "mark-1": 2 } }, { retries: 1, uncounted: 1 })).toEqual([]);
    expect(judged({ asked: { "mark-1": 3 } }, { retries: 1, uncounted: 2 })).toHaveLength(1);
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

describe("what is kept beside the conversation", () => {
  const charging = (calls: number) => ({ ...kept().charged, user: { calls, estimated: 0 } });
  const withoutSkill = kept({ skills: {}, documents: {}, menu: [] });

  it("may lack the skill that was being written, where nobody knows whether it was", () => {
    expect(judged({ kept: withoutSkill }, { unknown: ["x"] })).toEqual([]);
    expect(judged({ kept: withoutSkill })).toHaveLength(1);
  });

  it("may lack the cost of a call that a process died with", () => {
    const uncharged = kept({ charged: charging(0) });
    expect(judged({ kept: uncharged }, { uncounted: 1 })).toEqual([]);
    expect(judged({ kept: uncharged })).toHaveLength(1);
  });

  it("may have the estimated cost of a call that was stopped before anybody heard of it", () => {
    const stopped = { calls: 2, estimated: 1 };
    expect(judged({ kept: kept({ charged: { user: stopped, chat: stopped } }) })).toEqual([]);
  });

  it.each([
    ["a skill that is not whole", { skills: { "sea/SKILL.md": "half" } }],
    ["a skill nobody asked for", { skills: { "sea/SKILL.md": "all of it", "air/SKILL.md": "air" } }],
    ["a document that is old", { documents: { sea: "half" } }],
    ["a document of no skill", { documents: { sea: "all of it", air: "air" } }],
    ["a skill that is not found", { documents: {} }],
    ["a change that is not handed over", { onTheWay: ["pending"] }],
    ["a menu without the skill", { menu: [] }],
    ["an exchange that is learnt twice", { events: ["hello → hi", "hello → hi"] }],
    ["a fact that is kept twice", { facts: ["has a boat", "has a boat"] }],
    ["a note that is made twice", { notes: ["rows", "rows"] }],
    ["a call that is charged twice", { charged: charging(2) }],
  ] as const)("may not have %s", (_, more) => {
    const allowed = { unknown: ["x"], uncounted: 1, retries: 1 };
    expect(judged({ kept: kept(more) }, allowed)).toHaveLength(1);
  });
});

it.each([
  ["a second system prompt", { prompts: 2 }],
  ["a list of skills that is not stored with the session", { sessions: { chat: session({ lists: [""] }) } }],
  ["a lease that is held", { sessions: { chat: session({ left: { until: 1 } }) } }],
  ["an entry that waits", { sessions: { chat: session({ inbox: ["IN#1"] }) } }],
  ["a record of a failure", { failures: 1 }],
  ["more retries than faults", { retries: 2 }],
  ["a request that the model refused", { refusals: ["no"] }],
])("%s is a violation", (_, got) => {
  expect(judged(got, { retries: 1 })).toHaveLength(1);
});

it("a session's list of skills may be missing only with the row that carries it", () => {
  const withList = { sessions: { chat: session({ lists: ["sea"] }) } };
  expect(judged(withList, { unsaid: /^Hello$/ })).toEqual([]);
  const [expected, got] = [outcome(withList), outcome({ sessions: { chat: session({ lists: ["air"] }) } })];
  expect(violations(expected, got, { ...NOTHING_ALLOWED, unsaid: /^Hello$/ })).toHaveLength(1);
});
