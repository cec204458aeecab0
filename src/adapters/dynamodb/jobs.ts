// The records of jobs over DynamoDB: one partition an owner, so that a chat's jobs are one query.

import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { JobRecord } from "../../job-record.ts";
import type { Jobs } from "../../ports.ts";
import type { SessionKey } from "../../turn.ts";
import { isConditionRefused, type Table } from "./table.ts";

/** A tombstone outlives any tick that may still come: Lambda gives an event up after six hours (facts/platform.md 2). */
const TOMBSTONE_S = 30 * 86_400;

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
      const pages = paginateQuery(
        { client: table.documents },
        {
          TableName: table.name,
          KeyConditionExpression: "PK = :pk",
          ExpressionAttributeValues: { ":pk": jobsPk(owner) },
          ConsistentRead: true,
        },
      );
      const found: JobRecord[] = [];
      for await (const { Items = [] } of pages) found.push(...Items.map((item) => item["job"] as JobRecord));
      return found;
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
  ...(job.state === "removed"
    ? { expiration: Math.ceil(Date.parse(job.startsAt) / 1_000) + TOMBSTONE_S }
    : {}),
});
