// Containers over one bucket of skills, and the conversations in them.

import type { Message } from "../../src/message.ts";
import { createSkillLibrary, type SkillLibraryOptions, type SkillsOfAll } from "../../src/skills/library.ts";
import { createSkillManage } from "../../src/tools/skill-manage.ts";
import { createSkillsList, createSkillView } from "../../src/tools/skills.ts";
import { parseYaml } from "../../src/yaml.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { createFakeSkillFiles } from "../fakes/skill-files.ts";
import { contextOf, toolResult } from "../tools/context.ts";

export const document = (name: string, description = `Does ${name}.`, body = `# ${name}\n\nStep one.\n`) =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n${body}`;

export const BUNDLED = [
  { path: "planning/weekly-review/SKILL.md", text: document("weekly-review", "Look back on the week.") },
  { path: "planning/weekly-review/references/form.md", text: "The form." },
];

export interface Container {
  readonly skills: SkillsOfAll;
  readonly warnings: readonly string[];
}

/** A process of its own over the bucket. */
export const container = (
  files: SkillLibraryOptions["files"],
  more: Partial<SkillLibraryOptions> = {},
): Container => {
  const warnings: string[] = [];
  const log = { ...contextOf().log, warn: (message: string) => void warnings.push(message) };
  const skills = createSkillLibrary({
    files,
    bundled: BUNDLED,
    parseYaml,
    disabled: [],
    guard: true,
    clock: createFakeClock(),
    log,
    ...more,
  });
  return { skills, warnings };
};

export type Answer = Readonly<Record<string, unknown>> & {
  readonly success: boolean;
  readonly error: string;
  readonly version: string;
};

export interface Chat {
  list(args?: object): Promise<Answer>;
  view(args: object): Promise<Answer>;
  manage(args: object): Promise<Answer>;
  readonly messages: Message[];
}

/** A conversation: what its tools answered is in its transcript. */
export const chat = (
  skills: SkillsOfAll,
  signal = new AbortController().signal,
  { isJob = false }: { readonly isJob?: boolean } = {},
): Chat => {
  const messages: Message[] = [];
  const caller = (make: typeof createSkillView) => {
    const tool = make(skills);
    return async (args: object = {}): Promise<Answer> => {
      const { text } = await tool.run({ ...args }, contextOf({ messages: [...messages], signal, isJob }));
      messages.push(toolResult(tool.name, text));
      return JSON.parse(text) as Answer;
    };
  };
  return {
    messages,
    list: caller(createSkillsList),
    view: caller(createSkillView),
    manage: caller(createSkillManage),
  };
};

/** A bucket with a container over it and a conversation in that. */
export const start = (more: Partial<SkillLibraryOptions> = {}) => {
  const bucket = createFakeSkillFiles();
  const { skills, warnings } = container(bucket, more);
  return { bucket, skills, warnings, chat: chat(skills) };
};
