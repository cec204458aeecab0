// A model that has nothing to say in a chat may say so: the whole answer is the marker (hermes-behaviour.md 3.7). It is kept in
// the history and not sent. Called by think.ts.

/** Upper case, single spaces. */
export const SILENT_MARKERS: ReadonlySet<string> = new Set(["[SILENT]", "SILENT", "NO_REPLY", "NO REPLY"]);

const MAX_CHARS = 64;

export const isSilentReply = (answer: string): boolean =>
  answer.length <= MAX_CHARS && SILENT_MARKERS.has(answer.trim().replace(/\s+/g, " ").toUpperCase());
