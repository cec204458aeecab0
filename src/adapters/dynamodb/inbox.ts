// The inbox of a session over DynamoDB: what was accepted and is not answered yet.

import { DeleteCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Inbox } from "../../ports.ts";
import type { Entry, EntryId, SessionKey } from "../../turn.ts";
import { isConditionRefused, sessionPk, type Table } from "./table.ts";

const entrySk = (id: EntryId): string => `IN#${id}`;

export const createInbox = (table: Table): Inbox => ({
  async put(session, entry) {
    try {
      await table.documents.send(
        new PutCommand({
          TableName: table.name,
          Item: { PK: sessionPk(session), SK: entrySk(entry.id), entry },
          ConditionExpression: "attribute_not_exists(SK)",
        }),
      );
    } catch (error) {
      // It is there already: a redelivery brings the same again, and of two presses of one question the first counts.
      if (!isConditionRefused(error)) throw error;
    }
  },

  // One page: 1 MB is some hundred entries, and what does not fit is seen by the look after these are answered.
  async waiting(session) {
    const { Items } = await table.documents.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: "PK = :pk AND begins_with(SK, :in)",
        ExpressionAttributeValues: { ":pk": sessionPk(session), ":in": "IN#" },
        ConsistentRead: true,
      }),
    );
    return (Items ?? []).map((item) => item["entry"] as Entry);
  },

  async remove(session, ids) {
    await Promise.all(ids.map((id) => removeOne(table, session, id)));
  },
});

const removeOne = async (table: Table, session: SessionKey, id: EntryId): Promise<void> => {
  await table.documents.send(
    new DeleteCommand({ TableName: table.name, Key: { PK: sessionPk(session), SK: entrySk(id) } }),
  );
};
