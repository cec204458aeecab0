// A rendered text → messages Telegram takes: at most 4,096 UTF-16 units each, numbered as in Hermes
// (hermes-behaviour.md 6.5). Used by compose.ts.

import type { PartEntity } from "../../ports.ts";
import { clip, type Rendered } from "./entities.ts";

/** Bot API, sendMessage: text after entity parsing; counted in UTF-16 units as entity offsets are. */
export const MESSAGE_UNITS = 4096;

/** Room for " (12/34)". */
const MARKER_UNITS = 10;

export function splitRendered(rendered: Rendered, maxUnits = MESSAGE_UNITS): readonly Rendered[] {
  if (rendered.text.length <= maxUnits) return isVisible(rendered.text) ? [rendered] : [];
  const pieces = cut(rendered, maxUnits - MARKER_UNITS).filter(({ text }) => isVisible(text));
  if (pieces.length === 1) return pieces;
  return pieces.map((piece, index) => ({ ...piece, text: `${piece.text} (${index + 1}/${pieces.length})` }));
}

/** Telegram refuses a text of which nothing can be seen. */
export const isVisible = (text: string): boolean => /[^\s\p{C}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);

function cut(rendered: Rendered, limit: number): Rendered[] {
  const { text } = rendered;
  const pieces: Rendered[] = [];
  let start = 0;
  while (text.length - start > limit) {
    const end = cutPoint(rendered, start, limit);
    const trimmed = text.slice(start, end).trimEnd().length;
    pieces.push(clip(rendered, start, start + trimmed));
    // The white space at the cut is what separated the two; the indentation of code after it stays.
    const separator = /^(\s*\n|[ \t]+(?=\S))?/.exec(text.slice(end, end + limit))?.[0].length ?? 0;
    start = end + separator;
  }
  pieces.push(clip(rendered, start, Math.max(start, text.trimEnd().length)));
  return pieces;
}

/** Last newline past the half, else last space, else between two characters; not inside inline code if it can be helped. */
function cutPoint(rendered: Rendered, start: number, limit: number): number {
  const window = rendered.text.slice(start, start + limit + 1);
  const newline = window.lastIndexOf("\n");
  const space = window.lastIndexOf(" ");
  const at =
    newline >= limit / 2 ? newline : space > 0 ? space : characterBoundary(rendered.text, start, limit);
  const code = rendered.entities.find((entity) => isInside(entity, start + at));
  const beforeCode = code ? code.offset - start : 0;
  return start + (beforeCode > 0 ? beforeCode : at);
}

const isInside = (entity: PartEntity, at: number): boolean =>
  entity.type === "code" && entity.offset < at && at < entity.offset + entity.length;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The last boundary of a visible character within the limit; for one longer than that, of a code point. */
function characterBoundary(text: string, start: number, limit: number): number {
  const window = text.slice(start, start + limit + 64);
  const boundary = graphemes.segment(window).containing(limit)?.index ?? 0;
  if (boundary > 0) return boundary;
  const last = window.charCodeAt(limit - 1);
  return last >= 0xd800 && last <= 0xdbff && limit > 1 ? limit - 1 : limit;
}
