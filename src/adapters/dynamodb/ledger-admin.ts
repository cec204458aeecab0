// The operator's side of the ledger: what a day has cost, and the limits. Used by ops/budget.ts alone.

import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Limits, LimitsOf, Spending } from "../../usage-ports.ts";
import { LIMITS_PK, limitsFrom, limitsSk, spendingFrom, usagePk } from "./ledger.ts";
import { readPartition } from "./read-partition.ts";
import type { Table } from "./table.ts";

/** An account of a day: `user#42`, `chat#-100…`, `job#3f2a…`. */
export interface Account extends Spending {
  readonly name: string;
}

/** All accounts of a day, the dearest first. */
export const listAccounts = async (table: Table, day: string): Promise<readonly Account[]> => {
  const items = await readPartition(table, usagePk(day));
  const accounts = items.map((item) => ({ name: String(item["SK"]), ...spendingFrom(item) }));
  return accounts.toSorted((a, b) => b.cost - a.cost);
};

/** What the table says beside the defaults of config.yaml, by `default`, `user#42`, `job#3f2a…`. */
export const listLimits = async (
  table: Table,
): Promise<readonly { readonly name: string; readonly limits: Limits }[]> =>
  (await readPartition(table, LIMITS_PK)).map((item) => ({
    name: String(item["SK"]),
    limits: limitsFrom(item),
  }));

/** Holds from the next turn on. Limits that are not named stay. */
export const setLimits = async (table: Table, of: LimitsOf, limits: Limits): Promise<void> => {
  const set = Object.entries(limits);
  if (set.length === 0) return;
  await table.documents.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { PK: LIMITS_PK, SK: limitsSk(of) },
      UpdateExpression: `SET ${set.map(([name]) => `#${name} = :${name}`).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries(set.map(([name]) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
    }),
  );
};

/** Back to the wider limits. */
export const unsetLimits = async (table: Table, of: LimitsOf): Promise<void> => {
  await table.documents.send(
    new DeleteCommand({ TableName: table.name, Key: { PK: LIMITS_PK, SK: limitsSk(of) } }),
  );
};
