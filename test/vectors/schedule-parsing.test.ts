import { describe, expect, it } from "vitest";
import { parseDuration, parseSchedule, ScheduleError } from "../../src/jobs/schedule.ts";
import { casesOf } from "./read-vectors.ts";

interface Case {
  readonly id: string;
  readonly fn: "parse_duration" | "parse_schedule";
  readonly input: string;
  readonly now?: string;
  readonly timezone?: string;
  readonly minutes?: number;
  readonly error?: boolean;
  readonly expected?: Readonly<Record<string, unknown>>;
}

const parsed = ({ fn, input, now = "2026-06-16T12:00:00Z", timezone = "UTC" }: Case): unknown =>
  fn === "parse_duration" ? parseDuration(input) : parseSchedule(input, { nowMs: Date.parse(now), timezone });

/** Upstream's record: its key has an underscore, its time may have another offset. */
const asHermes = (schedule: unknown): unknown => {
  const { runAt, ...same } = schedule as { readonly runAt?: string };
  return runAt === undefined ? schedule : { ...same, run_at: Date.parse(runAt) };
};

describe("schedules are read as Hermes reads them", () => {
  it.each(casesOf<Case>("schedule_parsing"))("$id: $input", (one) => {
    if (one.error) return expect(() => parsed(one)).toThrow(ScheduleError);
    if (one.minutes !== undefined) return expect(parsed(one)).toBe(one.minutes);
    const { run_at: runAt, ...same } = one.expected ?? {};
    expect(asHermes(parsed(one))).toEqual(
      runAt === undefined ? same : { ...same, run_at: Date.parse(String(runAt)) },
    );
  });
});
