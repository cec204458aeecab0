// Session ids sort by time (hermes-behaviour.md 2.1) and come from the clock and chance alone.

import { randomBytes } from "node:crypto";

/** `YYYYMMDD_HHMMSS_` and eight hex digits, in UTC. */
export const newSessionId = (nowMs: number): string => `${stamp(nowMs)}_${randomBytes(4).toString("hex")}`;

/** `cron_{job}_{YYYYMMDD_HHMMSS}` of the time the run was due at: the same run always gets the same id. */
export const cronSessionId = (jobId: string, dueMs: number): string => `cron_${jobId}_${stamp(dueMs)}`;

const stamp = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
