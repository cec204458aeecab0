// The floor of a turn up to its model request: the acquire with both reads beside it, then the openai SDK.

import { DynamoDBClient, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import OpenAI from "openai";

const dynamodb = new DynamoDBClient();
const openai = new OpenAI({
  apiKey: process.env["DEEPSEEK_API_KEY"],
  baseURL: process.env["DEEPSEEK_BASE_URL"],
});
const TableName = "hermes-sessions";

const query = (prefix: string) =>
  dynamodb.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "PK = :pk AND begins_with(SK, :sk)",
      ExpressionAttributeValues: { ":pk": { S: "SESSION#floor" }, ":sk": { S: prefix } },
      ConsistentRead: true,
    }),
  );

const acquire = () =>
  dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: { PK: { S: "SESSION#floor" }, SK: { S: "META" } },
      UpdateExpression: "ADD fence :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    }),
  );

export const handler = async () => {
  await Promise.all([acquire(), query("IN#"), query("MSG#")]);
  const stream = await openai.chat.completions.create({
    model: "deepseek-flash",
    stream: true,
    messages: [{ role: "user", content: "hello" }],
  });
  for await (const _chunk of stream) void _chunk;
  return { statusCode: 200 };
};
