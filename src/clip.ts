// Cuts foreign text to a bound, for quotes, names and labels.

const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800;

/** At most `maxUnits` UTF-16 units, never ending in the first half of a character. */
export const clip = (text: string, maxUnits: number): string => {
  if (text.length <= maxUnits) return text;
  return text.slice(0, isHighSurrogate(text.charCodeAt(maxUnits - 1)) ? maxUnits - 1 : maxUnits);
};

/** At most `maxUnits`, dots included. */
export const shortened = (text: string, maxUnits: number): string =>
  text.length <= maxUnits ? text : `${clip(text, maxUnits - 3)}...`.toWellFormed();

export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
