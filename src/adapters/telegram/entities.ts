// Document → the text a reader sees and its MessageEntities: the form that every client and server knows. Used by compose.ts.

import type { PartEntity } from "../../ports.ts";
import {
  type Block,
  type Cell,
  type Inline,
  type List,
  plainText,
  type Style,
  type Table,
} from "./document.ts";

export interface Rendered {
  readonly text: string;
  readonly entities: readonly PartEntity[];
}

type Span = Omit<PartEntity, "offset" | "length">;

/** `marked`, `subscript` and `superscript` have no entity: their text stands for itself. */
const STYLE_ENTITIES: Partial<Record<Style, string>> = {
  bold: "bold",
  italic: "italic",
  underline: "underline",
  strikethrough: "strikethrough",
  spoiler: "spoiler",
};

/** Pieces of a text with ranges on them; joining moves the ranges along. */
const plain = (text: string): Rendered => ({ text, entities: [] });

function join(pieces: readonly Rendered[]): Rendered {
  const entities: PartEntity[] = [];
  const texts: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    for (const entity of piece.entities) entities.push({ ...entity, offset: entity.offset + length });
    texts.push(piece.text);
    length += piece.text.length;
  }
  return { text: texts.join(""), entities };
}

/** An entity over a whole piece. Telegram wants no white space at its edges. */
function mark(span: Span, piece: Rendered): Rendered {
  const offset = piece.text.length - piece.text.trimStart().length;
  const length = piece.text.trim().length;
  return length === 0 ? piece : { ...piece, entities: [{ ...span, offset, length }, ...piece.entities] };
}

export function renderEntities(blocks: readonly Block[]): Rendered {
  const { text, entities } = stack(blocks, false);
  const lead = text.length - text.replace(/^\n+/, "").length;
  const end = text.trimEnd().length;
  const kept = clip({ text, entities }, lead, Math.max(lead, end));
  return { text: kept.text, entities: withoutOverlaps(kept.entities) };
}

/** The part from `start` to `end`, with the entities that reach into it. */
export function clip(rendered: Rendered, start: number, end: number): Rendered {
  const entities = rendered.entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    return to > from ? [{ ...entity, offset: from - start, length: to - from }] : [];
  });
  return { text: rendered.text.slice(start, end), entities };
}

const CODE_TYPES: ReadonlySet<string> = new Set(["code", "pre"]);
const CUT_BY_CODE: ReadonlySet<string> = new Set(Object.values(STYLE_ENTITIES));

/**
 * Code neither contains other entities nor lies in them (Bot API, "Formatting options"), quotes excepted:
 * a style that runs over code is cut into what stands before and after it.
 */
function withoutOverlaps(entities: readonly PartEntity[]): PartEntity[] {
  const codes = entities.filter(({ type }) => CODE_TYPES.has(type));
  return entities.flatMap((entity) => {
    if (!CUT_BY_CODE.has(entity.type)) return [entity];
    return codes.reduce<PartEntity[]>(
      (pieces, code) => pieces.flatMap((piece) => cutOut(piece, code)),
      [entity],
    );
  });
}

function cutOut(entity: PartEntity, hole: PartEntity): PartEntity[] {
  const end = entity.offset + entity.length;
  const holeEnd = hole.offset + hole.length;
  if (holeEnd <= entity.offset || hole.offset >= end) return [entity];
  return [
    { ...entity, length: Math.max(0, hole.offset - entity.offset) },
    { ...entity, offset: holeEnd, length: Math.max(0, end - holeEnd) },
  ].filter(({ length }) => length > 0);
}

/** Blocks below each other, as far apart as the author had them. */
const stack = (blocks: readonly Block[], inQuote: boolean): Rendered =>
  join(
    blocks.flatMap((block, index) => [
      ...(index > 0 ? [plain(block.spaced ? "\n\n" : "\n")] : []),
      renderBlock(block, inQuote),
    ]),
  );

function renderBlock(block: Block, inQuote: boolean): Rendered {
  switch (block.kind) {
    case "paragraph":
      return line(block.children);
    case "heading":
      return mark({ type: "bold" }, line(block.children, new Set(["bold"])));
    case "code":
      return mark(pre(block.language), plain(block.text));
    case "formula":
      return mark(pre("latex"), plain(readableTex(block.tex)));
    case "quote":
      return quote(block, inQuote);
    case "list":
      return list(block, inQuote);
    case "table":
      return table(block);
    case "details":
      return join([
        mark({ type: "bold" }, line(block.summary, new Set(["bold"]))),
        plain("\n"),
        stack(block.children, inQuote),
      ]);
    case "note":
      return join([plain(`[${block.label}] `), stack(block.children, inQuote)]);
    case "rule":
      return plain(block.source);
  }
}

/** As people write it; rich.ts has its reasons to write these two as commands. */
const readableTex = (tex: string): string => tex.replaceAll("\\lt{}", "<").replaceAll("\\gt{}", ">");

const pre = (language: string): Span => ({ type: "pre", ...(language ? { language } : {}) });

/** Quotes cannot be nested as entities: an inner one shows its sign, as in Hermes. */
function quote(block: Block & { kind: "quote" }, inQuote: boolean): Rendered {
  const inner = stack(block.children, true);
  if (inQuote) return prefixLines(inner, "> ", "> ");
  return mark({ type: block.expandable ? "expandable_blockquote" : "blockquote" }, inner);
}

function list(block: List, inQuote: boolean): Rendered {
  return join(
    block.items.flatMap((item, index) => {
      const gap = index === 0 ? [] : [plain(item.spaced ? "\n\n" : "\n")];
      const bullet = block.start === undefined ? "• " : `${block.start + index}. `;
      const box = item.checked === undefined ? bullet : item.checked ? "☑ " : "☐ ";
      return [...gap, prefixLines(stack(item.children, inQuote), box, "  ")];
    }),
  );
}

/** Puts `first` before the first line and `rest` before each other one that is not empty. */
function prefixLines(piece: Rendered, first: string, rest: string): Rendered {
  const starts = [...piece.text.matchAll(/\n(?!\n|$)/g)].map(({ index }) => index + 1);
  const moved = (offset: number): number =>
    offset + first.length + rest.length * starts.filter((start) => start <= offset).length;
  const entities = piece.entities.map((entity) => {
    const offset = moved(entity.offset);
    return { ...entity, offset, length: moved(entity.offset + entity.length - 1) + 1 - offset };
  });
  return { text: first + piece.text.replace(/\n(?!\n|$)/g, `\n${rest}`), entities };
}

/** A row becomes a group: its first cell as a title, the others as bullets under their headers (Hermes, 6.5). */
function table(block: Table): Rendered {
  if (block.rows.length === 0) return plain(block.head.map(plainText).join(" | "));
  return join(
    block.rows.flatMap((row, index) => [...(index > 0 ? [plain("\n\n")] : []), rowGroup(block.head, row)]),
  );
}

function rowGroup(head: readonly Cell[], row: readonly Cell[]): Rendered {
  const [title = [], ...cells] = row;
  const bullets = cells.flatMap((cell, index) => {
    if (cell.length === 0) return [];
    const header = plainText(head[index + 1] ?? []);
    return [join([plain(header ? `• ${header}: ` : "• "), line(cell)])];
  });
  const heading = title.length > 0 ? [mark({ type: "bold" }, line(title, new Set(["bold"])))] : [];
  return join(
    [...heading, ...bullets].flatMap((piece, index) => (index > 0 ? [plain("\n"), piece] : [piece])),
  );
}

/** `active`: what already holds here; a style in itself or a link in a link would be refused or do nothing. */
const line = (children: readonly Inline[], active: ReadonlySet<string> = new Set()): Rendered =>
  join(children.map((child) => renderInline(child, active)));

function renderInline(child: Inline, active: ReadonlySet<string>): Rendered {
  switch (child.kind) {
    case "text":
      return plain(child.text);
    case "code":
      return active.has("text_link") ? plain(child.text) : mark({ type: "code" }, plain(child.text));
    case "formula":
      return active.has("text_link")
        ? plain(readableTex(child.tex))
        : mark({ type: "code" }, plain(readableTex(child.tex)));
    case "note":
      return plain(`[${child.label}]`);
    case "link":
      return link(child.url, child.children, active);
    case "style": {
      const type = STYLE_ENTITIES[child.style];
      if (!type || active.has(type)) return line(child.children, active);
      return mark({ type }, line(child.children, new Set([...active, type])));
    }
  }
}

/** An address that stands for itself is left to Telegram, which finds and shows it as a link. */
function link(url: string, children: readonly Inline[], active: ReadonlySet<string>): Rendered {
  const inner = line(children, new Set([...active, "text_link"]));
  const bare = [inner.text, `mailto:${inner.text}`, `http://${inner.text}`].includes(url);
  return bare ? inner : mark({ type: "text_link", url }, inner);
}
