// Skills that config.yaml switches off for chats alone, or for jobs alone (`skills.platform_disabled`).

import { expect, it } from "vitest";
import { parseConfig } from "../../src/home/config.ts";
import { findBySlash, slashCommands } from "../../src/skills/activation.ts";
import { parseYaml } from "../../src/yaml.ts";
import { chat, document, start } from "./kit.ts";

const FRESH = { isFresh: true };
const SESSION = "cron_3f2a9c1b7d4e_20260921_070000";
const names = (skills: readonly { readonly name: string }[]) => skills.map(({ name }) => name);

const withThree = () => {
  const all = start({
    bundled: [],
    disabled: ["nowhere"],
    platformDisabled: { telegram: ["in-jobs"], cron: ["in-chats"] },
  });
  for (const name of ["in-chats", "in-jobs", "nowhere"])
    all.bucket.put(`${name}/SKILL.md`, document(name, `Skill of ${name}.`));
  return { ...all, job: chat(all.skills, undefined, { isJob: true }) };
};

it("a skill switched off for one platform is there for the other, and one switched off everywhere for none", async () => {
  const { skills } = withThree();
  expect(names(await skills.list(FRESH))).toEqual(["in-chats"]);
  expect(names(await skills.inJobs.list(FRESH))).toEqual(["in-jobs"]);
  expect(await skills.inJobs.text("in-jobs", SESSION)).toContain("Skill of in-jobs.");
  expect(await skills.inJobs.text("in-chats", SESSION)).toBeUndefined();
  expect(await skills.text("in-jobs", SESSION)).toBeUndefined();
});

it("the tools of a chat and of a job list, find, load and change what is theirs", async () => {
  const { chat, job } = withThree();
  for (const [one, own, other] of [
    [chat, "in-chats", "in-jobs"],
    [job, "in-jobs", "in-chats"],
  ] as const) {
    expect(await one.list()).toMatchObject({ skills: [{ name: own }], count: 1 });
    expect(await one.list({ query: "skill" })).toMatchObject({ skills: [{ name: own }] });
    expect(await one.view({ name: own })).toMatchObject({ success: true });
    expect((await one.view({ name: other })).error).toMatch(/switched off in config\.yaml/);
    expect((await one.manage({ action: "delete", name: other })).error).toMatch(/switched off/);
    expect((await one.manage({ action: "create", name: other, content: document(other) })).error).toMatch(
      /already exists/,
    );
  }
});

it("the commands are those of chats", async () => {
  const { skills } = withThree();
  const listed = await skills.list(FRESH);
  expect(slashCommands(listed, []).map(({ command }) => command)).toEqual(["in_chats"]);
  expect(findBySlash(listed, "in_jobs")).toBeUndefined();
});

it("both see the bucket by one look", async () => {
  const { bucket, skills } = withThree();
  await Promise.all([skills.list(FRESH), skills.inJobs.list(FRESH)]);
  expect(bucket.counts.list).toBe(1);
});

it("config.yaml may leave a platform out, and hears of one that there is not here", () => {
  const text = "skills: {platform_disabled: {cron: [a], telegram: , discord: [b]}}";
  const { config, unknownKeys } = parseConfig(text, "config.yaml", parseYaml);
  expect(config.skills.platform_disabled).toEqual({ telegram: [], cron: ["a"] });
  expect(unknownKeys).toEqual(["skills.platform_disabled.discord"]);
  expect(() => parseConfig("skills: {platform_disabled: [a]}", "config.yaml", parseYaml)).toThrow(
    "skills.platform_disabled: expected a section of keys",
  );
});
