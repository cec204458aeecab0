// Which services this process leaves alone for a while, because they failed slowly: long-term memories, and the bucket of skills.
// Made by agent-side.ts, asked by memories.ts and skills-index.ts.

/** So that a day of failures does not cost every turn its budget. */
const PAUSE_MS = 60_000;

/** Failing faster than this costs nothing, and may be about one call. */
const SLOW_MS = 1_000;

/** Which services are not to be asked now, by name. One a process. */
export interface ServicePauses {
  isPaused(name: string): boolean;
  /** Of a call that failed after `tookMs`. */
  failed(name: string, tookMs: number): void;
}

export const createServicePauses = (clock: { elapsed(): number }): ServicePauses => {
  const until = new Map<string, number>();
  return {
    isPaused: (name) => clock.elapsed() < (until.get(name) ?? 0),
    failed(name, tookMs) {
      if (tookMs >= SLOW_MS) until.set(name, clock.elapsed() + PAUSE_MS);
    },
  };
};
