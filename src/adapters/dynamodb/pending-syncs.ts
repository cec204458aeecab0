// Changes of skills on their way to the Knowledge Base, over DynamoDB: one partition, so that a look at all of them is one
// query. They have no expiry: a change is never lost, however long the service is down.

import { DeleteCommand, UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { PendingSync, PendingSyncs } from "../../skill-ports.ts";
import { readPartition } from "./read-partition.ts";
import { isConditionRefused, type Table } from "./table.ts";

const PK = "SKILLSYNC";

const isOnRecord = "attribute_exists(SK)";
/** The SDK repeats a write whose answer was lost: a claim of one's own is no obstacle. */
const isFreeOrMine = "(claimedUntil <= :now OR claimedBy = :by)";
/** `claimedBy` outlives the claim until the next one: repeating is safe here too. */
const isAsClaimed = "#token = :token AND claimedBy = :by";
const isArrived = "attribute_not_exists(SK) OR #token = :token";

/** Reserved words of DynamoDB. */
const TOKEN = { "#token": "token" };
const STATE = { "#state": "state" };

export const createPendingSyncs = (table: Table): PendingSyncs => {
  const update = async (folder: string, how: Omit<UpdateCommandInput, "TableName" | "Key">) => {
    const key = { TableName: table.name, Key: { PK, SK: folder }, ReturnValues: "ALL_NEW" as const };
    const { Attributes } = await table.documents.send(new UpdateCommand({ ...key, ...how }));
    return recordOf(Attributes ?? {});
  };
  return {
    async begin(folder, token, nowMs) {
      await update(folder, {
        UpdateExpression:
          "SET #token = :token, since = :now, #state = :pending, attempts = :none, dueAt = :now, " +
          "claimedUntil = if_not_exists(claimedUntil, :none) REMOVE etag",
        ExpressionAttributeNames: { ...TOKEN, ...STATE },
        ExpressionAttributeValues: { ":token": token, ":now": nowMs, ":pending": "pending", ":none": 0 },
      });
    },
    list: async () => (await readPartition(table, PK)).map(recordOf),
    claim: (folder, by, nowMs, untilMs) =>
      unlessRefused(
        update(folder, {
          UpdateExpression: "SET claimedUntil = :until, claimedBy = :by",
          ConditionExpression: `${isOnRecord} AND ${isFreeOrMine}`,
          ExpressionAttributeValues: { ":until": untilMs, ":by": by, ":now": nowMs },
        }),
      ),
    async update({ folder, token }, by, { state, etag, attempts, dueAt }) {
      const stored = await unlessRefused(
        update(folder, {
          UpdateExpression:
            "SET #state = :state, attempts = :attempts, dueAt = :dueAt, claimedUntil = :over" +
            (etag === undefined ? " REMOVE etag" : ", etag = :etag"),
          ConditionExpression: isAsClaimed,
          ExpressionAttributeNames: { ...TOKEN, ...STATE },
          ExpressionAttributeValues: {
            ...{ ":token": token, ":by": by, ":state": state, ":attempts": attempts, ":dueAt": dueAt },
            ...(etag === undefined ? {} : { ":etag": etag }),
            ":over": 0,
          },
        }),
      );
      return stored !== undefined;
    },
    async remove(folder, token) {
      const removed = table.documents.send(
        new DeleteCommand({
          TableName: table.name,
          Key: { PK, SK: folder },
          ConditionExpression: isArrived,
          ExpressionAttributeNames: TOKEN,
          ExpressionAttributeValues: { ":token": token },
        }),
      );
      return (await unlessRefused(removed)) !== undefined;
    },
  };
};

/** Undefined when the condition did not hold. */
const unlessRefused = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (isConditionRefused(error)) return undefined;
    throw error;
  }
};

const recordOf = (item: Readonly<Record<string, unknown>>): PendingSync => {
  const { etag } = item;
  return {
    folder: String(item["SK"]),
    token: String(item["token"]),
    since: Number(item["since"]),
    state: item["state"] === "submitted" ? "submitted" : "pending",
    ...(typeof etag === "string" ? { etag } : {}),
    attempts: Number(item["attempts"]),
    dueAt: Number(item["dueAt"]),
    claimedUntil: Number(item["claimedUntil"]),
  };
};
