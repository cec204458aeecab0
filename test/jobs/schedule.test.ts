// Beyond Hermes' own cases (test/vectors/schedule-parsing.test.ts): what would be understood as another time is refused.

import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../src/jobs/schedule.ts";

const AT = { nowMs: Date.parse("2026-11-24T12:00:00Z"), timezone: "Europe/Berlin" };
const runAt = (text: string) => parseSchedule(text, AT);

describe("a timestamp", () => {
  it.each([
    "2026-12-24T18:30+02",
    "2026-12-24 18:30 +02:00",
    "2026-12-24T18:30:00+0200",
    "2026-12-24T16:30Z",
  ])("is taken at the offset it says: %s", (text) => {
    expect(runAt(text)).toMatchObject({ kind: "once", runAt: "2026-12-24T16:30:00Z" });
  });

  it("that says none is the person's local time", () => {
    expect(runAt("2026-12-24 18:30")).toMatchObject({ runAt: "2026-12-24T17:30:00Z" });
    expect(runAt("2026-12-24")).toMatchObject({ runAt: "2026-12-23T23:00:00Z" });
  });

  it.each([
    "2026-12-24T18:30[America/New_York]",
    "2026-12-24T18:30:60",
    "2026-12-24T25:00",
    "2026-02-30T10:00",
  ])("is refused when it is not understood to the end: %s", (text) => {
    expect(() => runAt(text)).toThrow(/^Invalid timestamp .* Write it like/);
  });
});

it("a word is answered with all the forms there are", () => {
  expect(() => runAt("Tuesday")).toThrow(/Duration[\s\S]*Interval[\s\S]*Cron[\s\S]*Timestamp/);
});

it("a step that leaves its field is refused, with what to write instead", () => {
  expect(() => runAt("*/90 * * * *")).toThrow(/'\*\/90' is not acceptable as minute .*every 90m/);
  expect(runAt("5/10 * * * *")).toMatchObject({ kind: "cron" });
});

it.each([
  ["1 minute", "once in 1 minute"],
  ["90minutes", "once in 90 minutes"],
  ["2  hrs", "once in 2 hrs"],
  ["2 h", "once in 2h"],
  ["30m", "once in 30m"],
])("a duration is shown as a person writes it: %s is “%s”", (text, display) => {
  expect(runAt(text)).toMatchObject({ kind: "once", display });
});
