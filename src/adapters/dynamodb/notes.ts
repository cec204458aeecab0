// What is noted about a person, over DynamoDB: one item each, since it is small and always read whole.

import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Notes, NotesStore } from "../../memory-ports.ts";
import { memoryKey } from "./memory-key.ts";
import { isConditionRefused, type Table } from "./table.ts";

const keyOf = (userId: number) => memoryKey(userId, "NOTES");

const NOTHING: Notes = { memory: [], user: [], revision: 0 };

const isUnchanged = "revision = :revision";
const isNew = "attribute_not_exists(SK)";

export const createNotesStore = (table: Table): NotesStore => {
  const read: NotesStore["read"] = async (userId) => {
    const { Item } = await table.documents.send(
      new GetCommand({ TableName: table.name, Key: keyOf(userId), ConsistentRead: true }),
    );
    return Item === undefined ? NOTHING : (Item["notes"] as Notes);
  };
  return {
    read,
    async write(userId, notes) {
      const next = { ...notes, revision: notes.revision + 1 };
      try {
        await table.documents.send(
          new PutCommand({
            TableName: table.name,
            Item: { ...keyOf(userId), revision: next.revision, notes: next },
            ConditionExpression: notes.revision === 0 ? isNew : isUnchanged,
            ...(notes.revision === 0 ? {} : { ExpressionAttributeValues: { ":revision": notes.revision } }),
          }),
        );
        return true;
      } catch (error) {
        if (!isConditionRefused(error)) throw error;
        // The SDK repeats a write whose answer was lost, and is then refused by itself.
        return isDeepStrictEqual(await read(userId), structuredClone(next));
      }
    },
  };
};
