// What is stored of a job: the truth about it, of which the schedule at the service is only the timer (design.md 4).

import type { Job, Schedule, SessionKey } from "./turn.ts";

export interface JobRecord extends Job {
  readonly owner: SessionKey;
  readonly schedule: Schedule;
  readonly timezone: string;
  /** `removed` is a tombstone: it says that a timer which still fires is to be ignored and deleted. */
  readonly state: "scheduled" | "paused" | "completed" | "removed";
  readonly pausedReason?: string;
  /** Runs wanted; null = for ever. */
  readonly times: number | null;
  /** Scheduled runs so far. */
  readonly completed: number;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** ISO: when an interval counts from, and when the schedule was last set; a tick that was due before is of another timer. */
  readonly startsAt: string;
  readonly last?: JobRunOutcome;
  /** Failed runs in a row. */
  readonly failures: number;
  /** Grows with every write: whoever changes an older one is refused. */
  readonly revision: number;
}

/** How the newest run ended. */
export interface JobRunOutcome {
  /** ISO; the run's identity. */
  readonly scheduledTime: string;
  readonly status: "ok" | "error" | "missed";
  readonly error?: string;
  readonly deliveryError?: string;
  /** What it answered, cut to what another job may be given. */
  readonly output?: string;
}

/** It never runs again by itself, and needs no timer. */
export const hasEnded = ({ state }: Pick<JobRecord, "state">): boolean =>
  state === "removed" || state === "completed";
