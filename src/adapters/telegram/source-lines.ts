// What Markdown's grammar does not know, rewritten line by line before parsing, outside code: `$$…$$` and `\[…\]` become
// ```math fences, the tags of <details> get blank lines around them, so that their content is read as Markdown, and a
// quote ends with its last `>`, as in Telegram and Hermes (CommonMark would draw the next line into it).

/** Behind the signs of any container: quotes, lists, footnotes. */
const FENCE = /^\s*(?:>\s*|(?:[*+-]|\d+[.)]|\[\^[^\]\s]+\]:)\s+)*(`{3,}|~{3,})(.*)$/;
const DETAILS_TAG = /<details(?: open)?>|<\/details>|<summary>.*?<\/summary>/gi;
const DETAILS_LINE = /^ {0,3}<\/?(details|summary)\b/i;
const DISPLAY_FORMULA = [
  { open: "$$", close: "$$" },
  { open: "\\[", close: "\\]" },
] as const;

/** A display formula that starts on this line, and the number of lines it takes; undefined when there is none. */
function displayFormula(
  lines: readonly string[],
  at: number,
): { readonly tex: string; readonly indent: string; readonly taken: number } | undefined {
  const line = lines[at] ?? "";
  const trimmed = line.trim();
  const signs = DISPLAY_FORMULA.find(({ open }) => trimmed.startsWith(open));
  if (!signs) return undefined;
  const content: string[] = [];
  for (let taken = 1; taken <= LONGEST_DISPLAY && at + taken <= lines.length; taken += 1) {
    const part = taken === 1 ? trimmed.slice(signs.open.length) : (lines[at + taken - 1] ?? "").trim();
    if (part.includes("```")) return undefined;
    if (part.endsWith(signs.close)) {
      content.push(part.slice(0, -signs.close.length));
      const tex = content.join("\n").trim();
      return tex && !tex.includes("$$")
        ? { tex, indent: line.slice(0, line.search(/\S/)), taken }
        : undefined;
    }
    content.push(part);
  }
  return undefined;
}

/** Lines looked at for the end of a display formula; bounds the work on a text full of `$$`. */
const LONGEST_DISPLAY = 60;

/** The fence that is open after this line, or "" outside code. */
function fenceAfter(line: string, fence: string): string {
  if (fence) return /^[\s>]*(`{3,}|~{3,})\s*$/.exec(line)?.[1]?.startsWith(fence) ? "" : fence;
  const [, opening = "", info = ""] = FENCE.exec(line) ?? [];
  return opening.startsWith("`") && info.includes("`") ? "" : opening;
}

export function rewriteLines(markdown: string): string {
  if (markdown.length < CROWDED_SIGNS && !NEEDS_REWRITING.test(markdown)) return markdown;
  const { lines, isCode } = withoutCrowds(markdown.split("\n"));
  const out: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const formula = isCode[at] ? undefined : displayFormula(lines, at);
    if (formula) {
      out.push(...["```math", ...formula.tex.split("\n"), "```"].map((piece) => formula.indent + piece));
      at += formula.taken - 1;
    } else out.push(isCode[at] ? line : spaceDetails(line));
    if (!isCode[at] && endsQuote(line, lines[at + 1])) out.push("");
  }
  return out.join("\n");
}

const NEEDS_REWRITING = /\$\$|\\\[|<\/?(details|summary)\b|^ {0,3}(\*\*)?>/im;

/** The time to pair emphasis grows with the square of its signs in one paragraph: 5,000 take 0.3 s, 20,000 take 25 s. */
const CROWDED_SIGNS = 3_000;

/** A paragraph with that many signs (a model in a loop) shows them as they are. */
function withoutCrowds(lines: readonly string[]): { lines: readonly string[]; isCode: readonly boolean[] } {
  let fence = "";
  const isCode = lines.map((line) => {
    const before = fence;
    fence = fenceAfter(line, fence);
    return before !== "" || fence !== "";
  });
  const signs = lines.map((line, at) => (isCode[at] ? 0 : (line.match(/[*_~]+/g)?.length ?? 0)));
  let start = 0;
  const tamed = [...lines];
  for (let end = 0; end <= lines.length; end += 1) {
    if (end < lines.length && !isCode[end] && lines[end]?.trim()) continue;
    const isCrowded = signs.slice(start, end).reduce((sum, count) => sum + count, 0) > CROWDED_SIGNS;
    for (let at = start; isCrowded && at < end; at += 1) {
      tamed[at] = (lines[at] ?? "").replace(/\\?([*_~])/g, "\\$1");
    }
    start = end + 1;
  }
  return { lines: tamed, isCode };
}

const spaceDetails = (line: string): string =>
  DETAILS_LINE.test(line) ? line.replace(DETAILS_TAG, (tag) => `\n\n${tag}\n\n`) : line;

const QUOTE_LINE = /^ {0,3}(\*\*)?>/;

const endsQuote = (line: string, next: string | undefined): boolean =>
  QUOTE_LINE.test(line) && next !== undefined && next.trim() !== "" && !QUOTE_LINE.test(next);
