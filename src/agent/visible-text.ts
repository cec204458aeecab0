// What of a model's text a person may see: thinking and leaked memory blocks are not (hermes-behaviour.md 1.6, 5.3).

const HIDDEN_TAGS = "think|thinking|thought|reasoning|memory-context";
// Only where a line begins: a sentence about `<think>` is a sentence.
const HIDDEN_BLOCK = new RegExp(`(^|\\n)[ \\t]*<(${HIDDEN_TAGS})>[\\s\\S]*?(?:</\\2>\\s*|$)`, "gi");
const OPENING = new RegExp(`(^|\\n)[ \\t]*<(${HIDDEN_TAGS})>`, "i");
const MAYBE_OPENING = /(?:^|\n)[ \t]*(?:<[a-z-]{0,15})?$/i;

export const stripHidden = (text: string): string => text.replace(HIDDEN_BLOCK, "$1");

/** `emit` for the pieces of a stream, without what `stripHidden` would take out of the whole. */
export const hidingStream = (emit: (piece: string) => void): ((piece: string) => void) => {
  let held = "";
  let closing: string | undefined;
  let lineStart = true;
  const show = (piece: string) => {
    if (piece === "") return;
    lineStart = piece.endsWith("\n");
    emit(piece);
  };
  const skipHidden = (close: string): boolean => {
    const end = held.toLowerCase().indexOf(close);
    if (end === -1) {
      held = held.slice(-close.length);
      return false;
    }
    held = held.slice(end + close.length).trimStart();
    closing = undefined;
    return true;
  };
  const showUpToTag = (): boolean => {
    const found = firstAtLineStart(held, OPENING, lineStart);
    if (found) {
      show(held.slice(0, found.index) + (found[1] ?? ""));
      held = held.slice(found.index + found[0].length);
      closing = `</${found[2]?.toLowerCase()}>`;
      return true;
    }
    const pending = firstAtLineStart(held, MAYBE_OPENING, lineStart);
    show(held.slice(0, pending?.index));
    held = pending ? held.slice(pending.index) : "";
    return false;
  };
  return (piece) => {
    held += piece;
    while (closing === undefined ? showUpToTag() : skipHidden(closing)) {}
  };
};

// A match at index 0 without a newline counts only if the text before it ended a line.
const firstAtLineStart = (text: string, pattern: RegExp, lineStart: boolean): RegExpExecArray | undefined => {
  const found = pattern.exec(lineStart ? text : `\u0000${text}`);
  if (!found) return undefined;
  if (!lineStart) found.index -= 1;
  return found;
};
