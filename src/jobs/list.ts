// The jobs of a conversation, with records and timers brought back in line: whatever a crash or a hand at the console left
// between the two is mended and told. Called by the cronjob tool and by /cron.

import { isDeepStrictEqual } from "node:util";
import { hasEnded, type JobRecord } from "../job-record.ts";
import type { Log } from "../log.ts";
import { orLogged } from "../or-logged.ts";
import type { JobTimer, JobTimers } from "../ports.ts";
import type { SessionKeyOptions } from "../session-key.ts";
import type { Job, Schedule, SessionKey } from "../turn.ts";
import { isPast, type JobPorts, withTimer } from "./manage.ts";
import { ownerOf } from "./owner.ts";
import { isOurName, jobIdOf, timerName, timerOf } from "./timer.ts";

export interface JobList {
  /** Without tombstones; the live ones first, oldest first, then those that have run their last, newest first. */
  readonly jobs: readonly JobRecord[];
  /** Schedules of this conversation that never had a record: made by hand, run as they stand, never deleted by us. */
  readonly foreign: readonly { readonly name: string; readonly job: Job }[];
  /** What was mended, in words. */
  readonly repairs: readonly string[];
}

/** Of jobs that have run their last. */
const MAX_ENDED = 10;

/** More schedules of unknown names than a person makes by hand. */
const MAX_FOREIGN = 20;

export const listJobs = async (
  ports: JobPorts & { readonly log: Log },
  owner: SessionKey,
  keys: SessionKeyOptions,
): Promise<JobList> => {
  const { log } = ports;
  // The jobs themselves are known: whatever the service does not answer now is mended by the next list.
  const [records, names = []] = await Promise.all([
    ports.jobs.list(owner),
    orLogged(log, "listing the schedules", ports.timers.names()),
  ]);
  const checked = await Promise.all(
    records.map(
      async (record): Promise<Checked> =>
        (await orLogged(log, "checking a schedule", inLine(ports, record, names))) ?? { job: record },
    ),
  );
  const jobs = checked.map(({ job }) => job).filter(({ state }) => state !== "removed");
  return {
    jobs: [
      ...jobs.filter((job) => !hasEnded(job)).toSorted((a, b) => a.createdAt - b.createdAt),
      ...jobs
        .filter(hasEnded)
        .toSorted((a, b) => b.createdAt - a.createdAt)
        .slice(0, MAX_ENDED),
    ],
    foreign: await foreignJobs(ports, owner, keys, strangers(owner, names, records)),
    repairs: checked.flatMap(({ repair }) => repair ?? []),
  };
};

interface Checked {
  readonly job: JobRecord;
  readonly repair?: string;
}

const inLine = async (ports: JobPorts, record: JobRecord, names: readonly string[]): Promise<Checked> => {
  const name = timerName(record.owner, record.id);
  if (hasEnded(record)) {
    if (!names.includes(name)) return { job: record };
    await ports.timers.remove(name);
    const repair = `The timer of "${record.name}", which is ${record.state}, was left over and is deleted.`;
    return { job: record, repair };
  }
  if (isPast(record, ports.clock.now())) return missed(ports, record);
  const actual = await ports.timers.get(name);
  if (actual !== undefined && isSame(actual, timerOf(record, ports.clock.now()), record))
    return { job: record };
  await withTimer(ports, record);
  const what = actual === undefined ? "had lost its timer" : "had a timer that said something else";
  return { job: record, repair: `"${record.name}" ${what}; it is set again.` };
};

/** Longer than the run of a one-shot takes, with its retries: only then has it not run. */
const OVERDUE_MS = 3_600_000;

/** A one-shot whose time has passed has no timer any more: it runs, or it never will. */
const missed = async (ports: JobPorts, record: JobRecord): Promise<Checked> => {
  const { schedule } = record;
  if (record.last !== undefined || schedule.kind !== "once" || record.state !== "scheduled")
    return { job: record };
  if (ports.clock.now() - Date.parse(schedule.runAt) < OVERDUE_MS) return { job: record };
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

/** Names that are nobody's of ours, and those of this owner that have no record. */
const strangers = (
  owner: SessionKey,
  names: readonly string[],
  records: readonly JobRecord[],
): readonly string[] =>
  names.filter((name) => {
    const id = jobIdOf(owner, name);
    return id === undefined ? !isOurName(name) : !records.some((record) => record.id === id);
  });

const foreignJobs = async (
  { timers }: { readonly timers: JobTimers },
  owner: SessionKey,
  keys: SessionKeyOptions,
  names: readonly string[],
): Promise<JobList["foreign"]> => {
  const read = await Promise.all(names.slice(0, MAX_FOREIGN).map((name) => timers.get(name)));
  return read.flatMap((timer) => {
    if (timer?.job === undefined) return [];
    return ownerOf(timer.job, keys) === owner ? [{ name: timer.name, job: timer.job }] : [];
  });
};
