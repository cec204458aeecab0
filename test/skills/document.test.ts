import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { factsOf, frontmatterProblem, needsOf, readSkill } from "../../src/skills/document.ts";
import { bundledFacts, entriesOf } from "../../src/skills/entry.ts";
import { isSkillPath } from "../../src/skills/paths.ts";
import { findDanger } from "../../src/skills/scan.ts";
import { parseYaml } from "../../src/yaml.ts";

const facts = (text: string) => factsOf(text, parseYaml);
const needs = (text: string) => needsOf(readSkill(text, parseYaml).fields);
const bundled = (files: Parameters<typeof bundledFacts>[0], disabled: readonly string[]) =>
  entriesOf(
    bundledFacts(files, parseYaml).facts,
    { isBundled: true, abouts: new Map() },
    { disabled, guard: true },
  );
const summary = (text: string) => bundled([{ path: "notes/my-skill/SKILL.md", text }], [])[0]?.summary;

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
    expect(facts(text)).toMatchObject({ name: "a", description: "what: it {{{ does" });
  });

  it.each([
    ["no frontmatter", "# Do the thing\n\nmore"],
    ["an empty one", "---\n---\n\n# Do the thing\n"],
    ["one that is a list", "---\n- a\n---\nDo the thing"],
    ["a byte order mark and CRLF", "\uFEFF---\r\nversion: 1\r\n---\r\nDo the thing\r\n"],
  ])("with %s takes its name from the folder and its description from the first line", (_, text) => {
    expect(summary(text)).toMatchObject({ name: "my-skill", description: "Do the thing", category: "notes" });
  });

  it("that never closes its frontmatter is all body", () => {
    expect(readSkill("---\nname: a\n", parseYaml)).toEqual({ fields: {}, body: "---\nname: a\n" });
  });

  it("tells what it is about in bounded pieces", () => {
    const many = Array.from({ length: 60 }, (_, at) => `tag${at}`);
    const text = `---\nname: ${"n".repeat(500)}\ndescription: ${"d ".repeat(900)}\ntags: [${many}]\n---\n${"## Heading\n".repeat(50)}`;
    const { name, description, tags, headings } = facts(text);
    expect([name.length, tags.length, headings.length]).toEqual([100, 20, 20]);
    expect(description.length).toBeLessThanOrEqual(1_024);
  });

  it("of the open format loads: license, compatibility, allowed-tools and a flat metadata", () => {
    const text =
      "---\nname: pdf-processing\ndescription: Extract text and tables from PDF files.\nlicense: Apache-2.0\n" +
      'compatibility: Requires git and jq\nallowed-tools: Bash(git:*) Read\nmetadata:\n  author: example-org\n  version: "1.0"\n  tags: pdf, forms\n---\n\n# PDF\n\n## Steps\n';
    expect(facts(text)).toMatchObject({
      name: "pdf-processing",
      description: "Extract text and tables from PDF files.",
      tags: ["pdf", "forms"],
      headings: ["PDF", "Steps"],
      isForLinux: true,
    });
    expect(frontmatterProblem(text, parseYaml)).toBeUndefined();
  });

  it("says what it needs, in any of the ways people write it", () => {
    const text =
      "---\nname: a\nrequired_environment_variables:\n  - name: API_KEY\n    prompt: your key\n  - OTHER\n" +
      "prerequisites:\n  env_vars: [API_KEY, THIRD]\n  commands: [jq]\n" +
      "metadata:\n  hermes:\n    related_skills: [b]\n    requires_tools: web_extract\n    pinned: true\n---\nBody";
    expect(needs(text)).toEqual({
      tags: [],
      relatedSkills: ["b"],
      environment: ["API_KEY", "OTHER", "THIRD"],
      commands: ["jq"],
      isPinned: true,
    });
    expect(facts(text).conditions).toMatchObject({ requiresTools: ["web_extract"], fallbackForTools: [] });
  });

  it("for another system is hidden, and so is one that is switched off", () => {
    const file = (name: string, text: string) => ({ path: `${name}/SKILL.md`, text });
    const files = [
      file("a", "A"),
      file("b", "---\nplatforms: [macos, windows]\n---\nB"),
      file("c", "---\nplatforms: [macos, linux]\n---\nC"),
      file("d", "D"),
    ];
    const entries = bundled(files, ["d"]);
    expect(entries.filter(({ isHidden }) => !isHidden).map(({ folder }) => folder)).toEqual(["a", "c"]);
  });
});

describe("a path", () => {
  it.each([
    ["a/SKILL.md", true],
    ["cat/sub/a/SKILL.md", true],
    ["SKILL.md", false],
    ["a/README.md", false],
    ["a/templates/SKILL.md", false],
    ["a/references/x/SKILL.md", false],
    ["a/node_modules/x/SKILL.md", false],
    [".archive/a/SKILL.md", false],
    ["a/../../b/SKILL.md", false],
    ["a//SKILL.md", false],
    ["/a/SKILL.md", false],
    ["a\\b/SKILL.md", false],
    ["a\nb/SKILL.md", false],
    ["a\u202e/SKILL.md", false],
  ])("%j is a skill's: %s", (path, expected) => {
    expect(isSkillPath(path)).toBe(expected);
  });
});

describe("the skills that come with the bot", () => {
  const home = join(import.meta.dirname, "../../home/skills");
  const paths = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((path) => isSkillPath(path));

  it.each(paths)("%s could have been written by the agent: valid, safe, on one page", (path) => {
    const text = readFileSync(join(home, path), "utf8");
    expect(frontmatterProblem(text, parseYaml)).toBeUndefined();
    expect(findDanger(text)).toBeUndefined();
    expect(text.split("\n").length).toBeLessThan(90);
    const { name, tags, conditions } = facts(text);
    expect(path.split("/").at(-2)).toBe(name);
    expect(tags.length).toBeGreaterThan(0);
    expect(conditions?.requiresTools).toHaveLength(1);
  });
});
