// The timer a job needs at the service, made from its record alone.

import { createHash } from "node:crypto";
import type { JobRecord } from "../job-record.ts";
import type { JobTimer } from "../ports.ts";
import type { Job, SessionKey } from "../turn.ts";
import { toExpression } from "./expression.ts";

const OWNER_CHARS = 16;

/** Of ours: the owner's hash, so that one chat's can be told from another's, and the job's id (facts/platform.md 3, names). */
const OURS = new RegExp(`^[0-9a-f]{${OWNER_CHARS}}-[0-9a-f]{12}$`);

const hash = (text: string, chars: number): string =>
  createHash("sha256").update(text).digest("hex").slice(0, chars);

/** Of a call that creates: made again after a crash it makes the same job. */
export const newJobId = (operation: string): string => hash(operation, 12);

export const timerName = (owner: SessionKey, jobId: string): string => `${hash(owner, OWNER_CHARS)}-${jobId}`;

export const isOurName = (name: string): boolean => OURS.test(name);

/** The id of an owner's job by its timer's name; undefined for everybody else's. */
export const jobIdOf = (owner: SessionKey, name: string): string | undefined =>
  isOurName(name) && name.startsWith(`${hash(owner, OWNER_CHARS)}-`)
    ? name.slice(OWNER_CHARS + 1)
    : undefined;

/**
 * As it is to be set at `nowMs`: an interval goes on counting from its start, of which the service wants to hear the next
 * occurrence, for it takes no date that is past.
 */
export const timerOf = (record: JobRecord, nowMs: number): JobTimer => {
  const { owner, id, schedule, timezone, state } = record;
  const { startDate, ...timing } = toExpression(schedule, { nowMs: countsFrom(record, nowMs), timezone });
  return {
    ...timing,
    ...(startDate === undefined ? {} : { startDate }),
    name: timerName(owner, id),
    isEnabled: state === "scheduled",
    isOnce: schedule.kind === "once",
    job: payloadOf(record),
  };
};

/** The last time at or before now from which one interval leads to the next run. */
const countsFrom = ({ schedule, startsAt }: JobRecord, nowMs: number): number => {
  const startMs = Date.parse(startsAt);
  if (schedule.kind !== "interval" || nowMs <= startMs) return startMs;
  const lengthMs = schedule.minutes * 60_000;
  return startMs + Math.floor((nowMs - startMs) / lengthMs) * lengthMs;
};

/** The job whole, so that a tick can be run by what it carries. */
export const payloadOf = (record: JobRecord): Job => {
  const {
    id,
    name,
    prompt,
    origin,
    owner,
    schedule,
    timezone,
    skills,
    model,
    deliver,
    toolsets,
    contextFrom,
  } = record;
  return {
    ...{ id, name, prompt, origin, owner, schedule, timezone },
    ...(skills === undefined ? {} : { skills }),
    ...(model === undefined ? {} : { model }),
    ...(deliver === undefined ? {} : { deliver }),
    ...(toolsets === undefined ? {} : { toolsets }),
    ...(contextFrom === undefined ? {} : { contextFrom }),
  };
};
