// What a deployment has in its table, read and written past the function. For tests of what is left there, and of what
// somebody else may have put there.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { LOCAL_TABLE, LOCAL_USER_ID } from "../../local/environment.ts";

export type StoredItem = Readonly<Record<string, unknown>> & { readonly PK: string; readonly SK: string };

/** Ada's private chat. */
export const ADAS_SESSION = `agent:main:telegram:dm:${LOCAL_USER_ID}`;

/** Every item of a session, in the order of their keys. */
export const itemsOf = (endpoint: string, session = ADAS_SESSION): Promise<readonly StoredItem[]> =>
  withTable(endpoint, async (table) => {
    const query = new QueryCommand({
      TableName: LOCAL_TABLE,
      KeyConditionExpression: "PK = :pk",
      ExpressionAttributeValues: { ":pk": `SESSION#${session}` },
      ConsistentRead: true,
    });
    return ((await table.send(query)).Items ?? []) as StoredItem[];
  });

/** The transcript: rows that no commit has moved `seq` over do not exist yet (design.md 4), nor do other sessions'. */
export const rowsOf = async (endpoint: string, session = ADAS_SESSION): Promise<readonly StoredItem[]> => {
  const items = await itemsOf(endpoint, session);
  const meta = items.find(({ SK }) => SK === "META");
  return items.filter(
    ({ SK, seq, sessionId }) =>
      SK.startsWith("MSG#") && sessionId === meta?.["sessionId"] && Number(seq) <= Number(meta?.["seq"]),
  );
};

export const metaOf = async (endpoint: string, session = ADAS_SESSION): Promise<StoredItem | undefined> =>
  (await itemsOf(endpoint, session)).find(({ SK }) => SK === "META");

/** What waits to be answered. */
export const inboxOf = async (endpoint: string, session = ADAS_SESSION): Promise<readonly StoredItem[]> =>
  (await itemsOf(endpoint, session)).filter(({ SK }) => SK.startsWith("IN#"));

export const putItem = (endpoint: string, item: StoredItem): Promise<unknown> =>
  withTable(endpoint, (table) => table.send(new PutCommand({ TableName: LOCAL_TABLE, Item: { ...item } })));

const withTable = async <T>(
  endpoint: string,
  work: (table: DynamoDBDocumentClient) => Promise<T>,
): Promise<T> => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "local", credentials });
  try {
    return await work(DynamoDBDocumentClient.from(client));
  } finally {
    client.destroy();
  }
};
