// `skill_manage`: the agent writes its own skills (hermes-behaviour.md 4.3). What its actions do is in src/skills; here are their
// arguments, and what this conversation has seen.

import * as z from "zod/mini";
import type { Tool } from "../ports.ts";
import { ACTION_NAMES } from "../skills/action-names.ts";
import type { SkillsOfAll } from "../skills/library.ts";
import { defineTool } from "./define-tool.ts";
import { seenVersion } from "./seen-versions.ts";
import { answered, said, skillsFor } from "./skill-answer.ts";

/** Without bounds here: each has its own, and a reason when it is passed. */
const text = () => z.optional(z.string());

const parameters = z.object({
  action: z.enum(ACTION_NAMES),
  name: z.string(),
  content: text().check(z.describe("create, edit: the whole SKILL.md.")),
  category: text(),
  old_string: text().check(z.describe("patch: unique text to replace.")),
  new_string: text(),
  replace_all: z.optional(z.boolean()),
  file_path: text().check(z.describe("A file below references/, templates/, scripts/ or assets/.")),
  file_content: text(),
  absorbed_into: text().check(z.describe("delete: the skill that takes its place.")),
  version: text().check(z.describe("rollback: from action versions.")),
});

export const createSkillManage = (skills: SkillsOfAll): Tool =>
  defineTool({
    name: "skill_manage",
    toolset: "skills",
    description:
      "Write your skills, shared by all chats. SKILL.md is YAML frontmatter (name, description) and instructions. Prefer " +
      "patch; view before edit, delete or rollback. Ask the person before create and delete.",
    parallel: false,
    repeatable: false,
    parameters,
    run: ({ action, ...args }, context) =>
      answered(
        context,
        async () => {
          const { name, path, version, ...rest } = await skillsFor(skills, context).change(action, {
            args,
            seen: (file) => seenVersion(context.messages, file),
            signal: context.signal,
          });
          return said({ success: true, name, path, ...(version === undefined ? {} : { version }), ...rest });
        },
        "It is not known whether the change was made: look with skill_view before you try again.",
      ),
  });
