// The index of the archive: which rows hold a token. An item per token and segment of rows, under the token's own sort
// key, so that a query reads the occurrences of its words and nothing else, however long the past is.
//
//   PK SEARCH#{session key}   SK {token}#{session id}#{first seq of the segment}   seqs [rows of it that hold the token]

import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { saidIn, withoutHeadings } from "../../said-text.ts";
import type { Row } from "../../session-state.ts";
import type { SessionKey } from "../../turn.ts";
import { tokensOf } from "./archive-tokens.ts";
import { type Item, messageSk } from "./rows.ts";
import type { Table } from "./table.ts";

const searchPk = (session: SessionKey): string => `SEARCH#${session}`;

/** Names a row within a chat, as its sort key does: sorts by time. */
export const rowName = (sessionId: string, seq: number): string =>
  messageSk(sessionId, seq).slice("MSG#".length);

/** Of a row's name, or a segment's: that of its first row. */
export const sessionIdOf = (name: string): string => name.slice(0, name.lastIndexOf("#"));

/** What of a row is compared with a query, in characters, and indexed, in distinct tokens; first ones first. */
interface Share {
  readonly chars: number;
  readonly tokens: number;
}

/**
 * What lies beyond is rarely what a message is about. 400 tokens are some three pages of prose: they bound the writes for
 * a pasted book; by a word that comes later its row is not found.
 */
const OF_MESSAGE: Share = { chars: 20_000, tokens: 400 };

/** A summary is all substance, rare, and up to 12,000 of the model's tokens long (agent/compaction.ts). */
const OF_SUMMARY: Share = { chars: 50_000, tokens: 1_500 };

const shareOf = ({ marker }: Row): Share => (marker === undefined ? OF_MESSAGE : OF_SUMMARY);

/** What people and the model said to each other, and summaries of it. Tool results would drown it. */
export const searchableText = (row: Row): string => {
  const text = saidIn(row);
  return (row.marker === undefined ? text : withoutHeadings(text)).slice(0, shareOf(row).chars);
};

/** The items of one segment of rows. The same rows give the same items; more rows of the same segment replace them. */
export const postingItems = (session: SessionKey, rows: readonly Row[]): Item[] =>
  Object.values(Object.groupBy(rows, ({ sessionId }) => sessionId)).flatMap((segment = []) =>
    itemsOfSegment(session, segment),
  );

const itemsOfSegment = (session: SessionKey, rows: readonly Row[]): Item[] => {
  const seqsByToken = new Map<string, number[]>();
  for (const row of rows) {
    const { sequence, tails } = tokensOf(searchableText(row));
    for (const token of [...new Set([...sequence, ...tails])].slice(0, shareOf(row).tokens)) {
      seqsByToken.set(token, [...(seqsByToken.get(token) ?? []), row.seq]);
    }
  }
  const segment = rowName(rows[0]?.sessionId ?? "", Math.min(...rows.map(({ seq }) => seq)));
  return [...seqsByToken].map(([token, seqs]) => ({
    PK: searchPk(session),
    SK: `${token}#${segment}`,
    seqs,
  }));
};

export type Order = "newest" | "oldest";

/** Items one Query reads at most: some 100 KB, or 13 read units. */
const MAX_ITEMS = 1_000;

/** Rows that hold a token. Beyond `edge` (a row name, in the order of reading) is what was not read; absent = all was. */
export interface Postings {
  readonly rows: ReadonlySet<string>;
  readonly edge?: string;
}

export interface Lookup {
  readonly token: string;
  readonly prefix: boolean;
}

export interface Scope {
  readonly order: Order;
  readonly exclude?: { readonly sessionId: string; readonly fromSeq: number };
}

/**
 * One Query for a lookup, or two: what the session that asks has in its prompt would fill the page, so it is left out by
 * reading before and behind it. A prefix has no such gap: there these rows are dropped after reading, as are those that
 * share a segment with older ones.
 */
export const readPostings = (table: Table, session: SessionKey, lookup: Lookup, scope: Scope) =>
  Promise.all(
    rangesOf(lookup, scope.exclude).map((range) => readRange(table, session, range, { ...lookup, ...scope })),
  );

/** First and last sort key. "$" follows "#". */
type Range = readonly [string, string];

const rangesOf = ({ token, prefix }: Lookup, exclude: Scope["exclude"]): readonly Range[] => {
  if (prefix) return [[token, `${token}\u{10ffff}`]];
  if (exclude === undefined) return [[`${token}#`, `${token}$`]];
  return [
    [`${token}#`, `${token}#${rowName(exclude.sessionId, exclude.fromSeq)}`],
    [`${token}#${exclude.sessionId}$`, `${token}$`],
  ];
};

const readRange = async (
  table: Table,
  session: SessionKey,
  [from, to]: Range,
  { order, prefix, exclude }: Lookup & Scope,
): Promise<Postings> => {
  const { Items = [], LastEvaluatedKey } = await table.documents.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "PK = :pk AND SK BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": searchPk(session), ":from": from, ":to": to },
      ProjectionExpression: "SK, seqs",
      ScanIndexForward: order === "oldest",
      Limit: MAX_ITEMS,
    }),
  );
  const rows = new Set(Items.flatMap(rowNames).filter((row) => !isExcluded(row, exclude)));
  if (LastEvaluatedKey === undefined) return { rows };
  // The words of a prefix come one after the other, each with its own past: a cut says nothing about any time.
  return { rows, edge: prefix ? nothingRead(order) : segmentOf(String(LastEvaluatedKey["SK"])) };
};

const isExcluded = (row: string, exclude: Scope["exclude"]): boolean =>
  exclude !== undefined &&
  row.startsWith(`${exclude.sessionId}#`) &&
  row >= rowName(exclude.sessionId, exclude.fromSeq);

const segmentOf = (sk: string): string => sk.slice(sk.indexOf("#") + 1);

const rowNames = (item: Item): string[] => {
  const segment = segmentOf(String(item["SK"]));
  return (item["seqs"] as readonly number[]).map((seq) => rowName(sessionIdOf(segment), seq));
};

/** The edge before everything, in the order of reading. */
const nothingRead = (order: Order): string => (order === "newest" ? "\u{10ffff}" : "");

export const unread = (order: Order): Postings => ({ rows: new Set(), edge: nothingRead(order) });

/** Negative when `a` is read before `b`. Row names are ASCII, where JavaScript and DynamoDB sort alike. */
const compare = (order: Order, a: string, b: string): number => {
  if (a === b) return 0;
  return a < b === (order === "oldest") ? -1 : 1;
};

export const inOrder = (order: Order, rows: Iterable<string>): string[] =>
  [...rows].sort((a, b) => compare(order, a, b));

/** The first (`nearest`) or last edge in the order of reading; no edge is the last of all. */
const edgeOf = (order: Order, lists: readonly Postings[], nearest: boolean): { edge?: string } => {
  const edges = inOrder(
    order,
    lists.flatMap(({ edge }) => (edge === undefined ? [] : [edge])),
  );
  if (!nearest && edges.length < lists.length) return {};
  const edge = edges.at(nearest ? 0 : -1);
  return edge === undefined ? {} : { edge };
};

/** Rows in any of the lists: known as far as all of them were read. */
export const union = (order: Order, lists: readonly Postings[]): Postings => ({
  rows: new Set(lists.flatMap(({ rows }) => [...rows])),
  ...edgeOf(order, lists, true),
});

/** Rows that are or, beyond a list's edge, may be in all of the lists: known as far as any of them was read. */
export const intersection = (order: Order, lists: readonly Postings[]): Postings => {
  const mayHold = ({ rows, edge }: Postings, row: string) =>
    rows.has(row) || (edge !== undefined && compare(order, row, edge) > 0);
  const candidates = lists.flatMap(({ rows }) => [...rows]);
  return {
    rows: new Set(candidates.filter((row) => lists.every((list) => mayHold(list, row)))),
    ...edgeOf(order, lists, false),
  };
};
