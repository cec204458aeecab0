import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { firstRun, nextRun } from "../../local/scheduler/calendar.ts";
import type { Settings } from "../../local/scheduler/shapes.ts";
import fc from "../support/properties.ts";

const settings = (ScheduleExpression: string, changes: Partial<Settings> = {}): Settings => ({
  ScheduleExpression,
  ScheduleExpressionTimezone: "UTC",
  State: "ENABLED",
  Target: {
    Arn: "a",
    RoleArn: "r",
    RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
  },
  FlexibleTimeWindow: { Mode: "OFF" },
  ActionAfterCompletion: "NONE",
  ...changes,
});
const seconds = (time: string) => Date.parse(time) / 1_000;

/** The next `count` runs after the moment at which it is created. */
const runs = (count: number, since: string, expression: string, changes: Partial<Settings> = {}) => {
  const of = settings(expression, changes);
  const found: string[] = [];
  for (
    let at = firstRun(of, Date.parse(since));
    at !== undefined && found.length < count;
    at = nextRun(of, Date.parse(since), at)
  ) {
    found.push(`${new Date(at).toISOString().slice(0, 16)}Z`);
  }
  return found;
};
const berlin = { ScheduleExpressionTimezone: "Europe/Berlin" };

describe("cron()", () => {
  it.each([
    ["cron(30 8 ? * MON-FRI *)", ["2026-11-27T08:30Z", "2026-11-30T08:30Z", "2026-12-01T08:30Z"]],
    ["cron(30 8 ? * 2-6 *)", ["2026-11-27T08:30Z", "2026-11-30T08:30Z", "2026-12-01T08:30Z"]],
    ["cron(0 12 ? * 1,7 *)", ["2026-11-28T12:00Z", "2026-11-29T12:00Z", "2026-12-05T12:00Z"]],
    ["cron(1/20 * * * ? *)", ["2026-11-27T00:01Z", "2026-11-27T00:21Z", "2026-11-27T00:41Z"]],
    ["cron(0 9 L * ? *)", ["2026-11-30T09:00Z", "2026-12-31T09:00Z", "2027-01-31T09:00Z"]],
    ["cron(0 9 15W * ? *)", ["2026-12-15T09:00Z", "2027-01-15T09:00Z", "2027-02-15T09:00Z"]],
    ["cron(0 9 1W MAY-AUG ? *)", ["2027-05-03T09:00Z", "2027-06-01T09:00Z", "2027-07-01T09:00Z"]],
    ["cron(0 9 ? * 6L *)", ["2026-11-27T09:00Z", "2026-12-25T09:00Z", "2027-01-29T09:00Z"]],
    ["cron(0 9 ? * TUE#2 *)", ["2026-12-08T09:00Z", "2027-01-12T09:00Z", "2027-02-09T09:00Z"]],
    ["cron(0 9 ? * L *)", ["2026-11-28T09:00Z", "2026-12-05T09:00Z", "2026-12-12T09:00Z"]],
    ["cron(0 9 29 2 ? *)", ["2028-02-29T09:00Z", "2032-02-29T09:00Z", "2036-02-29T09:00Z"]],
    ["cron(0 9 1 1 ? 2027-2028)", ["2027-01-01T09:00Z", "2028-01-01T09:00Z"]],
    ["cron(0 9 1 1 ? */4)", ["2030-01-01T09:00Z", "2034-01-01T09:00Z", "2038-01-01T09:00Z"]],
    ["cron(0 9 31 2 ? *)", []],
    ["cron(0 9 1 1 ? 2020)", []],
  ])("%s", (expression, expected) => {
    expect(runs(3, "2026-11-27T00:00:00Z", expression)).toEqual(expected);
  });

  it("is of its zone", () => {
    expect(runs(2, "2026-11-24T08:30:00Z", "cron(0 9 * * ? *)", berlin)).toEqual([
      "2026-11-25T08:00Z",
      "2026-11-26T08:00Z",
    ]);
  });

  it("leaves out a time that the clocks jump over, whatever the form of its hours", () => {
    for (const hours of ["2", "2-2", "2,2"]) {
      expect(runs(2, "2027-03-27T00:00:00Z", `cron(30 ${hours} * * ? *)`, berlin)).toEqual([
        "2027-03-27T01:30Z",
        "2027-03-29T00:30Z",
      ]);
    }
    expect(runs(4, "2027-03-28T00:15:00Z", "cron(0/30 * * * ? *)", berlin)).toEqual([
      "2027-03-28T00:30Z",
      "2027-03-28T01:00Z",
      "2027-03-28T01:30Z",
      "2027-03-28T02:00Z",
    ]);
  });

  it("runs once at a time that clocks show twice, whatever the form of its hours", () => {
    for (const hours of ["2", "2-2"]) {
      expect(runs(2, "2026-10-24T23:00:00Z", `cron(30 ${hours} * * ? *)`, berlin)).toEqual([
        "2026-10-25T00:30Z",
        "2026-10-26T01:30Z",
      ]);
    }
    expect(runs(4, "2026-10-25T00:15:00Z", "cron(0/30 * * * ? *)", berlin)).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-25T02:00Z",
      "2026-10-25T02:30Z",
      "2026-10-25T03:00Z",
    ]);
    // Created in the second of the two hours.
    expect(runs(1, "2026-10-25T01:15:00Z", "cron(30 2 * * ? *)", berlin)).toEqual(["2026-10-26T01:30Z"]);
  });

  it("begins on StartDate at the earliest, and ends before EndDate", () => {
    const dates = { StartDate: seconds("2026-12-01T09:00:00Z"), EndDate: seconds("2026-12-03T09:00:00Z") };
    expect(runs(9, "2026-11-24T08:30:00Z", "cron(0 9 * * ? *)", dates)).toEqual([
      "2026-12-01T09:00Z",
      "2026-12-02T09:00Z",
    ]);
  });
});

describe("rate()", () => {
  it("begins at once without a StartDate, and goes on by elapsed time", () => {
    expect(runs(3, "2026-10-24T12:00:00Z", "rate(1 day)", berlin)).toEqual([
      "2026-10-24T12:00Z",
      "2026-10-25T12:00Z",
      "2026-10-26T12:00Z",
    ]);
  });

  it("begins at its StartDate; one that is just past counts on from there", () => {
    const from = (StartDate: number) => runs(2, "2026-11-24T08:30:00Z", "rate(90 minutes)", { StartDate });
    expect(from(seconds("2026-11-24T10:00:00Z"))).toEqual(["2026-11-24T10:00Z", "2026-11-24T11:30Z"]);
    expect(from(seconds("2026-11-24T08:27:00Z"))).toEqual(["2026-11-24T09:57Z", "2026-11-24T11:27Z"]);
  });
});

describe("at()", () => {
  it("runs once, at its time in its zone; dates are ignored", () => {
    const dates = { StartDate: seconds("2027-01-01T00:00:00Z"), EndDate: 0 };
    expect(runs(9, "2026-11-24T08:30:00Z", "at(2026-11-24T19:00:00)", { ...berlin, ...dates })).toEqual([
      "2026-11-24T18:00Z",
    ]);
  });

  it("takes the first of two, and never comes in a gap", () => {
    expect(runs(9, "2026-10-01T00:00:00Z", "at(2026-10-25T02:30:00)", berlin)).toEqual(["2026-10-25T00:30Z"]);
    expect(runs(9, "2026-10-01T00:00:00Z", "at(2027-03-28T02:30:00)", berlin)).toEqual([]);
  });
});

/** What a field means, in one line: values, ranges and steps of numbers. */
const has = (field: string, value: number, max: number): boolean =>
  field.split(",").some((term) => {
    const [base = "", step] = term.split("/");
    const [from, to] = base === "*" ? ["0", String(max)] : base.split("-");
    const last = to ?? (step === undefined ? from : max);
    const isIn = value >= Number(from) && value <= Number(last);
    return isIn && (value - Number(from)) % Number(step ?? 1) === 0;
  });

const fieldOf = (min: number, max: number) =>
  fc.oneof(
    fc.constant("*"),
    fc.integer({ min, max }).map(String),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 30 }))
      .map(([a, b]) => `${a}/${Math.min(b, max)}`),
  );

interface Fields {
  readonly minutes: string;
  readonly hours: string;
  readonly dom: string;
  readonly dow: string;
}

const isRun = ({ minutes, hours, dom, dow }: Fields, zoned: Temporal.ZonedDateTime): boolean =>
  has(minutes, zoned.minute, 59) &&
  has(hours, zoned.hour, 23) &&
  (dow === "?" ? has(dom, zoned.day, 31) : has(dow, (zoned.dayOfWeek % 7) + 1, 7)) &&
  zoned.toPlainDateTime().toZonedDateTime(zoned.timeZoneId, { disambiguation: "earlier" }).equals(zoned);

describe("the next runs", () => {
  const WINDOW_MS = 36 * 3_600_000;
  const changes = [
    ["Europe/Berlin", "2027-03-27T12:00:00Z"],
    ["Europe/Berlin", "2026-10-24T12:00:00Z"],
    ["America/New_York", "2026-11-01T00:00:00Z"],
    ["Australia/Lord_Howe", "2027-04-03T06:00:00Z"],
    ["Asia/Kolkata", "2026-11-24T00:00:00Z"],
  ] as const;
  const hours = fc.oneof(fieldOf(0, 23), fc.constantFrom("0-3", "1,2", "2"));
  const days = fc.oneof(
    fieldOf(1, 31).map((dom) => ({ dom, dow: "?" })),
    fieldOf(1, 7).map((dow) => ({ dom: "?", dow })),
  );

  it.each(changes)("in %s after %s are those that a look at each minute finds", (zone, from) => {
    const startMs = Date.parse(from);
    const minutes = Array.from({ length: WINDOW_MS / 60_000 }, (_, index) =>
      Temporal.Instant.fromEpochMilliseconds(startMs + (index + 1) * 60_000).toZonedDateTimeISO(zone),
    );
    fc.assert(
      fc.property(fieldOf(0, 59), hours, days, (minute, hour, { dom, dow }) => {
        const fields = { minutes: minute, hours: hour, dom, dow };
        const expected = minutes.filter((zoned) => isRun(fields, zoned)).slice(0, 40);
        const of = settings(`cron(${minute} ${hour} ${dom} * ${dow} *)`, {
          ScheduleExpressionTimezone: zone,
        });
        const found: number[] = [];
        let at = nextRun(of, startMs, startMs);
        while (at !== undefined && at <= startMs + WINDOW_MS && found.length < 40) {
          found.push(at);
          at = nextRun(of, startMs, at);
        }
        expect(found).toEqual(expected.map(({ epochMilliseconds }) => epochMilliseconds));
      }),
      { numRuns: 40 },
    );
  });
});
