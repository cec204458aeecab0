// What can be done with jobs, over their records and timers: the record first, for it is the truth; the timer follows and
// is set again by whoever finds it missing. Called by the cronjob tool and by /cron. Throws JobError for what is not allowed.

import { hasEnded, type JobRecord } from "../job-record.ts";
import type { Clock, Doorbell, Inbox, Jobs, JobTimers } from "../ports.ts";
import { cronSessionKey } from "../session-key.ts";
import type { EntryId, Origin, SessionKey, TickEntry } from "../turn.ts";
import { JobError } from "./job-error.ts";
import { isCalled, resolveJobRef } from "./lifecycle.ts";
import { checkFrequency, checkNumber } from "./limits.ts";
import { type JobWish, readChanges, readWish } from "./read-wish.ts";
import { newJobId, payloadOf, timerName, timerOf } from "./timer.ts";

export interface JobPorts {
  readonly jobs: Jobs;
  readonly timers: JobTimers;
  readonly inbox: Inbox;
  readonly doorbell: Doorbell;
  readonly clock: Pick<Clock, "now">;
}

/** Whose jobs: from the authenticated conversation, never from model text. */
export interface JobOwner {
  readonly owner: SessionKey;
  readonly origin: Origin;
  readonly timezone: string;
  /** Names the call, see ToolContext. */
  readonly operation: string;
}

export const createJob = async (ports: JobPorts, who: JobOwner, wish: JobWish): Promise<JobRecord> => {
  const { owner, origin } = who;
  const id = newJobId(who.operation);
  const nowMs = ports.clock.now();
  const jobs = await ports.jobs.list(owner);
  const again = jobs.find((job) => job.id === id && job.state !== "removed");
  if (again !== undefined) return goOn(ports, again);
  const wanted = readWish(wish, { nowMs, timezone: who.timezone, jobs });
  checkNumber(jobs);
  checkFrequency(wanted.schedule, wanted.timezone, nowMs);
  const record: JobRecord = {
    ...wanted,
    ...{
      id,
      owner,
      origin: placeOf(origin),
      state: "scheduled",
      completed: 0,
      failures: 0,
      createdAt: nowMs,
    },
    startsAt: isoOf(nowMs),
    revision: jobs.find((job) => job.id === id)?.revision ?? 0,
  };
  timerOf(record, nowMs); // what the service cannot express is refused before anything is stored
  const stored = await ports.jobs.put(record);
  if (stored === undefined) throw new JobError("This job is being created already. List the jobs to see it.");
  try {
    return await withTimer(ports, stored);
  } catch (error) {
    // Nobody shall be told of a failure and be reminded all the same.
    await ports.jobs.put({ ...stored, state: "removed" });
    throw error;
  }
};

/** The call is made again after a crash. */
const goOn = (ports: JobPorts, record: JobRecord): Promise<JobRecord> => {
  if (isPast(record, ports.clock.now()) && record.state === "scheduled" && record.last === undefined)
    throw new JobError(
      `The time of "${record.name}" passed while it was being set up: it may not come. Tell the person now, or create it again.`,
    );
  return withTimer(ports, record);
};

/** Where and whose, without the message it was said in: a job answers no message, and its timer carries no more than this. */
const placeOf = ({ messageId: _, languageCode: __, ...place }: Origin): Origin => place;

export const updateJob = (ports: JobPorts, who: JobOwner, ref: string, wish: JobWish): Promise<JobRecord> =>
  change(ports, who.owner, ref, (record, jobs) => {
    const nowMs = ports.clock.now();
    const changes = readChanges(wish, { nowMs, timezone: who.timezone, jobs, record });
    const next = { ...record, ...changes };
    if (changes.schedule === undefined && changes.timezone === undefined) return next;
    checkFrequency(next.schedule, next.timezone, nowMs);
    // A new schedule begins now, also for a job that had run its last.
    return {
      ...next,
      startsAt: isoOf(nowMs),
      ...(next.state === "completed" ? { state: "scheduled" as const, completed: 0 } : {}),
    };
  });

export const pauseJob = (
  ports: JobPorts,
  owner: SessionKey,
  ref: string,
  reason?: string,
): Promise<JobRecord> =>
  change(ports, owner, ref, (record) => {
    if (record.state === "completed")
      throw new JobError(`"${record.name}" has run its last: there is nothing to pause.`);
    return { ...record, state: "paused", ...(reason === undefined ? {} : { pausedReason: reason }) };
  });

export const resumeJob = (ports: JobPorts, owner: SessionKey, ref: string): Promise<JobRecord> =>
  change(ports, owner, ref, ({ pausedReason: _, ...record }) => {
    const nowMs = ports.clock.now();
    if (isPast(record, nowMs))
      throw new JobError(
        `"${record.name}" was due ${record.schedule.display}, which is past: give it a new time with update.`,
      );
    if (record.state === "completed")
      throw new JobError(`"${record.name}" has run its last: give it a new schedule with update.`);
    if (record.state === "scheduled") return record; // what is due within the minute is still to come
    return { ...record, state: "scheduled", failures: 0, startsAt: isoOf(nowMs) };
  });

/**
 * The record stays as a tombstone: a timer that could not be deleted fires in vain, and the next list deletes it. One that
 * is removed already is removed: the call may be made again after a crash.
 */
export const removeJob = async (ports: JobPorts, owner: SessionKey, ref: string): Promise<JobRecord> => {
  const jobs = await ports.jobs.list(owner);
  const gone = jobs.filter(({ state }) => state === "removed");
  const isThere = jobs.some((job) => job.state !== "removed" && isMeant(job, ref));
  const before = isThere ? undefined : gone.findLast((job) => isMeant(job, ref));
  return before === undefined ? bury(ports, owner, ref) : withTimer(ports, before);
};

const isMeant = (job: JobRecord, ref: string): boolean => job.id === ref || isCalled(job, ref);

const bury = (ports: JobPorts, owner: SessionKey, ref: string): Promise<JobRecord> =>
  change(ports, owner, ref, ({ last: _, ...record }) => ({
    ...record,
    prompt: "",
    state: "removed",
    startsAt: isoOf(ports.clock.now()),
  }));

/** Runs it now, beside its schedule; the same call twice is one run. */
export const runJobNow = async (ports: JobPorts, who: JobOwner, ref: string): Promise<JobRecord> => {
  const record = find(await ports.jobs.list(who.owner), ref);
  const nowMs = ports.clock.now();
  const tick: TickEntry = {
    kind: "tick",
    id: `t#${record.id}#run#${newJobId(who.operation)}` as EntryId,
    origin: record.origin,
    at: nowMs,
    job: payloadOf(record),
    scheduledTime: isoOf(nowMs),
    acceptedAt: nowMs,
    isManual: true,
  };
  const session = cronSessionKey(record.id);
  await ports.inbox.put(session, tick);
  await ports.doorbell.wake(session);
  return record;
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

const find = (jobs: readonly JobRecord[], ref: string): JobRecord =>
  resolveJobRef(
    jobs.filter(({ state }) => state !== "removed"),
    ref,
  );

/** Somebody else may write the record at the same time (a run that ends): then the change is made again on theirs. */
const ATTEMPTS = 5;

const change = async (
  ports: JobPorts,
  owner: SessionKey,
  ref: string,
  by: (record: JobRecord, jobs: readonly JobRecord[]) => JobRecord,
): Promise<JobRecord> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const jobs = await ports.jobs.list(owner);
    const next = by(find(jobs, ref), jobs);
    if (next.state === "scheduled") timerOf(next, ports.clock.now());
    const stored = await ports.jobs.put(next);
    if (stored !== undefined) return withTimer(ports, stored);
  }
  throw new JobError("The job is being changed by somebody else. Try again.");
};

export const isPast = ({ schedule }: JobRecord, nowMs: number): boolean =>
  schedule.kind === "once" && Date.parse(schedule.runAt) <= nowMs;

/** Brings the service in line with the record. */
export const withTimer = async (
  ports: Pick<JobPorts, "timers" | "clock">,
  record: JobRecord,
): Promise<JobRecord> => {
  const isOver = hasEnded(record);
  // It has fired, or is about to: what is set for the past nobody knows how to take.
  if (!isOver && isPast(record, ports.clock.now())) return record;
  if (isOver) await ports.timers.remove(timerName(record.owner, record.id));
  else await ports.timers.set(timerOf(record, ports.clock.now()));
  return record;
};
