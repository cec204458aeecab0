// The budgets of config.yaml, which hold where the table says nothing else.

import type { HermesConfig } from "../home/config.ts";
import type { Budgets } from "../usage/budget.ts";
import { microsOf } from "../usage/money.ts";

export const configuredBudgets = ({ budgets }: Pick<HermesConfig, "budgets">): Budgets => ({
  userDay: microsOf(budgets.user_day_usd),
  turn: microsOf(budgets.turn_usd),
  jobDay: microsOf(budgets.job_day_usd),
});
