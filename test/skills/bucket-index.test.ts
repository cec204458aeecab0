// What a process knows of the bucket from one look to the next; what that costs is in library.test.ts.

import { expect, it } from "vitest";
import { HermesError } from "../../src/errors.ts";
import type { SkillFiles } from "../../src/skill-ports.ts";
import { createBucketIndex } from "../../src/skills/bucket-index.ts";
import { factsOf } from "../../src/skills/document.ts";
import { parseYaml } from "../../src/yaml.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { createFakeSkillFiles } from "../fakes/skill-files.ts";
import { contextOf } from "../tools/context.ts";
import { container, document } from "./kit.ts";

it("a look that finds nothing new leaves all that was made of the last one as it is", async () => {
  const files = createFakeSkillFiles();
  files.put("a/SKILL.md", document("a"));
  const index = createBucketIndex({ files, parseYaml, clock: createFakeClock(), log: contextOf().log });
  const look = () => index.current({ isFresh: true });
  const first = await look();
  expect(await look()).toBe(first);
  for (const change of [
    () => files.put("a/SKILL.md", document("a", "New.")),
    () => files.put("a/references/x.md", "x"),
    () => files.drop("a/references/x.md"),
  ]) {
    const before = await look();
    change();
    const after = await look();
    expect(after).not.toBe(before);
    expect(await look()).toBe(after);
  }
});

it("a look that is to begin now does not join one that began before", async () => {
  const files = createFakeSkillFiles();
  const slow = Promise.withResolvers<void>();
  const list = async () => {
    const listed = await files.list();
    await slow.promise;
    return listed;
  };
  const index = createBucketIndex({
    files: { ...files, list },
    parseYaml,
    clock: createFakeClock(),
    log: contextOf().log,
  });
  const earlier = index.current({ isFresh: true });
  files.put("a/SKILL.md", document("a"));
  const joined = index.current({ isFresh: true });
  const now = index.current({ isFresh: true, isBegunNow: true });
  slow.resolve();
  expect((await earlier).facts.size).toBe(0);
  expect(await joined).toBe(await earlier);
  expect((await now).facts.size).toBe(1);
});

it("what a view of an unchanged skill has read leaves all that was made of the last look as it is", async () => {
  const bucket = createFakeSkillFiles();
  bucket.put("a/SKILL.md", document("a"));
  const index = createBucketIndex({
    files: bucket,
    parseYaml,
    clock: createFakeClock(),
    log: contextOf().log,
  });
  const known = await index.current({ isFresh: true });
  const now = () => index.current({ isFresh: false });
  const [file] = (await bucket.list()).filter(({ path }) => path === "a/SKILL.md");
  if (file === undefined) throw new Error("the skill is not there");
  const facts = factsOf(document("a"), parseYaml);
  index.note(file.path, { file: { ...file }, facts });
  index.note("b/SKILL.md", "gone");
  expect(await now()).toBe(known);
  index.note(file.path, { file, facts: { ...facts, description: "Said otherwise." } });
  expect((await now()).facts.get(file.path)?.description).toBe("Said otherwise.");
  index.note(file.path, { file: { ...file, etag: '"other"' }, facts });
  expect((await now()).files.get(file.path)?.etag).toBe('"other"');
  index.note(file.path, "gone");
  expect((await now()).facts.size).toBe(0);
});

it("skills that cannot be read keep no other one from being read, and are read when they can be", async () => {
  const bucket = createFakeSkillFiles();
  for (let at = 0; at < 450; at += 1) bucket.put(`a/s${at}/SKILL.md`, document(`s${at}`));
  bucket.put("b/good/SKILL.md", document("good", "Found me."));
  const asked: string[] = [];
  let isOpen = false;
  const read: SkillFiles["read"] = async (path, options) => {
    if (!path.startsWith("a/")) return bucket.read(path, options);
    asked.push(path);
    if (!isOpen) throw new HermesError("unavailable", "no access");
    return bucket.read(path, options);
  };
  const { skills } = container({ ...bucket, read });
  const described = async (name: string) =>
    (await skills.list({ isFresh: true })).find((skill) => skill.folder.endsWith(name))?.description;
  await described("good");
  await described("good");
  expect(await described("good")).toBe("Found me.");
  // Each was asked for once before one is a second time.
  expect(new Set(asked).size).toBe(450);
  expect(new Set(asked.slice(0, 450)).size).toBe(450);
  bucket.put("b/new/SKILL.md", document("new", "Just made."));
  expect(await described("new")).toBe("Just made.");
  isOpen = true;
  for (let load = 0; load < 3; load += 1) await skills.list({ isFresh: true });
  expect(await described("s449")).toBe("Does s449.");
});
