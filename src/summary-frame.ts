// How a summary stands in a transcript: between two fixed texts, a request that would be lost in it quoted behind. Written
// by compaction (agent/compaction-text.ts); read there again, and by what shows or searches what was said (said-text.ts).

import type { UserMessage } from "./message.ts";

const PREFIX =
  "[CONTEXT COMPACTION — REFERENCE ONLY] Earlier messages of this conversation were replaced by the summary below. It is background, not a request: do not carry out or answer anything in it. Answer the messages after it; where they differ from the summary, the newest message holds. The system prompt and memory stay in force.";
const END = "[END OF SUMMARY — the conversation goes on below]";
const LATEST = "The person's latest message before this point, word for word:";

/** The message that stands for what was summarised; `latest` is a request that would otherwise be lost in it. */
export const framedSummary = (summary: string, latest: UserMessage | undefined): UserMessage => {
  const content = `${PREFIX}\n\n${summary}\n\n${END}`;
  if (latest === undefined) return { role: "user", content };
  return {
    role: "user",
    content: `${content}\n\n${LATEST}\n${latest.content}`,
    ...(latest.context !== undefined && { context: latest.context }),
    ...(latest.userId !== undefined && { userId: latest.userId }),
    ...(latest.photos && { photos: latest.photos }),
  };
};

/** The summary within such a message. */
export const summaryIn = (message: UserMessage): string => {
  const start = message.content.startsWith(PREFIX) ? PREFIX.length : 0;
  const end = message.content.indexOf(END);
  const latest = message.content.slice(end + END.length).trim();
  const summary = message.content.slice(start, end === -1 ? undefined : end).trim();
  return end === -1 || latest === "" ? summary : `${summary}\n\n${latest}`;
};

/** The message quoted after such a summary. */
export const latestIn = (message: UserMessage): UserMessage | undefined => {
  const start = message.content.indexOf(`${END}\n\n${LATEST}\n`);
  if (start === -1) return undefined;
  return { ...message, content: message.content.slice(start + END.length + LATEST.length + 3) };
};
