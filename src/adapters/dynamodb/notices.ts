// Notices that must not repeat: the first caller of a day wins, whichever container it runs in.

import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Notices } from "../../ports.ts";
import { isConditionRefused, type Table } from "./table.ts";

const DAY_MS = 86_400_000;

const isFirst = "attribute_not_exists(SK)";
const isSame = "#by = :by";

export const createNotices = (table: Table): Notices => ({
  async claim(key, nowMs, by) {
    const day = Math.floor(nowMs / DAY_MS);
    try {
      await table.documents.send(
        new PutCommand({
          TableName: table.name,
          Item: {
            ...{ PK: `NOTICE#${key}`, SK: String(day), by },
            expiration: Math.ceil(((day + 2) * DAY_MS) / 1_000),
          },
          ConditionExpression: by === undefined ? isFirst : `${isFirst} OR ${isSame}`,
          ...(by === undefined
            ? {}
            : { ExpressionAttributeNames: { "#by": "by" }, ExpressionAttributeValues: { ":by": by } }),
        }),
      );
      return true;
    } catch (error) {
      if (isConditionRefused(error)) return false;
      throw error;
    }
  },
});
