// What the tests of the Scheduler stand-in share: one of it with manual time, the SDK's client, and a plain schedule.

import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import {
  type SchedulerOptions,
  type SchedulerStandIn,
  startScheduler,
} from "../../local/scheduler/server.ts";
import { createManualTimers, type ManualTimers } from "./manual-timers.ts";

/** A Tuesday. */
export const NOW = Date.parse("2026-11-24T08:30:00Z");
export const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:hermes";
export const ROLE = "arn:aws:iam::123456789012:role/hermes-scheduler";

export interface Kit extends AsyncDisposable {
  readonly timers: ManualTimers;
  readonly scheduler: SchedulerStandIn;
  readonly client: SchedulerClient;
  /** What reached the target, in order. */
  readonly delivered: { readonly at: string; readonly name: string; readonly payload: unknown }[];
  create(input?: Partial<CreateScheduleCommandInput>): Promise<unknown>;
  update(input?: Partial<CreateScheduleCommandInput>): Promise<unknown>;
  /** Moves time to this moment. */
  until(time: string): Promise<void>;
}

export const startKit = async (
  options: Partial<SchedulerOptions> = {},
  startMs: number = NOW,
): Promise<Kit> => {
  const timers = createManualTimers(startMs);
  const delivered: Kit["delivered"] = [];
  const scheduler = await startScheduler({
    timers,
    groups: ["hermes"],
    invoke: (name, payload) => delivered.push({ at: new Date(timers.now()).toISOString(), name, payload }),
    ...options,
  });
  const client = clientOf(scheduler);
  return {
    timers,
    scheduler,
    client,
    delivered,
    create: (input = {}) => client.send(new CreateScheduleCommand({ ...PLAIN, ...input })),
    update: (input = {}) => client.send(new UpdateScheduleCommand({ ...PLAIN, ...input })),
    until: (time) => timers.advance(Date.parse(time) - timers.now()),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await scheduler.close();
    },
  };
};

export const clientOf = ({ endpoint }: SchedulerStandIn, maxAttempts = 1): SchedulerClient =>
  new SchedulerClient({
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts,
  });

export const PLAIN: CreateScheduleCommandInput = {
  Name: "one",
  GroupName: "hermes",
  ScheduleExpression: "at(2026-11-24T09:00:00)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: { Arn: ARN, RoleArn: ROLE, Input: '{"time":"<aws.scheduler.scheduled-time>"}' },
};
