import { describe, expect, it } from "vitest";
import { isSkillPath, readSkill, summariseSkills } from "../../src/home/skills.ts";
import { parseYaml } from "../../src/home/yaml.ts";

const file = (name: string, text: string) => ({ name, path: `/home/${name}`, text });
const summary = (text: string, name = "skills/notes/my-skill/SKILL.md") =>
  summariseSkills([file(name, text)], [], parseYaml)[0];

describe("a skill document", () => {
  it("gives its fields and its body", () => {
    const document = readSkill(
      "---\nname: a\nmetadata:\n  hermes: {tags: [x]}\n---\n\n# A\n---\nrest\n",
      parseYaml,
    );
    expect(document.fields).toEqual({ name: "a", metadata: { hermes: { tags: ["x"] } } });
    expect(document.body).toBe("\n# A\n---\nrest\n");
  });

  it("with broken YAML is read line by line", () => {
    const text = '---\nname: "a"\ndescription: what: it {{{ does\n\tx\n---\nBody';
    expect(summary(text)).toMatchObject({ name: "a", description: "what: it {{{ does" });
  });

  it.each([
    ["no frontmatter", "# Do the thing\n\nmore"],
    ["an empty one", "---\n---\n\n# Do the thing\n"],
    ["one that is a list", "---\n- a\n---\nDo the thing"],
    ["a byte order mark and CRLF", "\uFEFF---\r\nversion: 1\r\n---\r\nDo the thing\r\n"],
  ])("with %s takes its name from the folder and its description from the first line", (_, text) => {
    expect(summary(text)).toMatchObject({ name: "my-skill", description: "Do the thing" });
  });

  it("that never closes its frontmatter is all body", () => {
    expect(readSkill("---\nname: a\n", parseYaml)).toEqual({ fields: {}, body: "---\nname: a\n" });
  });
});

describe("the skills of a home", () => {
  it("are listed by category and name, with where they are", () => {
    const text = (name: string) => `---\nname: ${name}\ndescription: >\n  two\n  lines\n---\n`;
    const skills = summariseSkills(
      [
        file("skills/z/SKILL.md", text("z")),
        file("skills/b/y/SKILL.md", text("y")),
        file("skills/b/sub/x/SKILL.md", text("x")),
        file("skills/b/a/SKILL.md", text("a")),
      ],
      [],
      parseYaml,
    );
    expect(skills.map(({ category, name }) => `${category}:${name}`)).toEqual([
      ":z",
      "b:a",
      "b:y",
      "b/sub:x",
    ]);
    expect(skills[1]).toEqual({
      name: "a",
      description: "two lines",
      category: "b",
      path: "/home/skills/b/a/SKILL.md",
    });
  });

  it("leave out the disabled ones and those for a desktop", () => {
    const files = [
      file("skills/a/SKILL.md", "A"),
      file("skills/b/SKILL.md", "---\nplatforms: [macos, windows]\n---\nB"),
      file("skills/c/SKILL.md", "---\nplatforms: [macos, linux]\n---\nC"),
      file("skills/d/SKILL.md", "D"),
    ];
    expect(summariseSkills(files, ["d"], parseYaml).map(({ name }) => name)).toEqual(["a", "c"]);
  });

  it.each([
    ["skills/a/SKILL.md", true],
    ["skills/cat/sub/a/SKILL.md", true],
    ["skills/SKILL.md", false],
    ["skills/a/README.md", false],
    ["skills/a/templates/SKILL.md", false],
    ["skills/a/references/x/SKILL.md", false],
    ["other/a/SKILL.md", false],
  ])("%s is one: %s", (name, expected) => {
    expect(isSkillPath(name)).toBe(expected);
  });
});
