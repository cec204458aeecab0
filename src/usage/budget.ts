// Which limits hold, and whether one is reached. Pure; called by agent/meter.ts and the commands that show it.

import { HermesError } from "../errors.ts";
import type { Limits, Today } from "../usage-ports.ts";

/** Every limit, in micro-dollars. */
export type Budgets = Required<Limits>;

/** `user_day` and `job_day` start afresh at midnight UTC, `turn` with the next turn. */
export type BudgetName = "user_day" | "job_day" | "turn";

export interface SpentBudget {
  readonly name: BudgetName;
  /** Micro-dollars. */
  readonly limit: number;
}

/** The table's word goes before config.yaml's, a job's before a person's, and a person's before everybody's. */
export const budgetsFor = (defaults: Budgets, { everybody, user, job }: Today["limits"]): Budgets => ({
  userDay: user.userDay ?? everybody.userDay ?? defaults.userDay,
  turn: job.turn ?? user.turn ?? everybody.turn ?? defaults.turn,
  jobDay: job.jobDay ?? everybody.jobDay ?? defaults.jobDay,
});

/** What was spent, in micro-dollars. */
export interface Costs {
  readonly user: number;
  /** Undefined outside a job's run. */
  readonly job: number | undefined;
  readonly turn: number;
}

/** The budget that lasts longest is named first. A call may pass a limit, and it is the last one: what it costs is known after it. */
export const spentBudget = (budgets: Budgets, costs: Costs): SpentBudget | undefined => {
  if (costs.user >= budgets.userDay) return { name: "user_day", limit: budgets.userDay };
  if (costs.job !== undefined && costs.job >= budgets.jobDay)
    return { name: "job_day", limit: budgets.jobDay };
  return costs.turn >= budgets.turn ? { name: "turn", limit: budgets.turn } : undefined;
};

/** The model was not asked, because a budget is spent. No failure of a model: no retry and no fallback helps. */
export class BudgetExceeded extends HermesError {
  override name = "BudgetExceeded";
  readonly spent: SpentBudget;
  constructor(spent: SpentBudget) {
    super("budget", `the budget ${spent.name} is spent`);
    this.spent = spent;
  }
}
