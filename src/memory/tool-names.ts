// Names of memory tools that are looked for elsewhere than in a tool call. Used by tools/agentcore-memory.ts, and by
// agent/exchanges.ts and agent/prompt.ts.

/** Asks what is to be forgotten. A turn that calls it is not learnt from. */
export const FORGETTING_TOOL = "memory_forget";

/** Keeps one fact, where the memory learns from conversations by itself. */
export const REMEMBERING_TOOL = "memory_remember";
