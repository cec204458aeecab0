// How a run ended, written down once.

import { describe, expect, it } from "vitest";
import type { JobRunOutcome } from "../../src/job-record.ts";
import { createJob, resumeJob } from "../../src/jobs/manage.ts";
import { endTimer, recordRun } from "../../src/jobs/record-run.ts";
import { jobPorts, OWNER, WHO } from "./kit.ts";

const made = async (schedule: string, repeat?: number) => {
  const ports = jobPorts();
  const { id } = await createJob(ports, WHO, { prompt: "Call mum", schedule, repeat });
  const end = (n: number, status: JobRunOutcome["status"], isManual = false) =>
    recordRun(ports, {
      owner: OWNER,
      id,
      isManual,
      outcome: { scheduledTime: `2026-11-25T0${n}:00:00.000Z`, status },
    });
  return { ports, end, settle: () => endTimer(ports, OWNER, id) };
};

describe("a run that ended", () => {
  it("counts once however often it is told", async () => {
    const { end } = await made("every 1h", 3);
    await end(1, "ok");
    expect((await end(1, "ok"))?.record.completed).toBe(1);
  });

  it("completes a one-shot, and a job that has run as often as it was to, whose timer goes", async () => {
    expect((await (await made("1h")).end(1, "ok"))?.record.state).toBe("completed");
    const { ports, end, settle } = await made("every 1h", 2);
    await end(1, "ok");
    await settle();
    expect(ports.timers.timers.size).toBe(1);
    expect((await end(2, "error"))?.record.state).toBe("completed");
    await settle();
    expect(ports.timers.timers.size).toBe(0);
  });

  it("is told at the first failure and at the one that pauses the job, and not in between", async () => {
    const { ports, end, settle } = await made("every 1h");
    const told = [];
    for (const n of [1, 2, 3]) told.push((await end(n, "error"))?.told);
    expect(told).toEqual(["fresh", "known", "paused"]);
    expect((await end(3, "error"))?.told).toBe("paused");
    await settle();
    expect([...ports.timers.timers.values()].map(({ isEnabled }) => isEnabled)).toEqual([false]);
  });

  it("leaves the timer to an owner who resumed the job before it was ended", async () => {
    const { ports, end, settle } = await made("every 1h");
    for (const n of [1, 2, 3]) await end(n, "error");
    await resumeJob(ports, OWNER, "Call mum");
    await settle();
    expect([...ports.timers.timers.values()].map(({ isEnabled }) => isEnabled)).toEqual([true]);
  });

  it("forgets earlier failures when it went well", async () => {
    const { end } = await made("every 1h");
    await end(1, "error");
    await end(2, "ok");
    expect((await end(3, "error"))?.told).toBe("fresh");
  });

  it("that was asked for counts for nothing but itself", async () => {
    const { end } = await made("1h");
    expect((await end(1, "ok", true))?.record).toMatchObject({ state: "scheduled", completed: 0 });
    const hourly = await made("every 1h");
    expect((await hourly.end(1, "error", true))?.record).toMatchObject({ completed: 0, failures: 0 });
  });
});
