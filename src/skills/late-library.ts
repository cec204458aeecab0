// The skill library before it exists: it stands on the home directory, which is read when the first turn begins, while the tools
// that use it are named before. Made by skills-side.ts.

import { once } from "../once.ts";
import type { AgentSkills, SkillsOfAll } from "./library.ts";

/** `open` is called with the first use, and again after it failed. */
export const lateLibrary = (open: () => Promise<SkillsOfAll>): SkillsOfAll => {
  const library = once(open);
  return { ...lateSkills(library), inJobs: lateSkills(async () => (await library()).inJobs) };
};

const lateSkills = (library: () => Promise<AgentSkills>): AgentSkills => ({
  list: async (options) => (await library()).list(options),
  text: async (name, sessionId) => (await library()).text(name, sessionId),
  search: async (query, signal, isWanted) => (await library()).search(query, signal, isWanted),
  open: async (name) => (await library()).open(name),
  openListed: async (skill) => (await library()).openListed(skill),
  viewFile: async (name, filePath) => (await library()).viewFile(name, filePath),
  change: async (action, asked) => (await library()).change(action, asked),
});
