// The query language of the archive, FTS5's in short: words are all wanted, OR, NOT, "a phrase", prefix*, parentheses.
// What does not parse is read as words: a query never fails. Pure.

import { type Tokens, tokensOf } from "./archive-tokens.ts";

/** Tokens that follow each other; of the last one the beginning suffices when `prefix`. */
export interface Term {
  readonly kind: "term";
  readonly tokens: readonly string[];
  readonly prefix: boolean;
}

export type Query =
  | Term
  | { readonly kind: "any"; readonly of: readonly Query[] }
  | { readonly kind: "all"; readonly of: readonly Query[]; readonly none: readonly Query[] };

/** A person's question has a few words; a pasted page as a query would only cost time. */
const MAX_QUERY_CHARS = 1_000;

const LEXEME = /"([^"]*)"(\*?)|([()])|([^\s"()]+)/g;

type Lexeme = Term | "(" | ")" | "OR" | "NOT";

export const parseQuery = (text: string): Query => {
  const rest = lexemesOf(text.slice(0, MAX_QUERY_CHARS));
  const parts: Query[] = [];
  // A bracket that nothing opened ends no query.
  do parts.push(parseAny(rest));
  while (rest.length > 0);
  const [first, ...others] = parts.filter(saysSomething);
  if (first === undefined) return { kind: "all", of: [], none: [] };
  return others.length === 0 ? first : { kind: "all", of: [first, ...others], none: [] };
};

/** `call()` is a word and an empty pair of brackets, in which nothing is wanted. */
const saysSomething = (query: Query): boolean => wantedTerms(query).length > 0;

const lexemesOf = (text: string): Lexeme[] => {
  const lexemes: Lexeme[] = [];
  for (const [, phrase, star, bracket, word] of text.matchAll(LEXEME)) {
    if (bracket === "(" || bracket === ")") lexemes.push(bracket);
    else if (word === "OR" || word === "NOT") lexemes.push(word);
    else if (word !== "AND") {
      const term = termOf(phrase ?? word ?? "", star === "*" || word?.endsWith("*") === true);
      if (term !== undefined) lexemes.push(term);
    }
  }
  return lexemes;
};

const termOf = (text: string, prefix: boolean): Term | undefined => {
  const { sequence, tails } = tokensOf(text);
  if (sequence.length > 0) return { kind: "term", tokens: sequence, prefix };
  // A single character of a paired script begins the tokens it occurs in.
  return tails.length > 0 ? { kind: "term", tokens: tails, prefix: true } : undefined;
};

/** Takes what it reads off the front of `rest`; a missing bracket is taken as closed. */
const parseAny = (rest: Lexeme[]): Query => {
  const of = [parseAll(rest)];
  while (rest[0] === "OR") {
    rest.shift();
    of.push(parseAll(rest));
  }
  if (rest[0] === ")") rest.shift();
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind: "any", of };
};

const parseAll = (rest: Lexeme[]): Query => {
  const of: Query[] = [];
  const none: Query[] = [];
  let wanted = of;
  while (rest.length > 0 && rest[0] !== "OR" && rest[0] !== ")") {
    const next = rest.shift();
    if (next === "NOT") {
      wanted = none;
      continue;
    }
    const part = next === "(" ? parseAny(rest) : next;
    if (typeof part === "object" && saysSomething(part)) wanted.push(part);
    wanted = of;
  }
  return { kind: "all", of, none };
};

/** The terms that speak for a text; those under a NOT do not. */
export const wantedTerms = (query: Query): readonly Term[] =>
  query.kind === "term" ? [query] : query.of.flatMap(wantedTerms);

export const matches = (query: Query, text: Tokens): boolean => {
  switch (query.kind) {
    case "term":
      return containsTerm(query, text.sequence) || containsTerm(query, text.tails);
    case "any":
      return query.of.some((part) => matches(part, text));
    case "all":
      return (
        query.of.length > 0 &&
        query.of.every((part) => matches(part, text)) &&
        !query.none.some((part) => matches(part, text))
      );
  }
};

const containsTerm = ({ tokens, prefix }: Term, sequence: readonly string[]): boolean => {
  const last = tokens.length - 1;
  return sequence.some((_, start) =>
    tokens.every((token, index) => {
      const found = sequence[start + index];
      return prefix && index === last ? found?.startsWith(token) : found === token;
    }),
  );
};
