// The memory's part of the composition: AgentCore Memory where it is configured, else the one that needs no service.
// Called by agent-side.ts; a plugin may bring another (agent/memories.ts).

import { createNotesStore } from "./adapters/dynamodb/notes.ts";
import type { Table } from "./adapters/dynamodb/table.ts";
import { redactSecrets } from "./agent/redact.ts";
import type { Config } from "./config.ts";
import type { Home } from "./home/home.ts";
import type { Log } from "./log.ts";
import { createBuiltInMemory } from "./memory/built-in.ts";
import { limitsOf } from "./memory/notes.ts";
import { scanMemory } from "./memory/scan.ts";
import type { MemoryProvider } from "./memory-ports.ts";
import type { Clock } from "./ports.ts";
import { createMemoryTool } from "./tools/memory.ts";

export interface MemorySideOptions {
  readonly config: Pick<Config, "agentcoreMemoryId" | "region">;
  readonly log: Log;
  readonly clock: Clock;
  readonly table: Table;
  /** Read with the first turn. */
  home(): Promise<Home>;
}

export const createMemory = async (options: MemorySideOptions): Promise<MemoryProvider> => {
  const { agentcoreMemoryId: memoryId } = options.config;
  return memoryId === undefined ? builtIn(options) : agentCore(options, memoryId);
};

const builtIn = ({ table, home }: MemorySideOptions): MemoryProvider => {
  const notes = createNotesStore(table);
  const limits = async () => limitsOf((await home()).config.memory);
  return createBuiltInMemory({
    notes,
    limits,
    tools: [createMemoryTool({ notes, limits, redact: redactSecrets })],
  });
};

/** Loaded only where it is configured. */
const agentCore = async (
  { config, clock, log }: MemorySideOptions,
  memoryId: string,
): Promise<MemoryProvider> => {
  const [{ createMemoryService }, { createAgentCoreMemory }, { createAgentCoreMemoryTools }] =
    await Promise.all([
      import("./adapters/agentcore.ts"),
      import("./memory/agentcore-provider.ts"),
      import("./tools/agentcore-memory.ts"),
    ]);
  const service = createMemoryService({ memoryId, region: config.region });
  const tools = createAgentCoreMemoryTools({ service, scan: scanMemory, redact: redactSecrets, clock });
  return createAgentCoreMemory({ service, scan: scanMemory, redact: redactSecrets, tools, log });
};
