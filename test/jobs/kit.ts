// What the tests of jobs share: records and timers in memory, and whose jobs they are.

import type { JobRecord } from "../../src/job-record.ts";
import type { JobOwner, JobPorts } from "../../src/jobs/manage.ts";
import type { Jobs, JobTimer, JobTimers } from "../../src/ports.ts";
import type { SessionKey } from "../../src/turn.ts";
import { createFakeDoorbell } from "../fakes/doorbell.ts";
import { createFakeInbox } from "../fakes/inbox.ts";
import { createFakeJobs } from "../fakes/jobs.ts";

export const NOW_MS = Date.UTC(2026, 10, 24, 8);
export const OWNER = "agent:main:telegram:dm:42" as SessionKey;

export const WHO: JobOwner = {
  owner: OWNER,
  origin: { chatId: 42, chatType: "dm", userId: 42 },
  timezone: "Europe/Berlin",
  operation: "call-1",
};

/** Timers that remember; `down` makes every call fail. */
export const createFakeTimers = (): JobTimers & { readonly timers: Map<string, JobTimer>; down: boolean } => {
  const timers = new Map<string, JobTimer>();
  const checked = <T>(fake: { down: boolean }, value: T): T => {
    if (fake.down) throw new Error("the scheduler is down");
    return value;
  };
  return {
    timers,
    down: false,
    async set(timer) {
      checked(this, timers).set(timer.name, structuredClone(timer));
    },
    async get(name) {
      return checked(this, timers).get(name);
    },
    async remove(name) {
      checked(this, timers).delete(name);
    },
    async names() {
      return [...checked(this, timers).keys()];
    },
  };
};

export interface TestJobPorts extends JobPorts {
  readonly jobs: Jobs & { readonly records: Map<string, JobRecord> };
  readonly timers: ReturnType<typeof createFakeTimers>;
  readonly inbox: ReturnType<typeof createFakeInbox>;
  readonly doorbell: ReturnType<typeof createFakeDoorbell>;
}

export const jobPorts = (nowMs = NOW_MS): TestJobPorts & { nowMs: number } => {
  const ports = {
    nowMs,
    jobs: createFakeJobs(),
    timers: createFakeTimers(),
    inbox: createFakeInbox(),
    doorbell: createFakeDoorbell(),
    clock: { now: () => ports.nowMs },
  };
  return ports;
};
