// Containers that share a bucket, a table and a Knowledge Base, for the tests of the sync.

import { expect } from "vitest";
import type { SkillSync } from "../../src/skill-ports.ts";
import { createSkillSync } from "../../src/skills/sync.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { createFakeKnowledgeBase } from "../fakes/knowledge-base.ts";
import { createFakePendingSyncs } from "../fakes/pending-syncs.ts";
import { createFakeSkillFiles } from "../fakes/skill-files.ts";
import { createLogLines } from "../home/log-lines.ts";

export const never = new AbortController().signal;

export const skillText = (name: string, body: string): string =>
  `---\nname: ${name}\ndescription: About ${name}.\n---\n\n${body}\n`;

/** What the Knowledge Base has of it. */
export const searchable = (name: string, body: string): string => `${name}\n\nAbout ${name}.\n\n${body}`;

export const createWorld = () => {
  const clock = createFakeClock();
  const files = createFakeSkillFiles({ now: clock.now });
  const base = createFakeKnowledgeBase();
  const pending = createFakePendingSyncs();
  const log = createLogLines();
  const { lines } = log;
  /** A container of its own, with nothing in its memory. */
  const container = ({ guard = async () => true } = {}): SkillSync =>
    createSkillSync({ files, knowledgeBase: base, pending, clock, log, maxFileBytes: 1_000_000, guard });
  const put = (folder: string, body: string) => files.put(`${folder}/SKILL.md`, skillText(folder, body));
  return {
    ...{ clock, files, base, pending, lines, container, put },
    drop: (folder: string) => files.drop(`${folder}/SKILL.md`),
    /** As skill_manage does it. */
    async change(sync: SkillSync, folder: string, body: string | undefined) {
      await sync.begin(folder);
      if (body === undefined) files.drop(`${folder}/SKILL.md`);
      else put(folder, body);
    },
    /** Messages come, whichever container takes them, until nothing is on record. */
    async untilSettled(sync: SkillSync = container()) {
      for (let n = 0; n < 100 && pending.records.size > 0; n += 1) {
        await sync.settle(never);
        base.index();
        await clock.advance(60_000);
      }
      expect([...pending.records.keys()]).toEqual([]);
    },
    /** What the bucket has is what is found. */
    async expectEqual() {
      const texts: Record<string, string> = {};
      for (const { path } of await files.list()) {
        const folder = path.replace(/\/SKILL\.md$/, "");
        const body = files.text(path)?.split("---\n").at(-1)?.trim() ?? "";
        texts[folder] = searchable(folder, body);
      }
      expect(base.found()).toEqual(texts);
    },
  };
};
