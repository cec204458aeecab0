import { describe, expect, it } from "vitest";
import { factsOf, frontmatterProblem, MAX_SKILL_CHARS } from "../../src/skills/document.ts";
import {
  categoryProblem,
  findByCommand,
  nameProblem,
  readFilePath,
  slashName,
  telegramCommand,
} from "../../src/skills/names.ts";
import { parseYaml } from "../../src/yaml.ts";
import { casesOf } from "./read-vectors.ts";

interface Case {
  readonly id: string;
  readonly check:
    | "skill_name"
    | "category"
    | "frontmatter"
    | "file_path"
    | "content_size"
    | "telegram_command_name"
    | "slash_command_from_skill_name"
    | "slash_command_lookup";
  readonly input: string | null;
  readonly valid: boolean;
  readonly upstream_error: string | null;
  readonly expected: string | null;
  readonly installed: readonly string[];
}

const cases = casesOf<Case>("skill_validation");
const of = (check: Case["check"]) => cases.filter((one) => one.check === check);

/** The parsers of Python and of JavaScript describe a mistake in their own words. */
const problemText = (error: string | null): string | undefined =>
  error?.startsWith("YAML frontmatter parse error:") ? "YAML frontmatter parse error:" : (error ?? undefined);

const expectProblem = (problem: string | undefined, { valid, upstream_error }: Case): void => {
  expect(problem === undefined).toBe(valid);
  expect(problem ?? "").toContain(problemText(upstream_error) ?? "");
};

describe("skills are validated as in Hermes, in its words", () => {
  it.each(of("skill_name"))("$id: the name “$input”", (one) => {
    expectProblem(nameProblem(one.input ?? ""), one);
  });

  it.each(of("category"))("$id: the category “$input”", (one) => {
    expectProblem(categoryProblem(one.input ?? ""), one);
  });

  it.each(of("frontmatter"))("$id: a document, valid: $valid", (one) => {
    expectProblem(frontmatterProblem(one.input ?? "", parseYaml), one);
  });

  it.each(of("file_path"))("$id: the file “$input”", (one) => {
    const read = readFilePath(one.input ?? "", "my-skill");
    expectProblem("problem" in read ? read.problem : undefined, one);
  });

  it.each(of("content_size"))("$id: a document of 100,000 characters", ({ valid }) => {
    const head = "---\nname: a\ndescription: b\n---\n";
    const facts = (chars: number) => factsOf(head.padEnd(chars, "x"), parseYaml);
    expect(facts(MAX_SKILL_CHARS).problem === undefined).toBe(valid);
    expect(facts(MAX_SKILL_CHARS + 1).problem).toBe("too long");
  });
});

describe("skills have the commands they have in Hermes", () => {
  it.each(of("telegram_command_name"))("$id: “$input” is “$expected”", ({ input, expected }) => {
    expect(telegramCommand(input ?? "")).toBe(expected);
  });

  it.each(of("slash_command_from_skill_name"))("$id: “$input” is $expected", ({ input, expected }) => {
    const name = slashName(input ?? "");
    expect(name === undefined ? null : `/${name}`).toBe(expected);
  });

  it.each(of("slash_command_lookup"))("$id: $input means $expected", ({ input, installed, expected }) => {
    expect(
      findByCommand(
        installed.map((name) => ({ name })),
        input ?? "",
      )?.name,
    ).toBe(expected);
  });
});

it("runs every case there is", () => {
  const run = [
    "skill_name",
    "category",
    "frontmatter",
    "file_path",
    "content_size",
    "telegram_command_name",
    "slash_command_from_skill_name",
    "slash_command_lookup",
  ] as const;
  expect(run.flatMap((check) => of(check))).toHaveLength(cases.length);
});
