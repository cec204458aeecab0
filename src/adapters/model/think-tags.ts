// Takes `<think>…</think>` blocks out of text while it streams. Some models write their thoughts into the answer;
// hermes-behaviour.md 1.6 keeps them from the person. Called by stream.ts.

const OPEN = /(^|\n)[ \t]*<(think|thinking|thought|reasoning)>/gi;
/** Text that may yet become an opening tag, with the line break before it. */
const MAYBE_OPEN = /(^|\n)[ \t]*(<[a-z]{0,9})?$/i;
const CODE_FENCE = /^[ \t]*```/gm;
/** Longer than any closing tag: what must be kept to recognise one that arrives in two pieces. */
const CLOSE_LENGTH = 16;

export interface ThinkTagFilter {
  /** The visible part of what has arrived; the rest is held back until it is clear what it is. */
  push(piece: string): string;
  end(): string;
}

/** A tag counts at the beginning of a line and outside a code block: elsewhere somebody is writing about tags. */
export const createThinkTagFilter = (): ThinkTagFilter => {
  let visible = "";
  let held = "";
  let closing: RegExp | undefined;

  /** Moves the first `length` characters of what is held into sight. */
  const show = (length: number): string => {
    const text = visible === "" ? held.slice(0, length).trimStart() : held.slice(0, length);
    held = held.slice(length);
    visible += text;
    return text;
  };

  /** Drops hidden text; false while its closing tag has not arrived. */
  const leaveBlock = (): boolean => {
    const end = closing?.exec(held);
    if (closing !== undefined && !end) {
      held = held.slice(-CLOSE_LENGTH);
      return false;
    }
    if (end) held = held.slice(end.index + end[0].length);
    closing = undefined;
    return true;
  };

  return {
    push(piece) {
      held += piece;
      let shown = "";
      while (leaveBlock()) {
        const open = findOpening(visible, held);
        if (open === undefined) return shown + show(held.length - undecided(visible, held));
        shown += show(open.start);
        held = held.slice(open.length);
        closing = new RegExp(`</${open.tag}>`, "i");
      }
      return shown;
    },
    end() {
      return closing === undefined ? show(held.length) : "";
    },
  };
};

interface Opening {
  /** Where the tag begins, behind the line break and the indentation before it. */
  readonly start: number;
  readonly length: number;
  readonly tag: string;
}

const findOpening = (visible: string, held: string): Opening | undefined => {
  for (const match of held.matchAll(OPEN)) {
    const [whole, lineBreak = "", tag = ""] = match;
    const length = tag.length + 2;
    const start = match.index + whole.length - length;
    if (startsLine(visible, lineBreak) && !inCodeBlock(visible + held.slice(0, start))) {
      return { start, length, tag };
    }
  }
  return undefined;
};

/** How many characters at the end of `held` may still become an opening tag. */
const undecided = (visible: string, held: string): number => {
  const match = MAYBE_OPEN.exec(held);
  return match !== null && startsLine(visible, match[1] ?? "") ? match[0].length : 0;
};

/** A match without a line break of its own begins what is held, which may be the middle of a line. */
const startsLine = (visible: string, lineBreak: string): boolean =>
  lineBreak !== "" || visible === "" || visible.endsWith("\n");

const inCodeBlock = (text: string): boolean => (text.match(CODE_FENCE)?.length ?? 0) % 2 === 1;
