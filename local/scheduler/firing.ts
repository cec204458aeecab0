// The clock of the Scheduler stand-in: fires what is due, delivers it to the target, retries a delivery that failed, and
// does what ActionAfterCompletion says. Called by server.ts.

import { randomBytes } from "node:crypto";
import { asError } from "../../src/errors.ts";
import type { Timers } from "../timers.ts";
import { nextRun } from "./calendar.ts";
import { functionOf } from "./rules.ts";
import type { Schedule } from "./shapes.ts";
import { keyOf, type Store, type Stored, withDue } from "./store.ts";

/** Hands an event to the target. Lambda takes it in asynchronously: a throw is a delivery that failed, no function error. */
export type Deliver = (functionName: string, payload: unknown) => unknown;

/** One attempt to deliver; `error` when it failed. */
export interface Delivery {
  readonly schedule: Schedule;
  readonly scheduledMs: number;
  readonly attempt: number;
  readonly payload: unknown;
  readonly error?: Error;
}

export interface FiringOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly invoke: Deliver;
  readonly onDelivery?: (delivery: Delivery) => void;
}

export interface Firing {
  /** To be told of each change of the store. */
  changed(): void;
  /** Stops (true) or goes on (false) with firing. */
  hold(isHeld: boolean): void;
  nextDue(): number | undefined;
  /** "At least once": the next run is delivered this many times. */
  repeatNext(times: number): void;
  stop(): void;
}

/** Timers take no longer waits than 24 days, and the machine's clock may be set meanwhile. */
const LONGEST_SLEEP_MS = 3_600_000;

export const createFiring = (options: FiringOptions): Firing => {
  const { store, timers } = options;
  const stopped = new AbortController();
  let alarm = new AbortController();
  let isHeld = false;
  let copies = 1;

  const arm = (): void => {
    alarm.abort();
    const dueMs = nextDueOf(store);
    if (stopped.signal.aborted || isHeld || dueMs === undefined) return;
    alarm = new AbortController();
    const waitMs = Math.min(dueMs - timers.now(), LONGEST_SLEEP_MS);
    if (waitMs <= 0) setImmediate(ring, alarm.signal);
    else void timers.sleep(waitMs, alarm.signal).then(() => ring(), ignore);
  };
  const ring = (signal?: AbortSignal): void => {
    if (signal?.aborted) return;
    for (const { stored, dueMs, isLast } of takeDue(store, timers.now())) {
      for (let copy = 0; copy < copies; copy += 1) {
        void deliver(options, stored, dueMs, stopped.signal).then(() => isLast && complete(store, stored));
      }
      copies = 1;
    }
    arm();
  };
  return {
    changed: arm,
    hold(value) {
      isHeld = value;
      arm();
    },
    nextDue: () => nextDueOf(store),
    repeatNext(times) {
      copies = times;
    },
    stop() {
      stopped.abort();
      alarm.abort();
    },
  };
};

const ignore = (): void => undefined;

/** "State: specifies whether the schedule is enabled or disabled"; a disabled one is not invoked. */
const dueOf = ({ schedule, dueMs }: Stored): number | undefined =>
  schedule.State === "ENABLED" ? dueMs : undefined;

const nextDueOf = (store: Store): number | undefined => {
  const all = [...store.schedules.values()].flatMap((stored) => dueOf(stored) ?? []);
  return all.length === 0 ? undefined : Math.min(...all);
};

interface Run {
  readonly stored: Stored;
  readonly dueMs: number;
  readonly isLast: boolean;
}

/** What is due, in the order it is due; each is given its next run before it is delivered. */
const takeDue = (store: Store, nowMs: number): readonly Run[] => {
  const runs: Run[] = [];
  for (const [key, stored] of store.schedules) {
    const dueMs = dueOf(stored);
    if (dueMs === undefined || dueMs > nowMs) continue;
    // A machine that slept fires once for all it missed.
    const next = nextRun(stored.schedule, stored.sinceMs, Math.max(dueMs, nowMs));
    store.schedules.set(key, withDue(stored, next));
    runs.push({ stored, dueMs, isLast: next === undefined });
  }
  if (runs.length > 0) store.save();
  return runs.sort((one, other) => one.dueMs - other.dueMs);
};

/**
 * Resolves when the target has it, or the RetryPolicy is used up: "retry attempts with exponential backoff continue until
 * either the maximum number of attempts is made or until the duration of the MaximumEventAgeInSeconds is reached".
 */
const deliver = async (
  { timers, invoke, onDelivery }: FiringOptions,
  { schedule }: Stored,
  scheduledMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const { Arn, RetryPolicy } = schedule.Target;
  const endMs = timers.now() + RetryPolicy.MaximumEventAgeInSeconds * 1_000;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const payload = payloadOf(schedule, scheduledMs, attempt);
    try {
      await invoke(functionOf(Arn), payload);
      return onDelivery?.({ schedule, scheduledMs, attempt, payload });
    } catch (thrown) {
      onDelivery?.({ schedule, scheduledMs, attempt, payload, error: asError(thrown) });
    }
    const waitMs = backoffMs(attempt);
    if (attempt > RetryPolicy.MaximumRetryAttempts || timers.now() + waitMs > endMs) return;
    await timers.sleep(waitMs, signal).catch(ignore);
  }
};

/** The steps are not documented; with eight minutes as the longest, 185 attempts take about the day they may. */
const backoffMs = (attempt: number): number => Math.min(1_000 * 2 ** (attempt - 1), 480_000);

/** User guide, "Adding context attributes": replaced wherever they stand in the text of Input. */
const payloadOf = (schedule: Schedule, scheduledMs: number, attempt: number): unknown => {
  const values: Readonly<Record<string, string>> = {
    "schedule-arn": schedule.Arn,
    "scheduled-time": utc(scheduledMs),
    // "The unique ID … for each attempted invocation of a target, for example, d32c5kddcf5bb8c3."
    "execution-id": randomBytes(8).toString("hex"),
    "attempt-number": String(attempt),
  };
  const { Input } = schedule.Target;
  if (Input === undefined) return defaultNotice(schedule, scheduledMs);
  return JSON.parse(
    Input.replaceAll(/<aws\.scheduler\.([a-z-]+)>/g, (all, name: string) => values[name] ?? all),
  );
};

/** To the second, as in the guide's example 2022-03-22T18:59:43Z. */
const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** API reference, Target.Input: left out, "a default notification" is delivered; its form is not documented. */
const defaultNotice = ({ Arn }: Schedule, scheduledMs: number) => ({
  version: "0",
  "detail-type": "Scheduled Event",
  source: "aws.scheduler",
  time: utc(scheduledMs),
  resources: [Arn],
  detail: "{}",
});

/** AWS compute blog, "Automatically delete schedules upon completion": also when all retries failed. */
const complete = (store: Store, { schedule, sinceMs }: Stored): void => {
  const key = keyOf(schedule);
  const now = store.schedules.get(key);
  // Replaced meanwhile, it is another schedule.
  if (now === undefined || now.sinceMs !== sinceMs || schedule.ActionAfterCompletion !== "DELETE") return;
  store.schedules.delete(key);
  store.save();
};
