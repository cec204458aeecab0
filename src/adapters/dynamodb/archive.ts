// Past conversations over DynamoDB: a record per session (archive-records.ts) and a full-text index (archive-postings.ts).
//
// A search costs, however long the past is: for each of at most 8 words one Query of at most 1,000 index items (two, with
// the end of a session excluded), one Query of at most 1,000 records for their titles, then one BatchGet of at most 100
// rows, in which the query is checked. What lies beyond these bounds (a word said in more than 1,000 segments, a query that
// fits more than 100 rows) is found newest first.
//
// The index costs one small item per word and segment of 32 rows, some 12 for a message of ordinary chat and at most 400
// for any (test/adapters/dynamodb/archive-cost.test.ts).

import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Archive, Clock, SearchHit } from "../../ports.ts";
import type { Row } from "../../session-state.ts";
import type { SessionKey } from "../../turn.ts";
import { systemClock } from "../clock.ts";
import {
  inOrder,
  intersection,
  type Lookup,
  type Order,
  type Postings,
  postingItems,
  readPostings,
  rowName,
  type Scope,
  searchableText,
  sessionIdOf,
  union,
  unread,
} from "./archive-postings.ts";
import { matches, parseQuery, type Query, type Term, wantedTerms } from "./archive-query.ts";
import { findRecord, putRecord, readRecords, readTitled, type Titled } from "./archive-records.ts";
import { tokensOf } from "./archive-tokens.ts";
import { getItems, putItems } from "./batch.ts";
import { type Item, messageSk, rowsFromItems } from "./rows.ts";
import { sessionPk, type Table } from "./table.ts";

const MAX_LOOKUPS = 8;
const MAX_CANDIDATES = 100;
const MAX_ROWS = 100;

/** Rows of one session that are looked at before those of the next: a session full of a word must not hide the others. */
const ROWS_PER_SESSION = 10;

export const createArchive = (table: Table, clock: Clock = systemClock): Archive => ({
  sessions: (session, limit) => readRecords(table, session, limit),

  find: (session, sessionId) => findRecord(table, session, sessionId),

  describe: (session, record) => putRecord(table, session, record),

  index: (session, rows) => putItems(table, clock, postingItems(session, rows)),

  async search(session, query, { limit, sort = "newest", exclude }) {
    const parsed = parseQuery(query);
    if (wantedTerms(parsed).length === 0) return [];
    const order = sort === "oldest" ? "oldest" : "newest";
    const [names, records] = await Promise.all([
      candidatesOf(table, session, parsed, { order, ...(exclude === undefined ? {} : { exclude }) }),
      readTitled(table, session, order),
    ]);
    const rows = await readCandidates(table, clock, session, spread(names).slice(0, MAX_CANDIDATES));
    const titles = records.filter(({ sessionId }) => sessionId !== exclude?.sessionId).map(textOfTitle);
    const fitting = [...rows.map(textOfRow), ...titles].filter(({ text }) => matches(parsed, tokensOf(text)));
    const inTime = byTime(order, fitting);
    const best = (sort === "relevance" ? await byRelevance(parsed, inTime) : inTime).slice(0, limit);
    const recordOf = new Map(records.map((past) => [past.sessionId, past]));
    return best.map(({ hit }) => {
      const past = recordOf.get(hit.sessionId);
      return past === undefined ? hit : { ...hit, past };
    });
  },

  rows: (session, sessionId, from, to) => readRows(table, session, sessionId, from, to),
});

/** What may be a hit, and the text that decides it. */
interface Text {
  readonly hit: SearchHit;
  readonly text: string;
}

const textOfRow = (row: Row): Text => {
  const { sessionId, seq, marker } = row;
  const of = marker === undefined ? "message" : "summary";
  return { hit: { sessionId, seq, of }, text: searchableText(row) };
};

const textOfTitle = ({ sessionId, title = "" }: Titled): Text => ({
  hit: { sessionId, seq: 0, of: "title" },
  text: title,
});

/** Rows may be split over several items, so that one page may not hold them all. */
const readRows = async (table: Table, session: SessionKey, sessionId: string, from: number, to: number) => {
  const last = Math.min(to, from + MAX_ROWS - 1);
  if (last < from) return [];
  const items: Item[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await table.documents.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: "PK = :pk AND SK BETWEEN :from AND :to",
        ExpressionAttributeValues: {
          ":pk": sessionPk(session),
          ":from": messageSk(sessionId, from),
          // "$" follows "#": the continuations of the last row are within.
          ":to": `${messageSk(sessionId, last)}$`,
        },
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return rowsFromItems(items, true);
};

/** Names of the rows that may fit the query, first in the asked order first. */
const candidatesOf = async (table: Table, session: SessionKey, query: Query, scope: Scope) => {
  const lookups = lookupsOf(wantedTerms(query));
  const found = await Promise.all(
    lookups.map(async (lookup) => {
      const ranges = await readPostings(table, session, lookup, scope);
      return [nameOf(lookup), union(scope.order, ranges)] as const;
    }),
  );
  const { rows } = postingsOf(query, new Map(found), scope.order);
  return inOrder(scope.order, rows);
};

const nameOf = ({ token, prefix }: Lookup): string => (prefix ? `${token}*` : token);

/** The longest token of each term first, since it is likely to be the rarest; then the others, while there is room. */
const lookupsOf = (terms: readonly Term[]): readonly Lookup[] => {
  const byLength = terms.map((term) =>
    lookupsOfTerm(term).toSorted((a, b) => b.token.length - a.token.length),
  );
  const [first, others] = [
    byLength.flatMap((term) => term.slice(0, 1)),
    byLength.flatMap((term) => term.slice(1)),
  ];
  const distinct = new Map([...first, ...others].map((lookup) => [nameOf(lookup), lookup]));
  return [...distinct.values()].slice(0, MAX_LOOKUPS);
};

const lookupsOfTerm = ({ tokens, prefix }: Term): readonly Lookup[] =>
  tokens.map((token, index) => ({ token, prefix: prefix && index === tokens.length - 1 }));

const postingsOf = (query: Query, lists: ReadonlyMap<string, Postings>, order: Order): Postings => {
  if (query.kind === "term") {
    const ofTokens = lookupsOfTerm(query).map((lookup) => lists.get(nameOf(lookup)) ?? unread(order));
    return intersection(order, ofTokens);
  }
  const parts = query.of.map((part) => postingsOf(part, lists, order));
  return query.kind === "any" ? union(order, parts) : intersection(order, parts);
};

/** A row split over several items (more than 350 KB) needs a second look for the rest. */
const readCandidates = async (table: Table, clock: Clock, session: SessionKey, names: readonly string[]) => {
  const PK = sessionPk(session);
  const heads = await getItems(
    table,
    clock,
    names.map((name) => ({ PK, SK: `MSG#${name}` })),
  );
  const continuations = heads.flatMap(({ SK, parts }) =>
    Array.from({ length: Number(parts ?? 1) - 1 }, (_, index) => ({ PK, SK: `${String(SK)}#p${index + 1}` })),
  );
  return rowsFromItems([...heads, ...(await getItems(table, clock, continuations))], true);
};

/** Some rows of each session first, then the others, the order kept. */
const spread = (names: readonly string[]): readonly string[] => {
  const taken = new Map<string, number>();
  const [first, others]: [string[], string[]] = [[], []];
  for (const name of names) {
    const sessionId = sessionIdOf(name);
    const count = taken.get(sessionId) ?? 0;
    taken.set(sessionId, count + 1);
    (count < ROWS_PER_SESSION ? first : others).push(name);
  }
  return [...first, ...others];
};

const byTime = (order: Order, texts: readonly Text[]): Text[] => {
  const named = new Map(texts.map((text) => [rowName(text.hit.sessionId, text.hit.seq), text]));
  return inOrder(order, named.keys()).flatMap((name) => named.get(name) ?? []);
};

const byRelevance = async (query: Query, texts: readonly Text[]): Promise<readonly Text[]> => {
  if (texts.length === 0) return [];
  const { default: MiniSearch } = await import("minisearch");
  const engine = new MiniSearch<{ id: number; text: string }>({
    fields: ["text"],
    tokenize: (text) => Object.values(tokensOf(text)).flat(),
    processTerm: (token) => token,
  });
  engine.addAll(texts.map(({ text }, id) => ({ id, text })));
  const lookups = wantedTerms(query).flatMap(lookupsOfTerm);
  const scores = engine.search({
    queries: lookups.map(({ token, prefix }) => ({ queries: [token], prefix })),
    tokenize: (token) => [token],
  });
  const scoreOf = new Map(scores.map(({ id, score }) => [id, score]));
  return texts
    .map((text, id) => ({ text, score: scoreOf.get(id) ?? 0 }))
    .sort((a, b) => b.score - a.score)
    .map(({ text }) => text);
};
