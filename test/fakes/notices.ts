// Notices in memory: true for the first claim of a key and (UTC) day. test/contracts/notices.ts runs against it.

import type { Notices } from "../../src/ports.ts";

export const createFakeNotices = (): Notices => {
  const claimed = new Set<string>();
  return {
    async claim(key, nowMs) {
      const notice = `${key} ${new Date(nowMs).toISOString().slice(0, 10)}`;
      return !claimed.has(notice) && Boolean(claimed.add(notice));
    },
  };
};
