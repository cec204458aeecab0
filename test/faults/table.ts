// The table past the function: what a run left there, and what a chat begins with. Used by run.ts.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import { LOCAL_TABLE } from "../../local/environment.ts";
import type { StoredItem } from "../support/stored.ts";

export interface OpenTable {
  /** Every item of a session, in the order of their keys. */
  itemsOf(session: string): Promise<readonly StoredItem[]>;
  /** Records of what was given up in it. */
  failuresOf(session: string): Promise<readonly StoredItem[]>;
  /** Records of a conversation's jobs. */
  jobsOf(session: string): Promise<readonly StoredItem[]>;
  itemsIn(partition: string): Promise<readonly StoredItem[]>;
  item(partition: string, sort: string): Promise<StoredItem | undefined>;
  put(items: readonly StoredItem[]): Promise<void>;
  remove(items: readonly StoredItem[]): Promise<void>;
  close(): void;
}

/** As many as one request takes. */
const BATCH = 25;

export const openTable = (endpoint: string): OpenTable => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "local", credentials });
  const table = DynamoDBDocumentClient.from(client);
  const query = async (partition: string, sort: string) => {
    const command = new QueryCommand({
      TableName: LOCAL_TABLE,
      KeyConditionExpression: `PK = :pk${sort === "" ? "" : " AND begins_with(SK, :sk)"}`,
      ExpressionAttributeValues: { ":pk": partition, ...(sort === "" ? {} : { ":sk": sort }) },
      ConsistentRead: true,
    });
    return ((await table.send(command)).Items ?? []) as StoredItem[];
  };
  return {
    itemsOf: (session) => query(`SESSION#${session}`, ""),
    jobsOf: (session) => query(`JOBS#${session}`, ""),
    failuresOf: (session) => query("FAILED", session),
    itemsIn: (partition) => query(partition, ""),
    async item(PK, SK) {
      const command = new GetCommand({ TableName: LOCAL_TABLE, Key: { PK, SK }, ConsistentRead: true });
      return (await table.send(command)).Item as StoredItem | undefined;
    },
    async remove(items) {
      const keys = items.map(({ PK, SK }) => ({ PK, SK }));
      await Promise.all(keys.map((Key) => table.send(new DeleteCommand({ TableName: LOCAL_TABLE, Key }))));
    },
    async put(items) {
      for (let at = 0; at < items.length; at += BATCH) {
        const puts = items.slice(at, at + BATCH).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
        await table.send(new BatchWriteCommand({ RequestItems: { [LOCAL_TABLE]: puts } }));
      }
    },
    close: () => client.destroy(),
  };
};

/** Rows that a commit has moved `seq` over, of the current conversation: no other row exists yet (design.md 4). */
export const committedRows = (items: readonly StoredItem[]): readonly StoredItem[] => {
  const meta = metaIn(items);
  return items.filter(
    ({ SK, seq, sessionId }) =>
      SK.startsWith("MSG#") && sessionId === meta?.["sessionId"] && Number(seq) <= Number(meta?.["seq"]),
  );
};

export const metaIn = (items: readonly StoredItem[]): StoredItem | undefined =>
  items.find(({ SK }) => SK === "META");

/** What nobody can take back any more: the committed rows, and META with the answer that is being sent. */
export const storedText = (items: readonly StoredItem[]): string =>
  JSON.stringify([...committedRows(items), metaIn(items) ?? {}]);
