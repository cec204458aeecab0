// Styles that mdast leaves as text or raw tags: `||spoiler||`, `==marked==`, and the few harmless HTML tags.
// Everything else that looks like a tag stays text. Called by markdown.ts on the children of one inline parent.

import type { Inline, Style } from "./document.ts";

/** The harmless tags of facts/telegram-rich.md. `<tg-button>`, `<img>`, `<a>` and the rest are text. */
const TAG_STYLES: Readonly<Record<string, Style | "code">> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  sub: "subscript",
  sup: "superscript",
  mark: "marked",
  "tg-spoiler": "spoiler",
  code: "code",
  kbd: "code",
};

const MARKER_STYLES: Readonly<Record<string, Style>> = { "||": "spoiler", "==": "marked" };

/** A mark that may begin or end a style, until it has found its partner. */
interface Mark {
  readonly kind: "mark";
  readonly source: string;
  readonly style: Style | "code";
  readonly opens: boolean;
  readonly closes: boolean;
}

/** A raw HTML tag as a mark, a line break, or text when it is none of ours. */
export function readTag(html: string): Inline | Mark {
  if (/^<br\s*\/?>$/i.test(html)) return { kind: "text", text: "\n" };
  const [, slash, name] = /^<(\/?)([a-z-]+)>$/i.exec(html) ?? [];
  const known = name?.toLowerCase() ?? "";
  const style = Object.hasOwn(TAG_STYLES, known) ? TAG_STYLES[known] : undefined;
  if (!style) return { kind: "text", text: html };
  return { kind: "mark", source: html, style, opens: !slash, closes: Boolean(slash) };
}

/** Cuts a text at `||` and `==`. As with `*` in CommonMark, no space inside: "a || b" is no spoiler. */
export function readMarkers(text: string): (Inline | Mark)[] {
  return text
    .split(/(?<![|=])(\|\||==)(?![|=])/)
    .map((piece, index, pieces): Inline | Mark => {
      const style = index % 2 === 1 ? MARKER_STYLES[piece] : undefined;
      if (!style) return { kind: "text", text: piece };
      const before = pieces[index - 1] ?? "";
      const after = pieces[index + 1] ?? "";
      const inWord = style === "marked" && /\w$/.test(before) && /^\w/.test(after);
      return {
        kind: "mark",
        source: piece,
        style,
        opens: !inWord && !/^\s/.test(after),
        closes: !inWord && !/\s$/.test(before),
      };
    })
    .filter((piece) => piece.kind !== "text" || piece.text !== "");
}

interface OpenStyle {
  readonly mark: Mark | undefined;
  readonly children: Inline[];
}

/** Puts what stands between two partners into a style; marks without a partner become text. */
export function pairMarks(pieces: readonly (Inline | Mark)[]): Inline[] {
  const stack: OpenStyle[] = [{ mark: undefined, children: [] }];
  for (const piece of pieces) {
    const top = stack.at(-1);
    if (piece.kind !== "mark") top?.children.push(piece);
    else if (piece.closes && hasPartner(stack, piece)) closeUpTo(stack, piece);
    else if (piece.opens) stack.push({ mark: piece, children: [] });
    else top?.children.push({ kind: "text", text: piece.source });
  }
  while (stack.length > 1) spill(stack);
  return mergeTexts(stack[0]?.children ?? []);
}

const arePartners = (opening: Mark | undefined, closing: Mark): boolean =>
  opening !== undefined &&
  opening.style === closing.style &&
  opening.source.startsWith("<") === closing.source.startsWith("<");

const hasPartner = (stack: readonly OpenStyle[], closing: Mark): boolean =>
  stack.some(({ mark }) => arePartners(mark, closing));

function closeUpTo(stack: OpenStyle[], closing: Mark): void {
  while (!arePartners(stack.at(-1)?.mark, closing)) spill(stack);
  const closed = stack.pop();
  if (closed) stack.at(-1)?.children.push(...styled(closing.style, mergeTexts(closed.children)));
}

/** An opened style that nothing closes: its mark and its children belong to what is around it. */
function spill(stack: OpenStyle[]): void {
  const open = stack.pop();
  if (!open?.mark) return;
  stack.at(-1)?.children.push({ kind: "text", text: open.mark.source }, ...open.children);
}

/** A style around children, with the spaces at its edges outside, where both renderings want them. */
export function styled(style: Style | "code", children: readonly Inline[]): Inline[] {
  if (style === "code") {
    const text = children.map((child) => ("text" in child ? child.text : "")).join("");
    return text && children.every((child) => child.kind === "text")
      ? [{ kind: "code", text }]
      : [...children];
  }
  const inner = [...children];
  const before = takeEdge(inner, 0, /^\s+/);
  const after = takeEdge(inner, inner.length - 1, /\s+$/);
  const middle: Inline[] = inner.length > 0 ? [{ kind: "style", style, children: inner }] : [];
  return [...before, ...middle, ...after];
}

function takeEdge(children: Inline[], index: number, edge: RegExp): Inline[] {
  const child = children[index];
  const space = child?.kind === "text" ? edge.exec(child.text)?.[0] : undefined;
  if (child?.kind !== "text" || !space) return [];
  const rest = child.text.replace(edge, "");
  children.splice(index, 1, ...(rest ? [{ kind: "text", text: rest } as const] : []));
  return [{ kind: "text", text: space }];
}

export function mergeTexts(children: readonly Inline[]): Inline[] {
  const merged: Inline[] = [];
  for (const child of children) {
    const last = merged.at(-1);
    if (child.kind === "text" && last?.kind === "text") {
      merged[merged.length - 1] = { kind: "text", text: last.text + child.text };
    } else if (child.kind !== "text" || child.text) merged.push(child);
  }
  return merged;
}
