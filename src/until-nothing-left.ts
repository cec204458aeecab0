// Deleting what somebody may still add to: again and again, until a look finds nothing. Used for what AgentCore Memory holds of
// a person (adapters/agentcore/deletions.ts, memory/agentcore-provider.ts).

import { HermesError } from "./errors.ts";

/** Whatever comes in between is little; what is there each time again is not being deleted. */
const MAX_LOOKS = 4;

/** `look` deletes what it finds, and says how much that was. Throws `unavailable` when even the last one found something. */
export const untilNothingLeft = async (what: string, look: () => Promise<number>): Promise<void> => {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) if ((await look()) === 0) return;
  throw new HermesError("unavailable", `there are still ${what} to delete`, { retryable: true });
};
