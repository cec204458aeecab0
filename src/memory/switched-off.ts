// What a memory's tools tell the model in a chat where memory is switched off. Used by tools/memory.ts and
// tools/agentcore-memory.ts.

export const SWITCHED_OFF = "Long-term memory is switched off in this chat (/memory on switches it on).";
