import { describe, expect, it } from "vitest";
import { graceSeconds, isTooLate, resolveJobRef } from "../../src/jobs/lifecycle.ts";
import { createJob, type JobPorts } from "../../src/jobs/manage.ts";
import { nextRuns } from "../../src/jobs/next-runs.ts";
import { recordRun } from "../../src/jobs/record-run.ts";
import { parseSchedule } from "../../src/jobs/schedule.ts";
import type { Schedule } from "../../src/turn.ts";
import { jobPorts, WHO } from "../jobs/kit.ts";
import { casesOf } from "./read-vectors.ts";

interface Recorded {
  readonly kind: string;
  readonly run_at?: string;
  readonly minutes?: number;
  readonly expr?: string;
}

interface Case {
  readonly id: string;
  readonly fn: string;
  readonly now?: string;
  readonly schedule?: Recorded;
  readonly last_run_at?: string | null;
  readonly job?: Readonly<Record<string, unknown>>;
  readonly jobs?: readonly { readonly id: string; readonly name: string }[];
  readonly ref?: string;
  readonly args?: { readonly schedule: string; readonly repeat?: number };
  readonly run?: { readonly success: boolean; readonly error?: string; readonly delivery_error?: string };
  readonly expected: unknown;
}

const casesFor = (fn: string) => casesOf<Case>("cron_lifecycle").filter((one) => one.fn === fn);

const scheduleOf = ({ kind, run_at = "", minutes = 0, expr = "" }: Recorded): Schedule => {
  if (kind === "once") return { kind, runAt: run_at, display: "" };
  return kind === "interval" ? { kind, minutes, display: "" } : { kind: "cron", expr, display: "" };
};

const msOf = (iso: string | undefined | null): number => Date.parse(iso ?? "");

describe("the next run is Hermes'", () => {
  // A schedule of an unknown kind cannot be written here: the type has three.
  it.each(casesFor("compute_next_run").filter(({ schedule }) => schedule?.kind !== "unknown"))(
    "$id",
    (one) => {
      const schedule = scheduleOf(one.schedule ?? { kind: "once" });
      const nowMs = msOf(one.now);
      if (schedule.kind === "once") {
        const isStillDue = one.last_run_at === null && !isTooLate(schedule, msOf(schedule.runAt), nowMs);
        return expect(isStillDue ? schedule.runAt : null).toBe(one.expected);
      }
      const startMs = one.last_run_at ? msOf(one.last_run_at) : nowMs;
      const [next] = nextRuns(schedule, { afterMs: nowMs, startMs, timezone: "UTC" }, 1);
      expect(next?.atMs).toBe(msOf(String(one.expected)));
    },
  );
});

describe("late is what Hermes calls late", () => {
  it.each(casesFor("grace_seconds"))("$id", ({ schedule, expected }) => {
    expect(graceSeconds(scheduleOf(schedule ?? { kind: "once" }), Date.UTC(2026, 2, 18, 9), "UTC")).toBe(
      expected,
    );
  });

  // Whether a job that is not due or not enabled runs is the timer's question here: it does not tick.
  const late = casesFor("due").filter(
    ({ job, now }) => job?.["enabled"] === true && msOf(String(job["next_run_at"])) <= msOf(now),
  );
  it.each(late)("$id", ({ now, job, expected }) => {
    const schedule = parseSchedule(String(job?.["schedule"]), { nowMs: 0, timezone: "UTC" });
    const { due } = expected as { readonly due: boolean };
    expect(isTooLate(schedule, msOf(String(job?.["next_run_at"])), msOf(now))).toBe(!due);
  });
});

describe("a job is made as Hermes makes it", () => {
  it.each(casesFor("create_job"))("$id", async ({ now, args, expected }) => {
    const ports: JobPorts = jobPorts(now === undefined ? undefined : msOf(now));
    const made = createJob(ports, WHO, {
      prompt: "Call mum",
      schedule: args?.schedule,
      repeat: args?.repeat,
    });
    const { error_contains: error, "repeat.times": times } = expected as {
      readonly error_contains?: string;
      readonly "repeat.times"?: number | null;
    };
    if (error !== undefined) return expect(made).rejects.toThrow(error);
    expect((await made).times).toBe(times);
  });
});

describe("a run is recorded as Hermes records it", () => {
  it.each(casesFor("mark_job_run"))("$id", async ({ job, run, expected }) => {
    const ports = jobPorts();
    const made = await createJob(ports, WHO, { prompt: "Call mum", schedule: String(job?.["schedule"]) });
    const outcome = {
      scheduledTime: "2026-03-18T05:00:00.000Z",
      status: run?.success ? ("ok" as const) : ("error" as const),
      ...(run?.error === undefined ? {} : { error: run.error }),
      ...(run?.delivery_error === undefined ? {} : { deliveryError: run.delivery_error }),
    };
    const recorded = await recordRun(ports, { owner: made.owner, id: made.id, isManual: false, outcome });
    const { last, state } = recorded?.record ?? {};
    const seen: Readonly<Record<string, unknown>> = {
      last_status: last?.status,
      last_error: last?.error ?? null,
      last_delivery_error: last?.deliveryError ?? null,
      still_scheduled: state === "scheduled",
    };
    for (const [field, value] of Object.entries(expected as object))
      expect([field, seen[field]]).toEqual([field, value]);
  });
});

describe("a job is found as Hermes finds it", () => {
  it.each(casesFor("resolve_job_ref"))("$id", ({ jobs = [], ref = "", expected }) => {
    expect(resolveJobRef(jobs, ref).id).toBe(expected);
  });
});
