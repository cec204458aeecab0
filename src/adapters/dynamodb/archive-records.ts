// The records of a chat's sessions, one item each. Used by archive.ts.
//
//   PK SESSION#{session key}   SK SES#{session id}   record {title, startedAt, messages, preview, state, …}

import { GetCommand, PutCommand, QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import type { PastSession } from "../../ports.ts";
import type { SessionKey } from "../../turn.ts";
import type { Order } from "./archive-postings.ts";
import { sessionPk, type Table } from "./table.ts";

/** Records a search looks at for their titles: 1 MB or 128 read units at most, some years of an ordinary chat. */
const MAX_TITLED = 1_000;

export type Titled = Omit<PastSession, "state">;

const keyOf = (session: SessionKey, sessionId: string) => ({
  PK: sessionPk(session),
  SK: `SES#${sessionId}`,
});

export const putRecord = async (table: Table, session: SessionKey, record: PastSession): Promise<void> => {
  const item = { ...keyOf(session, record.sessionId), record };
  await table.documents.send(new PutCommand({ TableName: table.name, Item: item }));
};

/** Read for sure, as `readRecords` is: /resume writes META from it, and from an older one would write over committed rows. */
export const findRecord = async (
  table: Table,
  session: SessionKey,
  sessionId: string,
): Promise<PastSession | undefined> => {
  const { Item } = await table.documents.send(
    new GetCommand({ TableName: table.name, Key: keyOf(session, sessionId), ConsistentRead: true }),
  );
  return Item?.["record"] as PastSession | undefined;
};

export const readRecords = (
  table: Table,
  session: SessionKey,
  limit: number,
): Promise<readonly PastSession[]> =>
  query(table, session, { ScanIndexForward: false, Limit: limit, ConsistentRead: true });

/**
 * The first ones in this order, without the state that only /resume needs. Read and compared rather than indexed: a new
 * title needs no second write that may fail, and the old one leaves nothing behind.
 */
export const readTitled = (table: Table, session: SessionKey, order: Order): Promise<readonly Titled[]> =>
  query(table, session, {
    ScanIndexForward: order === "oldest",
    Limit: MAX_TITLED,
    ProjectionExpression:
      "#r.sessionId, #r.title, #r.startedAt, #r.endedAt, #r.messages, #r.preview, #r.cuts",
    ExpressionAttributeNames: { "#r": "record" },
  });

/** One page: whoever asks wants no more than that. */
const query = async (
  table: Table,
  session: SessionKey,
  input: Partial<QueryCommandInput>,
): Promise<readonly PastSession[]> => {
  const { Items = [] } = await table.documents.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "PK = :pk AND begins_with(SK, :records)",
      ExpressionAttributeValues: { ":pk": sessionPk(session), ":records": "SES#" },
      ...input,
    }),
  );
  return Items.flatMap((item) => (item["record"] as PastSession | undefined) ?? []);
};
