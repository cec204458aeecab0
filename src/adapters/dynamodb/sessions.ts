// Sessions over DynamoDB: the lease and the transcript. The expressions are those of design.md 5, each named.

import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { LeaseLost } from "../../errors.ts";
import { LEASE_MS, TAKEOVER_GRACE_MS } from "../../lease-times.ts";
import type { Clock, Sessions } from "../../ports.ts";
import { GUESSED_ROWS, NEWEST_ROWS } from "../../ports.ts";
import type { Meta, MetaPatch, Row } from "../../session-state.ts";
import { NOTHING_USED } from "../../session-state.ts";
import type { SessionKey } from "../../turn.ts";
import { type Item, itemsOfRow, messageSk, rowsFromItems } from "./rows.ts";
import { isConditionRefused, META_SK, sessionPk, type Table } from "./table.ts";

const isFree = "attribute_not_exists(#until)";
/** Clocks of two containers may differ: a lease counts as abandoned only some time after it ran out. */
const ranOutForSure = "#until < :abandonedBefore";
const isMine = "#fence = :fence AND attribute_exists(#until)";
const noLaterHolderWroteHere = "attribute_not_exists(SK) OR fence <= :fence";

export const createSessions = (table: Table, clock: Clock): Sessions => ({
  acquire: (session, by) => acquire(table, clock, session, by),
  newestRows: (session, options) => newestRows(table, session, options),
  append: (session, rows) => append(table, session, rows),
  commit: (session, fence, patch) => commit(table, clock, session, fence, patch),
  release: (session, fence, patch) => release(table, session, fence, patch),
});

const metaKey = (session: SessionKey) => ({ PK: sessionPk(session), SK: META_SK });

const acquire = async (table: Table, clock: Clock, session: SessionKey, by: string) => {
  const nowMs = clock.now();
  try {
    const { Attributes } = await table.documents.send(
      new UpdateCommand({
        TableName: table.name,
        Key: metaKey(session),
        UpdateExpression: "SET #by = :me, #until = :until ADD #fence :one, #tries :one",
        ConditionExpression: `${isFree} OR ${ranOutForSure}`,
        ExpressionAttributeNames: { "#by": "by", "#until": "until", "#fence": "fence", "#tries": "tries" },
        ExpressionAttributeValues: {
          ":me": by,
          ":until": nowMs + LEASE_MS,
          ":abandonedBefore": nowMs - TAKEOVER_GRACE_MS,
          ":one": 1,
        },
        ReturnValues: "ALL_NEW",
      }),
    );
    return metaFrom(Attributes ?? {});
  } catch (error) {
    if (!isConditionRefused(error)) throw error;
    return holderOf(table, session, by);
  }
};

/** Refused by our own token means that the SDK repeated an acquire whose answer was lost: the lease is ours. */
const holderOf = async (table: Table, session: SessionKey, by: string) => {
  const item = await readMeta(table, session);
  return item["by"] === by ? metaFrom(item) : { heldBy: item["by"] as string | undefined };
};

const readMeta = async (table: Table, session: SessionKey): Promise<Item> => {
  const { Item } = await table.documents.send(
    new GetCommand({ TableName: table.name, Key: metaKey(session), ConsistentRead: true }),
  );
  return Item ?? {};
};

/** A session nobody has spoken in has no more than a lease; `sessionId` "" says so. */
const metaFrom = (item: Item): Meta => ({
  fence: 0,
  tries: 0,
  sessionId: "",
  seq: 0,
  seqFence: 0,
  base: 0,
  settings: {},
  totals: NOTHING_USED,
  startedAt: 0,
  updatedAt: 0,
  lastPrompt: 0,
  indexed: 0,
  ...(item as Partial<Meta>),
});

/**
 * From the end, at most NEWEST_ROWS items. Without a session id the newest session's rows are found by the sort order
 * alone, so that they can be read before META says which session is current; that guess is worth one page (1 MB) and
 * does not read on through older sessions. With one, a prompt of several pages is read whole.
 */
const newestRows = async (
  table: Table,
  session: SessionKey,
  options: { readonly sessionId?: string; readonly fromSeq?: number } = {},
): Promise<readonly Row[]> => {
  const { sessionId, fromSeq = 0 } = options;
  const [from, to] =
    sessionId === undefined ? ["MSG#", "MSG$"] : [messageSk(sessionId, fromSeq), `MSG#${sessionId}$`];
  const limit = sessionId === undefined ? GUESSED_ROWS : NEWEST_ROWS;
  const items: Item[] = [];
  let rest: Record<string, unknown> | undefined;
  do {
    const page = await table.documents.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: "PK = :pk AND SK BETWEEN :from AND :to",
        ExpressionAttributeValues: { ":pk": sessionPk(session), ":from": from, ":to": to },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit - items.length,
        ExclusiveStartKey: rest,
      }),
    );
    items.push(...(page.Items ?? []));
    rest = page.LastEvaluatedKey;
  } while (sessionId !== undefined && rest !== undefined && items.length < limit);
  const rows = rowsFromItems(items, sessionId !== undefined && rest === undefined);
  const newest = sessionId ?? rows.at(-1)?.sessionId;
  return rows.filter((row) => row.sessionId === newest);
};

/** The last row's head is put after all the others: a reader that sees it sees the whole step (lease-take.ts' `rowsAreCurrent`). */
const append = async (table: Table, session: SessionKey, rows: readonly Row[]): Promise<void> => {
  const items = rows.flatMap((row) => itemsOfRow(sessionPk(session), row));
  const last = items.pop();
  if (last === undefined) return;
  await Promise.all(items.map((item) => putRow(table, item)));
  await putRow(table, last);
};

const putRow = async (table: Table, item: Item): Promise<void> => {
  try {
    await table.documents.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...item },
        ConditionExpression: noLaterHolderWroteHere,
        ExpressionAttributeValues: { ":fence": item["fence"] },
      }),
    );
  } catch (error) {
    if (isConditionRefused(error)) throw new LeaseLost("a later holder wrote this row", { cause: error });
    throw error;
  }
};

const commit = async (table: Table, clock: Clock, session: SessionKey, fence: number, patch: MetaPatch) => {
  const until = clock.now() + LEASE_MS;
  await update(table, session, fence, { ...patch, until });
  return until;
};

const release = async (table: Table, session: SessionKey, fence: number, patch: MetaPatch): Promise<void> => {
  try {
    await update(table, session, fence, { ...patch, tries: 0, until: null, by: null });
  } catch (error) {
    // The SDK may have repeated a release whose answer was lost; then the fence is still ours and the lease is free.
    const meta = error instanceof LeaseLost ? await readMeta(table, session) : {};
    if (meta["fence"] !== fence || meta["until"] !== undefined) throw error;
  }
};

const update = async (table: Table, session: SessionKey, fence: number, values: Record<string, unknown>) => {
  const fields = Object.entries(values).filter(([, value]) => value !== undefined);
  const kept = fields.filter(([, value]) => value !== null);
  const removed = fields.filter(([, value]) => value === null);
  const sets = kept.map(([name]) => `#${name} = :${name}`).join(", ");
  const removes = removed.map(([name]) => `#${name}`).join(", ");
  const names = [...fields.map(([name]) => name), "fence", "until"];
  try {
    await table.documents.send(
      new UpdateCommand({
        TableName: table.name,
        Key: metaKey(session),
        UpdateExpression: `SET ${sets}${removes === "" ? "" : ` REMOVE ${removes}`}`,
        ConditionExpression: isMine,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: {
          ...Object.fromEntries(kept.map(([name, value]) => [`:${name}`, value])),
          ":fence": fence,
        },
      }),
    );
  } catch (error) {
    if (isConditionRefused(error)) throw new LeaseLost("a later holder took it", { cause: error });
    throw error;
  }
};
