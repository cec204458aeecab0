// What a person asks for in a request to the model, without what the agent puts around their words. Called by conversation.ts.

import { type ChatMessage, textOf } from "./chat-api.ts";

/** What a person's message asks for, with everything they said before it, oldest first. */
export interface Asked {
  readonly text: string;
  /** The name of a skill that came with it (`/page_brief`). */
  readonly skill?: string;
  readonly earlier: readonly string[];
  /** Nothing was said before it in this chat. */
  readonly isFirst: boolean;
}

export const askedIn = (messages: readonly ChatMessage[]): Asked => {
  const said = messages.flatMap((message) =>
    message.role === "user" ? [saidIn(textOf(message.content))] : [],
  );
  const earlier = said.slice(0, -1).flatMap(({ text }) => (text === "" ? [] : [text]));
  return { ...(said.at(-1) ?? { text: "" }), earlier, isFirst: said.length <= 1 };
};

/** The text of a skill that was invoked is nobody's words, but for the wish at its end (src/skills/activation.ts). */
const saidIn = (content: string): Pick<Asked, "text" | "skill"> => {
  const skill = SKILL.exec(content)?.[1];
  if (skill === undefined) return { text: wordsIn(content) };
  const wish = content.lastIndexOf(WISH);
  return { skill, text: wish < 0 ? "" : wordsIn(content.slice(wish + WISH.length)) };
};

/** Of a person's command, or of a job (src/agent/cron-prompt.ts). */
const SKILL = /^\[IMPORTANT: (?:The user has invoked the|this job uses the skill) "([^"]+)"/m;
const WISH = "The user has provided the following instruction alongside the skill invocation: ";

/** Without the blocks in brackets or tags that the agent puts behind a person's words (clock, sender, memory). */
const wordsIn = (content: string): string =>
  (content.replace(SCHEDULED, "").split(/\n+(?=[[<])/)[0] ?? "").trim();

/** What stands before the words of a scheduled job. */
const SCHEDULED = /^\[This is a scheduled run[^\n]*\]\s+/;
