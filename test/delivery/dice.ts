// Chance that can be repeated: every throw is named, and its result follows from the seed and the name alone, whatever
// happened before and in which order processes got the machine.

import { createHash } from "node:crypto";

export interface Dice {
  /** 0 to 1. */
  throw(...name: readonly (string | number)[]): number;
  /** True with this probability. */
  happens(probability: number, ...name: readonly (string | number)[]): boolean;
  /** A whole number from `low` to `high`, inclusive. */
  between(low: number, high: number, ...name: readonly (string | number)[]): number;
}

export const createDice = (seed: string): Dice => {
  const roll = (...name: readonly (string | number)[]) =>
    createHash("sha1")
      .update([seed, ...name].join("|"))
      .digest()
      .readUInt32BE() /
    2 ** 32;
  return {
    throw: roll,
    happens: (probability, ...name) => roll(...name) < probability,
    between: (low, high, ...name) => low + Math.floor(roll(...name) * (high - low + 1)),
  };
};

/** A counter for each name: which time it is that something happens. */
export const createTally = () => {
  const counts = new Map<string, number>();
  return (name: string): number => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count;
  };
};
