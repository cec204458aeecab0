// Whether a skill is of use with the tools that are there (hermes-behaviour.md 4.6). Called by whoever lists skills for a model.

import type { SkillSummary } from "../skill-ports.ts";

interface ToolName {
  readonly name: string;
  readonly toolset: string;
}

/** What it requires is there, and what it stands in for is not. */
export const isOfUse = (skill: Pick<SkillSummary, "conditions">, tools: readonly ToolName[]): boolean => {
  if (skill.conditions === undefined) return true;
  const { requiresTools, requiresToolsets, fallbackForTools, fallbackForToolsets } = skill.conditions;
  const hasTool = (wanted: string) => tools.some(({ name }) => name === wanted);
  const hasToolset = (wanted: string) => tools.some(({ toolset }) => toolset === wanted);
  return (
    requiresTools.every(hasTool) &&
    requiresToolsets.every(hasToolset) &&
    !fallbackForTools.some(hasTool) &&
    !fallbackForToolsets.some(hasToolset)
  );
};
