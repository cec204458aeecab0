// How a job's run ended: written down once, and what it has to say goes into the inbox of the chats it is for, because
// only a chat's holder sends to it (hermes-behaviour.md 3.6). Called by deliver.ts.

import type { JobRecord } from "../job-record.ts";
import { resolveTargets } from "../jobs/delivery-targets.ts";
import { mayReceive } from "../jobs/may-receive.ts";
import { endTimer, recordRun, type Told } from "../jobs/record-run.ts";
import { orLogged } from "../or-logged.ts";
import { sessionKey } from "../session-key.ts";
import type { JobRun, Outgoing } from "../session-state.ts";
import type { EntryId, Origin, PostEntry } from "../turn.ts";
import { cronResult, isSilent } from "./cron-prompt.ts";
import type { TurnContext } from "./turn-context.ts";

/** All of it may be repeated: a run is recorded by its time, and so is what it posts. */
export const postJobResult = async (c: TurnContext, out: Outgoing): Promise<{ readonly kind: "done" }> => {
  const { job, origin } = out;
  if (job === undefined) return { kind: "done" };
  const targets = targetsOf(c, job, origin);
  const { told, record } = await writeDown(c, out, job, targets);
  const text = out.row === undefined ? failureText(job, out.text, told) : resultText(job, out.text);
  // Nobody is left without a word: what has no place to go comes back to where it was asked for.
  const isHome = targets.length === 0 && (job.deliver !== "local" || out.row === undefined);
  const places = isHome ? [origin] : targets;
  if (text !== undefined) await Promise.all(places.map((target) => post(c, job, target, text)));
  await settleTimer(c, record);
  return { kind: "done" };
};

/** An answer is worth saying unless it says that it is not, or nothing. */
const resultText = (job: JobRun, answer: string): string | undefined =>
  answer.trim() === "" || isSilent(answer) ? undefined : cronResult(job, answer);

/** A job that fails says so once, and once more when it is paused for it. */
const failureText = (job: JobRun, reason: string, told: Told): string | undefined => {
  // Told by its budget and not by its failures: whoever knows hears nothing.
  if (job.isOverBudget)
    return reason === "" ? undefined : `⚠️ Cron job '${job.name}' did not finish:\n${reason}`;
  if (job.isMissed) return `⏰ Cron job '${job.name}' missed its time:\n${reason}`;
  const failed = `⚠️ Cron job '${job.name}' failed:\n${reason}`;
  if (told === "paused")
    return `${failed}\n\nIt failed several times in a row and is paused. Resume it with /cron when the cause is mended.`;
  return told === "known" && !job.isManual ? undefined : failed;
};

/** After everything that is said: a timer that could not be ended fires in vain, and its tick or the next list ends it. */
const settleTimer = async (c: TurnContext, record: JobRecord | undefined): Promise<void> => {
  const { jobs, timers, clock, log } = c.ports;
  if (timers === undefined || record === undefined || record.state === "scheduled") return;
  await orLogged(log, "ending a timer", endTimer({ jobs, timers, clock }, record.owner, record.id));
};

const writeDown = async (
  c: TurnContext,
  { row, text }: Outgoing,
  job: JobRun,
  targets: readonly Origin[],
): Promise<{ readonly told: Told; readonly record?: JobRecord }> => {
  if (job.owner === undefined) return { told: "fresh" };
  const { scheduledTime } = job;
  const isKept = job.deliver === "local";
  const recorded = await recordRun(c.ports, {
    owner: job.owner,
    id: job.id,
    isManual: job.isManual ?? false,
    outcome: {
      scheduledTime,
      ...(row === undefined ? failureOf(job, text) : { status: "ok", output: text }),
      ...(targets.length > 0 || isKept
        ? {}
        : { deliveryError: `no delivery target resolved for deliver=${job.deliver ?? "origin"}` }),
    },
  });
  return recorded ?? { told: "fresh" };
};

/** Neither is a fault of the job's, to be paused for. */
const failureOf = (job: JobRun, text: string) =>
  job.isOverBudget
    ? { status: "missed" as const, error: "the day's budget for it is spent" }
    : { status: job.isMissed ? ("missed" as const) : ("error" as const), error: text };

const targetsOf = (c: TurnContext, job: JobRun, origin: Origin): readonly Origin[] =>
  resolveTargets(job.deliver, origin, c.settings.homeChannel).filter(({ chatId }) =>
    mayReceive(c.settings, chatId, origin),
  );

const post = async (c: TurnContext, job: JobRun, target: Origin, text: string): Promise<void> => {
  const chat = sessionKey({ platform: "telegram", ...target }, c.settings);
  const entry: PostEntry = {
    kind: "post",
    id: `p#${job.id}#${job.scheduledTime}` as EntryId,
    origin: target,
    at: c.ports.clock.now(),
    text,
    ...(job.owner === undefined ? {} : { jobId: job.id, owner: job.owner }),
  };
  await c.ports.inbox.put(chat, entry);
  await c.ports.doorbell.wake(chat);
};
