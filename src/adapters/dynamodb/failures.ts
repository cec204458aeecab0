// What was given up on, for the operator: all of it in one partition, so that it can be listed. Read by ops/failed.ts.

import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Failures } from "../../ports.ts";
import { isConditionRefused, type Table } from "./table.ts";

export const FAILED_PK = "FAILED";

/** Long enough for an operator who looks once a quarter. */
const LIFETIME_S = 90 * 86_400;

export const createFailures = (table: Table): Failures => ({
  async put(failure) {
    const { session, ids, at } = failure;
    try {
      await table.documents.send(
        new PutCommand({
          TableName: table.name,
          Item: {
            PK: FAILED_PK,
            SK: `${session}#${ids[0] ?? ""}`,
            failure,
            expiration: Math.ceil(at / 1_000) + LIFETIME_S,
          },
          ConditionExpression: "attribute_not_exists(SK)",
        }),
      );
      return { isNew: true };
    } catch (error) {
      if (isConditionRefused(error)) return { isNew: false };
      throw error;
    }
  },
});
