// When a person had everything forgotten, over DynamoDB: one item each, beside their notes. Asked only for what a memory has
// missed, in whichever chat that was said.

import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Forgettings } from "../../memory-ports.ts";
import { memoryKey } from "./memory-key.ts";
import type { Table } from "./table.ts";

const keyOf = (userId: number) => memoryKey(userId, "FORGOTTEN");

export const createForgettings = (table: Table): Forgettings => ({
  async mark(userId, at) {
    await table.documents.send(new PutCommand({ TableName: table.name, Item: { ...keyOf(userId), at } }));
  },
  async last(userId) {
    const { Item } = await table.documents.send(
      new GetCommand({ TableName: table.name, Key: keyOf(userId), ConsistentRead: true }),
    );
    return Number(Item?.["at"] ?? 0);
  },
});
