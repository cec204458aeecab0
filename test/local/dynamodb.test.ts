import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTable, type DynamoDbStandIn, startDynamoDb } from "../../local/dynamodb.ts";

const TABLE = "sessions";
const key = { PK: { S: "SESSION#a" }, SK: { S: "META" } };

const clientOf = (endpoint: string, maxAttempts = 1) =>
  new DynamoDBClient({
    endpoint,
    region: "local",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts,
  });
const put = (client: DynamoDBClient, value: string) =>
  client.send(new PutItemCommand({ TableName: TABLE, Item: { ...key, value: { S: value } } }));
const read = async (client: DynamoDBClient) =>
  (await client.send(new GetItemCommand({ TableName: TABLE, Key: key }))).Item?.["value"]?.S;

describe("in memory", () => {
  const seen: string[] = [];
  let dynamoDb: DynamoDbStandIn;
  let client: DynamoDBClient;

  beforeEach(async () => {
    dynamoDb = await startDynamoDb({ onRequest: (target) => seen.push(target) });
    await createTable(dynamoDb.endpoint, TABLE);
    client = clientOf(dynamoDb.endpoint);
    seen.length = 0;
  });
  afterEach(async () => {
    client.destroy();
    await dynamoDb.close();
  });

  it("stores items by PK and SK, refuses failed conditions, and shows every request", async () => {
    await put(client, "one");
    expect(await read(client)).toBe("one");
    const condition = { ConditionExpression: "attribute_not_exists(SK)" };
    await expect(
      client.send(new PutItemCommand({ TableName: TABLE, Item: key, ...condition })),
    ).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    const rows = await client.send(
      new QueryCommand({
        TableName: TABLE,
        KeyConditionExpression: "PK = :pk AND begins_with(SK, :sk)",
        ExpressionAttributeValues: { ":pk": key.PK, ":sk": { S: "ME" } },
      }),
    );
    expect(rows.Count).toBe(1);
    expect(seen.map((target) => target.replace("DynamoDB_20120810.", ""))).toEqual([
      "PutItem",
      "GetItem",
      "PutItem",
      "Query",
    ]);
  });

  it("refuses an item beyond 400 KB, a missing table and an unsigned request", async () => {
    await expect(put(client, "x".repeat(400 * 1024))).rejects.toThrow(/size/i);
    await expect(client.send(new GetItemCommand({ TableName: "elsewhere", Key: key }))).rejects.toMatchObject(
      { name: "ResourceNotFoundException" },
    );
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.ListTables",
    };
    expect((await fetch(dynamoDb.endpoint, { method: "POST", headers, body: "{}" })).status).toBe(400);
  });

  it("creates a table that is there already without a complaint", async () => {
    await put(client, "kept");
    await createTable(dynamoDb.endpoint, TABLE);
    expect(await read(client)).toBe("kept");
  });

  it.each([
    ["throttle", ProvisionedThroughputExceededException, undefined],
    ["error", InternalServerError, undefined],
    ["drop-before", Error, undefined],
    ["drop-after", Error, "one"],
  ] as const)("can fail a write by %s", async (fault, error, stored) => {
    dynamoDb.fail(fault, { operation: "PutItem" });
    await expect(put(client, "one")).rejects.toBeInstanceOf(error);
    expect(await read(client)).toBe(stored);
    await put(client, "two");
    expect(await read(client)).toBe("two");
  });

  it("lets a client that repeats a lost call succeed, which is then one request more each time", async () => {
    const patient = clientOf(dynamoDb.endpoint, 3);
    dynamoDb.fail("drop-after", { times: 2 });
    await put(patient, "one");
    expect(seen).toHaveLength(3);
    patient.destroy();
  });

  it("can hang, and still closes at once", async () => {
    const arrived = Promise.withResolvers<string>();
    const hanging = await startDynamoDb({ onRequest: arrived.resolve });
    hanging.fail("hang");
    const other = clientOf(hanging.endpoint);
    const reading = expect(read(other)).rejects.toThrow();
    expect(await arrived.promise).toBe("DynamoDB_20120810.GetItem");
    await hanging.close();
    await reading;
    other.destroy();
  });
});

it("asks for each request what goes wrong with it", async () => {
  const seen: string[] = [];
  await using dynamoDb = await startDynamoDb({
    faultFor: (target, body) => {
      seen.push(target);
      return JSON.stringify(body).includes("forbidden") ? "throttle" : undefined;
    },
  }).then((one) => Object.assign(one, { [Symbol.asyncDispose]: one.close }));
  await createTable(dynamoDb.endpoint, TABLE);
  const client = clientOf(dynamoDb.endpoint);
  await expect(put(client, "forbidden")).rejects.toMatchObject({
    name: "ProvisionedThroughputExceededException",
  });
  await put(client, "allowed");
  expect(await read(client)).toBe("allowed");
  expect(seen.slice(-3).map((target) => target.split(".")[1])).toEqual(["PutItem", "PutItem", "GetItem"]);
  client.destroy();
});

describe("on disk", () => {
  let path: string;

  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), "dynamodb-")), "nested", "tables");
  });
  afterEach(() => rm(join(path, "..", ".."), { recursive: true }));

  it("keeps everything from one run to the next", async () => {
    for (const [before, value] of [
      [undefined, "one"],
      ["one", "two"],
      ["two", "three"],
    ] as const) {
      const dynamoDb = await startDynamoDb({ path });
      await createTable(dynamoDb.endpoint, TABLE);
      const client = clientOf(dynamoDb.endpoint);
      expect(await read(client)).toBe(before);
      await put(client, value);
      client.destroy();
      await dynamoDb.close();
    }
  });

  it("says so when another process has the tables open, and opens them once it is gone", async () => {
    const program = `
      import { createTable, startDynamoDb } from ${JSON.stringify(new URL("../../local/dynamodb.ts", import.meta.url).href)};
      const dynamoDb = await startDynamoDb({ path: ${JSON.stringify(path)} });
      await createTable(dynamoDb.endpoint, "held"); // dynalite has its store for certain once it has answered
      process.stdout.write("open");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await expect(startDynamoDb({ path })).rejects.toThrow("in use by another process");
    child.kill("SIGKILL");
    await once(child, "exit");
    const dynamoDb = await startDynamoDb({ path });
    await dynamoDb.close();
  });
});
