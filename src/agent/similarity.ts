// How alike two short strings are, as Python's difflib measures it (Ratcliff and Obershelp). Used to recognise
// a misspelt tool name: upstream's threshold of 0.7 (hermes-behaviour.md 1.3) is on this scale and no other.

interface Match {
  readonly inA: number;
  readonly inB: number;
  readonly length: number;
}

/** Twice the characters that match, over all characters: 1 for equal strings, 0 for nothing in common. */
export const similarity = (a: string, b: string): number =>
  a.length + b.length === 0 ? 1 : (2 * matchingCharacters(a, b)) / (a.length + b.length);

/** The longest common block, then what matches to its left and to its right. */
const matchingCharacters = (a: string, b: string): number => {
  const { inA, inB, length } = longestMatch(a, b);
  if (length === 0) return 0;
  return (
    length +
    matchingCharacters(a.slice(0, inA), b.slice(0, inB)) +
    matchingCharacters(a.slice(inA + length), b.slice(inB + length))
  );
};

/** The earliest of the longest common blocks. */
const longestMatch = (a: string, b: string): Match => {
  let best: Match = { inA: 0, inB: 0, length: 0 };
  for (let inA = 0; inA + best.length < a.length; inA++) {
    for (let inB = 0; inB + best.length < b.length; inB++) {
      const length = commonPrefix(a, inA, b, inB);
      if (length > best.length) best = { inA, inB, length };
    }
  }
  return best;
};

const commonPrefix = (a: string, inA: number, b: string, inB: number): number => {
  let length = 0;
  while (inA + length < a.length && inB + length < b.length && a[inA + length] === b[inB + length]) length++;
  return length;
};
