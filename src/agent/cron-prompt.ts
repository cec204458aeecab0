// What a scheduled job is told, and whether its answer is worth sending (hermes-behaviour.md 3.5 to 3.7).

import { fenceAround } from "../fence.ts";
import type { Job } from "../turn.ts";
import { SILENT_MARKERS } from "./silent-reply.ts";

const HINT =
  "[This is a scheduled run: nobody is present to answer questions. Your final response is delivered to the chat " +
  'automatically. If there is nothing new worth telling, answer exactly "[SILENT]" and nothing else; never mix it with content.]';

export interface JobExtras {
  /** `text` is undefined for a skill that is not there (any more), is withheld, or cannot be read right now. */
  readonly skills: readonly { readonly name: string; readonly text: string | undefined }[];
  /** Newest answers of other jobs. */
  readonly outputs: readonly { readonly id: string; readonly output: string }[];
}

const NOTHING: JobExtras = { skills: [], outputs: [] };

/** Skills, hint, data, prompt: in that order. */
export const cronPrompt = (job: Job, { skills, outputs }: JobExtras = NOTHING): string => {
  const loaded = skills.flatMap(({ name, text }) => (text === undefined ? [] : [skillBlock(name, text)]));
  const missing = skills.filter(({ text }) => text === undefined).map(({ name }) => name);
  const data = outputs.map(({ id, output }) => `## Output from job '${id}'\n\n${fenced(output)}`);
  const instruction =
    loaded.length === 0
      ? job.prompt
      : `The user has provided the following instruction alongside the skill invocation: ${job.prompt || "(none)"}`;
  return [
    ...loaded,
    HINT,
    ...(missing.length === 0 ? [] : [missingNote(missing)]),
    ...data,
    instruction,
  ].join("\n\n");
};

const skillBlock = (name: string, text: string): string =>
  `[IMPORTANT: this job uses the skill "${name}". Follow its instructions, which are these:]\n\n${text.trim()}`;

const missingNote = (names: readonly string[]): string =>
  `[These skills could not be loaded: ${names.join(", ")}. Begin your response with "⚠️ Skill(s) not found and skipped: ${names.join(", ")}".]`;

/** Somebody else's text: no fence inside it may end ours. */
const fenced = (text: string): string => {
  const fence = fenceAround(text, 3);
  return `${fence}\n${text}\n${fence}`;
};

/** The whole answer, or its first or last line, is the marker; a mention within a sentence is not. */
export const isSilent = (answer: string): boolean => {
  const lines = answer.trim().toUpperCase().split("\n");
  const ends = [lines[0], lines.at(-1)].map((line) => (line ?? "").trim());
  return ends.some((line) => SILENT_MARKERS.has(line)) || (lines[0] ?? "").startsWith("[SILENT]");
};

/** The result as it is delivered (hermes-behaviour.md 3.6); the line is escaped, or Markdown would read a heading. */
export const cronResult = (job: { readonly id: string; readonly name: string }, text: string): string =>
  `Cronjob Response: ${job.name}\n(job_id: ${job.id})\n\\-------------\n\n${text}\n\n` +
  `To stop or manage this job, send me a new message (e.g. "stop reminder ${job.name}").`;
