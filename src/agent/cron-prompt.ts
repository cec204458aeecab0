// What a scheduled job is told, and whether its answer is worth sending (hermes-behaviour.md 3.5 to 3.7).

import type { Job } from "../turn.ts";

const HINT =
  "[This is a scheduled run: nobody is present to answer questions. Your final response is delivered to the chat " +
  'automatically. If there is nothing new worth telling, answer exactly "[SILENT]" and nothing else; never mix it with content.]';

export const cronPrompt = (job: Job): string => `${HINT}\n\n${job.prompt}`;

const SILENT = new Set(["[SILENT]", "SILENT", "NO_REPLY", "NO REPLY"]);

/** The whole answer, or its first or last line, is the marker; a mention within a sentence is not. */
export const isSilent = (answer: string): boolean => {
  const lines = answer.trim().toUpperCase().split("\n");
  const ends = [lines[0], lines.at(-1)].map((line) => (line ?? "").trim());
  return ends.some((line) => SILENT.has(line)) || (lines[0] ?? "").startsWith("[SILENT]");
};

/** The result as it is delivered (hermes-behaviour.md 3.6); the line is escaped, or Markdown would read a heading. */
export const cronResult = (job: { readonly id: string; readonly name: string }, text: string): string =>
  `Cronjob Response: ${job.name}\n(job_id: ${job.id})\n\\-------------\n\n${text}\n\n` +
  `To stop or manage this job, send me a new message (e.g. "stop reminder ${job.name}").`;
