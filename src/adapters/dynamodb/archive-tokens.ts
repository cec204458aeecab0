// How text becomes searchable tokens: the same way when it is indexed, asked for and compared. Pure.

/** Scripts written without spaces, and Hangul, whose particles cling to the word: pairs of characters stand for words. */
const PAIRED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー";

const RUN = new RegExp(`([${PAIRED}]+)|[[\\p{L}\\p{N}\\p{M}]--[${PAIRED}]]+`, "gv");

/** Longer ones are keys and hashes; their beginning finds them. */
const MAX_TOKEN_CHARS = 40;

/** Only the accents of Latin, Greek and Cyrillic go: elsewhere such marks are letters. */
const ACCENTS = /[\u0300-\u036f]/g;

const normalized = (text: string): string =>
  text.toLowerCase().normalize("NFKD").replace(ACCENTS, "").normalize("NFC");

/**
 * `sequence` is what phrases are compared with. `tails` are the last characters of paired runs: with them each
 * character begins a token, so that a single one can be found.
 */
export interface Tokens {
  readonly sequence: readonly string[];
  readonly tails: readonly string[];
}

export const tokensOf = (text: string): Tokens => {
  const sequence: string[] = [];
  const tails: string[] = [];
  for (const [run, paired] of normalized(text).matchAll(RUN)) {
    if (paired === undefined) {
      sequence.push(run.slice(0, MAX_TOKEN_CHARS));
      continue;
    }
    const characters = [...paired];
    for (let at = 0; at + 1 < characters.length; at += 1) {
      sequence.push(`${characters[at]}${characters[at + 1]}`);
    }
    tails.push(characters.at(-1) ?? "");
  }
  return { sequence, tails };
};
