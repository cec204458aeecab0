// What tests of budgets share: the operator's command over the table of a deployment.

import { LOCAL_TABLE } from "../../local/environment.ts";
import { type BudgetWish, budgetCommand } from "../../ops/budget.ts";
import { openTable, type Table } from "../../src/adapters/dynamodb/table.ts";
import type { Conversation } from "./conversation.ts";

export const withTable = async <T>(
  { dynamodb }: Conversation,
  use: (table: Table) => Promise<T>,
): Promise<T> => {
  const table = openTable({ name: LOCAL_TABLE, region: "local", endpoint: dynamodb.endpoint });
  return use(table).finally(() => table.client.destroy());
};

/** As the operator's shell does. */
export const budget = (chat: Conversation, words: string, options: Partial<BudgetWish> = {}) =>
  withTable(chat, (table) =>
    budgetCommand({ table, now: chat.now }, { words: words.split(" "), ...options }),
  );

/** Less than one call costs: the first is made, and the next is not. */
export const TINY = "0.000001";
