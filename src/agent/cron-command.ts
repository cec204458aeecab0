// `/cron`: the jobs of this conversation with their buttons, and what a press or a word does with one of them.

import { type ButtonAction, signCommandButton } from "../buttons.ts";
import { HermesError } from "../errors.ts";
import type { JobRecord } from "../job-record.ts";
import { describeRuns } from "../jobs/describe-runs.ts";
import { JobError } from "../jobs/job-error.ts";
import { type JobList, listJobs } from "../jobs/list.ts";
import { pauseJob, removeJob, resumeJob, runJobNow } from "../jobs/manage.ts";
import { fires } from "../jobs/next-runs.ts";
import { upcoming } from "../jobs/upcoming.ts";
import type { Button } from "../message.ts";
import type { CommandEntry } from "../turn.ts";
import type { Reply } from "./session-commands.ts";
import type { TurnContext } from "./turn-context.ts";
import { whoMayPress } from "./who-may-press.ts";

/** Three buttons each, and Telegram shows a hundred. */
const MAX_SHOWN = 20;

const USAGE = "Use /cron, or /cron run, pause, resume or remove with a job's name.";

export const cron = async (c: TurnContext, entry: CommandEntry): Promise<Reply> => {
  const { timers } = c.ports;
  if (timers === undefined) return { text: "Reminders are not set up on this bot." };
  const ports = { ...c.ports, timers };
  const { session } = c.lease;
  try {
    const done = await act(ports, c, entry);
    const list = await listJobs(ports, session, c.settings);
    return {
      text: [done, listed(c, list)].filter(Boolean).join("\n\n"),
      buttons: buttonsFor(c, entry, list),
    };
  } catch (error) {
    if (error instanceof JobError) return { text: error.message };
    if (error instanceof HermesError && error.code === "unavailable") {
      c.ports.log.warn("the scheduler could not be reached", { error });
      return {
        text: "The scheduler cannot be reached right now. Send /cron in a minute to see what is set.",
      };
    }
    throw error;
  }
};

type Ports = TurnContext["ports"] & { readonly timers: NonNullable<TurnContext["ports"]["timers"]> };

/** What was done, in words; "" when the list alone was asked for. */
const act = async (ports: Ports, c: TurnContext, { id, origin, args }: CommandEntry): Promise<string> => {
  const [action = "list", ...words] = args.split(/\s+/).filter(Boolean);
  const ref = words.join(" ");
  const { session: owner } = c.lease;
  if (action !== "list" && ref === "") throw new JobError(USAGE);
  switch (action.toLowerCase()) {
    case "list":
      return "";
    case "run": {
      const who = { owner, origin, timezone: c.timezone, operation: `${owner}#${id}` };
      return `▶️ "${(await runJobNow(ports, who, ref)).name}" runs now.`;
    }
    case "pause":
      return `⏸ "${(await pauseJob(ports, owner, ref)).name}" is paused.`;
    case "resume":
      return `⏵ "${(await resumeJob(ports, owner, ref)).name}" goes on.`;
    case "remove":
      return `🗑 "${(await removeJob(ports, owner, ref)).name}" is removed.`;
    default:
      throw new JobError(USAGE);
  }
};

const listed = (c: TurnContext, { jobs, foreign, repairs }: JobList): string => {
  if (jobs.length === 0 && foreign.length === 0)
    return [...repairs, "Nothing is scheduled. Ask me to remind you of something."].join("\n");
  const nowMs = c.ports.clock.now();
  const lines = jobs.slice(0, MAX_SHOWN).map((job, index) => `${index + 1}. ${line(job, nowMs)}`);
  const more = jobs.length > MAX_SHOWN ? [`… and ${jobs.length - MAX_SHOWN} more; ask me for them.`] : [];
  const strangers = foreign.map(
    ({ name, job }) => `• ${job.name} (schedule ${name}, made by hand: not mine to change)`,
  );
  return [...repairs, ...lines, ...more, ...strangers].join("\n");
};

const line = (job: JobRecord, nowMs: number): string => {
  const state =
    job.state === "scheduled" ? "" : ` (${[job.state, job.pausedReason].filter(Boolean).join(": ")})`;
  const runs = upcoming(job, nowMs).filter(fires).slice(0, 1);
  const next = runs.length === 0 ? "" : `, next ${describeRuns(runs, job.timezone)}`;
  const failed = job.last?.status === "error" ? ", last run failed" : "";
  return `**${job.name}** – ${job.schedule.display}${state}${next}${failed}`;
};

const buttonsFor = (
  c: TurnContext,
  { origin }: CommandEntry,
  { jobs }: JobList,
): readonly (readonly Button[])[] => {
  const sign = (ref: string, action: ButtonAction) =>
    signCommandButton(c.settings.buttonSecret, { ...whoMayPress(c, origin), command: "cron", ref, action });
  return jobs.slice(0, MAX_SHOWN).map(({ id, state }, index) => {
    const n = index + 1;
    const isGoing = state === "scheduled";
    return [
      { text: `▶️ ${n}`, data: sign(id, "run") },
      ...(state === "completed"
        ? []
        : [{ text: isGoing ? `⏸ ${n}` : `⏵ ${n}`, data: sign(id, isGoing ? "pause" : "resume") }]),
      { text: `🗑 ${n}`, data: sign(id, "remove") },
    ];
  });
};
