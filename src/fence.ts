// Fences that what they enclose cannot end.

/** Backticks, at least `least`, and more than any run of them in the text. */
export const fenceAround = (text: string, least: number): string => {
  const longest = Math.max(least - 1, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return "`".repeat(longest + 1);
};
