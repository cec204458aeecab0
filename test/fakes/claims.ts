// Claims in memory. test/contracts/claims.ts runs against it.

import type { Claims } from "../../src/ports.ts";

export const createFakeClaims = (): Claims => {
  const completed = new Set<string>();
  return {
    answered: async (session, id) => completed.has(`${session}|${id}`),
    async complete(session, id) {
      completed.add(`${session}|${id}`);
    },
  };
};
