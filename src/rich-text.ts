// The words of a rich message (Bot API 10.1), without its form: our own long answers come back this way when
// somebody replies to them, and people forward them. Called while parsing.

// Blocks nest 16 deep at most (facts/telegram-rich.md), each through a list of items and their text.
const MAX_DEPTH = 64;

const BLOCK_SEPARATOR = "\n";

/** The fields of a block or a piece of rich text which hold words, in reading order. */
const WORDS = ["summary", "text", "expression", "caption", "credit"] as const;
const LISTS = ["blocks", "items", "cells"] as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const wordsOf = (value: unknown, depth: number): string => {
  if (typeof value === "string") return value;
  if (depth > MAX_DEPTH) return "";
  if (Array.isArray(value)) return value.map((piece) => wordsOf(piece, depth + 1)).join("");
  if (!isRecord(value)) return "";
  const own = WORDS.map((field) => wordsOf(value[field], depth + 1));
  const nested = LISTS.map((field) => blocksOf(value[field], depth + 1));
  return [...own, ...nested].filter((words) => words !== "").join(BLOCK_SEPARATOR);
};

const blocksOf = (value: unknown, depth: number): string => {
  if (!Array.isArray(value)) return "";
  // A row of a table is a list of cells, everything else an object.
  const blocks = value.map((block) =>
    Array.isArray(block) ? block.map((cell) => wordsOf(cell, depth + 1)).join(" | ") : wordsOf(block, depth),
  );
  return blocks.filter((words) => words !== "").join(BLOCK_SEPARATOR);
};

export const richText = (message: { readonly blocks?: readonly unknown[] } | undefined): string =>
  blocksOf(message?.blocks, 0);
