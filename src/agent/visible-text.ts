// What of a model's text a person may see: thinking and leaked memory blocks are not (hermes-behaviour.md 1.6, 5.3).

const HIDDEN_TAGS = "think|thinking|thought|reasoning|memory-context";
// Only where a line begins: a sentence about `<think>` is a sentence. `^` is the beginning of what has not been shown.
const OPENING = new RegExp(`(^|\\n)[ \\t]*<(${HIDDEN_TAGS})>`, "i");
const MAYBE_OPENING = /(^|\n)[ \t]*(?:<[a-z-]{0,14})?$/i;

/** The text without hidden blocks; one that is never closed hides all that follows. */
export const stripHidden = (text: string): string => {
  const shown: string[] = [];
  const filter = createFilter((piece) => shown.push(piece));
  filter.push(text);
  filter.flush();
  return shown.join("");
};

/** `emit` for the pieces of a stream: together they are the beginning of what `stripHidden` leaves of the whole. */
export const hidingStream = (emit: (piece: string) => void): ((piece: string) => void) =>
  createFilter(emit).push;

interface Filter {
  push(piece: string): void;
  /** Shows what was held back in case it began a tag. */
  flush(): void;
}

interface State {
  readonly emit: (piece: string) => void;
  held: string;
  /** The tag that ends the hidden block we are in. */
  closing: string | undefined;
  /** Blank space behind a hidden block goes with it. */
  skipsSpace: boolean;
  isLineStart: boolean;
}

const createFilter = (emit: (piece: string) => void): Filter => {
  const state: State = { emit, held: "", closing: undefined, skipsSpace: false, isLineStart: true };
  return {
    push(piece) {
      state.held += piece;
      while (state.closing === undefined ? showUpToTag(state) : hideUpTo(state, state.closing)) {}
    },
    flush() {
      if (state.closing === undefined) show(state, state.held.length);
    },
  };
};

/** True when a hidden block ended here. */
const hideUpTo = (state: State, closing: string): boolean => {
  const end = state.held.search(new RegExp(closing, "i"));
  if (end === -1) {
    state.held = state.held.slice(-closing.length);
    return false;
  }
  state.held = state.held.slice(end + closing.length);
  state.closing = undefined;
  state.skipsSpace = true;
  state.isLineStart = true;
  return true;
};

/** True when a hidden block began here. */
const showUpToTag = (state: State): boolean => {
  if (state.skipsSpace) state.held = state.held.trimStart();
  if (state.held === "") return false;
  state.skipsSpace = false;
  const opening = atLineStart(state, OPENING);
  if (opening === undefined) {
    show(state, atLineStart(state, MAYBE_OPENING)?.at ?? state.held.length);
    return false;
  }
  show(state, opening.at);
  state.held = state.held.slice(opening.length);
  state.closing = `</${opening.tag.toLowerCase()}>`;
  return true;
};

const atLineStart = (
  { held, isLineStart }: State,
  pattern: RegExp,
): { readonly at: number; readonly length: number; readonly tag: string } | undefined => {
  // A character in front keeps `^` from matching in mid-line.
  const found = pattern.exec(isLineStart ? held : `.${held}`);
  if (found === null) return undefined;
  const newline = found[1]?.length ?? 0;
  const at = found.index + newline - (isLineStart ? 0 : 1);
  return { at, length: found[0].length - newline, tag: found[2] ?? "" };
};

const show = (state: State, length: number): void => {
  const piece = state.held.slice(0, length);
  state.held = state.held.slice(length);
  if (piece === "") return;
  state.isLineStart = piece.endsWith("\n");
  state.emit(piece);
};
