// What stands for the vectors: a passage is the nearer, the more words of the query it has. Called by operations.ts.

export interface Passage {
  readonly id: string;
  readonly text: string;
  readonly score: number;
}

/** User guide, "How content chunking works": by default about 300 tokens, here at 4 characters a token. */
const CHUNK_CHARS = 1_200;

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Best first. Every document is cut into passages, so that one may be found several times, as at the service. */
export const nearest = (
  documents: readonly { readonly id: string; readonly text: string }[],
  query: string,
  limit: number,
): readonly Passage[] => {
  const wanted = new Set(wordsOf(query));
  return documents
    .flatMap(({ id, text }) => passagesOf(text).map((passage) => ({ id, text: passage })))
    .map((passage) => ({ ...passage, score: overlap(wanted, passage.text) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, limit);
};

const passagesOf = (text: string): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / CHUNK_CHARS) }, (_, index) =>
    text.slice(index * CHUNK_CHARS, (index + 1) * CHUNK_CHARS),
  );

const overlap = (wanted: ReadonlySet<string>, text: string): number => {
  const has = new Set(wordsOf(text));
  return [...wanted].filter((word) => has.has(word)).length / Math.max(1, wanted.size);
};
