// A skill's new name (src/skills/claim.ts): nobody else's, also not that of who takes it at the same moment.

import { describe, expect, it } from "vitest";
import { createFakeSkillFiles } from "../fakes/skill-files.ts";
import { chat, container, document } from "./kit.ts";

const ONE = "a/one/SKILL.md";

const begin = async () => {
  const bucket = createFakeSkillFiles();
  bucket.put(ONE, document("one"));
  const [ada, bob] = [chat(container(bucket).skills), chat(container(bucket).skills)];
  await ada.view({ name: "one" });
  await bob.view({ name: "one" });
  return { bucket, ada, bob };
};

const rename = (name: string) => ({
  action: "patch",
  name: "one",
  old_string: "name: one",
  new_string: `name: ${name}`,
});

describe("a rename", () => {
  it("sees names another container has taken since", async () => {
    const { bucket, ada, bob } = await begin();
    await bob.manage({ action: "create", name: "two", category: "b", content: document("two") });
    expect((await ada.manage(rename("two"))).error).toBe("A skill named 'two' already exists at b/two.");
    expect(bucket.text(ONE)).toBe(document("one"));
    expect((await ada.list())["skills"]).toContainEqual(expect.objectContaining({ name: "two" }));
  });

  it.each([
    ["its capitals", "Two", "b/x"],
    ["its folder", "three", "b/Two"],
  ])("takes no name that a new skill could not have: %s", async (_, name, folder) => {
    const { bucket, ada } = await begin();
    bucket.put(`${folder}/SKILL.md`, document(name));
    expect((await ada.manage(rename("two"))).error).toBe(`A skill named 'two' already exists at ${folder}.`);
  });

  it("may give a skill its folder's name, or other capitals", async () => {
    const { bucket, ada } = await begin();
    expect(await ada.manage(rename("One"))).toMatchObject({ success: true });
    bucket.put("a/other/SKILL.md", document("else"));
    const back = { action: "patch", name: "else", old_string: "name: else", new_string: "name: other" };
    await ada.list();
    expect(await ada.manage(back)).toMatchObject({ success: true });
  });

  it("of a skill that shares its name from of old is none while it keeps the name", async () => {
    const { bucket, ada } = await begin();
    bucket.put("b/one/SKILL.md", document("one"));
    const patch = { action: "patch", name: "a/one", old_string: "Step one.", new_string: "Step 1." };
    const before = bucket.counts.list;
    expect(await ada.manage(patch)).toMatchObject({ success: true });
    expect(bucket.counts.list).toBe(before);
  });
});

describe("a rename while another skill takes the name", () => {
  it.each([
    ["patch", rename("two")],
    ["edit", { action: "edit", name: "one", content: document("two", "Mine.") }],
  ])("is taken back, and the text is as it was: %s", async (_, asked) => {
    const { bucket, ada } = await begin();
    bucket.beforeWrite(() => bucket.put("b/two/SKILL.md", document("two")));
    expect((await ada.manage(asked)).error).toBe(
      "A skill named 'two' was made at b/two at the same moment, and your change was taken back. Choose another name.",
    );
    expect(bucket.text(ONE)).toBe(document("one"));
    expect(await ada.view({ name: "one" })).toMatchObject({ success: true, path: ONE });
    expect(await ada.view({ name: "two" })).toMatchObject({ path: "b/two/SKILL.md" });
  });

  it("is taken back when it came with a version from before", async () => {
    const { bucket, ada } = await begin();
    bucket.put(ONE, document("two"));
    const [{ version } = { version: "" }] = await bucket.versions(ONE, 1);
    bucket.put(ONE, document("one", "Now."));
    await ada.view({ name: "one" });
    bucket.beforeWrite(() => bucket.put("b/two/SKILL.md", document("two")));
    const answer = await ada.manage({ action: "rollback", name: "one", version });
    expect(answer.error).toMatch(/your change was taken back/);
    expect(bucket.text(ONE)).toBe(document("one", "Now."));
  });

  it("stays when somebody has changed it since, and both are named", async () => {
    const { bucket, ada } = await begin();
    const theirs = document("two", "Changed again.");
    bucket.beforeWrite(() => bucket.put("b/two/SKILL.md", document("two")));
    bucket.beforeWrite(() => bucket.put(ONE, theirs));
    const answer = await ada.manage({ action: "edit", name: "one", content: document("two", "Mine.") });
    expect(answer.error).toBe(
      "A skill named 'two' was made at b/two at the same moment, and somebody has changed yours already: now there are two, b/two and a/one.",
    );
    expect(bucket.text(ONE)).toBe(theirs);
  });

  it("leaves at most one of two that rename at once", async () => {
    const { bucket, ada, bob } = await begin();
    bucket.put("b/three/SKILL.md", document("three"));
    await bob.list();
    const other = { action: "patch", name: "three", old_string: "name: three", new_string: "name: two" };
    const answers = await Promise.all([ada.manage(rename("two")), bob.manage(other)]);
    const texts = [ONE, "b/three/SKILL.md"].map((path) => bucket.text(path)?.includes("name: two"));
    expect(texts).toEqual(answers.map(({ success }) => success));
    expect(texts.filter(Boolean).length).toBeLessThan(2);
  });
});
