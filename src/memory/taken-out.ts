// What a memory's tools tell the model where secrets were taken out of what was to be kept. Used by tools/memory.ts and
// tools/agentcore-memory.ts.

const TAKEN_OUT =
  "What looked like a key, a token or a password was taken out and is not kept: [redacted] stands for it. Tell the person so.";

/** Beside the result. What is kept stands in the prompts of all later conversations, where others may read along. */
export const takenOut = (said: string, kept: string): { readonly note?: string } =>
  said === kept ? {} : { note: TAKEN_OUT };
