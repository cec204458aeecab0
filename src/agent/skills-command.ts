// `/skills`: which skills there are, each with the command that begins it; with words behind it, those that fit them.

import { abortable } from "../abortable.ts";
import { shortened } from "../clip.ts";
import { asError } from "../errors.ts";
import { quoted } from "../quoted.ts";
import type { SkillSummary } from "../skill-ports.ts";
import { slashCommands } from "../skills/activation.ts";
import { timeLimit } from "../time-limit.ts";
import type { CommandEntry } from "../turn.ts";
import { TAKEN_NAMES } from "./command-list.ts";
import type { Reply } from "./session-commands.ts";
import type { TurnContext } from "./turn-context.ts";

const LIST_MS = 10_000;
const MAX_SHOWN = 60;
/** A line or two on a phone; a skill may describe itself in 1,024. */
const DESCRIPTION_CHARS = 120;

export const skills = async (c: TurnContext, { args }: CommandEntry): Promise<Reply> => {
  const { skills: library } = c.ports;
  if (library === undefined) return { text: "Skills are not set up on this bot." };
  using limit = timeLimit(c.ports.clock, LIST_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  try {
    const all = await abortable(signal, library.list({ isFresh: true, needsBucket: true }));
    if (args === "") return { text: listed(all, all) };
    const { skills: found, note = "" } = await abortable(signal, library.search(args, signal));
    const text = found.length === 0 ? "No skill fits that." : listed(found, all);
    return { text: [text, note].filter(Boolean).join("\n\n") };
  } catch (error) {
    c.ports.log.warn("the skills were not listed", { error: asError(error) });
    return { text: "The skills cannot be listed right now. Try again in a minute." };
  }
};

const listed = (shown: readonly SkillSummary[], all: readonly SkillSummary[]): string => {
  if (shown.length === 0) return "There are no skills yet. Ask me to save one after a task worth repeating.";
  const commands = new Map(slashCommands(all, TAKEN_NAMES).map(({ name, command }) => [name, command]));
  const lines = shown.slice(0, MAX_SHOWN).map((skill) => line(skill, commands.get(skill.name)));
  const more =
    shown.length > MAX_SHOWN ? [`… and ${shown.length - MAX_SHOWN} more: /skills WORDS searches them.`] : [];
  return [...lines, ...more].join("\n");
};

const line = ({ name, description, withheld }: SkillSummary, command: string | undefined): string => {
  if (withheld !== undefined) return `⚠️ ${shown(name)} – withheld: ${withheld}`;
  return `${command === undefined ? `**${shown(name)}**` : `/${command}`} – ${shown(shortened(description, DESCRIPTION_CHARS))}`;
};

/** In words: whoever filled the bucket must not put links into what we say. */
const shown = (text: string): string => quoted(text, text.length);
