// The tools of a turn: built in, of its memories, of plugins, as far as their toolsets are on. Called by turn-setup.ts and by
// skills-index.ts, which lists only skills that are of use with them.

import { cronToolsets, selectTools } from "../home/toolsets.ts";
import type { Tool } from "../ports.ts";
import type { JobRun } from "../session-state.ts";
import { providersOf } from "./memories.ts";
import type { TurnContext } from "./turn-context.ts";

/** In the order of their names: part of the cached prefix. */
export const toolsOf = (c: TurnContext, job: JobRun | undefined): readonly Tool[] => {
  const { plugins, toolsets } = c.home;
  const all = [...c.ports.tools, ...providersOf(c).flatMap(({ tools }) => tools), ...plugins.tools];
  return selectTools(all, job === undefined ? toolsets : cronToolsets(toolsets, job.toolsets));
};
