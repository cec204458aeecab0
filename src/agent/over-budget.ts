// What is said when a budget is spent: kindly, with when it starts afresh, and once a day to each person about what they write
// and once about their jobs. Called by think.ts and, for /retry, by answer.ts.

import { orLogged } from "../or-logged.ts";
import type { JobRun, Outgoing } from "../session-state.ts";
import type { SpentBudget } from "../usage/budget.ts";
import { dollars } from "../usage/money.ts";
import { brokenOff, isAnythingWritten, type Written } from "./broken-off.ts";
import { freshAt } from "./fresh-at.ts";
import { payerOf } from "./meter.ts";
import type { TurnContext } from "./turn-context.ts";

/** The answer to a turn that could not ask the model (any more): silence for whoever knows why, unless something breaks off. */
export const overBudget = async (
  c: TurnContext,
  out: Outgoing,
  spent: SpentBudget,
  written: Written,
): Promise<Outgoing> => {
  const isNew = spent.name === "turn" || (await isNews(c, out, spent));
  const isToBeTold = isNew || isAnythingWritten(written);
  c.ports.log.info("a budget is spent", {
    ...payerOf(out),
    budget: spent.name,
    limit: spent.limit,
    isToBeTold,
  });
  const ended = { ...out, text: isToBeTold ? budgetText(c, spent, out.job) : "" };
  // One turn that costs too much is a failure of the job's; the end of a day's money is not.
  if (out.job === undefined || spent.name === "turn") return brokenOff(ended, written);
  return brokenOff({ ...ended, job: { ...out.job, isOverBudget: true } }, written);
};

/**
 * Once per budget and day, and again when it was raised and is spent again. Rather twice than never. Of a person's day both
 * are told once: who writes, that there is no answer, and whose jobs are due, that they do not run.
 */
const isNews = async (c: TurnContext, out: Outgoing, { name, limit }: SpentBudget): Promise<boolean> => {
  const { userId, jobId } = payerOf(out);
  const person = jobId === undefined ? `user#${userId}` : `user#${userId}#jobs`;
  const whose = name === "user_day" ? person : `job#${jobId}`;
  const turn = `${c.lease.session}#${out.entries[0]}`;
  const { notices, clock, log } = c.ports;
  const claim = notices.claim(`budget#${whose}#${limit}`, clock.now(), turn);
  return ((await orLogged(log, "claiming a notice", claim)) ?? true) || isLastChance(c, out.job);
};

/** Nobody may miss that what was to happen once, or was just asked for, did not happen. */
const isLastChance = async (c: TurnContext, job: JobRun | undefined): Promise<boolean> => {
  if (job?.isManual) return true;
  if (job?.owner === undefined) return false;
  const record = await orLogged(c.ports.log, "reading a job", c.ports.jobs.get(job.owner, job.id));
  return record?.schedule.kind === "once";
};

const RAISE = "Whoever runs this bot can raise it.";

export const budgetText = (c: TurnContext, { name, limit }: SpentBudget, job?: JobRun): string => {
  const isChat = job === undefined;
  const scope = scopeOf(name, isChat);
  // No day starts such a budget afresh.
  if (limit <= 0)
    return `🌙 The budget for ${scope} is $0: nothing may be spent.${meanwhile(name, isChat)} ${RAISE}`;
  if (name === "turn") {
    const goOn = ' What I did so far is kept: say "go on" and I do, or ask for a smaller piece of it.';
    return `⚠️ I stopped: ${scope} may cost ${dollars(limit)}, and this one has.${isChat ? goOn : ""} ${RAISE}`;
  }
  return `🌙 The budget for ${scope} (${dollars(limit)}) is used up. It starts afresh at ${freshAt(c)}.${meanwhile(name, isChat, " until then")} ${RAISE}`;
};

const scopeOf = (name: SpentBudget["name"], isChat: boolean): string => {
  if (name === "turn") return isChat ? "one answer" : "one run";
  return name === "user_day" ? "your day" : "this job's day";
};

/** The first of a person's jobs that does not run speaks for all of them. */
const meanwhile = (name: SpentBudget["name"], isChat: boolean, until = ""): string => {
  if (isChat) return ` What you write${until} stays in our conversation.`;
  return name === "user_day" ? ` None of your jobs runs${until}.` : "";
};
