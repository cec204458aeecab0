// The one table as a container of the simulation sees it: the adapters' own commands, as wire JSON, each a step of the
// scheduler, carried out by dynalite's engine. It stands where the SDK's HTTP client would. Used by invocation.ts.

import { DynamoDBClient, DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Table } from "../../src/adapters/dynamodb/table.ts";
import type { Container, Result } from "./container.ts";
import type { Engine, Executed } from "./engine.ts";

/** One request, as the engine gets it. */
export interface TableRequest {
  readonly operation: string;
  readonly body: RequestBody;
}

export interface RequestBody {
  readonly Key?: WireKey;
  readonly Item?: WireKey & Readonly<Record<string, unknown>>;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

type WireKey = Readonly<Record<"PK" | "SK", { readonly S: string }>>;

export interface StoreOptions {
  readonly engine: Engine;
  readonly container: Container;
  /** A mutant may change a request on its way; null answers it with success and no effect. */
  readonly rewrite?: (request: TableRequest) => TableRequest | null;
  /** Called around every request that is carried out. */
  readonly observed: (request: TableRequest, execute: () => Executed) => Executed;
}

interface Command {
  readonly input: Readonly<Record<string, unknown>>;
}

type Send = (command: Command) => Promise<unknown>;

/** Never connects: the adapters and Powertools ask a client only for what `openStore` overrides. */
const shape = new DynamoDBClient({
  region: "local",
  endpoint: "http://dynamodb.invalid",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

export const openStore = (options: StoreOptions): Table => {
  const documents: Send = async (command) => {
    const operation = command.constructor.name.replace(/Command$/, "");
    const full = `${operation}${operation === "Query" ? "" : "Item"}`;
    return fromWire(await request(options, full, toWire(command.input)));
  };
  const client: Send = (command) =>
    request(options, command.constructor.name.replace(/Command$/, ""), command.input);
  return {
    name: "hermes",
    documents: { send: documents } as unknown as DynamoDBDocumentClient,
    client: Object.create(shape, { send: { value: client } }) as DynamoDBClient,
  };
};

const plainly = { removeUndefinedValues: true };

const toWire = (input: Command["input"]): Command["input"] =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      WITH_VALUES.has(name) && value !== undefined ? marshall(value, plainly) : value,
    ]),
  );

const WITH_VALUES = new Set(["Key", "Item", "ExpressionAttributeValues", "ExclusiveStartKey"]);

const fromWire = (output: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(output).map(([name, value]) => [name, isItems(name, value) ? read(value) : value]),
  );

type Items = Parameters<typeof unmarshall>[0] | Parameters<typeof unmarshall>[0][];

const isItems = (name: string, value: unknown): value is Items =>
  value !== undefined && ["Attributes", "Item", "Items", "LastEvaluatedKey"].includes(name);

const read = (items: Items): unknown =>
  Array.isArray(items) ? items.map((item) => unmarshall(item)) : unmarshall(items);

const request = (
  { engine, container, rewrite, observed }: StoreOptions,
  operation: string,
  input: Command["input"],
): Promise<Readonly<Record<string, unknown>>> => {
  const asked: TableRequest = { operation, body: input as RequestBody };
  const rewritten = rewrite === undefined ? asked : rewrite(asked);
  return container.call({
    kind: "table",
    label: labelOf(asked),
    hasEffect: !["Query", "GetItem"].includes(operation),
    perform: () =>
      rewritten === null
        ? { value: {} }
        : resultOf(observed(rewritten, () => engine.execute(operation, JSON.stringify(rewritten.body)))),
    refusal: () => failure("InternalServerError", "the table is out of order"),
  });
};

const resultOf = ({ status, body }: Executed): Result => {
  const parsed = JSON.parse(body) as { readonly __type?: string; readonly message?: string };
  if (status === 200) return { value: parsed };
  return { error: failure(parsed.__type?.split("#")[1] ?? "Unknown", parsed.message ?? "") };
};

const failure = (name: string, message: string): Error =>
  new DynamoDBServiceException({ name, message, $fault: "client", $metadata: {} });

/** Short, for traces: what is asked of which item, and what a write of META sets. */
const labelOf = ({ operation, body }: TableRequest): string => {
  const { Key, Item, UpdateExpression, ExpressionAttributeValues: values } = body;
  const sk = Key?.SK.S ?? Item?.SK.S ?? values?.[":in"]?.["S"] ?? values?.[":from"]?.["S"] ?? "";
  return [operation, sk, UpdateExpression ?? ""].join(" ").trim();
};
