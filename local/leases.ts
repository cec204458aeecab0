// Ends the leases that a local run left when it was killed. Called when the stack starts: it alone has the tables, so
// whoever held a lease is gone, and the next message takes the open turn over at once, not half a minute later.

import { DynamoDBClient, paginateScan, UpdateItemCommand } from "@aws-sdk/client-dynamodb";

export const endLeases = async (endpoint: string, table: string): Promise<void> => {
  const client = new DynamoDBClient({
    endpoint,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  // design.md 4: META has `until` while somebody holds the session; a time long past is free to take over.
  const held = { TableName: table, FilterExpression: "attribute_exists(#until)" };
  const names = { ExpressionAttributeNames: { "#until": "until" } };
  try {
    for await (const { Items = [] } of paginateScan({ client }, { ...held, ...names })) {
      for (const { PK, SK } of Items) {
        if (PK === undefined || SK === undefined) continue;
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { PK, SK },
            UpdateExpression: "SET #until = :past",
            ExpressionAttributeValues: { ":past": { N: "0" } },
            ...names,
          }),
        );
      }
    }
  } finally {
    client.destroy();
  }
};
