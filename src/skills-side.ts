// The skills' part of the composition: the library over the bucket and what comes with the bot, its sync to a Knowledge Base, and
// the tools. Called by agent-side.ts where a bucket is configured. Loaded with it are only the tools: the library comes with the
// first use of a skill, a session that begins among them, and the sync only where there is a Knowledge Base.

import type { Table } from "./adapters/dynamodb/table.ts";
import { createSkillFiles } from "./adapters/s3.ts";
import type { Config } from "./config.ts";
import type { Home } from "./home/home.ts";
import type { Log } from "./log.ts";
import type { Clock, Tool } from "./ports.ts";
import type { SkillFiles, SkillSync } from "./skill-ports.ts";
import { lateLibrary } from "./skills/late-library.ts";
import type { SkillsOfAll } from "./skills/library.ts";
import { createSkillManage } from "./tools/skill-manage.ts";
import { createSkillsList, createSkillView } from "./tools/skills.ts";

export interface SkillsSideOptions {
  readonly config: Pick<Config, "skills" | "region">;
  readonly log: Log;
  readonly clock: Clock;
  readonly table: Table;
  /** Read with the first turn. */
  home(): Promise<Home>;
}

export interface SkillsSide {
  readonly skills: SkillsOfAll;
  readonly skillSync?: SkillSync;
  readonly tools: readonly Tool[];
}

/** Undefined where no bucket is configured. */
export const createSkillsSide = async (options: SkillsSideOptions): Promise<SkillsSide | undefined> => {
  const { config, log, clock, home } = options;
  if (config.skills === undefined) return undefined;
  const { bucket, prefix } = config.skills;
  const files = createSkillFiles({ bucket, prefix, region: config.region, log });
  const sync = await syncOf(options, files);
  const skills = lateLibrary(async () => {
    const [{ bundledSkills, config: settings }, { createSkillLibrary }, { parseYaml }] = await Promise.all([
      home(),
      import("./skills/library.ts"),
      import("./yaml.ts"),
    ]);
    return createSkillLibrary({
      ...{ files, bundled: bundledSkills, parseYaml, clock, log },
      ...(sync === undefined ? {} : { sync }),
      disabled: settings.skills.disabled,
      platformDisabled: settings.skills.platform_disabled,
      guard: settings.skills.guard_agent_created,
    });
  });
  return {
    skills,
    ...(sync === undefined ? {} : { skillSync: sync }),
    tools: [createSkillsList(skills), createSkillView(skills), createSkillManage(skills)],
  };
};

const syncOf = async (
  { config, clock, log, table, home }: SkillsSideOptions,
  files: SkillFiles,
): Promise<SkillSync | undefined> => {
  const id = config.skills?.knowledgeBase;
  if (id === undefined) return undefined;
  const [{ createSkillSync }, { createKnowledgeBase }, { createPendingSyncs }, { MAX_SKILL_BYTES }] =
    await Promise.all([
      import("./skills/sync.ts"),
      import("./adapters/knowledge-base.ts"),
      import("./adapters/dynamodb/pending-syncs.ts"),
      import("./skills/document.ts"),
    ]);
  return createSkillSync({
    ...{ files, clock, log, maxFileBytes: MAX_SKILL_BYTES },
    guard: async () => (await home()).config.skills.guard_agent_created,
    knowledgeBase: createKnowledgeBase({ ...id, region: config.region }),
    pending: createPendingSyncs(table),
  });
};
