// A tick of a job: whether it runs, what it runs with, and a session of its own to run in (hermes-behaviour.md 3.4, 3.5).
// Called by run-turn.ts.

import { isDeepStrictEqual } from "node:util";
import { hasEnded, type JobRecord } from "../job-record.ts";
import { decideTick } from "../jobs/decide-tick.ts";
import { withTimer } from "../jobs/manage.ts";
import { ownerOf } from "../jobs/owner.ts";
import { scanAssembled } from "../jobs/scan-prompt.ts";
import type { UserMessage } from "../message.ts";
import { orLogged } from "../or-logged.ts";
import type { JobRun } from "../session-state.ts";
import type { Job, SessionKey, TickEntry } from "../turn.ts";
import { thinkUnlessAnswered } from "./answer.ts";
import { cronPrompt } from "./cron-prompt.ts";
import { startMeter } from "./meter.ts";
import { freshSession } from "./reset.ts";
import { say } from "./say.ts";
import { cronSessionId } from "./session-id.ts";
import { skillsIndexToStore } from "./skills-index.ts";
import type { TurnContext } from "./turn-context.ts";
import { contextFields } from "./user-message.ts";
import { jobRunOf } from "./work.ts";

/** On return META has `out`, or the turn was handed over. The entry is known to be unanswered. */
export const runJob = async (c: TurnContext, tick: TickEntry): Promise<void> => {
  const owner = ownerOf(tick.job, c.settings);
  const meter = startMeter(c, tick);
  const record = await c.ports.jobs.get(owner, tick.job.id);
  const decision = decideTick(tick, record, tick.acceptedAt ?? c.ports.clock.now());
  const { origin } = tick;
  const entries = [tick.id];
  if (decision.kind === "drop") {
    c.ports.log.info("a tick has nothing to do", { jobId: tick.job.id, why: decision.why });
    await endTimerOf(c, tick, record);
    return say(c, { entries, origin, text: "" });
  }
  const job = { ...jobRunOf(tick), ...runOf(decision.job, owner, record) };
  if (decision.kind === "missed") {
    // Of what recurs the next tick is on time.
    if (decision.job.schedule?.kind !== "once") {
      c.ports.log.warn("a tick came too late and is passed over", { jobId: tick.job.id });
      return say(c, { entries, origin, text: "" });
    }
    const minutes = Math.round(decision.lateMs / 60_000);
    const text = `It was due at ${tick.scheduledTime} and came ${minutes} minutes late: it was not run.`;
    return say(c, { entries, origin, text, job: { ...job, isMissed: true } });
  }
  if (decision.kind === "blocked") return say(c, { entries, origin, text: decision.why, job });
  const sessionId = cronSessionId(tick.job.id, tick.at);
  const prompt = scanAssembled(
    cronPrompt(decision.job, await extrasOf(c, decision.job, { owner, sessionId })),
  );
  if (prompt.blocked !== undefined) return say(c, { entries, origin, text: prompt.blocked, job });
  await settle(c, decision.job);
  const { context } = contextFields(c, { origin: decision.job.origin, at: tick.at });
  const message: UserMessage = { role: "user", content: prompt.cleaned, ...(context && { context }) };
  const patch = freshSession(c, sessionId);
  const rows = [{ message, entryId: tick.id }];
  const skillsIndex = skillsIndexToStore(c, { isFresh: true, job });
  await thinkUnlessAnswered(c, {
    entries,
    origin: decision.job.origin,
    rows,
    patch,
    job,
    skillsIndex,
    meter,
  });
};

const runOf = (job: Job, owner: SessionKey, record: JobRecord | undefined): Partial<JobRun> => ({
  name: job.name,
  ...(record === undefined ? {} : { owner }),
  ...(job.deliver === undefined ? {} : { deliver: job.deliver }),
  ...(job.toolsets === undefined ? {} : { toolsets: job.toolsets }),
});

/** The job's model and zone are this session's, before the model is chosen and the clock is read. */
const settle = async (c: TurnContext, { model, timezone }: Job): Promise<void> => {
  const settings = {
    ...(model === undefined ? {} : { model }),
    ...(timezone === undefined ? {} : { timezone }),
  };
  if (!isDeepStrictEqual(settings, c.lease.meta.settings)) await c.lease.commit({ settings });
};

/** A job that is over has a timer still, if it ticks: removing it failed, or the process died before it. */
const endTimerOf = async (c: TurnContext, tick: TickEntry, record: JobRecord | undefined): Promise<void> => {
  const { timers, clock, log } = c.ports;
  if (timers === undefined || record === undefined || tick.isManual || !hasEnded(record)) return;
  await orLogged(log, "removing a timer", withTimer({ timers, clock }, record));
};

/** What goes before the prompt: skills by name, and what other jobs of the owner answered last. */
const extrasOf = async (
  c: TurnContext,
  job: Job,
  { owner, sessionId }: { readonly owner: SessionKey; readonly sessionId: string },
) => {
  const library = c.ports.skills?.inJobs;
  const skills = await Promise.all(
    (job.skills ?? []).map(async (name) => ({ name, text: await library?.text(name, sessionId) })),
  );
  const ids = job.contextFrom ?? [];
  const others = ids.length === 0 ? [] : await c.ports.jobs.list(owner);
  const outputs = ids.flatMap((id) => {
    const output = others.find((other) => other.id === id && other.state !== "removed")?.last?.output;
    return output === undefined ? [] : [{ id, output }];
  });
  return { skills, outputs };
};
