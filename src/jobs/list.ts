// The jobs of a conversation, with records and timers brought back in line: whatever a crash or a hand at the console left
// between the two is mended and told. Called by the cronjob tool and by /cron.

import { isDeepStrictEqual } from "node:util";
import { asError } from "../errors.ts";
import type { JobRecord } from "../job-record.ts";
import type { Log } from "../log.ts";
import type { JobTimer, JobTimers } from "../ports.ts";
import type { SessionKeyOptions } from "../session-key.ts";
import type { Job, Schedule, SessionKey } from "../turn.ts";
import { isTooLate } from "./lifecycle.ts";
import { type JobPorts, withTimer } from "./manage.ts";
import { ownerOf } from "./owner.ts";
import { isOurName, jobIdOf, timerName, timerOf } from "./timer.ts";

export interface JobList {
  /** Without tombstones; scheduled ones first, by their next run as far as records tell. */
  readonly jobs: readonly JobRecord[];
  /** Schedules of this conversation that never had a record: made by hand, run as they stand, never deleted by us. */
  readonly foreign: readonly { readonly name: string; readonly job: Job }[];
  /** What was mended, in words. */
  readonly repairs: readonly string[];
}

/** More schedules of unknown names than a person makes by hand. */
const MAX_FOREIGN = 20;

export const listJobs = async (
  ports: JobPorts & { readonly log: Log },
  owner: SessionKey,
  keys: SessionKeyOptions,
): Promise<JobList> => {
  const records = await ports.jobs.list(owner);
  const repairs: string[] = [];
  const jobs: JobRecord[] = [];
  for (const record of records) {
    const { job, repair } = await inLine(ports, record);
    if (repair !== undefined) repairs.push(repair);
    if (job.state !== "removed") jobs.push(job);
  }
  const foreign = await foreignJobs(ports, owner, keys, records);
  return { jobs: jobs.toSorted((a, b) => a.createdAt - b.createdAt), foreign, repairs };
};

const inLine = async (
  ports: JobPorts,
  record: JobRecord,
): Promise<{ readonly job: JobRecord; readonly repair?: string }> => {
  const actual = await ports.timers.get(timerName(record.owner, record.id));
  if (record.state === "removed" || record.state === "completed") {
    if (actual === undefined) return { job: record };
    await ports.timers.remove(actual.name);
    return {
      job: record,
      repair: `The timer of "${record.name}", which is ${record.state}, was left over and is deleted.`,
    };
  }
  if (actual === undefined && isOver(record, ports.clock.now())) return missed(ports, record);
  if (actual !== undefined && isSame(actual, timerOf(record, ports.clock.now()), record))
    return { job: record };
  await withTimer(ports, record);
  const what = actual === undefined ? "had lost its timer" : "had a timer that said something else";
  return { job: record, repair: `"${record.name}" ${what}; it is set again.` };
};

/** A one-shot whose time has passed has no timer any more: it ran and is about to say so, or it never will. */
const isOver = ({ schedule, timezone }: JobRecord, nowMs: number): boolean =>
  schedule.kind === "once" && isTooLate(schedule, Date.parse(schedule.runAt), nowMs, timezone);

const missed = async (ports: JobPorts, record: JobRecord) => {
  const { schedule } = record;
  if (record.last !== undefined || schedule.kind !== "once") return { job: record };
  const last = { scheduledTime: schedule.runAt, status: "missed" as const };
  const stored = await ports.jobs.put({ ...record, state: "completed", last });
  return { job: stored ?? record, repair: `"${record.name}" was due at ${schedule.runAt} and did not run.` };
};

const isSame = (
  actual: Omit<JobTimer, "job"> & { readonly job: Job | undefined },
  wanted: JobTimer,
  { schedule }: JobRecord,
): boolean =>
  actual.expression === wanted.expression &&
  actual.timezone === wanted.timezone &&
  actual.isEnabled === wanted.isEnabled &&
  countsAlike(schedule, actual.startDate, wanted.startDate) &&
  isDeepStrictEqual(actual.job, structuredClone(wanted.job));

/** An interval that began any number of intervals earlier runs at the same times. The service keeps whole seconds. */
const countsAlike = (schedule: Schedule, one: string | undefined, other: string | undefined): boolean => {
  if (schedule.kind !== "interval" || one === undefined || other === undefined) return one === other;
  const apartS = Math.floor(Date.parse(one) / 1_000) - Math.floor(Date.parse(other) / 1_000);
  return apartS % (schedule.minutes * 60) === 0;
};

const foreignJobs = async (
  ports: { readonly timers: JobTimers; readonly log: Log },
  owner: SessionKey,
  keys: SessionKeyOptions,
  records: readonly JobRecord[],
): Promise<JobList["foreign"]> => {
  try {
    const names = await ports.timers.names();
    const strange = names.filter((name) => {
      const id = jobIdOf(owner, name);
      return id === undefined ? !isOurName(name) : !records.some((record) => record.id === id);
    });
    const read = await Promise.all(strange.slice(0, MAX_FOREIGN).map((name) => ports.timers.get(name)));
    return read.flatMap((timer) => {
      if (timer?.job === undefined) return [];
      return ownerOf(timer.job, keys) === owner ? [{ name: timer.name, job: timer.job }] : [];
    });
  } catch (error) {
    // The jobs themselves are known: a list without the strangers is better than none.
    ports.log.warn("schedules made by hand could not be looked for", { error: asError(error) });
    return [];
  }
};
