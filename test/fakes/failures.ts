// Records of what was given up, in memory. test/contracts/failures.ts runs against it.

import type { Failure, Failures } from "../../src/ports.ts";

export const createFakeFailures = (): Failures & { readonly records: readonly Failure[] } => {
  const records = new Map<string, Failure>();
  return {
    get records() {
      return [...records.values()];
    },
    async put(failure) {
      const key = `${failure.session}#${failure.ids[0]}`;
      if (!records.has(key)) records.set(key, structuredClone(failure));
    },
  };
};
