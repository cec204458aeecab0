// What somebody wants of a job, checked and made complete. Called by manage.ts; nothing is stored before this passes.

import { clip } from "../clip.ts";
import type { JobRecord } from "../job-record.ts";
import { isTimeZone } from "../time-zone.ts";
import type { Schedule } from "../turn.ts";
import { JobError } from "./job-error.ts";
import { scanPrompt } from "./scan-prompt.ts";
import { parseSchedule } from "./schedule.ts";

/** As the model or the person said it; absent is not said. */
export interface JobWish {
  readonly prompt?: string | undefined;
  readonly schedule?: string | undefined;
  readonly name?: string | undefined;
  readonly repeat?: number | undefined;
  readonly deliver?: string | undefined;
  readonly skills?: readonly string[] | undefined;
  readonly model?: string | undefined;
  readonly toolsets?: readonly string[] | undefined;
  readonly contextFrom?: readonly string[] | undefined;
  readonly timezone?: string | undefined;
}

interface Reading {
  readonly nowMs: number;
  /** The person's. */
  readonly timezone: string;
  /** Of the same owner: what may be named. */
  readonly jobs: readonly JobRecord[];
}

type Content = Pick<
  JobRecord,
  | "name"
  | "prompt"
  | "schedule"
  | "timezone"
  | "times"
  | "deliver"
  | "skills"
  | "model"
  | "toolsets"
  | "contextFrom"
>;

/** hermes-behaviour.md 3.3. */
const NAME_FROM_PROMPT_CHARS = 50;
const MAX_NAME_CHARS = 80;
/** A schedule's payload holds 256 KB; a prompt is an instruction, not a document. */
const MAX_PROMPT_CHARS = 20_000;

export const readWish = (wish: JobWish, reading: Reading): Content => {
  const { prompt = "", schedule, skills = [] } = wish;
  if (schedule === undefined || schedule.trim() === "") throw new JobError("schedule is required for create");
  if (prompt.trim() === "" && skills.length === 0)
    throw new JobError("create requires either prompt or at least one skill");
  const { times, ...changes } = readChanges(wish, reading);
  const { timezone = reading.timezone } = changes;
  const parsed = changes.schedule ?? parseSchedule(schedule, { ...reading, timezone });
  return {
    ...changes,
    prompt: prompt.trim(),
    name: changes.name ?? nameFrom(prompt, skills),
    schedule: parsed,
    timezone,
    times: times ?? (parsed.kind === "once" ? 1 : null),
  };
};

/** Only what was said; "No updates provided." when nothing was. `record`: the job that changes. */
export const readChanges = (
  wish: JobWish,
  reading: Reading & { readonly record?: JobRecord },
): Partial<Content> => {
  const { nowMs, jobs, record } = reading;
  if (Object.values(wish).every((value) => value === undefined)) throw new JobError("No updates provided.");
  const timezone = wish.timezone === undefined ? newZone(wish, reading) : checkedZone(wish.timezone);
  const zone = timezone ?? record?.timezone ?? reading.timezone;
  const schedule =
    wish.schedule === undefined ? undefined : parseSchedule(wish.schedule, { nowMs, timezone: zone });
  return given({
    prompt: wish.prompt === undefined ? undefined : checkedPrompt(wish.prompt),
    name: wish.name?.trim() ? clip(wish.name.trim().toWellFormed(), MAX_NAME_CHARS) : undefined,
    schedule,
    timezone,
    times: wish.repeat === undefined ? timesOf(schedule, record) : timesWanted(wish.repeat),
    deliver: wish.deliver?.trim() || undefined,
    skills: wish.skills,
    model: wish.model?.trim() || undefined,
    toolsets: wish.toolsets,
    contextFrom: wish.contextFrom === undefined ? undefined : knownJobs(wish.contextFrom, jobs),
  });
};

/** Calendar times keep the zone they were made in; a moment or an interval has none, so that what follows is in the person's. */
const newZone = (
  wish: JobWish,
  { timezone, record }: Reading & { readonly record?: JobRecord },
): string | undefined =>
  wish.schedule === undefined || record === undefined || record.schedule.kind === "cron"
    ? undefined
    : timezone;

const given = (content: { readonly [K in keyof Content]?: Content[K] | undefined }): Partial<Content> =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));

/** hermes-behaviour.md 3.3: nothing or less means for ever. */
const timesWanted = (repeat: number): number | null => (repeat <= 0 ? null : Math.floor(repeat));

/** A one-shot that becomes recurring goes on, and the other way round: once is once. */
const timesOf = (
  schedule: Schedule | undefined,
  record: JobRecord | undefined,
): number | null | undefined => {
  if (schedule === undefined || record === undefined) return undefined;
  if (schedule.kind === "once") return 1;
  return record.schedule.kind === "once" ? null : undefined;
};

const nameFrom = (prompt: string, skills: readonly string[]): string =>
  clip((prompt.trim() || (skills[0] ?? "job")).replace(/\s+/g, " ").toWellFormed(), NAME_FROM_PROMPT_CHARS);

const checkedPrompt = (prompt: string): string => {
  if (prompt.length > MAX_PROMPT_CHARS)
    throw new JobError(`A prompt has at most ${MAX_PROMPT_CHARS} characters; this one has ${prompt.length}.`);
  const blocked = scanPrompt(prompt);
  if (blocked !== undefined) throw new JobError(blocked);
  return prompt.trim();
};

const checkedZone = (timezone: string): string => {
  if (!isTimeZone(timezone))
    throw new JobError(`"${timezone}" is no time zone. Use an IANA name such as Europe/Berlin.`);
  return timezone;
};

const knownJobs = (ids: readonly string[], jobs: readonly JobRecord[]): readonly string[] => {
  const unknown = ids.find((id) => !jobs.some((job) => job.id === id && job.state !== "removed"));
  if (unknown !== undefined)
    throw new JobError(
      `context_from job '${unknown}' not found. Use cronjob(action='list') to see available jobs.`,
    );
  return ids;
};
