// What was given up on, for the operator: all of it in one partition, so that it can be listed. Written by the function,
// read by ops/failed.ts.

import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Failure, Failures } from "../../ports.ts";
import { readPartition } from "./read-partition.ts";
import { isConditionRefused, type Table } from "./table.ts";

const FAILED_PK = "FAILED";

/** Long enough for an operator who looks once a quarter. */
const LIFETIME_S = 90 * 86_400;

const keyOf = ({ session, ids }: Failure) => ({ PK: FAILED_PK, SK: `${session}#${ids[0] ?? ""}` });

export const createFailures = (table: Table): Failures => ({
  async put(failure) {
    try {
      await table.documents.send(
        new PutCommand({
          TableName: table.name,
          Item: { ...keyOf(failure), failure, expiration: Math.ceil(failure.at / 1_000) + LIFETIME_S },
          ConditionExpression: "attribute_not_exists(SK)",
        }),
      );
    } catch (error) {
      if (!isConditionRefused(error)) throw error;
    }
  },
});

/** All of them, oldest first. */
export const listFailures = async (table: Table): Promise<readonly Failure[]> => {
  const items = await readPartition(table, FAILED_PK);
  const failures = items.map((item) => item["failure"] as Failure);
  return failures.toSorted((a, b) => a.at - b.at);
};

export const forgetFailure = async (table: Table, failure: Failure): Promise<void> => {
  await table.documents.send(new DeleteCommand({ TableName: table.name, Key: keyOf(failure) }));
};
