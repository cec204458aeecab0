// What was spent, over DynamoDB: a partition a day, in it an item for each user, chat and job, and one partition of limits.
// What the operator does with them is in ledger-admin.ts.

import { createHash } from "node:crypto";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../ports.ts";
import type { SessionKey } from "../../turn.ts";
import type { Ledger, Limits, LimitsOf, Mark, Payer, Spending, Spent, Today } from "../../usage-ports.ts";
import { getItems } from "./batch.ts";
import type { Item } from "./rows.ts";
import { isConditionRefused, type Table } from "./table.ts";

/** A year and a month: this month can be compared with that of last year. */
const LIFETIME_S = 400 * 86_400;

/** A writer has one such attribute on each item, so that an item grows with the conversations of a day and not with their calls. */
const isNotCountedYet = "attribute_not_exists(#by) OR #by < :number";

export const usagePk = (day: string): string => `USAGE#${day}`;

export const LIMITS_PK = "LIMITS";

export const limitsSk = (of: LimitsOf): string =>
  of.kind === "default" ? of.kind : accountSk(of.kind, of.id);

const accountSk = (kind: "user" | "chat" | "job", id: number | string): string => `${kind}#${id}`;

const accountsOf = ({ userId, chatId, jobId }: Payer) => ({
  user: accountSk("user", userId),
  chat: accountSk("chat", chatId),
  ...(jobId === undefined ? {} : { job: accountSk("job", jobId) }),
});

export const createLedger = (table: Table, clock: Clock): Ledger => ({
  read: (day, payer) => read(table, clock, day, payer),
  async add(day, payer, spending, mark) {
    const { user, chat, job } = accountsOf(payer);
    const put = (sk: string) => addTo(table, { PK: usagePk(day), SK: sk }, spending, mark);
    // Each by itself: none is lost or counted twice when the whole is repeated.
    const [ofUser, ofChat, ofJob] = await Promise.all([put(user), put(chat), job && put(job)]);
    return { user: ofUser, chat: ofChat, ...(ofJob ? { job: ofJob } : {}) };
  },
});

const read = async (table: Table, clock: Clock, day: string, payer: Payer): Promise<Today> => {
  const { user, chat, job } = accountsOf(payer);
  const keys = [
    ...[user, chat, job].flatMap((sk) => (sk === undefined ? [] : [{ PK: usagePk(day), SK: sk }])),
    ...["default", user, job].flatMap((sk) => (sk === undefined ? [] : [{ PK: LIMITS_PK, SK: sk }])),
  ];
  const items = await getItems(table, clock, keys, { consistent: true });
  const item = (pk: string, sk: string | undefined): Item =>
    items.find(({ PK, SK }) => PK === pk && SK === sk) ?? {};
  const spent: Spent = {
    user: spendingFrom(item(usagePk(day), user)),
    chat: spendingFrom(item(usagePk(day), chat)),
    ...(job === undefined ? {} : { job: spendingFrom(item(usagePk(day), job)) }),
  };
  const limits = {
    everybody: limitsFrom(item(LIMITS_PK, "default")),
    user: limitsFrom(item(LIMITS_PK, user)),
    job: limitsFrom(item(LIMITS_PK, job)),
  };
  return { ...spent, limits };
};

interface Key {
  readonly PK: string;
  readonly SK: string;
}

const addTo = async (table: Table, key: Key, spending: Spending, mark: Mark): Promise<Spending> => {
  const { usage, ...counts } = spending;
  const amounts = Object.entries({ ...usage, ...counts });
  const day = Date.parse(key.PK.slice(usagePk("").length)) / 1_000;
  try {
    const { Attributes } = await table.documents.send(
      new UpdateCommand({
        TableName: table.name,
        Key: key,
        UpdateExpression: `SET #by = :number, expiration = :expiration ADD ${amounts.map(([name]) => `#${name} :${name}`).join(", ")}`,
        ConditionExpression: isNotCountedYet,
        ExpressionAttributeNames: {
          "#by": markOf(mark.writer),
          ...Object.fromEntries(amounts.map(([name]) => [`#${name}`, name])),
        },
        ExpressionAttributeValues: {
          ":number": mark.number,
          ":expiration": day + LIFETIME_S,
          ...Object.fromEntries(amounts.map(([name, value]) => [`:${name}`, value])),
        },
        ReturnValues: "ALL_NEW",
      }),
    );
    return spendingFrom(Attributes ?? {});
  } catch (error) {
    if (!isConditionRefused(error)) throw error;
    // The SDK repeats a write whose answer was lost, and so does whoever was told that it failed.
    const { Item } = await table.documents.send(
      new GetCommand({ TableName: table.name, Key: { ...key }, ConsistentRead: true }),
    );
    return spendingFrom(Item ?? {});
  }
};

/** A name of an attribute, whatever is in the key; sixteen digits are far more than a day has conversations. */
const markOf = (writer: SessionKey): string =>
  `by_${createHash("sha256").update(writer).digest("hex").slice(0, 16)}`;

const numberIn = (item: Item, name: string): number => {
  const value = item[name];
  return typeof value === "number" ? value : 0;
};

export const spendingFrom = (item: Item): Spending => ({
  usage: {
    prompt: numberIn(item, "prompt"),
    cached: numberIn(item, "cached"),
    completion: numberIn(item, "completion"),
    reasoning: numberIn(item, "reasoning"),
  },
  calls: numberIn(item, "calls"),
  estimated: numberIn(item, "estimated"),
  cost: numberIn(item, "cost"),
});

/** The names under which an item keeps them. */
const LIMIT_NAMES = ["userDay", "turn", "jobDay"] as const satisfies readonly (keyof Limits)[];

export const limitsFrom = (item: Item): Limits =>
  Object.fromEntries(
    LIMIT_NAMES.flatMap((name) => (typeof item[name] === "number" ? [[name, item[name]]] : [])),
  );
