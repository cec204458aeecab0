// A document → rich messages within Telegram's limits: cut between blocks, and inside one only where it alone is too
// large (code, tables, lists, long paragraphs). Used by compose.ts and by drafts.

import type { Block, Inline } from "./document.ts";
import { MOST_COLUMNS, richBlock, richInlines } from "./rich.ts";

/** facts/telegram-rich.md: of the text. The Markdown is longer than its text, so this is on the safe side. */
const PART_CHARACTERS = 32_768;
const PART_BLOCKS = 500;

/** A block of the document that fits into a message, as Markdown. */
interface Piece {
  readonly markdown: string;
  readonly blocks: number;
}

export function richParts(document: readonly Block[]): readonly string[] {
  const parts: string[] = [];
  let open: Piece[] = [];
  for (const piece of document.flatMap((block) => pieces(block, PART_CHARACTERS))) {
    const characters = open.reduce((sum, { markdown }) => sum + markdown.length + 2, piece.markdown.length);
    const blocks = open.reduce((sum, other) => sum + other.blocks, piece.blocks);
    if (open.length > 0 && (characters > PART_CHARACTERS || blocks > PART_BLOCKS)) {
      parts.push(joined(open));
      open = [];
    }
    open.push(piece);
  }
  return [...parts, joined(open)].filter((part) => part.trim() !== "");
}

const joined = (open: readonly Piece[]): string => open.map(({ markdown }) => markdown).join("\n\n");

/** The block itself, or the blocks it has to be cut into. */
function pieces(block: Block, room: number): Piece[] {
  return fitting(block, room).map((fit) => ({ markdown: richBlock(fit), blocks: countBlocks(fit) }));
}

function fitting(block: Block, room: number): Block[] {
  if (richBlock(block).length <= room && countBlocks(block) <= PART_BLOCKS) return [block];
  return cutBlock(block, room).flatMap((piece) => fitting(piece, room));
}

/** Smaller blocks with the same content: halves of a container, the content of one that has a single child. */
function cutBlock(block: Block, room: number): Block[] {
  switch (block.kind) {
    case "code":
    case "formula":
      return cutCode(block, room);
    case "table":
      return block.rows.length > 1
        ? halves(block.rows).map((rows) => ({ ...block, rows }))
        : [block.head, ...block.rows].flat().map(paragraph);
    case "list":
      return cutList(block);
    case "quote":
    case "note":
      return block.children.length > 1
        ? halves(block.children).map((children) => ({ ...block, children }))
        : [...block.children];
    case "details":
      return block.children.length > 1 && richInlines(block.summary).length < LONGEST_SUMMARY
        ? halves(block.children).map((children) => ({ ...block, children }))
        : [paragraph(block.summary), ...block.children];
    case "paragraph":
    case "heading":
      return cutInlines(block.children).map(paragraph);
    case "rule":
      return [];
  }
}

/** A longer one is not repeated over each half of its content. */
const LONGEST_SUMMARY = 1000;

const paragraph = (children: readonly Inline[]): Block => ({ kind: "paragraph", children, spaced: true });

const halves = <T>(items: readonly T[]): (readonly T[])[] => {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter((half) => half.length > 0);
};

function cutList(block: Block & { kind: "list" }): Block[] {
  const [only, ...more] = block.items;
  if (only && more.length === 0) return [...only.children];
  const [first = [], second = []] = halves(block.items);
  const start = block.start === undefined ? undefined : block.start + first.length;
  return [
    { ...block, items: first },
    { ...block, items: second, start },
  ];
}

/** Lines into fences of their own, so that each part opens and closes its code. */
function cutCode(block: Block & { kind: "code" | "formula" }, room: number): Block[] {
  const text = block.kind === "code" ? block.text : block.tex;
  const runs = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const budget = Math.max(room - 2 * (runs + 4) - 50, Math.floor(room / 4));
  const texts: string[] = [];
  let rest = text;
  while (rest.length > budget) {
    const newline = rest.lastIndexOf("\n", budget);
    const at = newline > 0 ? newline : wholeCodePoint(rest, budget);
    texts.push(rest.slice(0, at));
    rest = rest.slice(newline > 0 ? at + 1 : at);
  }
  const language = block.kind === "code" ? block.language : "latex";
  return [...texts, rest].map((piece) => ({ kind: "code", language, text: piece, spaced: true }));
}

const wholeCodePoint = (text: string, at: number): number => {
  const last = text.charCodeAt(at - 1);
  return last >= 0xd800 && last <= 0xdbff ? at - 1 : at;
};

/** Two halves of a paragraph: between its children, or in the middle of the only one. */
function cutInlines(children: readonly Inline[]): (readonly Inline[])[] {
  const [only, ...more] = children;
  if (!only || more.length > 0) return halves(children);
  if (only.kind === "style" || only.kind === "link") {
    return cutInlines(only.children).map((inner) => [{ ...only, children: inner }]);
  }
  const text =
    only.kind === "text" || only.kind === "code" ? only.text : only.kind === "formula" ? only.tex : "";
  const middle = Math.floor(text.length / 2);
  const gap = Math.max(text.lastIndexOf("\n", middle), text.lastIndexOf(" ", middle));
  const at = gap > middle / 2 ? gap : wholeCodePoint(text, middle);
  const kind = only.kind === "code" ? "code" : "text";
  return [[{ kind, text: text.slice(0, at) }], [{ kind, text: text.slice(at).trimStart() }]];
}

/** As facts/telegram-rich.md counts: nested blocks, list items and table rows too. */
function countBlocks(block: Block): number {
  const sum = (blocks: readonly Block[]): number =>
    blocks.reduce((total, child) => total + countBlocks(child), 0);
  if (block.kind === "list") return block.items.reduce((total, item) => total + 1 + sum(item.children), 1);
  if (block.kind === "table") {
    return block.head.length > MOST_COLUMNS
      ? block.rows.length * (block.head.length * 2 + 1)
      : block.rows.length + 2;
  }
  return block.kind === "quote" || block.kind === "details" || block.kind === "note"
    ? 1 + sum(block.children)
    : 1;
}
