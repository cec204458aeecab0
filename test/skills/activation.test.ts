import { describe, expect, it } from "vitest";
import { menuCommands } from "../../src/agent/command-menu.ts";
import { findBySlash, skillActivation, slashCommands } from "../../src/skills/activation.ts";
import { document, start } from "./kit.ts";

const skill = (name: string, more: object = {}) => ({
  name,
  description: `Does ${name}.`,
  category: "",
  tags: [],
  folder: name,
  isBundled: false,
  ...more,
});

describe("the commands of skills", () => {
  it("are in order, as the Bot API takes them, with short descriptions", () => {
    const commands = slashCommands(
      [skill("web_search"), skill("Sonarr v3/v4 API"), skill("a-b", { description: "d".repeat(50) })],
      [],
    );
    expect(commands).toEqual([
      { command: "a_b", description: `${"d".repeat(37)}...`, name: "a-b" },
      { command: "sonarr_v3v4_api", description: "Does Sonarr v3/v4 API.", name: "Sonarr v3/v4 API" },
      { command: "web_search", description: "Does web_search.", name: "web_search" },
    ]);
    for (const { command } of commands) expect(command).toMatch(/^[a-z0-9_]{1,32}$/);
  });

  it("leave the bot's own alone, and are one a name, none for a name without letters or a withheld skill", () => {
    const skills = [
      skill("new"),
      skill("a-b"),
      skill("a_b"),
      skill("+++"),
      skill("bad", { withheld: "too large" }),
    ];
    expect(slashCommands(skills, ["new"]).map(({ name }) => name)).toEqual(["a-b"]);
  });

  it("are at most sixty in the menu, beside the bot's own", () => {
    const skills = Array.from({ length: 100 }, (_, at) => skill(`s${at}`));
    expect(menuCommands(skills)).toHaveLength(menuCommands([]).length + 60);
    expect(slashCommands(skills, [])).toHaveLength(100);
  });

  it("have descriptions that end in no half of a character", () => {
    const [first] = slashCommands([skill("a", { description: `${"d".repeat(36)}😀😀😀😀` })], []);
    expect(first?.description).toBe(`${"d".repeat(36)}...`);
  });

  it("have no half of a character either that YAML has written as an escape, nor has what a list shows", async () => {
    const { bucket, skills } = start();
    const text =
      '---\nname: "tr\\ud83dip"\ndescription: "Plan \\ud83d trips"\ntags: ["a\\udc00"]\n---\n\n# Trip\n';
    bucket.put("trip/SKILL.md", text);
    const list = await skills.list({ isFresh: true });
    expect(list).toContainEqual(
      expect.objectContaining({ name: "tr\ufffdip", description: "Plan \ufffd trips", tags: ["a\ufffd"] }),
    );
    expect(JSON.stringify(menuCommands(list))).not.toMatch(/\\ud/);
  });

  it("find their skill however they are typed, also one whose name is longer than a command", () => {
    const long = skill("a-very-long-name-of-a-skill-that-goes-on-and-on");
    const skills = [skill("claude-code"), skill("bad", { withheld: "x" }), long];
    for (const typed of ["/claude_code", "claude-code", "/Claude_Code"])
      expect(findBySlash(skills, typed)?.name).toBe("claude-code");
    const [menu] = slashCommands([long], []);
    expect(findBySlash(skills, `/${menu?.command}`)).toBe(long);
    const twins = [skill("tea_time"), skill("tea-time")];
    expect(findBySlash(twins, "/tea_time")?.name).toBe(slashCommands(twins, [])[0]?.name);
    expect(findBySlash(skills, "/bad")).toBeUndefined();
    expect(findBySlash(skills, "/")).toBeUndefined();
  });
});

describe("a skill that is invoked", () => {
  const activated = async (text: string, instruction: string) => {
    const { bucket, skills } = start();
    bucket.put("travel/trip/SKILL.md", text);
    bucket.put("travel/trip/references/trains.md", "x");
    return skillActivation(await skills.open("trip"), instruction, "session-1");
  };

  it("becomes a message: activation, body, supporting files, instruction", async () => {
    expect(await activated(document("trip", "x", `Plan in \${HERMES_SKILL_DIR}.\n`), " to Rome ")).toBe(
      `[IMPORTANT: The user has invoked the "trip" skill: follow its instructions, which are these.]

Plan in travel/trip.

[This skill has supporting files. Load one with skill_view(name "trip", file_path) when the skill says so:]
- references/trains.md

The user has provided the following instruction alongside the skill invocation: to Rome`,
    );
  });

  it("says nothing of an instruction when there is none, and tells what it needs and cannot have", async () => {
    const text = "---\nname: trip\ndescription: x\nprerequisites:\n  commands: [ffmpeg]\n---\nBody";
    const message = await activated(text, "  ");
    expect(message).toContain(
      "[Skill setup note: This skill asks for commands (ffmpeg). There is no shell here",
    );
    expect(message).not.toContain("instruction alongside");
  });
});
