// How the tools of skills answer, and what they say when something is wrong. Used by skills.ts and skill-manage.ts.

import { asError, HermesError } from "../errors.ts";
import type { ToolContext, ToolOutcome } from "../ports.ts";
import type { AgentSkills, SkillsOfAll } from "../skills/library.ts";
import { SkillError } from "../skills/skill-error.ts";

export const said = (result: object): ToolOutcome => ({ text: JSON.stringify(result) });

const failed = (error: string, details: object = {}): ToolOutcome =>
  said({ success: false, error, ...details });

/** As this turn sees them. */
export const skillsFor = (skills: SkillsOfAll, { isJob }: ToolContext): AgentSkills =>
  isJob === true ? skills.inJobs : skills;

/** `ifSilent`: what it means that the bucket did not answer. */
export const answered = async (
  { signal, log }: ToolContext,
  work: () => Promise<ToolOutcome>,
  ifSilent = "Go on without it, or try again in a minute.",
): Promise<ToolOutcome> => {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof SkillError) return failed(thrown.message, thrown.details);
    signal.throwIfAborted();
    if (!(thrown instanceof HermesError)) throw thrown;
    if (thrown.code === "tool") return failed(`Nothing was changed: ${thrown.message}.`);
    log.warn("the bucket of skills did not answer a tool", { error: asError(thrown) });
    return thrown.code === "too_large"
      ? failed("The file is too large to be read.")
      : failed(`The skills cannot be reached right now. ${ifSilent}`);
  }
};
