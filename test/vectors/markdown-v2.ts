// Reads MarkdownV2, the form the recorded outputs have, as Telegram shows it: the text and what of it is bold, code, …

export interface Span {
  readonly type: string;
  readonly text: string;
  readonly extra?: string;
}

export interface Meaning {
  readonly text: string;
  readonly spans: readonly Span[];
}

const PATTERNS: readonly { readonly type: string; readonly pattern: RegExp }[] = [
  { type: "pre", pattern: /^```(?<extra>[\w+#.-]*)\n(?<code>[\s\S]*?)\n?```/ },
  { type: "code", pattern: /^`(?<code>(?:\\.|[^`\\])+)`/ },
  { type: "text_link", pattern: /^\[(?<inner>(?:\\.|[^\]\\])*)\]\((?<extra>(?:\\.|[^)\\])*)\)/ },
  { type: "expandable_blockquote", pattern: /^\*\*>(?<inner>[^\n]*(?:\n>[^\n]*)*)\|\|(?=\n|$)/ },
  { type: "blockquote", pattern: /^>(?<inner>[^\n]*(?:\n>[^\n]*)*)/ },
  { type: "spoiler", pattern: /^\|\|(?<inner>(?:\\.|[^\\])+?)\|\|/ },
  { type: "bold", pattern: /^\*(?<inner>(?:\\.|[^*\\])+)\*/ },
  { type: "italic", pattern: /^_(?<inner>(?:\\.|[^_\\])+)_/ },
  { type: "strikethrough", pattern: /^~(?<inner>(?:\\.|[^~\\])+)~/ },
];

const unescaped = (text: string): string => text.replace(/\\([^a-zA-Z0-9\s])/g, "$1");

export function readMarkdownV2(source: string): Meaning {
  const spans: Span[] = [];
  let text = "";
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const found = match(rest, at === 0 || source[at - 1] === "\n");
    if (!found) {
      const [, escaped] = /^\\([^a-zA-Z0-9\s])/.exec(rest) ?? [];
      text += escaped ?? rest[0];
      at += escaped ? 2 : 1;
      continue;
    }
    const inner = innerOf(found);
    text += inner.text;
    spans.push({
      type: found.type,
      text: inner.text,
      ...(found.extra ? { extra: unescaped(found.extra) } : {}),
    });
    spans.push(...inner.spans);
    at += found.length;
  }
  return { text, spans: spans.filter((span) => span.text.trim() !== "") };
}

interface Found {
  readonly type: string;
  readonly length: number;
  readonly extra: string | undefined;
  readonly inner: string | undefined;
  readonly code: string | undefined;
}

function match(rest: string, atLineStart: boolean): Found | undefined {
  for (const { type, pattern } of PATTERNS) {
    if (type.endsWith("blockquote") && !atLineStart) continue;
    const found = pattern.exec(rest);
    if (!found) continue;
    const { extra, inner, code } = found.groups ?? {};
    return { type, length: found[0].length, extra, inner, code };
  }
  return undefined;
}

function innerOf({ type, inner, code }: Found): Meaning {
  if (code !== undefined) return { text: code.replace(/\\([\\`])/g, "$1"), spans: [] };
  const text = type.endsWith("blockquote")
    ? (inner ?? "").replace(/^ /, "").replace(/\n> ?/g, "\n")
    : (inner ?? "");
  if (!type.endsWith("blockquote")) return readMarkdownV2(text);
  // A quote within a quote is the sign itself.
  return readMarkdownV2(text.replace(/^>/gm, "\\>"));
}
