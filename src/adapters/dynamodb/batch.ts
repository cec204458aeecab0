// Batches of items, with what the table did not get to asked again. Used by archive.ts and ledger.ts.

import { BatchGetCommand, type BatchGetCommandOutput, BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { chunksOf } from "../../chunks.ts";
import { HermesError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import { sideBySide } from "../../side-by-side.ts";
import type { Item } from "./rows.ts";
import type { Table } from "./table.ts";

/** Service limits of BatchWriteItem and BatchGetItem. */
const MAX_WRITES = 25;
const MAX_KEYS = 100;

/** Requests under way at once; more would only be throttled, all items being in one partition. */
const PARALLEL_WRITES = 8;

/** Waits of 50, 100, … 800 ms: after these a table that still refuses is not having a moment, it is down. */
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 50;

export const putItems = async (table: Table, clock: Clock, items: readonly Item[]): Promise<void> => {
  await sideBySide(PARALLEL_WRITES, chunksOf(items, MAX_WRITES), (batch) => putBatch(table, clock, batch));
};

const putBatch = (table: Table, clock: Clock, items: readonly Item[]): Promise<void> =>
  untilNothingIsLeft(
    clock,
    items.map((item) => ({ PutRequest: { Item: { ...item } } })),
    async (requests) => {
      const { UnprocessedItems } = await table.documents.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: requests } }),
      );
      return (UnprocessedItems?.[table.name] ?? []) as typeof requests;
    },
  );

type Key = Readonly<Record<"PK" | "SK", string>>;

/** Found items, in no order; eventually consistent unless asked otherwise. */
export const getItems = async (
  table: Table,
  clock: Clock,
  keys: readonly Key[],
  options: { readonly consistent?: true } = {},
): Promise<readonly Item[]> => {
  const batches = chunksOf(keys, MAX_KEYS).map((batch) => getBatch(table, clock, batch, options));
  return (await Promise.all(batches)).flat();
};

const getBatch = async (
  table: Table,
  clock: Clock,
  batch: readonly Key[],
  { consistent }: { readonly consistent?: true },
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  await untilNothingIsLeft(clock, batch, async (keys) => {
    const wanted = { Keys: keys.map((key) => ({ ...key })), ...(consistent && { ConsistentRead: true }) };
    const { Responses, UnprocessedKeys }: BatchGetCommandOutput = await table.documents.send(
      new BatchGetCommand({ RequestItems: { [table.name]: wanted } }),
    );
    found.push(...(Responses?.[table.name] ?? []));
    return (UnprocessedKeys?.[table.name]?.Keys ?? []) as unknown as readonly Key[];
  });
  return found;
};

/** A batch may be done in part without an error; the SDK's own retries do not see that. */
const untilNothingIsLeft = async <Request>(
  clock: Clock,
  requests: readonly Request[],
  send: (requests: Request[]) => Promise<readonly Request[]>,
): Promise<void> => {
  let left = requests;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (left.length === 0) return;
    if (attempt > 0) await clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
    left = await send([...left]);
  }
  if (left.length > 0) throw new HermesError("unavailable", "the table is overloaded", { retryable: true });
};
