// Notices in memory: true for the first claim of a key and (UTC) day. test/contracts/notices.ts runs against it.

import type { Notices } from "../../src/ports.ts";

export const createFakeNotices = (): Notices => {
  const claimed = new Map<string, string | undefined>();
  return {
    async claim(key, nowMs, by) {
      const notice = `${key} ${new Date(nowMs).toISOString().slice(0, 10)}`;
      if (claimed.has(notice)) return by !== undefined && claimed.get(notice) === by;
      claimed.set(notice, by);
      return true;
    },
  };
};
