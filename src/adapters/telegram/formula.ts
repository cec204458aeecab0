// Formulas in Markdown: a micromark extension for `$x$` and `\(x\)`, and what tells a formula from money. Used by markdown.ts.

import type { Extension as MdastExtension } from "mdast-util-from-markdown";
import type { Code, Effects, Extension, State, TokenizeContext } from "micromark-util-types";

declare module "micromark-util-types" {
  interface TokenTypeMap {
    formula: "formula";
    formulaFence: "formulaFence";
    formulaText: "formulaText";
  }
}

declare module "mdast" {
  interface Formula {
    type: "formula";
    value: string;
    position?: import("unist").Position | undefined;
  }
  interface PhrasingContentMap {
    formula: Formula;
  }
  interface RootContentMap {
    formula: Formula;
  }
}

const DOLLAR = 36;
const BACKSLASH = 92;
const OPEN_PARENTHESIS = 40;
const CLOSE_PARENTHESIS = 41;

/** A longer stretch between two signs is prose; also bounds the work on a text full of `$`. */
const LONGEST_FORMULA = 400;

const isSpaceOrEnd = (code: Code): boolean => code === null || code < 0 || code === 32;
const isLineEndOrEnd = (code: Code): boolean => code === null || code < -2;
const isWordCode = (code: Code): boolean =>
  code !== null && code > 0 && /[\p{L}\p{N}]/u.test(String.fromCharCode(code));

/** "$5 and $10", "$HOME/bin", "$20M–$30" are not formulas (facts/telegram-rich.md: dollar amounts stay money). */
function readsAsFormula(source: string): boolean {
  if (/\s$/.test(source)) return false;
  if (/^[A-Za-z]'?$/.test(source)) return true;
  if (/[\\^={]|\w_\w/.test(source)) return true;
  if (/^\d[\d.,]*(\W|$|[a-z]*\s)/i.test(source)) return false;
  return /[A-Za-z0-9)]\s*[+*<>]\s*[A-Za-z0-9(]/.test(source) || /\b\w{1,2}\s*[-/]\s*\w{1,2}\b/.test(source);
}

/** `$…$` on one line. */
function tokenizeDollar(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
  const before = this.previous;
  let source = "";
  return open;

  function open(code: Code): State | undefined {
    if (isWordCode(before) || before === DOLLAR) return nok(code);
    effects.enter("formula");
    effects.enter("formulaFence");
    effects.consume(code);
    effects.exit("formulaFence");
    return first;
  }

  function first(code: Code): State | undefined {
    if (code === DOLLAR || isSpaceOrEnd(code)) return nok(code);
    effects.enter("formulaText");
    return inside(code);
  }

  function inside(code: Code): State | undefined {
    if (isLineEndOrEnd(code) || source.length > LONGEST_FORMULA) return nok(code);
    if (code === DOLLAR && !source.endsWith("\\")) return close(code);
    source += String.fromCharCode(Math.max(code ?? 32, 32));
    effects.consume(code);
    return inside;
  }

  function close(code: Code): State | undefined {
    effects.exit("formulaText");
    effects.enter("formulaFence");
    effects.consume(code);
    effects.exit("formulaFence");
    return after;
  }

  function after(code: Code): State | undefined {
    if (isWordCode(code) || code === DOLLAR || !readsAsFormula(source)) return nok(code);
    effects.exit("formula");
    return ok(code);
  }
}

/** `\(…\)` on one line, as many models write it. */
function tokenizeParentheses(effects: Effects, ok: State, nok: State): State {
  let length = 0;
  let afterBackslash = false;
  return open;

  function open(code: Code): State | undefined {
    effects.enter("formula");
    effects.enter("formulaFence");
    effects.consume(code);
    return opened;
  }

  function opened(code: Code): State | undefined {
    if (code !== OPEN_PARENTHESIS) return nok(code);
    effects.consume(code);
    effects.exit("formulaFence");
    effects.enter("formulaText");
    return inside;
  }

  function inside(code: Code): State | undefined {
    if (isLineEndOrEnd(code) || length > LONGEST_FORMULA) return nok(code);
    const closes = afterBackslash && code === CLOSE_PARENTHESIS;
    afterBackslash = code === BACKSLASH && !afterBackslash;
    length += 1;
    effects.consume(code);
    return closes ? end : inside;
  }

  function end(code: Code): State | undefined {
    effects.exit("formulaText");
    effects.exit("formula");
    return length > 2 ? ok(code) : nok(code);
  }
}

export const formulaSyntax: Extension = {
  text: {
    [DOLLAR]: { name: "formula", tokenize: tokenizeDollar },
    [BACKSLASH]: { name: "formula", tokenize: tokenizeParentheses },
  },
};

export const formulaToMdast: MdastExtension = {
  enter: {
    formula(token) {
      this.enter({ type: "formula", value: "" }, token);
    },
  },
  exit: {
    formulaText(token) {
      const node = this.stack.at(-1);
      // `\(x\)` ends inside its text token: the closing pair is not part of the formula.
      if (node?.type === "formula") node.value = this.sliceSerialize(token).replace(/\\\)$/, "").trim();
    },
    formula(token) {
      this.exit(token);
    },
  },
};
