// What the Scheduler stand-in remembers: groups, schedules, when each is due, and the answers to requests that may be
// repeated. A state file keeps the schedules from one run to the next.

import { readStateFile, writeStateFile } from "../state-file.ts";
import { nextRun } from "./calendar.ts";
import { parseExpression } from "./expression.ts";
import type { Group, Schedule } from "./shapes.ts";

export interface Stored {
  readonly schedule: Schedule;
  /** When it was created or last updated. */
  readonly sinceMs: number;
  /** Its next run; absent when there is none. A disabled one has it too, and does not use it. */
  readonly dueMs?: number;
}

export interface Store {
  readonly groups: Map<string, Group>;
  /** By `group/name`, in the order of creation. */
  readonly schedules: Map<string, Stored>;
  /** Writes the state file, if there is one. */
  save(): void;
}

interface SavedState {
  readonly groups: readonly Group[];
  readonly schedules: readonly Stored[];
}

export const keyOf = ({ GroupName, Name }: Pick<Schedule, "GroupName" | "Name">): string =>
  `${GroupName}/${Name}`;

export const openStore = (file: string | undefined, nowMs: number): Store => {
  const saved = readStateFile(file, "Scheduler") as SavedState | undefined;
  const groups = new Map((saved?.groups ?? []).map((group) => [group.Name, group]));
  const schedules = new Map(
    (saved?.schedules ?? []).map((stored) => [keyOf(stored.schedule), afterPause(stored, nowMs)]),
  );
  return {
    groups,
    schedules,
    save() {
      if (file !== undefined)
        writeStateFile(file, { groups: [...groups.values()], schedules: [...schedules.values()] });
    },
  };
};

/**
 * The service never sleeps, a local run does. What was due once meanwhile is due now, under its own time; of what recurs
 * the missed runs are left out.
 */
const afterPause = (stored: Stored, nowMs: number): Stored => {
  const { schedule, sinceMs, dueMs } = stored;
  if (dueMs === undefined || dueMs >= nowMs) return stored;
  if (parseExpression(schedule.ScheduleExpression).kind === "at") return stored;
  return withDue({ schedule, sinceMs }, nextRun(schedule, sinceMs, nowMs));
};

export const withDue = ({ schedule, sinceMs }: Stored, dueMs: number | undefined): Stored => ({
  schedule,
  sinceMs,
  ...(dueMs === undefined ? {} : { dueMs }),
});
