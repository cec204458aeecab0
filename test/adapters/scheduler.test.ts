// The timers of jobs on the wire, against a stand-in that refuses what the service refuses.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SchedulerStandIn, startScheduler } from "../../local/scheduler/server.ts";
import { createScheduler } from "../../src/adapters/scheduler.ts";
import { createJob } from "../../src/jobs/manage.ts";
import { parseEvent } from "../../src/parse-event.ts";
import { jobTimersContract, timerOf } from "../contracts/job-timers.ts";
import { createFakeTimers, jobPorts, WHO } from "../jobs/kit.ts";
import { createManualTimers } from "../local/manual-timers.ts";

const ROLE = "arn:aws:iam::000000000000:role/hermes-scheduler";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:hermes";

const clientAt = (endpoint: string, group = "hermes") =>
  createScheduler({ group, roleArn: ROLE, functionArn: FUNCTION, region: "us-east-1", endpoint });

let shared: SchedulerStandIn;
beforeAll(async () => {
  shared = await startScheduler({ invoke: async () => undefined, groups: ["hermes"] });
});
afterAll(() => shared.close());

jobTimersContract("in memory", createFakeTimers);
jobTimersContract("over EventBridge Scheduler", () => clientAt(shared.endpoint));

/** A stand-in of its own, whose time the test moves. */
const place = async () => {
  const clock = createManualTimers(Date.UTC(2026, 10, 24, 8));
  const delivered: unknown[] = [];
  const scheduler = await startScheduler({
    timers: clock,
    groups: ["hermes"],
    invoke: async (...args: readonly unknown[]) => void delivered.push(args),
  });
  return { clock, delivered, scheduler, timers: clientAt(scheduler.endpoint) };
};

describe("a schedule at the service", () => {
  it("retries nothing by itself, calls this function, and a one-shot deletes itself", async () => {
    const { scheduler, timers } = await place();
    await timers.set(timerOf({ expression: "at(2026-11-24T19:00:00)", isOnce: true }));
    expect(scheduler.schedules()).toMatchObject([
      {
        ActionAfterCompletion: "DELETE",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: FUNCTION, RoleArn: ROLE, RetryPolicy: { MaximumRetryAttempts: 0 } },
      },
    ]);
    await scheduler.close();
  });

  it("fires a tick that the function understands, with the time it was due at and the job whole", async () => {
    const { clock, delivered, scheduler, timers } = await place();
    const ports = { ...jobPorts(clock.now()), timers };
    const job = await createJob(ports, WHO, { prompt: "Call mum", schedule: "20m", skills: ["news"] });
    await clock.advance(25 * 60_000);
    const payload = JSON.stringify(delivered);
    expect(payload).toContain("hermes.cron");
    const tick = (delivered[0] as readonly unknown[]).find((part) =>
      JSON.stringify(part).includes("hermes.cron"),
    );
    expect(parseEvent(typeof tick === "string" ? JSON.parse(tick) : tick, "r", 0)).toMatchObject({
      kind: "arrival",
      entry: {
        kind: "tick",
        scheduledTime: "2026-11-24T08:20:00.000Z",
        job: { id: job.id, prompt: "Call mum", skills: ["news"], owner: WHO.owner, schedule: job.schedule },
      },
    });
    await scheduler.close();
  });

  it("survives throttling, and an answer to its creation that was lost", async () => {
    const { scheduler, timers } = await place();
    scheduler.fail("throttle");
    scheduler.fail("drop-after", { operation: "CreateSchedule" });
    const timer = timerOf();
    await timers.set(timer);
    expect(await timers.get(timer.name)).toEqual(timer);
    expect(scheduler.schedules()).toHaveLength(1);
    await scheduler.close();
  });

  it("that cannot be reached is `unavailable`, for everything that is asked", async () => {
    const { scheduler, timers } = await place();
    const { name } = timerOf();
    for (const call of [
      () => timers.set(timerOf()),
      () => timers.get(name),
      () => timers.remove(name),
      () => timers.names(),
    ]) {
      scheduler.fail("error", { times: 3 });
      await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    }
    await scheduler.close();
  });

  it("of somebody else's is no job of ours", async () => {
    const { scheduler } = await place();
    const elsewhere = clientAt(scheduler.endpoint, "default");
    await elsewhere.set(timerOf({ job: { id: "bad id!", name: "x", prompt: "x", origin: WHO.origin } }));
    const [name = ""] = await elsewhere.names();
    expect((await elsewhere.get(name))?.job).toBeUndefined();
    await scheduler.close();
  });
});
