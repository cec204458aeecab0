// What the scripted model tells of the results of its tools: in words where it knows a result's shape, else as it is.
// Called by conversation.ts.

import { unframed } from "../unframed.ts";
import { type ChatMessage, textOf } from "./chat-api.ts";
import { clipped } from "./clipped.ts";

/** Of the tools that the last assistant's message called. */
export const toldResults = (messages: readonly ChatMessage[]): string => {
  const from = messages.findLastIndex((message) => message.role === "assistant");
  const calls = messages[from];
  const names = new Map(calls?.role === "assistant" ? (calls.tool_calls ?? []).map(nameById) : []);
  const lines = messages
    .slice(from + 1)
    .flatMap((message) =>
      message.role === "tool" ? [toldResult(names.get(message.tool_call_id), textOf(message.content))] : [],
    );
  return `Done. ${lines.join("\n")}`;
};

const nameById = (call: { readonly id: string }): readonly [string, string] => [
  call.id,
  "function" in call ? (call.function as { name: string }).name : "?",
];

const toldResult = (tool: string | undefined, text: string): string =>
  (OUR_OWN.has(tool ?? "") ? inWords(fieldsIn(text)) : undefined) ??
  `The tool ${tool ?? "?"} answered: ${clipped(unframed(text))}`;

/** Their results have these fields. */
const OUR_OWN: ReadonlySet<string> = new Set(["todo", "cronjob"]);

interface Fields {
  readonly todos?: readonly { readonly content: string; readonly status: string }[];
  readonly jobs?: readonly { readonly name: string; readonly schedule: string }[];
  readonly message?: string;
  readonly error?: string;
}

const fieldsIn = (text: string): Fields => {
  try {
    return (JSON.parse(text.split("\n")[0] ?? "") as Fields | null) ?? {};
  } catch {
    return {}; // words already
  }
};

const inWords = ({ todos, jobs, message, error }: Fields): string | undefined => {
  if (todos?.length)
    return list(
      "Your list:",
      todos.map(({ content, status }) => `${content} (${status})`),
    );
  if (jobs?.length === 0) return "You have no jobs.";
  if (jobs)
    return list(
      "Your jobs:",
      jobs.map(({ name, schedule }) => `${name} (${schedule})`),
    );
  return message ?? error;
};

const list = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `- ${line}`)].join("\n");
