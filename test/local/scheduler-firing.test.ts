import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateScheduleCommand, DeleteScheduleCommand } from "@aws-sdk/client-scheduler";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../local/scheduler/firing.ts";
import { startScheduler } from "../../local/scheduler/server.ts";
import { settle } from "./manual-timers.ts";
import { ARN, clientOf, type Kit, NOW, PLAIN, ROLE, startKit } from "./scheduler-kit.ts";

let kit: Kit;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit[Symbol.asyncDispose]());

const target = (RetryPolicy: object = {}) => ({
  Target: { ...PLAIN.Target, RetryPolicy } as typeof PLAIN.Target,
});
const times = ({ delivered }: Kit = kit) => delivered.map(({ at }) => at.slice(0, 16));

describe("a one-time schedule", () => {
  it("fires once, at its time, with its time in its payload", async () => {
    await kit.create({
      ScheduleExpressionTimezone: "Europe/Berlin",
      ScheduleExpression: "at(2026-11-24T10:00:00)",
    });
    expect(kit.scheduler.nextDue()).toBe(Date.parse("2026-11-24T09:00:00Z"));
    await kit.until("2026-11-24T08:59:59Z");
    expect(kit.delivered).toEqual([]);
    await kit.until("2026-11-26T00:00:00Z");
    expect(kit.delivered).toEqual([
      { at: "2026-11-24T09:00:00.000Z", name: "hermes", payload: { time: "2026-11-24T09:00:00Z" } },
    ]);
  });

  it("stays afterwards, unless it is to be deleted after its completion", async () => {
    await kit.create();
    await kit.create({ Name: "two", ActionAfterCompletion: "DELETE" });
    await kit.until("2026-11-24T09:00:00Z");
    expect(kit.delivered).toHaveLength(2);
    expect(kit.scheduler.schedules().map(({ Name, State }) => [Name, State])).toEqual([["one", "ENABLED"]]);
    expect(kit.scheduler.nextDue()).toBeUndefined();
  });

  it.each([
    ["fires", 1],
    ["never", 0],
  ] as const)("that is past when it is created %s", async (pastOneTime, count) => {
    await using past = await startKit({ pastOneTime });
    await past.create({ ScheduleExpression: "at(2026-11-24T08:29:00)" });
    await past.timers.advance(86_400_000);
    expect(past.delivered.map(({ payload }) => payload)).toEqual(
      Array.from({ length: count }, () => ({ time: "2026-11-24T08:29:00Z" })),
    );
  });

  it("that is past when it is created may be refused", async () => {
    await using past = await startKit({ pastOneTime: "refused" });
    await expect(past.create({ ScheduleExpression: "at(2026-11-24T08:29:00)" })).rejects.toThrow(/is past/);
    await past.create();
  });
});

describe("a recurring schedule", () => {
  it("fires on each of its days in its zone", async () => {
    await kit.create({
      ScheduleExpression: "cron(30 8 ? * MON-FRI *)",
      ScheduleExpressionTimezone: "Europe/Berlin",
    });
    await kit.until("2026-12-01T00:00:00Z");
    expect(times()).toEqual(["2026-11-25T07:30", "2026-11-26T07:30", "2026-11-27T07:30", "2026-11-30T07:30"]);
  });

  it("of a rate without a start fires at once, and at once again after an update", async () => {
    await kit.create({ ScheduleExpression: "rate(1 hour)" });
    await kit.timers.advance(600_000);
    await kit.update({ ScheduleExpression: "rate(2 hours)" });
    await kit.timers.advance(3 * 3_600_000);
    expect(times()).toEqual(["2026-11-24T08:30", "2026-11-24T08:40", "2026-11-24T10:40"]);
  });

  it("of a rate with a start fires first then", async () => {
    const start = { ScheduleExpression: "rate(30 minutes)", StartDate: new Date(NOW + 1_800_000) };
    await kit.create(start);
    await kit.until("2026-11-24T10:00:00Z");
    expect(times()).toEqual(["2026-11-24T09:00", "2026-11-24T09:30", "2026-11-24T10:00"]);
  });

  it("ends before its EndDate, and is then deleted if that was asked for", async () => {
    await kit.create({
      ScheduleExpression: "cron(0 * * * ? *)",
      EndDate: new Date("2026-11-24T11:00:00Z"),
      ActionAfterCompletion: "DELETE",
    });
    await kit.until("2026-11-24T09:30:00Z");
    expect(kit.scheduler.schedules()).toHaveLength(1);
    await kit.until("2026-11-25T00:00:00Z");
    expect(times()).toEqual(["2026-11-24T09:00", "2026-11-24T10:00"]);
    expect(kit.scheduler.schedules()).toEqual([]);
  });

  it("does not fire while it is disabled, nor when it is deleted", async () => {
    const daily = { ScheduleExpression: "cron(0 9 * * ? *)" };
    await kit.create({ ...daily, State: "DISABLED" });
    expect(kit.scheduler.nextDue()).toBeUndefined();
    await kit.until("2026-11-24T12:00:00Z");
    await kit.update(daily);
    await kit.until("2026-11-25T12:00:00Z");
    await kit.client.send(new DeleteScheduleCommand({ Name: "one", GroupName: "hermes" }));
    await kit.until("2026-11-30T12:00:00Z");
    expect(times()).toEqual(["2026-11-25T09:00"]);
  });
});

describe("what the target gets", () => {
  it("has the schedule's context in the place of the attributes, wherever they stand", async () => {
    const Input = JSON.stringify({
      arn: "<aws.scheduler.schedule-arn>",
      text: "at <aws.scheduler.scheduled-time>, at <aws.scheduler.scheduled-time>",
      id: "<aws.scheduler.execution-id>",
      attempt: "<aws.scheduler.attempt-number>",
      other: "<aws.scheduler.unknown>",
    });
    await kit.create({ Target: { Arn: ARN, RoleArn: ROLE, Input } });
    await kit.until("2026-11-24T09:00:00Z");
    expect(kit.delivered[0]?.payload).toEqual({
      arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/hermes/one",
      text: "at 2026-11-24T09:00:00Z, at 2026-11-24T09:00:00Z",
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      attempt: "1",
      other: "<aws.scheduler.unknown>",
    });
  });

  it("is a notice of the service's when there is no input", async () => {
    await kit.create({ Target: { Arn: ARN, RoleArn: ROLE } });
    await kit.until("2026-11-24T09:00:00Z");
    expect(kit.delivered[0]?.payload).toMatchObject({
      source: "aws.scheduler",
      time: "2026-11-24T09:00:00Z",
    });
  });

  it("comes as often as a test asks, since delivery is at least once", async () => {
    await kit.create();
    await kit.create({ Name: "later", ScheduleExpression: "at(2026-11-24T09:01:00)" });
    kit.scheduler.repeatNext(5);
    await kit.until("2026-11-24T09:00:00Z");
    expect(kit.delivered).toHaveLength(5);
    await kit.until("2026-11-24T09:01:00Z");
    expect(kit.delivered).toHaveLength(6);
  });
});

describe("a delivery that fails", () => {
  const failing = async (failures: number, policy: object, input: object = {}) => {
    const deliveries: Delivery[] = [];
    let left = failures;
    const run = await startKit({
      onDelivery: (delivery) => deliveries.push(delivery),
      invoke: () => {
        left -= 1;
        if (left >= 0) throw new Error("throttled");
      },
    });
    await run.create({ ...target(policy), ...input });
    await run.until("2026-11-24T09:00:00Z");
    return { run, deliveries };
  };

  it("is tried again after one second, two, four, under the same scheduled time", async () => {
    const { run, deliveries } = await failing(3, {});
    await using _ = run;
    await run.timers.advance(6_999);
    expect(deliveries).toHaveLength(3);
    await run.timers.advance(1);
    await run.timers.advance(86_400_000);
    expect(deliveries.map(({ attempt, error }) => [attempt, error?.message])).toEqual([
      [1, "throttled"],
      [2, "throttled"],
      [3, "throttled"],
      [4, undefined],
    ]);
    expect(new Set(deliveries.map(({ scheduledMs }) => scheduledMs)).size).toBe(1);
  });

  it("is given up after the retries of the policy, and is complete then", async () => {
    const { run, deliveries } = await failing(
      9,
      { MaximumRetryAttempts: 1 },
      { ActionAfterCompletion: "DELETE" },
    );
    await using _ = run;
    expect(run.scheduler.schedules()).toHaveLength(1);
    await run.timers.advance(86_400_000);
    expect(deliveries).toHaveLength(2);
    expect(run.scheduler.schedules()).toEqual([]);
  });

  it("is given up at the age of the policy", async () => {
    const { run, deliveries } = await failing(999, { MaximumEventAgeInSeconds: 60 });
    await using _ = run;
    await run.timers.advance(86_400_000);
    expect(deliveries).toHaveLength(6);
  });

  it("is not tried again where the policy has no retries", async () => {
    const { run, deliveries } = await failing(1, { MaximumRetryAttempts: 0 });
    await using _ = run;
    await run.timers.advance(86_400_000);
    expect(deliveries).toHaveLength(1);
  });
});

describe("a stand-in that is held", () => {
  it("fires nothing until it is let go", async () => {
    await using held = await startKit({ isHeld: true });
    await held.create();
    await held.until("2026-11-24T09:05:00Z");
    expect(held.delivered).toEqual([]);
    held.scheduler.hold(false);
    await settle();
    expect(held.delivered).toMatchObject([{ payload: { time: "2026-11-24T09:00:00Z" } }]);
  });
});

describe("between two runs", () => {
  it("what was due once is made up for under its own time; what recurs goes on with its next time", async () => {
    const directory = mkdtempSync(join(tmpdir(), "hermes-scheduler-"));
    const stateFile = join(directory, "scheduler.json");
    {
      await using first = await startKit({ stateFile });
      await first.create();
      await first.create({ Name: "daily", ScheduleExpression: "cron(0 9 * * ? *)" });
    }
    await using second = await startKit({ stateFile }, Date.parse("2026-11-26T10:00:00Z"));
    await settle();
    expect(second.delivered).toMatchObject([{ payload: { time: "2026-11-24T09:00:00Z" } }]);
    await second.until("2026-11-27T09:00:00Z");
    expect(second.delivered).toMatchObject([{}, { payload: { time: "2026-11-27T09:00:00Z" } }]);
    await using third = await startKit({ stateFile }, Date.parse("2026-11-27T09:00:01Z"));
    await settle();
    expect(third.delivered).toEqual([]);
    rmSync(directory, { recursive: true });
  });
});

it("fires by the machine's clock when no other is given", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const scheduler = await startScheduler({
    groups: ["hermes"],
    invoke: (_name, payload) => resolve(payload),
  });
  const client = clientOf(scheduler);
  const second = new Date(Date.now() + 1_000).toISOString().slice(0, 19);
  await client.send(new CreateScheduleCommand({ ...PLAIN, ScheduleExpression: `at(${second})` }));
  expect(await promise).toEqual({ time: `${second}Z` });
  client.destroy();
  await scheduler.close();
});
