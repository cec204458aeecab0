// What each action of the cronjob tool does and answers, in Hermes' words (hermes-behaviour.md 3.3, 3.4). Called by cronjob.ts.

import { asError, HermesError } from "../errors.ts";
import type { JobRecord } from "../job-record.ts";
import { JobError } from "../jobs/job-error.ts";
import { listJobs } from "../jobs/list.ts";
import {
  createJob,
  type JobOwner,
  type JobPorts,
  pauseJob,
  removeJob,
  resumeJob,
  runJobNow,
  updateJob,
} from "../jobs/manage.ts";
import { type DeliveryRules, deliveryProblem } from "../jobs/may-receive.ts";
import type { JobWish } from "../jobs/read-wish.ts";
import { ScheduleError } from "../jobs/schedule.ts";
import type { Log } from "../log.ts";
import type { ToolContext, ToolOutcome } from "../ports.ts";
import type { SessionKeyOptions } from "../session-key.ts";
import { isTimeZone } from "../time-zone.ts";
import type { CronjobArgs } from "./cronjob-schema.ts";
import { jobView, runsText } from "./cronjob-view.ts";

export interface CronjobOptions extends JobPorts {
  readonly keys: SessionKeyOptions;
  /** Where answers may go. */
  readonly delivery: DeliveryRules;
  readonly log: Log;
}

/** Other words for the same. */
const ALIASES: Readonly<Record<string, string>> = { run_now: "run", trigger: "run" };

const NEEDS_SHELL =
  "script, no_agent and workdir need a shell, which there is none of here: put the work into the prompt.";

const ASK_ZONE =
  "The person's time zone is not known yet. Ask them once where they are, then call this again with timezone set to the " +
  "IANA name (such as Europe/Berlin); it is remembered. Durations ('30m', 'every 2h') need no time zone.";

export const perform = async (
  options: CronjobOptions,
  args: CronjobArgs,
  context: ToolContext,
): Promise<ToolOutcome> => {
  try {
    const outcome = await act(options, args, context);
    const { timezone } = args;
    if (timezone === undefined || !isTimeZone(timezone)) return outcome;
    return { ...outcome, settings: { timezone } };
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof JobError || error instanceof ScheduleError) return failed(error.message);
    if (!(error instanceof HermesError && error.code === "unavailable")) throw error;
    context.log.warn("the scheduler could not be reached", { error: asError(error) });
    return failed(
      "The scheduler cannot be reached right now; nothing was promised to it. Try again in a minute.",
    );
  }
};

const act = async (
  options: CronjobOptions,
  args: CronjobArgs,
  context: ToolContext,
): Promise<ToolOutcome> => {
  const said = args.action.trim().toLowerCase();
  const action = ALIASES[said] ?? said;
  if ([args.script, args.no_agent, args.workdir].some(Boolean)) return failed(NEEDS_SHELL);
  if (action === "list") return list(options, context);
  if (!isZoneKnown(args, context) && namesLocalTime(args.schedule)) return failed(ASK_ZONE);
  const { deliver } = wishOf(args);
  const problem = deliver && deliveryProblem(options.delivery, deliver, context.origin);
  if (problem) return failed(problem);
  if (action === "create") return create(options, args, context);
  return onOne(options, action, args, context);
};

const whoOf = ({ session, origin, timezone, operation }: ToolContext, args: CronjobArgs): JobOwner => ({
  owner: session,
  origin,
  timezone: args.timezone ?? timezone,
  operation,
});

const create = async (
  options: CronjobOptions,
  args: CronjobArgs,
  context: ToolContext,
): Promise<ToolOutcome> => {
  const job = await createJob(options, whoOf(context, args), wishOf(args));
  const { name, skills, schedule, repeat, deliver, next_run_at } = jobView(job, options.clock.now());
  return said({
    success: true,
    job_id: job.id,
    ...{ name, skills, schedule, repeat, deliver, next_run_at },
    job: jobView(job, options.clock.now()),
    message: `Cron job '${job.name}' created.`,
    ...runsText(job, options.clock.now()),
  });
};

const isZoneKnown = ({ timezone }: CronjobArgs, { isTimezoneKnown }: ToolContext): boolean =>
  isTimezoneKnown || timezone !== undefined;

/** A duration is the same everywhere; so is a time that says its own offset. */
const namesLocalTime = (schedule: string | undefined): boolean =>
  schedule !== undefined &&
  !/^\s*(every\s+)?\d+\s*[a-z]+\s*$/i.test(schedule) &&
  !/(z|[+-]\d{2}:?\d{2})\s*$/i.test(schedule);

const list = async (options: CronjobOptions, { session }: ToolContext): Promise<ToolOutcome> => {
  const { jobs, foreign, repairs } = await listJobs(options, session, options.keys);
  return said({
    success: true,
    count: jobs.length,
    jobs: jobs.map((job) => jobView(job, options.clock.now())),
    ...(foreign.length === 0
      ? {}
      : {
          foreign: foreign.map(({ name, job }) => ({
            schedule: name,
            name: job.name,
            note: "made by hand: it runs, and is not changed from here",
          })),
        }),
    ...(repairs.length === 0 ? {} : { repaired: repairs }),
  });
};

const onOne = async (
  options: CronjobOptions,
  action: string,
  args: CronjobArgs,
  context: ToolContext,
): Promise<ToolOutcome> => {
  const change = CHANGES.get(action);
  if (change === undefined) return failed(`Unknown cron action '${args.action}'`);
  const ref = args.job_id?.trim() ?? "";
  if (ref === "") return failed(`job_id is required for action '${action}'`);
  const { job, message } = await change(options, args, context, ref);
  const nowMs = options.clock.now();
  return said({ success: true, job: jobView(job, nowMs), message, ...runsText(job, nowMs) });
};

type Change = (
  options: CronjobOptions,
  args: CronjobArgs,
  context: ToolContext,
  ref: string,
) => Promise<{ readonly job: JobRecord; readonly message: string }>;

const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  [
    "update",
    async (options, args, context, ref) => {
      const job = await updateJob(options, whoOf(context, args), ref, wishOf(args));
      return { job, message: `Cron job '${job.name}' updated.` };
    },
  ],
  [
    "pause",
    async (options, args, { session }, ref) => {
      const job = await pauseJob(options, session, ref, args.reason);
      return { job, message: `Cron job '${job.name}' paused.` };
    },
  ],
  [
    "resume",
    async (options, _args, { session }, ref) => {
      const job = await resumeJob(options, session, ref);
      return { job, message: `Cron job '${job.name}' resumed.` };
    },
  ],
  [
    "remove",
    async (options, _args, { session }, ref) => {
      const job = await removeJob(options, session, ref);
      return { job, message: `Cron job '${job.name}' removed.` };
    },
  ],
  [
    "run",
    async (options, args, context, ref) => {
      const job = await runJobNow(options, whoOf(context, args), ref);
      return { job, message: `Cron job '${job.name}' runs now; its answer comes to the chat by itself.` };
    },
  ],
]);

const wishOf = (args: CronjobArgs): JobWish => ({
  prompt: args.prompt,
  schedule: args.schedule,
  name: args.name,
  repeat: args.repeat,
  deliver: args.deliver === undefined ? undefined : [args.deliver].flat().join(","),
  skills: args.skills === undefined ? undefined : [args.skills].flat(),
  model: typeof args.model === "object" ? args.model.model : args.model,
  toolsets: args.enabled_toolsets === undefined ? undefined : [args.enabled_toolsets].flat(),
  contextFrom: args.context_from === undefined ? undefined : [args.context_from].flat(),
  timezone: args.timezone,
});

const said = (result: object): ToolOutcome => ({ text: JSON.stringify(result) });

const failed = (error: string): ToolOutcome => said({ success: false, error });
