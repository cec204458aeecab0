// When people had everything forgotten, in memory. test/contracts/forgettings.ts runs against it.

import type { Forgettings } from "../../src/memory-ports.ts";

export const createFakeForgettings = (): Forgettings & { readonly asked: number[] } => {
  const marks = new Map<number, number>();
  const asked: number[] = [];
  return {
    asked,
    async mark(userId, at) {
      marks.set(userId, at);
    },
    async last(userId) {
      asked.push(userId);
      return marks.get(userId) ?? 0;
    },
  };
};
