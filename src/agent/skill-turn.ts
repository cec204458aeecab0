// `/<skill> text`: a turn that begins with the skill's text and ends with what the person wants of it (hermes-behaviour.md 4.5).
// Called by commands.ts for a command that is none of its own.

import { abortable } from "../abortable.ts";
import { asError } from "../errors.ts";
import { findBySlash, skillActivation } from "../skills/activation.ts";
import type { AgentSkills } from "../skills/library.ts";
import { SkillError } from "../skills/skill-error.ts";
import { timeLimit } from "../time-limit.ts";
import type { CommandEntry } from "../turn.ts";
import { answerSaid } from "./answer.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * "answered": META has `out`, or the turn was handed over. "no skill": nothing was done. Else why it could not be used, in
 * words.
 */
export const answerWithSkill = async (
  c: TurnContext,
  entry: CommandEntry,
): Promise<"answered" | "no skill" | { readonly problem: string }> => {
  const activated = await activation(c, entry);
  if (activated === undefined) return "no skill";
  if (typeof activated !== "string") return activated;
  const text = `${entry.quote ?? ""}${activated}`;
  const photos = entry.message?.photos ?? [];
  await answerSaid(c, [{ ...entry, kind: "message", text, said: entry.args, photos }]);
  return "answered";
};

/** Somebody waits for it, and what follows is a whole turn. */
const OPEN_MS = 10_000;

const activation = async (c: TurnContext, { name, args }: CommandEntry) => {
  const { skills, log, clock } = c.ports;
  if (skills === undefined) return undefined;
  using limit = timeLimit(clock, OPEN_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  try {
    const skill = await abortable(signal, openByCommand(skills, name));
    return skill && skillActivation(skill, args, c.lease.meta.sessionId);
  } catch (error) {
    if (error instanceof SkillError) return { problem: error.message };
    log.warn("a skill could not be loaded", { error: asError(error) });
    return { problem: "The skills cannot be read right now. Try again in a minute." };
  }
};

/** Undefined when there is none, which without the bucket nobody can say. */
const openByCommand = async (skills: AgentSkills, command: string) => {
  const skill =
    findBySlash(await skills.list({ isFresh: false }), command) ??
    findBySlash(await skills.list({ isFresh: true, needsBucket: true }), command);
  return skill && skills.openListed(skill);
};
