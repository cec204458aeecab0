// A title for a conversation, after its first exchange (hermes-behaviour.md 2.4). Called while the answer is being sent.

import { abortable } from "../abortable.ts";
import type { AskModel } from "./ask-model.ts";
import { stripHidden } from "./visible-text.ts";

const MAX_INPUT_CHARS = 500;
const MAX_TITLE_CHARS = 80;
const MAX_TOKENS = 500;
/** What waiting between attempts may take: a title is worth one more, not a long wait. */
const PATIENCE_MS = 5_000;

const SYSTEM =
  "You give a conversation its title: 3 to 7 words, in the language of the conversation, that say what it is about. Answer with the title alone: no quotation marks, no full stop, no prefix.";

/** Undefined when the model fails in any way, says nothing, or `signal` aborts: a conversation can do without. */
export const makeTitle = async (
  ask: AskModel,
  user: string,
  assistant: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const content = `The person: ${begin(user)}\n\nThe assistant: ${begin(assistant)}\n\nThe title:`;
  try {
    const asked = ask(
      {
        system: SYSTEM,
        messages: [{ role: "user", content }],
        tools: [],
        maxTokens: MAX_TOKENS,
        reasoning: "off",
        signal,
      },
      { remainingMs: () => PATIENCE_MS },
    );
    const reply = await abortable(signal, asked);
    return reply.finish === "content_filter" ? undefined : tidy(reply.message.content);
  } catch {
    return undefined; // ask-model has logged why
  }
};

const begin = (text: string): string => text.slice(0, MAX_INPUT_CHARS).toWellFormed();

const tidy = (text: string): string | undefined => {
  const line = stripHidden(text).trim().split("\n", 1)[0] ?? "";
  const title = line
    .replace(/^[#*\s]*title\s*:\s*/i, "")
    .replace(/^["'“”„«»*`\s]+|["'“”„«»*`\s]+$/g, "")
    .replace(/\s+/g, " ");
  if (title === "") return undefined;
  if (title.length <= MAX_TITLE_CHARS) return title;
  return `${title.slice(0, MAX_TITLE_CHARS - 3)}...`.toWellFormed();
};
