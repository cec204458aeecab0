// Document → the Markdown of a rich message. Every piece of text is escaped and only known syntax is written, so that the
// model's text cannot reach the powers of Telegram's parser (facts/telegram-rich.md). Used by rich-parts.ts.

import { fenceAround } from "../../fence.ts";
import {
  type Align,
  type Block,
  type Cell,
  type Inline,
  type List,
  plainText,
  type Style,
  type Table,
} from "./document.ts";

/** Telegram's limit; a wider table is shown as row groups. */
export const MOST_COLUMNS = 20;

const SIGNS: Partial<Record<Style, string>> = { bold: "**", italic: "*", strikethrough: "~~" };
const TAGS: Record<Style, string> = {
  bold: "b",
  italic: "i",
  strikethrough: "s",
  underline: "u",
  spoiler: "tg-spoiler",
  marked: "mark",
  subscript: "sub",
  superscript: "sup",
};

/**
 * A text that Telegram's parser shows as it is. `<` and `&` become character references, not `\<`: should a parser not
 * know that escape, a tag would come to life. Addresses that are links are written by `link`; one in mere text is kept
 * from swallowing the escapes after it.
 */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(/[\\`*_~|$[]|={2,}/g, (sign) => sign.replace(/./g, "\\$&"))
    .replace(/(?<=[\p{L}\p{N}])\\_(?=[\p{L}\p{N}])/gu, "_")
    // Wherever it stands in a word: GFM begins an address after a digit or an underscore too.
    .replace(/(https?|ftp|mailto|xmpp):/gi, "$1\\:")
    .replace(/(www)\./gi, "$1\\.")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;");

/** The same at the beginning of a line, where more signs have a meaning. */
const escapeLineStart = (line: string): string =>
  line
    .trimStart()
    .replace(/^[#>+=-]/, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2");

/** `inList`: a nested list stays directly below its item's text, or the list would be spread out. */
function richBlocks(blocks: readonly Block[], inList = false): string {
  return blocks
    .map((block, index) => {
      if (index === 0) return richBlock(block);
      const tight =
        inList && block.kind === "list" && !block.spaced && blocks[index - 1]?.kind === "paragraph";
      return `${tight ? "\n" : "\n\n"}${richBlock(block)}`;
    })
    .join("");
}

export function richBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return richInlines(block.children);
    case "heading":
      return `${"#".repeat(block.level)} ${headingText(block.children)}`;
    case "code":
      return fenced(block.language, block.text);
    case "formula":
      return fenced("math", safeTex(block.tex));
    case "quote":
      return richBlocks(block.children).replace(/^/gm, "> ");
    case "list":
      return list(block);
    case "table":
      return table(block);
    case "details":
      return `<details><summary>${richInlines(block.summary).replace(/\s*\n/g, " ")}</summary>\n\n${richBlocks(block.children)}\n\n</details>`;
    case "note":
      return `[^${block.label}]: ${richBlocks(block.children).replace(/\n(?=.)/g, "\n    ")}`;
    case "rule":
      return "---";
  }
}

/** On one line; `#` at its end would be taken for the heading's own closing sign. */
const headingText = (children: readonly Inline[]): string =>
  richInlines(children)
    .replace(/\s*\n/g, " ")
    .replace(/(?<=^|\s)#+$/, "\\$&");

/** LaTeX that holds no tag and no link, should Telegram read a formula where we did and it does not. */
const safeTex = (tex: string): string =>
  tex.replaceAll("<", "\\lt{}").replaceAll(">", "\\gt{}").replaceAll("](", "] (");

function fenced(language: string, text: string): string {
  const fence = fenceAround(text, 3);
  return `${fence}${language}\n${text}${text ? "\n" : ""}${fence}`;
}

function list(block: List): string {
  return block.items
    .map((item, index) => {
      const bullet = block.start === undefined ? "-" : `${block.start + index}.`;
      const box = item.checked === undefined ? "" : item.checked ? "[x] " : "[ ] ";
      const indent = " ".repeat(bullet.length + 1);
      const body = `${box}${richBlocks(item.children, true)}`.replace(/\n(?=.)/g, `\n${indent}`);
      return `${index === 0 ? "" : item.spaced ? "\n\n" : "\n"}${bullet} ${body}`.trimEnd();
    })
    .join("");
}

const DELIMITERS: Record<NonNullable<Align>, string> = { left: ":-", right: "-:", center: ":-:" };

function table(block: Table): string {
  if (block.head.length > MOST_COLUMNS)
    return block.rows.map((row) => rowGroup(block.head, row)).join("\n\n");
  const delimiters = block.head.map((_, column) => {
    const align = block.align[column];
    return align ? DELIMITERS[align] : "-";
  });
  const rows = [block.head, ...block.rows].map((row) =>
    tableRow(block.head.map((_, at) => richCell(row[at] ?? []))),
  );
  return [rows[0], tableRow(delimiters), ...rows.slice(1)].join("\n");
}

const tableRow = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Text is escaped already; what is left are the bars of code and formulas. */
const richCell = (cell: Cell): string =>
  richInlines(
    cell.map((child) =>
      child.kind === "formula" ? { ...child, tex: child.tex.replaceAll("|", "\\vert ") } : child,
    ),
  ).replace(/(?<!\\)\|/g, "\\|");

const rowGroup = (head: readonly Cell[], row: readonly Cell[]): string =>
  row.map((cell, at) => `- ${escapeMarkdown(plainText(head[at] ?? []))}: ${richInlines(cell)}`).join("\n");

/** Inline children of one block; a line break is GFM's two spaces, since a bare newline is none in a rich message. */
export function richInlines(children: readonly Inline[], inLink = false): string {
  return children
    .reduce(
      (before, child, index) =>
        before + richInline(child, before, children.slice(index + 1, index + 3), inLink),
      "",
    )
    .trim();
}

/** Inside a style or a link: an empty line would end it. */
const within = (children: readonly Inline[], inLink: boolean): string =>
  richInlines(children, inLink).replace(/(\s*\n){2,}/g, "  \n");

/** `following`: the next two, as far as there are any. */
function richInline(child: Inline, before: string, following: readonly Inline[], inLink: boolean): string {
  const [next] = following;
  switch (child.kind) {
    case "text": {
      const started = richText(child.text, before === "");
      // A note and a colon at the beginning of a line would be the note's own text.
      const text = before.endsWith("]") ? started.replace(/^:/, "\\:") : started;
      // "!" before what begins with "[" would make an image of it.
      const apart = next?.kind === "link" || next?.kind === "note" ? text.replace(/!$/, "\\!") : text;
      // Only here: elsewhere `\[…\]` would be read as a formula, by models' habit and by source-lines.ts.
      return inLink ? apart.replaceAll("]", "\\]") : apart;
    }
    case "code":
      return code(child.text);
    case "formula":
      return formula(child.tex, before, next);
    case "note":
      return `[^${child.label}]`;
    case "link":
      return standsAlone(child, following)
        ? child.url.replace(/^mailto:/, "")
        : link(child.url, child.children);
    case "style":
      return style(child.style, within(child.children, inLink), before, next);
  }
}

const richText = (text: string, atStart: boolean): string =>
  text
    .split("\n")
    .map((line, index, lines) => {
      const escaped = escapeMarkdown(line);
      const started = index > 0 || atStart ? escapeLineStart(escaped) : escaped;
      return index < lines.length - 1 ? started.trimEnd() : started;
    })
    .join("  \n");

/** A formula beside a letter or another formula would not be read as one (formula.ts): a space keeps them apart. */
function formula(tex: string, before: string, next: Inline | undefined): string {
  const after = next?.kind === "text" ? next.text : next?.kind === "link" ? plainText(next.children) : "";
  const space = (touches: boolean): string => (touches ? " " : "");
  return `${space(/[\p{L}\p{N}$]$/u.test(before))}$${safeTex(tex).trim()}$${space(/^[\p{L}\p{N}]/u.test(after))}`;
}

/** `**` only where CommonMark surely reads it so: at the edge of a word, and not beside another sign of its kind. */
function style(name: Style, inner: string, before: string, next: Inline | undefined): string {
  const sign = SIGNS[name];
  const after = next?.kind === "text" ? next.text : next ? "x" : "";
  const clear =
    /(^|[\s(])$/.test(before) &&
    /^($|[\s.,:;!?)])/.test(after) &&
    /^[^\s*~_].*[^\s*~_\\]$|^[\p{L}\p{N}]$/su.test(inner);
  return sign && clear ? `${sign}${inner}${sign}` : `<${TAGS[name]}>${inner}</${TAGS[name]}>`;
}

function code(text: string): string {
  const fence = fenceAround(text, 1);
  const pad = /^`|`$|^ .* $/.test(text) ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** An address that is its own text, with nothing in or after it that could be taken for Markdown, stays bare. */
function standsAlone(link: Inline & { kind: "link" }, [next, afterNext]: readonly Inline[]): boolean {
  const end = afterNext ? /^[.,;:!?)]*\s/ : /^[.,;:!?)]*(\s|$)/;
  const shown = plainText(link.children);
  return (
    [shown, `mailto:${shown}`].includes(link.url) &&
    /^[\w\-.:/?#@=+,;%]+$/.test(shown) &&
    !/==|__|\W_|_(\W|$)/.test(shown) &&
    (!next || (next.kind === "text" && end.test(next.text)))
  );
}

function link(url: string, children: readonly Inline[]): string {
  const address = url.replace(
    /[\s<>()[\]\\|`*$"'~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `[${within(children, true)}](${address})`;
}
