// A doorbell that remembers who was rung for.

import type { Doorbell } from "../../src/ports.ts";
import type { SessionKey } from "../../src/turn.ts";

export const createFakeDoorbell = (): Doorbell & { readonly rung: SessionKey[] } => {
  const rung: SessionKey[] = [];
  return {
    rung,
    async wake(session) {
      rung.push(session);
    },
  };
};
