// All items of a partition that is small by its nature, however many pages it takes. Used for jobs, failures,
// pending syncs and budgets.

import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { Table } from "./table.ts";

/** Consistently read, in the order of their sort keys. */
export const readPartition = async (
  table: Table,
  pk: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const pages = paginateQuery(
    { client: table.documents },
    {
      TableName: table.name,
      KeyConditionExpression: "PK = :pk",
      ExpressionAttributeValues: { ":pk": pk },
      ConsistentRead: true,
    },
  );
  const found: Readonly<Record<string, unknown>>[] = [];
  for await (const { Items = [] } of pages) found.push(...Items);
  return found;
};
