// The patch of skill_manage (hermes-behaviour.md 4.3): replaces a piece of text that the model quotes from memory. Exactly where
// it can; else whatever its spaces, else whatever its indentation, as long as there is one place that can be meant. Pure.

import { clip } from "../clip.ts";

const PREVIEW_CHARS = 500;

/** Far beyond what may be stored (change.ts says that in its own words); to make more would only hold the process up. */
const MAX_PATCHED_CHARS = 4_000_000;

type Patched =
  | { readonly text: string; readonly count: number }
  | { readonly problem: string; readonly preview?: string };

/** What has Windows' line ends keeps them, whatever the model quotes and writes. */
export const patchText = (text: string, oldText: string, newText: string, replaceAll: boolean): Patched => {
  if (!text.includes("\r\n") || /(?<!\r)\n/.test(text)) return patchLines(text, oldText, newText, replaceAll);
  const [plain = "", wanted = "", given = ""] = [text, oldText, newText].map(withPlainEnds);
  const patched = patchLines(plain, wanted, given, replaceAll);
  return "text" in patched ? { ...patched, text: patched.text.replaceAll("\n", "\r\n") } : patched;
};

const withPlainEnds = (text: string): string => text.replaceAll("\r\n", "\n");

const patchLines = (text: string, oldText: string, newText: string, replaceAll: boolean): Patched => {
  if (oldText === "") return { problem: "old_string is required for 'patch'." };
  if (oldText === newText) return { problem: "old_string and new_string are the same." };
  for (const find of [exactly, whateverSpaces, whateverIndentation]) {
    const places = find(text, oldText);
    if (places.length === 0) continue;
    if (places.length > 1 && !replaceAll)
      return {
        problem: `old_string matches ${places.length} places. Quote more of the text around it, or set replace_all.`,
      };
    if (mostChars(text, places, newText) > MAX_PATCHED_CHARS)
      return { problem: `With new_string in ${inPlaces(places.length)} the file would be far too large.` };
    return { text: replaced(text, places, newText), count: places.length };
  }
  return {
    problem: "old_string was not found. Read the file again with skill_view and quote it as it is.",
    preview: clip(text, PREVIEW_CHARS),
  };
};

/** From, inclusive, to, exclusive; `indent`: what the new text's lines get in front. */
interface Place {
  readonly from: number;
  readonly to: number;
  readonly indent?: { readonly remove: string; readonly add: string };
}

const exactly = (text: string, wanted: string): Place[] => {
  const places: Place[] = [];
  for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length)) {
    places.push({ from, to: from + wanted.length });
  }
  return places;
};

/** After their indentation lines are compared with each run of spaces as one, and without those at their end. */
const whateverSpaces = (text: string, wanted: string): Place[] =>
  sameLines(text, wanted, (line) => line.replace(/(?<=\S)[ \t\u00a0]+/g, " ").trimEnd()).map((place) => ({
    ...place,
    indent: NO_INDENT,
  }));

/** The new text's lines as they are, without empty ones at its ends: a place is whole lines. */
const NO_INDENT = { remove: "", add: "" };

/** Lines are compared without what is before and after their text. The new text moves with the old one's indentation. */
const whateverIndentation = (text: string, wanted: string): Place[] =>
  sameLines(text, wanted, (line) => line.replace(/[ \t\u00a0]+/g, " ").trim()).map((place) => ({
    ...place,
    indent: {
      remove: indentOf(trimmedLines(wanted)[0] ?? ""),
      add: indentOf(text.slice(place.from, place.to)),
    },
  }));

const indentOf = (text: string): string => /^[ \t]*/.exec(text)?.[0] ?? "";

/** Whole lines of the text that are the wanted ones, each after `plain`. */
const sameLines = (text: string, wanted: string, plain: (line: string) => string): Place[] => {
  const lines = linesOf(text);
  const needle = trimmedLines(wanted).map(plain);
  if (needle.every((line) => line === "")) return [];
  const haystack = lines.map(({ content }) => plain(content));
  // Searched as one text: line by line it takes many seconds where they are all the same.
  const all = `\n${haystack.join("\n")}\n`;
  const piece = `\n${needle.join("\n")}\n`;
  const places: Place[] = [];
  let line = 0;
  let before = 0;
  for (let found = all.indexOf(piece); found >= 0; found = all.indexOf(piece, found + piece.length - 1)) {
    for (; before < found; line += 1) before += (haystack[line] ?? "").length + 1;
    const last = lines[line + needle.length - 1];
    places.push({ from: lines[line]?.from ?? 0, to: (last?.from ?? 0) + (last?.content.length ?? 0) });
  }
  return places;
};

const linesOf = (text: string): { readonly from: number; readonly content: string }[] => {
  let from = 0;
  return text.split("\n").map((line) => {
    const start = from;
    from += line.length + 1;
    return { from: start, content: line.replace(/\r$/, "") };
  });
};

/** An empty line before or after what is quoted is a slip of the quote. */
const trimmedLines = (text: string): readonly string[] => {
  const lines = text.split(/\r?\n/);
  const hasText = (line: string) => line.trim() !== "";
  return lines.slice(lines.findIndex(hasText), lines.findLastIndex(hasText) + 1);
};

/** What the patched text has at most: each line of the new text may get an indentation. */
const mostChars = (text: string, places: readonly Place[], newText: string): number => {
  const lines = newText.split("\n").length;
  return places.reduce(
    (sum, { indent }) => sum + newText.length + lines * (indent?.add.length ?? 0),
    text.length,
  );
};

const inPlaces = (count: number): string => `${count.toLocaleString("en-US")} place${count === 1 ? "" : "s"}`;

/** In one pass: a text copied anew for each of its places takes minutes. */
const replaced = (text: string, places: readonly Place[], newText: string): string => {
  const pieces: string[] = [];
  let done = 0;
  for (const { from, to, indent } of places) {
    pieces.push(text.slice(done, from), asLines(newText, indent));
    done = to;
  }
  return pieces.join("") + text.slice(done);
};

const asLines = (newText: string, indent: Place["indent"]): string => {
  if (indent === undefined) return newText;
  const { remove, add } = indent;
  const moved = (line: string) =>
    add + (line.startsWith(remove) ? line.slice(remove.length) : line.trimStart());
  return trimmedLines(newText)
    .map((line) => (line.trim() === "" ? "" : moved(line)))
    .join("\n");
};
