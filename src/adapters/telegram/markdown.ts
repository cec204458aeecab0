// Markdown → document: CommonMark and GFM by micromark, then what only Telegram's dialect and Hermes know. Used by compose.ts.

import type * as mdast from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import {
  type Block,
  type Cell,
  type Inline,
  type ListItem,
  plainText,
  type Style,
  safeUrl,
} from "./document.ts";
import { formulaSyntax, formulaToMdast } from "./formula.ts";
import { rewriteLines } from "./source-lines.ts";
import { mergeTexts, pairMarks, readMarkers, readTag, styled } from "./styles.ts";

/** Telegram nests at most 16 levels (facts/telegram-rich.md): what lies deeper is shown as it was written. */
const DEEPEST_BLOCK = 12;
const DEEPEST_INLINE = 3;

/** What the conversion of one text needs to look up. */
interface Source {
  readonly text: string;
  readonly definitions: ReadonlyMap<string, string>;
  /** Lines on which a `**>` quote begins. */
  readonly expandable: ReadonlySet<number>;
}

export function parseMarkdown(markdown: string): readonly Block[] {
  const text = rewriteLines(markdown.replace(/\r\n?/g, "\n"));
  const tree = parseTree(text);
  const quotes = expandableQuotes(text, tree);
  if (quotes.length === 0) return toDocument(text, tree, new Set());
  const rewritten = quotes.reduceRight((rest, at) => rest.slice(0, at) + rest.slice(at + 2), text);
  const lines = quotes.map((at) => text.slice(0, at).split("\n").length);
  return toDocument(rewritten, parseTree(rewritten), new Set(lines));
}

const parseTree = (text: string): mdast.Root =>
  fromMarkdown(text, {
    extensions: [gfm(), formulaSyntax],
    mdastExtensions: [gfmFromMarkdown(), formulaToMdast],
  });

/** Offsets of `**>` at the beginning of a paragraph's line: MarkdownV2's expandable quote (hermes-behaviour.md 6.5). */
const expandableQuotes = (text: string, tree: mdast.Root): number[] =>
  tree.children.flatMap((node) => {
    if (node.type !== "paragraph") return [];
    const start = node.position?.start.offset ?? 0;
    const source = text.slice(start, node.position?.end.offset);
    return [...source.matchAll(/^\*\*>/gm)].map((match) => start + match.index);
  });

function toDocument(text: string, tree: mdast.Root, expandable: ReadonlySet<number>): readonly Block[] {
  const definitions = new Map<string, string>();
  for (const node of tree.children) {
    if (node.type === "definition" && !definitions.has(node.identifier)) {
      definitions.set(node.identifier, node.url);
    }
  }
  return blocks(tree.children, { text, definitions, expandable }, 1);
}

const sourceOf = (node: mdast.Nodes, source: Source): string =>
  source.text.slice(node.position?.start.offset, node.position?.end.offset);

/** The blocks of one parent; a run from `<details>` to its end tag becomes one block. */
function blocks(nodes: readonly mdast.RootContent[], source: Source, level: number): Block[] {
  const out: Block[] = [];
  for (let at = 0; at < nodes.length; at += 1) {
    const node = nodes[at];
    if (!node) continue;
    const previous = nodes[at - 1];
    const spaced = previous !== undefined && startLine(node) - endLine(previous) > 1;
    const end = isTag(node, /^<details( open)?>$/i) ? endOfDetails(nodes, at) : -1;
    if (end > at && level < DEEPEST_BLOCK) {
      out.push({ ...details(nodes.slice(at + 1, end), source, level), spaced });
      at = end;
      continue;
    }
    const converted = level > DEEPEST_BLOCK ? asWritten(node, source) : block(node, source, level);
    if (converted) out.push({ ...converted, spaced });
  }
  return out;
}

const startLine = (node: mdast.Nodes): number => node.position?.start.line ?? 0;
const endLine = (node: mdast.Nodes): number => node.position?.end.line ?? 0;

const isTag = (node: mdast.RootContent | undefined, tag: RegExp): boolean =>
  node?.type === "html" && tag.test(node.value.trim());

function endOfDetails(nodes: readonly mdast.RootContent[], from: number): number {
  let open = 0;
  return nodes.findIndex((node, at) => {
    if (at < from) return false;
    if (isTag(node, /^<details( open)?>$/i)) open += 1;
    if (isTag(node, /^<\/details>$/i)) open -= 1;
    return open === 0;
  });
}

function details(inner: readonly mdast.RootContent[], source: Source, level: number): UnspacedBlock {
  const [first] = inner;
  const summary =
    first?.type === "html" ? /^<summary>(.*)<\/summary>$/i.exec(first.value.trim())?.[1] : undefined;
  const [title] = parseMarkdown(summary ?? "");
  return {
    kind: "details",
    summary:
      title && "children" in title && title.kind === "paragraph" ? title.children : [text(summary ?? "…")],
    children: blocks(summary === undefined ? inner : inner.slice(1), source, level + 1),
  };
}

type UnspacedBlock = Block extends infer B ? (B extends Block ? Omit<B, "spaced"> : never) : never;

const text = (value: string): Inline => ({ kind: "text", text: value });

const asWritten = (node: mdast.Nodes, source: Source): UnspacedBlock => ({
  kind: "paragraph",
  children: [text(sourceOf(node, source))],
});

function block(node: mdast.RootContent, source: Source, level: number): UnspacedBlock | undefined {
  switch (node.type) {
    case "paragraph":
      return { kind: "paragraph", children: inlines(node.children, source, 1) };
    case "heading":
      return { kind: "heading", level: node.depth, children: inlines(node.children, source, 1) };
    case "code":
      return node.lang === "math"
        ? { kind: "formula", tex: node.value }
        : { kind: "code", language: language(node.lang), text: node.value };
    case "blockquote":
      return quote(node, source, level);
    case "list":
      return {
        kind: "list",
        start: node.ordered ? (node.start ?? 1) : undefined,
        items: listItems(node, source, level),
      };
    case "table":
      return table(node, source);
    case "thematicBreak":
      return { kind: "rule", source: sourceOf(node, source).trim() };
    case "html":
      return { kind: "paragraph", children: [text(node.value)] };
    case "footnoteDefinition":
      return { kind: "note", label: label(node), children: blocks(node.children, source, level + 1) };
    default:
      // A definition shows nothing of itself: its links have been resolved.
      return undefined;
  }
}

/** Only what a highlighter's name consists of: the rest of an info string is not shown anywhere. */
const language = (lang: string | null | undefined): string => /^[\w+#.-]{1,40}/.exec(lang ?? "")?.[0] ?? "";

const label = (node: mdast.Association): string =>
  (node.label ?? node.identifier).replace(/[^\p{L}\p{N}-]/gu, "").slice(0, 40);

function quote(node: mdast.Blockquote, source: Source, level: number): UnspacedBlock {
  const children = blocks(node.children, source, level + 1);
  const last = children.at(-1);
  const end = last?.kind === "paragraph" ? last.children.at(-1) : undefined;
  const marked = source.expandable.has(startLine(node)) && end?.kind === "text" && end.text.endsWith("||");
  if (!marked || last?.kind !== "paragraph") return { kind: "quote", expandable: false, children };
  const trimmed = [...last.children.slice(0, -1), text(end.text.slice(0, -2))];
  return {
    kind: "quote",
    expandable: true,
    children: [...children.slice(0, -1), { ...last, children: trimmed }],
  };
}

const listItems = (list: mdast.List, source: Source, level: number): ListItem[] =>
  list.children.map((item, index) => {
    const previous = list.children[index - 1];
    return {
      checked: item.checked ?? undefined,
      spaced: previous !== undefined && startLine(item) - endLine(previous) > 1,
      children: blocks(item.children, source, level + 2),
    };
  });

function table(node: mdast.Table, source: Source): UnspacedBlock {
  const [head = [], ...rows] = node.children.map((row): Cell[] =>
    row.children.map((cell) => oneLine(inlines(cell.children, source, 1))),
  );
  // GFM drops cells beyond the header; here they get a column without a name.
  const columns = Math.max(head.length, ...rows.map((row) => row.length));
  // One column is no table: Hermes leaves it alone.
  if (columns < 2) return asWritten(node, source);
  return {
    kind: "table",
    align: (node.align ?? []).map((align) => align ?? undefined),
    head: [...head, ...Array.from({ length: columns - head.length }, (): Cell => [])],
    rows,
  };
}

const oneLine = (children: readonly Inline[]): Inline[] =>
  children.map((child) => (child.kind === "text" ? text(child.text.replace(/\n+/g, " ")) : child));

function inlines(nodes: readonly mdast.PhrasingContent[], source: Source, level: number): Inline[] {
  if (level > DEEPEST_INLINE) return mergeTexts(nodes.map((node) => text(sourceOf(node, source))));
  return pairMarks(
    nodes.flatMap((node) => {
      // An escaped sign is no marker; mdast keeps the escape in the source alone.
      if (node.type === "text") {
        return /\\[|=]/.test(sourceOf(node, source)) ? [text(node.value)] : readMarkers(node.value);
      }
      if (node.type === "html") return [readTag(node.value)];
      return inline(node, source, level);
    }),
  );
}

function inline(node: mdast.PhrasingContent, source: Source, level: number): Inline[] {
  switch (node.type) {
    case "strong":
      return styled("bold", inlines(node.children, source, level + 1));
    case "emphasis":
      return emphasis(node, source, level);
    case "delete":
      return styled("strikethrough", inlines(node.children, source, level + 1));
    case "inlineCode":
      return [{ kind: "code", text: node.value.replace(/\n/g, " ") }];
    case "formula":
      return [{ kind: "formula", tex: node.value }];
    case "break":
      return [text("\n")];
    case "link":
      return link(node.url, inlines(node.children, source, level + 1));
    case "linkReference":
      return link(source.definitions.get(node.identifier) ?? "", inlines(node.children, source, level + 1));
    case "image":
      return image(node.url, node.alt);
    case "imageReference":
      return image(source.definitions.get(node.identifier) ?? "", node.alt);
    case "footnoteReference":
      return [{ kind: "note", label: label(node) }];
    default:
      return [text(sourceOf(node, source))];
  }
}

/** Italics of more than one line are a stray `*`, not emphasis (Hermes; hermes-behaviour.md 6.5). */
function emphasis(node: mdast.Emphasis, source: Source, level: number): Inline[] {
  const children = inlines(node.children, source, level + 1);
  if (!plainText(children).includes("\n")) return styled("italic" satisfies Style, children);
  const sign = sourceOf(node, source).slice(0, 1);
  return [text(sign), ...children, text(sign)];
}

/** An address we do not link to is still shown, unless it is of Telegram's own scheme. */
function link(url: string, children: readonly Inline[]): Inline[] {
  const safe = safeUrl(url);
  const shown = plainText(children);
  if (safe) return [{ kind: "link", url: safe, children: shown.trim() ? children : [text(safe)] }];
  const hidden = url === "" || url === shown || /^tg:/i.test(url);
  return hidden ? [...children] : [...children, text(` (${url})`)];
}

/** An image is a link: Telegram's servers would fetch the address at once (facts/telegram-rich.md). */
const image = (url: string, alt: string | null | undefined): Inline[] =>
  link(url, [text(alt?.trim() || (safeUrl(url) ?? "🖼"))]);
