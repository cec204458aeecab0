// A table of its own over the DynamoDB stand-in, opened as the function opens it, for the tests of the adapters.

import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { createTable, type DynamoDbStandIn, startDynamoDb } from "../../../local/dynamodb.ts";
import { openTable, type Table } from "../../../src/adapters/dynamodb/table.ts";

export interface LocalTable {
  readonly table: Table;
  readonly dynamoDb: DynamoDbStandIn;
  /** Operations asked for since the last look, e.g. "PutItem". */
  requests(): readonly string[];
  /** The same store, where nothing waits long. */
  impatient(attemptTimeoutMs: number): Table;
  /** A table that is not there. */
  missing(): Table;
  item(pk: string, sk: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  items(pk: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export const startTable = async (): Promise<LocalTable> => {
  const seen: string[] = [];
  const dynamoDb = await startDynamoDb({ onRequest: (target) => seen.push(target.split(".")[1] ?? "") });
  const place = { region: "local", endpoint: dynamoDb.endpoint };
  await createTable(dynamoDb.endpoint, "hermes");
  const tables: Table[] = [];
  const open = (name: string, options: { attemptTimeoutMs?: number } = {}): Table => {
    const table = openTable({ name, ...place, ...options });
    tables.push(table);
    return table;
  };
  const table = open("hermes");
  return {
    table,
    dynamoDb,
    requests: () => seen.splice(0),
    impatient: (attemptTimeoutMs) => open("hermes", { attemptTimeoutMs }),
    missing: () => open("not-there"),
    async item(pk, sk) {
      const get = new GetCommand({ TableName: "hermes", Key: { PK: pk, SK: sk }, ConsistentRead: true });
      return (await table.documents.send(get)).Item;
    },
    async items(pk) {
      const query = new QueryCommand({
        TableName: "hermes",
        KeyConditionExpression: "PK = :pk",
        ExpressionAttributeValues: { ":pk": pk },
        ConsistentRead: true,
      });
      return (await table.documents.send(query)).Items ?? [];
    },
    async close() {
      for (const { client } of tables) client.destroy();
      await dynamoDb.close();
    },
  };
};
