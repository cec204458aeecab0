// What a deletion takes, and what it leaves alone (src/skills/delete-skill.ts).

import { describe, expect, it } from "vitest";
import { createFakeSkillFiles } from "../fakes/skill-files.ts";
import { chat, container, document, start } from "./kit.ts";

const paths = async ({ list }: ReturnType<typeof start>["bucket"]) =>
  (await list()).map(({ path }) => path).filter((path) => !path.startsWith("."));

describe("deleting what is no skill", () => {
  it("takes nothing of a skill that has a folder of that name", async () => {
    const { bucket, chat } = start();
    bucket.put("office/docx/SKILL.md", document("docx").replace("---\n\n", "pinned: true\n---\n\n"));
    bucket.put("office/docx/ooxml/scripts/pack.py", "print(1)");
    bucket.put("office/docx/scripts/deep/scripts/unpack.py", "print(2)");
    const before = await paths(bucket);
    for (const name of ["ooxml", "office/docx/ooxml", "deep"])
      expect(await chat.manage({ action: "delete", name })).toMatchObject({
        success: false,
        error: `Skill '${name}' not found. Use skills_list to see the available skills.`,
      });
    expect(await paths(bucket)).toEqual(before);
  });
});

describe("the files of a deleted skill", () => {
  const PATH = "travel/trip/SKILL.md";

  const begin = () => {
    const stopped = new AbortController();
    const all = start();
    all.bucket.put(PATH, document("trip"));
    for (let at = 0; at < 30; at += 1) all.bucket.put(`travel/trip/references/${at}.md`, "x");
    return { ...all, stopped, chat: chat(all.skills, stopped.signal) };
  };
  const remove = { action: "delete", name: "trip" };

  it("go some at a time", async () => {
    const { bucket, chat: ada } = begin();
    await ada.view({ name: "trip" });
    const gates = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
    bucket.beforeWrite(() => undefined);
    let most = 0;
    let now = 0;
    for (const { promise } of gates)
      bucket.beforeWrite(async () => {
        now += 1;
        most = Math.max(most, now);
        await promise;
        now -= 1;
      });
    const answer = ada.manage(remove);
    for (const { resolve } of gates) resolve();
    expect(await answer).toMatchObject({ success: true });
    expect(most).toBe(8);
    expect(await paths(bucket)).toEqual([]);
  });

  it("stay when the turn is stopped, for the next deletion", async () => {
    const { bucket, skills, stopped, chat: ada } = begin();
    await ada.view({ name: "trip" });
    bucket.beforeWrite(() => stopped.abort(new Error("stopped")));
    await ada.manage(remove).catch(() => undefined);
    const left = await paths(bucket);
    expect([left.length, left.includes(PATH)]).toEqual([30, false]);
    expect(await chat(skills).manage(remove)).toMatchObject({
      success: true,
      message: "Skill 'trip' was deleted before; what was left of its files is removed.",
    });
    expect(await paths(bucket)).toEqual([]);
  });
});

describe("files where a skill is made", () => {
  const FILES = ["travel/trip/references/a.md", "travel/trip/references/b.md", "travel/trip/LICENSE"];
  const create = { action: "create", name: "trip", category: "travel", content: document("trip") };

  /** A deleted skill whose files a deletion of SKILL.md alone has left. */
  const left = () => {
    let now = 1_790_000_000_000;
    const bucket = createFakeSkillFiles({ now: () => now });
    const put = () => FILES.forEach((path) => void bucket.put(path, "x"));
    bucket.put("travel/trip/SKILL.md", document("trip"));
    put();
    now += 60_000;
    bucket.drop("travel/trip/SKILL.md");
    now += 60_000;
    return { bucket, put, chat: chat(container(bucket).skills) };
  };

  it("stay where no skill was deleted, and are told as part of the new one", async () => {
    const { bucket, chat } = start();
    for (const path of FILES) bucket.put(path, "x");
    expect(await chat.manage(create)).toMatchObject({
      success: true,
      message: "Skill 'trip' created. Files that were in its folder already are part of it now.",
      kept_files: ["LICENSE", "references/a.md", "references/b.md"],
    });
    expect([bucket.counts.remove, bucket.counts.versions]).toEqual([0, 1]);
    expect(await chat.view({ name: "trip", file_path: "references/a.md" })).toMatchObject({ content: "x" });
  });

  it("go where a deleted skill has left them, and that is told", async () => {
    const { bucket, chat } = left();
    expect(await chat.manage(create)).toMatchObject({
      message:
        "Skill 'trip' created. What a deleted skill had left in its folder is removed. Files that were in its folder already are part of it now.",
      removed_files: ["references/a.md", "references/b.md"],
      kept_files: ["LICENSE"],
    });
    expect(await paths(bucket)).toEqual(["travel/trip/LICENSE", "travel/trip/SKILL.md"]);
  });

  it("stay where somebody has put them since a skill was deleted", async () => {
    const { bucket, put, chat } = left();
    put();
    const { message, kept_files } = await chat.manage(create);
    expect([message, kept_files]).toEqual([expect.not.stringMatching("removed"), expect.any(Array)]);
    expect(bucket.counts.remove).toBe(0);
  });

  it("stay while the bucket does not tell whether a skill was deleted", async () => {
    const { bucket, chat } = left();
    bucket.fail("versions");
    expect(await chat.manage(create)).toMatchObject({ success: true, kept_files: expect.any(Array) });
    expect(bucket.counts.remove).toBe(0);
  });

  it("that cannot be removed are named beside a skill that was made", async () => {
    const { bucket, chat } = left();
    bucket.fail("remove");
    expect(await chat.manage(create)).toMatchObject({
      success: true,
      removed_files: ["references/b.md"],
      not_removed: ["travel/trip/references/a.md"],
    });
    expect(bucket.text("travel/trip/SKILL.md")).toBe(document("trip"));
  });

  it("are not removed after the turn was stopped", async () => {
    const { bucket } = left();
    const stopped = new AbortController();
    bucket.beforeWrite(() => stopped.abort(new Error("stopped")));
    const answer = await chat(container(bucket).skills, stopped.signal).manage(create);
    expect(answer).toMatchObject({ success: true, not_removed: FILES.slice(0, 2) });
    expect(bucket.counts.remove).toBe(0);
  });
});

describe("a SKILL.md of a gigabyte", () => {
  const PATH = "travel/trip/SKILL.md";

  /** The bucket says how large it is; nobody may read it. */
  const begin = async () => {
    const all = start();
    all.bucket.put(PATH, document("trip").padEnd(400_000, "x"));
    expect((await all.chat.view({ name: "trip" })).error).toContain(
      "is withheld: its SKILL.md is too large (more than 300000 bytes). It cannot be loaded; it can be deleted, edited as a whole,",
    );
    return all;
  };

  it("can be deleted and replaced, as its message says", async () => {
    const one = await begin();
    expect(await one.chat.manage({ action: "delete", name: "trip" })).toMatchObject({ success: true });
    expect(one.bucket.text(PATH)).toBeUndefined();

    const other = await begin();
    const edit = { action: "edit", name: "trip", content: document("trip") };
    expect(await other.chat.manage(edit)).toMatchObject({ success: true });
    expect(other.bucket.text(PATH)).toBe(document("trip"));
  });

  it("that became so since it was listed can, too; a patch of it says that it is withheld", async () => {
    const { bucket, chat } = start();
    bucket.put(PATH, document("trip"));
    await chat.list();
    bucket.put(PATH, document("trip").padEnd(400_000, "x"));
    const patch = { action: "patch", name: "trip", old_string: "Step", new_string: "x" };
    expect((await chat.manage(patch)).error).toContain("is withheld: its SKILL.md is too large");
    expect(await chat.manage({ action: "delete", name: "trip" })).toMatchObject({ success: true });
  });
});
