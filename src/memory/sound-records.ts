// Which records of AgentCore Memory a model may read. They are made by a model from what was said, pasted pages included, and none
// was scanned when it was stored: what the scan refuses reaches no prompt, however it is asked for. The person sees all of them, and
// forgets them, with /memory. Called by agentcore-provider.ts and tools/agentcore-memory.ts.

import type { Log } from "../log.ts";
import type { MemoryRecord } from "../memory-ports.ts";

export const soundRecords = (
  records: readonly MemoryRecord[],
  scan: (text: string) => string | undefined,
  log: Log,
): readonly MemoryRecord[] => {
  const sound = records.filter(({ text }) => scan(text) === undefined);
  if (sound.length < records.length)
    log.warn("memories left out: the scan refuses them", { count: records.length - sound.length });
  return sound;
};
