// The floor of a webhook: its two round trips, with the SDK and nothing else.

import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

const dynamodb = new DynamoDBClient();
const lambda = new LambdaClient();

export const handler = async (event: { readonly body: string }) => {
  const update = JSON.parse(event.body) as { readonly update_id: number };
  const Item = { PK: { S: "SESSION#floor" }, SK: { S: `IN#${update.update_id}` }, body: { S: event.body } };
  await dynamodb.send(new PutItemCommand({ TableName: "hermes-sessions", Item }));
  const Payload = new TextEncoder().encode('{"source":"hermes.wake","session":"floor"}');
  await lambda.send(new InvokeCommand({ FunctionName: "floor", InvocationType: "Event", Payload }));
  return { statusCode: 200 };
};
