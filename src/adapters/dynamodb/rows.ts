// How a message of the transcript is laid out in the table. A row that would not fit one item is split over several.

import { Buffer } from "node:buffer";
import type { Message } from "../../message.ts";
import type { Row } from "../../session-state.ts";
import { damagedRow, problemOf } from "../../sound-row.ts";

/** An item holds 400 KB with its attribute names (facts/platform.md 6); the rest is headroom for the other attributes. */
const CHUNK_BYTES = 350_000;

const SEQ_DIGITS = 10;

export type Item = Readonly<Record<string, unknown>>;

/** Sort key of a row. Session ids sort by time and seq is zero-padded, so that the newest row sorts last. */
export const messageSk = (sessionId: string, seq: number): string =>
  `MSG#${sessionId}#${String(seq).padStart(SEQ_DIGITS, "0")}`;

/**
 * The items of one row, continuations first: the head is written last, so that where the head is, all is.
 * `message` holds the message as a map; when too large, its JSON text is cut into `chunk`s instead.
 */
export const itemsOfRow = (pk: string, row: Row): Item[] => {
  const sk = messageSk(row.sessionId, row.seq);
  const head = {
    PK: pk,
    SK: sk,
    sessionId: row.sessionId,
    seq: row.seq,
    fence: row.fence,
    at: row.at,
    ...(row.marker === undefined ? {} : { marker: row.marker }),
    ...(row.entryId === undefined ? {} : { entryId: row.entryId }),
    ...(row.tokens === undefined ? {} : { tokens: row.tokens }),
    ...(row.skillsIndex === undefined ? {} : { skillsIndex: row.skillsIndex }),
  };
  const json = Buffer.from(JSON.stringify(row.message));
  if (json.byteLength <= CHUNK_BYTES) return [{ ...head, message: row.message }];
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < json.byteLength; at += CHUNK_BYTES) chunks.push(json.subarray(at, at + CHUNK_BYTES));
  const continuations = chunks
    .slice(1)
    .map((chunk, index) => ({ PK: pk, SK: `${sk}#p${index + 1}`, fence: row.fence, chunk }));
  return [...continuations, { ...head, parts: chunks.length, chunk: chunks[0] }];
};

/**
 * Rows of items in any order, oldest first. One whose continuations are missing is left out, and the caller sees a gap
 * in `seq`: the page may have ended in it. Where `isWhole` it did not, and the row is damaged, as is one that holds no
 * message (sound-row.ts).
 */
export const rowsFromItems = (items: readonly Item[], isWhole = false): Row[] => {
  const bySk = new Map(items.map((item) => [String(item["SK"]), item]));
  return items
    .filter((item) => typeof item["seq"] === "number")
    .map((head) => rowOf(head, bySk, isWhole))
    .filter((row) => row !== undefined)
    .sort((a, b) => (a.sessionId === b.sessionId ? a.seq - b.seq : a.sessionId < b.sessionId ? -1 : 1));
};

const rowOf = (head: Item, bySk: ReadonlyMap<string, Item>, isWhole: boolean): Row | undefined => {
  const row = head as unknown as Row;
  const chunks = head["parts"] === undefined ? undefined : chunksOf(head, bySk);
  if (chunks?.includes(undefined)) return isWhole ? damagedRow(row, "parts of it are missing") : undefined;
  const read = { ...row, message: (chunks === undefined ? head["message"] : joined(chunks)) as Message };
  const problem = problemOf(read);
  return problem === undefined ? read : damagedRow(row, problem);
};

/** A continuation of another holder's row is none of this one. */
const chunksOf = (head: Item, bySk: ReadonlyMap<string, Item>): readonly (Uint8Array | undefined)[] =>
  Array.from({ length: Number(head["parts"]) }, (_, part) => {
    const item = part === 0 ? head : bySk.get(`${String(head["SK"])}#p${part}`);
    return item !== undefined && item["fence"] === head["fence"] ? (item["chunk"] as Uint8Array) : undefined;
  });

/** Undefined for what is no JSON: the row then counts as damaged. */
const joined = (chunks: readonly unknown[]): unknown => {
  try {
    return JSON.parse(Buffer.concat(chunks as Uint8Array[]).toString("utf8"));
  } catch {
    return undefined;
  }
};
