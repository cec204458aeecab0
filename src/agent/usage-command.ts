// `/usage`: what this session has used and cost, what today has, each job of the chat among it, and what is left. Answered from
// META and the ledger.

import { hasEnded, type JobRecord } from "../job-record.ts";
import type { Usage } from "../message.ts";
import { orLogged } from "../or-logged.ts";
import { quoted } from "../quoted.ts";
import type { Meta } from "../session-state.ts";
import type { CommandEntry } from "../turn.ts";
import { budgetsFor } from "../usage/budget.ts";
import { dayOf, dollars, thousands } from "../usage/money.ts";
import { NO_SPENDING } from "../usage/spending.ts";
import type { Spending, Today } from "../usage-ports.ts";
import { configuredBudgets } from "./budgets.ts";
import { freshAt } from "./fresh-at.ts";
import { payerOf } from "./meter.ts";
import type { Reply } from "./session-commands.ts";
import type { TurnContext } from "./turn-context.ts";

/** As many as fit a screen; the dearest. */
const MAX_JOBS_SHOWN = 20;
const NAME_CHARS = 60;

export const usage = async (c: TurnContext, entry: CommandEntry): Promise<Reply> => {
  const { ledger, clock, log } = c.ports;
  const read = ledger.read(dayOf(clock.now()), payerOf(entry));
  const [today, jobs] = await Promise.all([
    orLogged(log, "reading the ledger", read),
    orLogged(log, "reading what jobs have cost", jobLines(c, entry)),
  ]);
  const lines = [
    ...sessionLines(c.lease.meta.totals),
    "",
    ...(today === undefined ? ["What today has cost cannot be read right now."] : todayLines(c, today)),
    ...(jobs ?? ["What the jobs have cost today cannot be read right now."]),
  ];
  return { text: lines.join("\n") };
};

const sessionLines = (totals: Meta["totals"]): readonly string[] => {
  const { turns, calls, prompt, completion, reasoning, cost = 0, lastTurn } = totals;
  const last = lastTurn === undefined ? "" : `, ${dollars(lastTurn)} of it in the last turn`;
  return [
    `**Usage of this session**: ${turns} turns, ${calls} model calls`,
    `Prompt: ${thousands(prompt)} tokens, ${cachedPercent(totals)} % from the cache`,
    `Completion: ${thousands(completion)} tokens, ${thousands(reasoning)} of them reasoning`,
    `Cost: ${dollars(cost)}${last}`,
  ];
};

const cachedPercent = ({ prompt, cached }: Usage): number =>
  prompt === 0 ? 0 : Math.round((100 * cached) / prompt);

const tokensOf = ({ usage: used }: Spending): string =>
  `${thousands(used.prompt)} prompt tokens (${cachedPercent(used)} % from the cache), ${thousands(used.completion)} completion tokens`;

const todayLines = (c: TurnContext, { user, chat, limits }: Today): readonly string[] => {
  const { userDay, turn, jobDay } = budgetsFor(configuredBudgets(c.home.config), limits);
  const left = Math.max(0, userDay - user.cost);
  return [
    `**Today**, until ${freshAt(c)}`,
    `You, jobs included: ${dollars(user.cost)} of ${dollars(userDay)}, ${dollars(left)} left; ${tokensOf(user)}`,
    `This chat: ${dollars(chat.cost)} in ${chat.calls} model calls; ${tokensOf(chat)}`,
    `One turn may cost ${dollars(turn)}, a job's day ${dollars(jobDay)}`,
  ];
};

/** Of each job that still runs, and of each that ran its last today: whatever its owner has spent on them is among these. */
const jobLines = async (c: TurnContext, entry: CommandEntry): Promise<readonly string[]> => {
  const { jobs, ledger, clock } = c.ports;
  const day = dayOf(clock.now());
  const records = (await jobs.list(c.lease.session)).filter((job) => !hasEnded(job) || ranOn(day, job));
  const spent = await Promise.all(
    records.map(async ({ id, name }) => {
      const { job = NO_SPENDING, limits } = await ledger.read(day, { ...payerOf(entry), jobId: id });
      return { name, job, limit: budgetsFor(configuredBudgets(c.home.config), limits).jobDay };
    }),
  );
  const lines = spent
    .toSorted((one, other) => other.job.cost - one.job.cost)
    .map(
      ({ name, job, limit }) =>
        `Job ‘${quoted(name, NAME_CHARS)}’: ${dollars(job.cost)} of ${dollars(limit)}, ${job.calls} calls`,
    );
  const more = lines.length - MAX_JOBS_SHOWN;
  return [...lines.slice(0, MAX_JOBS_SHOWN), ...(more > 0 ? [`… and ${more} more jobs`] : [])];
};

const ranOn = (day: string, { last }: JobRecord): boolean => last?.scheduledTime.startsWith(day) === true;
