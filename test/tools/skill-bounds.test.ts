// Answers about skills within their bounds. A long skill is read piece by piece: what `next_offset` skips was shown, also where the
// loop has little room for each of many calls.

import { describe, expect, it } from "vitest";
import { createSkillView } from "../../src/tools/skills.ts";
import { call, calls, play, resultsOf, says, scriptedAsk } from "../agent/loop-kit.ts";
import { document, start } from "../skills/kit.ts";
import { contextOf } from "./context.ts";

const many = (letter: string) =>
  Array.from({ length: 50 }, (_, at) => `"${`${letter}_${at}_`.padEnd(60, "\\\\")}"`).join(", ");

/** With as much beside its text as a skill can have. */
const rich = (name: string, body: string) =>
  `---\nname: ${name}\ndescription: ${"d".repeat(1_024)}
tags: [${many("T")}]
related_skills: [${many("R")}]
required_environment_variables: [${many("E")}]
prerequisites:\n  env_vars: [${many("F")}]\n  commands: [${many("C")}]\n---\n\n${body}`;

const words = Array.from({ length: 7_000 }, (_, at) => `word-${at}`).join(" ");

const withSkills = (count: number, body = words) => {
  const { bucket, skills } = start({ bundled: [] });
  const names = Array.from({ length: count }, (_, at) => `skill-${at}`);
  for (const name of names) {
    bucket.put(`c/${name}/SKILL.md`, rich(name, body));
    for (let at = 0; at < 200; at += 1) bucket.put(`c/${name}/references/notes-number-${at}.md`, "x");
    bucket.put(`c/${name}/references/long.md`, body);
  }
  return { bucket, names, view: createSkillView(skills) };
};

interface Piece {
  readonly path: string;
  readonly content: string;
  readonly next_offset?: number;
}

describe("what next_offset skips was shown", () => {
  it.each([1, 6, 8, 20])("with %i calls in one reply", async (count) => {
    const { bucket, names, view } = withSkills(count);
    const inPieces = names.flatMap((name, at) =>
      at % 2 === 0
        ? call("skill_view", { name })
        : call("skill_view", { name, file_path: "references/long.md" }),
    );
    const { stored } = await play({ ask: scriptedAsk(calls(inPieces), says("ready")), tools: [view] });
    const results = resultsOf(stored);
    expect(results).toHaveLength(count);
    for (const result of results) {
      expect(result).not.toContain("Result cut");
      const { path, content, next_offset } = JSON.parse(result) as Piece;
      const whole = bucket.text(path) ?? "";
      expect(content).toBe(whole.slice(0, next_offset));
      expect(content.length).toBeGreaterThan(1_000);
    }
  });

  it.each([48_000, 25_000, 10_000])(
    "to the end, and nothing twice, within %i characters",
    async (maxResultChars) => {
      const { bucket, view } = withSkills(1, `${'\u0001\\"é😀\n'.repeat(5_000)}${words.slice(0, 30_000)}`);
      let text = "";
      for (let offset: number | undefined = 0; offset !== undefined; ) {
        const answer = await view.run({ name: "skill-0", offset }, contextOf({ maxResultChars }));
        expect(answer.text.length).toBeLessThanOrEqual(maxResultChars);
        const piece = JSON.parse(answer.text) as Piece;
        text += piece.content;
        expect(piece.next_offset ?? text.length).toBe(text.length);
        offset = piece.next_offset;
      }
      expect(text).toBe(bucket.text("c/skill-0/SKILL.md"));
    },
  );
});

it("all 500 names are listed where they fit", async () => {
  const { bucket, chat } = start({ bundled: [] });
  for (let at = 0; at < 500; at += 1)
    bucket.put(`category-${at % 9}/skill-number-${at}/SKILL.md`, document(`skill-number-${at}`));
  for (let load = 0; load < 3; load += 1) await chat.list();
  const { skills } = await chat.list();
  expect(skills).toHaveLength(500);
  expect(skills).toContainEqual({ name: "skill-number-499" });
});
