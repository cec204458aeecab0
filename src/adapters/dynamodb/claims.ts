// "Was this answered?" and "it is", as Powertools idempotency records (design.md 4: only its persistence layer is used,
// because mutual exclusion is the lease's work and the records know no in-progress state).

import type { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { once } from "../../once.ts";
import type { Claims } from "../../ports.ts";
import type { EntryId, SessionKey } from "../../turn.ts";
import type { Table } from "./table.ts";

/** Telegram redelivers for up to 24 h (facts/platform.md 1); twice that leaves room for skewed clocks. */
const CLAIM_LIFETIME_S = 48 * 3_600;

export const createClaims = (table: Table): Claims => {
  const records = once(() => openRecords(table));
  return {
    async answered(session, id) {
      const { IdempotencyItemNotFoundError } = await import("@aws-lambda-powertools/idempotency");
      try {
        const record = await (await records()).getRecord(claimOf(session, id));
        return record.getStatus() === "COMPLETED";
      } catch (error) {
        if (error instanceof IdempotencyItemNotFoundError) return false;
        throw error;
      }
    },
    async complete(session, id) {
      await (await records()).saveSuccess(claimOf(session, id), {});
    },
  };
};

const claimOf = (session: SessionKey, id: EntryId): string => `${session}|${id}`;

/** Loaded on the turn's path only: a webhook that is answered by 200 and a wake never needs it. */
const openRecords = async (table: Table): Promise<DynamoDBPersistenceLayer> => {
  const [{ IdempotencyConfig }, { DynamoDBPersistenceLayer: Layer }] = await Promise.all([
    import("@aws-lambda-powertools/idempotency"),
    import("@aws-lambda-powertools/idempotency/dynamodb"),
  ]);
  /** Its own composite key puts all records into one partition; each claim gets a partition of its own instead. */
  class OwnPartition extends Layer {
    protected override getKey(idempotencyKey: string) {
      return { PK: { S: `CLAIM#${idempotencyKey}` }, SK: { S: "CLAIM" } };
    }
  }
  const layer = new OwnPartition({
    tableName: table.name,
    keyAttr: "PK",
    sortKeyAttr: "SK",
    expiryAttr: "expiration",
    awsSdkV3Client: table.client,
  });
  const config = new IdempotencyConfig({ expiresAfterSeconds: CLAIM_LIFETIME_S, hashFunction: "sha256" });
  layer.configure({ config, keyPrefix: "claims" });
  return layer;
};
