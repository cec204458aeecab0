// The timers of jobs over EventBridge Scheduler. UpdateSchedule replaces everything (facts/platform.md 3), so every write is
// the whole schedule. Retrying is the Scheduler's never (0 attempts): Lambda's own retries continue a run that failed.

import type { GetScheduleCommandOutput, SchedulerClient } from "@aws-sdk/client-scheduler";
import { asError, HermesError } from "../errors.ts";
import { jobFromWire, jobToWire } from "../job-wire.ts";
import { once } from "../once.ts";
import type { JobTimer, JobTimers } from "../ports.ts";
import { type AwsPlace, placeOf, timeoutsOf } from "./aws-client.ts";

export interface SchedulerOptions extends AwsPlace {
  readonly group: string;
  readonly roleArn: string;
  /** The function that ticks are sent to. */
  readonly functionArn: string;
}

const ATTEMPT_TIMEOUT_MS = 3_000;
const PAGE = 100;
const MAX_PAGES = 3;

/** Replaced by the service when it fires (facts/platform.md 3, context attributes). */
const SCHEDULED_TIME = "<aws.scheduler.scheduled-time>";

type Sdk = typeof import("@aws-sdk/client-scheduler");

export const createScheduler = (options: SchedulerOptions): JobTimers => {
  const open = once(() => openClient(options));
  const ask = async <T>(
    what: string,
    call: (sdk: Sdk, client: SchedulerClient) => Promise<T>,
  ): Promise<T> => {
    const { sdk, client } = await open();
    try {
      return await call(sdk, client);
    } catch (error) {
      if (isMissing(error) || isTaken(error)) throw error;
      throw new HermesError("unavailable", `the scheduler did not ${what}: ${asError(error).name}`, {
        cause: error,
      });
    }
  };
  return {
    set: (timer) => set(ask, options, timer),
    async get(name) {
      try {
        const command = { GroupName: options.group, Name: name };
        return timerFrom(
          name,
          await ask("answer", (sdk, client) => client.send(new sdk.GetScheduleCommand(command))),
        );
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async remove(name) {
      try {
        await ask("delete a schedule", (sdk, client) =>
          client.send(new sdk.DeleteScheduleCommand({ GroupName: options.group, Name: name })),
        );
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
    names: () => names(ask, options),
  };
};

type Ask = <T>(what: string, call: (sdk: Sdk, client: SchedulerClient) => Promise<T>) => Promise<T>;

/** Loaded with the first job: no other turn pays for it. */
const openClient = async (options: SchedulerOptions) => {
  const sdk = await import("@aws-sdk/client-scheduler");
  const client = new sdk.SchedulerClient({
    ...placeOf(options, 3),
    requestHandler: timeoutsOf(ATTEMPT_TIMEOUT_MS),
  });
  return { sdk, client };
};

const isMissing = (error: unknown): boolean => asError(error).name === "ResourceNotFoundException";
const isTaken = (error: unknown): boolean => asError(error).name === "ConflictException";

/** A job is changed more often than made by people, but made first: the update says when there is nothing to update. */
const set = async (ask: Ask, options: SchedulerOptions, timer: JobTimer): Promise<void> => {
  const schedule = scheduleOf(options, timer);
  const update = () =>
    ask("take a schedule", (sdk, client) => client.send(new sdk.UpdateScheduleCommand(schedule)));
  try {
    await update();
  } catch (error) {
    if (!isMissing(error)) throw error;
    try {
      await ask("take a schedule", (sdk, client) => client.send(new sdk.CreateScheduleCommand(schedule)));
    } catch (second) {
      // The SDK repeats a creation whose answer was lost.
      if (!isTaken(second)) throw second;
      await update();
    }
  }
};

const scheduleOf = ({ group, roleArn, functionArn }: SchedulerOptions, timer: JobTimer) => ({
  GroupName: group,
  Name: timer.name,
  ScheduleExpression: timer.expression,
  ScheduleExpressionTimezone: timer.timezone,
  ...(timer.startDate === undefined ? {} : { StartDate: new Date(timer.startDate) }),
  State: timer.isEnabled ? ("ENABLED" as const) : ("DISABLED" as const),
  FlexibleTimeWindow: { Mode: "OFF" as const },
  ActionAfterCompletion: timer.isOnce ? ("DELETE" as const) : ("NONE" as const),
  Target: {
    Arn: functionArn,
    RoleArn: roleArn,
    Input: JSON.stringify({
      source: "hermes.cron",
      job: jobToWire(timer.job),
      scheduledTime: SCHEDULED_TIME,
    }),
    RetryPolicy: { MaximumRetryAttempts: 0 },
  },
});

const timerFrom = (
  name: string,
  schedule: GetScheduleCommandOutput,
): NonNullable<Awaited<ReturnType<JobTimers["get"]>>> => ({
  name,
  expression: schedule.ScheduleExpression ?? "",
  timezone: schedule.ScheduleExpressionTimezone ?? "UTC",
  ...(schedule.StartDate === undefined ? {} : { startDate: schedule.StartDate.toISOString() }),
  isEnabled: schedule.State !== "DISABLED",
  isOnce: schedule.ActionAfterCompletion === "DELETE",
  job: jobIn(schedule.Target?.Input),
});

const jobIn = (input: string | undefined) => {
  try {
    const payload = JSON.parse(input ?? "") as { readonly source?: unknown; readonly job?: unknown } | null;
    return payload?.source === "hermes.cron" ? jobFromWire(payload.job) : undefined;
  } catch {
    return undefined; // somebody's schedule for something else
  }
};

const names = async (ask: Ask, { group }: SchedulerOptions): Promise<readonly string[]> => {
  const found: string[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { Schedules = [], NextToken } = await ask("list schedules", (sdk, client) =>
      client.send(
        new sdk.ListSchedulesCommand({
          GroupName: group,
          MaxResults: PAGE,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      ),
    );
    found.push(...Schedules.flatMap(({ Name }) => Name ?? []));
    if (NextToken === undefined) break;
    next = NextToken;
  }
  return found;
};
