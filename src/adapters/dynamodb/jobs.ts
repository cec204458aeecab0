// The records of jobs over DynamoDB: one partition an owner, so that a chat's jobs are one query.

import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { hasEnded, type JobRecord } from "../../job-record.ts";
import type { Jobs } from "../../ports.ts";
import type { SessionKey } from "../../turn.ts";
import { readPartition } from "./read-partition.ts";
import { isConditionRefused, type Table } from "./table.ts";

/** What has ended is kept so long: for a tick that may still come, and for whoever asks what became of it. */
const ENDED_S = 30 * 86_400;

const jobsPk = (owner: SessionKey): string => `JOBS#${owner}`;

const isUnchanged = "revision = :revision";
const isNew = "attribute_not_exists(SK)";

export const createJobs = (table: Table): Jobs => {
  const get: Jobs["get"] = async (owner, id) => {
    const { Item } = await table.documents.send(
      new GetCommand({ TableName: table.name, Key: { PK: jobsPk(owner), SK: id }, ConsistentRead: true }),
    );
    return Item?.["job"] as JobRecord | undefined;
  };
  return {
    get,
    async list(owner) {
      const items = await readPartition(table, jobsPk(owner));
      return items.map((item) => item["job"] as JobRecord);
    },
    async put(record) {
      const next = { ...record, revision: record.revision + 1 };
      try {
        await table.documents.send(
          new PutCommand({
            TableName: table.name,
            Item: itemOf(next),
            ConditionExpression: record.revision === 0 ? isNew : isUnchanged,
            ...(record.revision === 0 ? {} : { ExpressionAttributeValues: { ":revision": record.revision } }),
          }),
        );
        return next;
      } catch (error) {
        if (!isConditionRefused(error)) throw error;
        // The SDK repeats a write whose answer was lost, and is then refused by itself.
        const stored = await get(record.owner, record.id);
        return isDeepStrictEqual(stored, structuredClone(next)) ? next : undefined;
      }
    },
  };
};

const itemOf = (job: JobRecord) => ({
  PK: jobsPk(job.owner),
  SK: job.id,
  revision: job.revision,
  job,
  ...(hasEnded(job) ? { expiration: Math.ceil(Date.parse(endedAt(job)) / 1_000) + ENDED_S } : {}),
});

const endedAt = ({ state, startsAt, last }: JobRecord): string =>
  state === "completed" ? (last?.scheduledTime ?? startsAt) : startsAt;
