// Many containers change one skill at the same time, over the bucket in memory and over the real wire protocol of S3.

import { afterEach, describe, expect, it } from "vitest";
import { type S3StandIn, startS3 } from "../../local/s3/server.ts";
import { createSkillFiles } from "../../src/adapters/s3.ts";
import type { SkillFiles } from "../../src/skill-ports.ts";
import { createFakeSkillFiles } from "../fakes/skill-files.ts";
import { chat, container, document } from "./kit.ts";

const started: S3StandIn[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((s3) => s3.close()));
});

const overS3 = async (): Promise<SkillFiles> => {
  const s3 = await startS3({ buckets: ["skills"] });
  started.push(s3);
  return createSkillFiles({ bucket: "skills", prefix: "", region: "us-east-1", endpoint: s3.endpoint });
};

const PATH = "travel/trip/SKILL.md";

/** A bucket with one skill, and conversations that have read it, each in its own container. */
const chats = async (files: SkillFiles, count: number) => {
  await files.write(PATH, new TextEncoder().encode(document("trip")), undefined);
  const all = Array.from({ length: count }, () => chat(container(files).skills));
  for (const one of all) await one.view({ name: "trip" });
  return all;
};

const textNow = async (files: SkillFiles): Promise<string> => {
  const file = await files.read(PATH, { maxBytes: 1_000_000 });
  return new TextDecoder().decode(file?.bytes);
};

describe.each([
  ["in memory", async () => createFakeSkillFiles()],
  ["over S3", overS3],
])("chats that change one skill at once, %s", (_, open) => {
  it("keep every patch that was told as made, and none that was told as refused", async () => {
    const files = await open();
    const all = await chats(files, 6);
    const markers = all.map((_chat, at) => `Word ${at}.`);
    const answers = await Promise.all(
      all.map((one, at) =>
        one.manage({
          action: "patch",
          name: "trip",
          old_string: "# trip\n",
          new_string: `# trip\n\n${markers[at]}\n`,
        }),
      ),
    );
    const text = await textNow(files);
    expect(answers.some(({ success }) => success)).toBe(true);
    expect(markers.map((marker) => text.includes(marker))).toEqual(answers.map(({ success }) => success));
  });

  it("replace it once: the others are told, and can after they have looked", async () => {
    const files = await open();
    const all = await chats(files, 5);
    const edit = (at: number) => ({
      action: "edit",
      name: "trip",
      content: document("trip", `Of chat ${at}.`),
    });
    const answers = await Promise.all(all.map((one, at) => one.manage(edit(at))));
    expect(answers.filter(({ success }) => success)).toHaveLength(1);
    const winner = answers.findIndex(({ success }) => success);
    expect(await textNow(files)).toContain(`Of chat ${winner}.`);
    for (const { success, error } of answers)
      if (!success) expect(error).toMatch(/changed by somebody else meanwhile/);

    const loser = (winner + 1) % all.length;
    await all[loser]?.view({ name: "trip" });
    expect(await all[loser]?.manage(edit(loser))).toMatchObject({ success: true });
  });

  it("delete it or change it, and never both", async () => {
    const files = await open();
    const [ada, bob] = await chats(files, 2);
    const [deleted, edited] = await Promise.all([
      ada?.manage({ action: "delete", name: "trip" }),
      bob?.manage({ action: "edit", name: "trip", content: document("trip", "Still here.") }),
    ]);
    expect(deleted?.success).not.toBe(edited?.success);
    const left = (await files.list()).some(({ path }) => path === PATH);
    expect(left).toBe(edited?.success);
  });

  it("make one of a name, all at once", async () => {
    const files = await open();
    const all = await chats(files, 4);
    const answers = await Promise.all(
      all.map((one, at) =>
        one.manage({ action: "create", name: "new", content: document("new", `Of chat ${at}.`) }),
      ),
    );
    expect(answers.filter(({ success }) => success)).toHaveLength(1);
  });

  it("make at most one of a name in all categories, and keep none that was told as refused", async () => {
    const files = await open();
    const all = await chats(files, 4);
    const create = (at: number) => ({
      action: "create",
      name: "new",
      category: `cat-${at}`,
      content: document("new", `Of chat ${at}.`),
    });
    const answers = await Promise.all(all.map((one, at) => one.manage(create(at))));
    const kept = async () =>
      (await files.list()).map(({ path }) => path).filter((path) => path.endsWith("new/SKILL.md"));
    const made = answers.flatMap(({ success, path }) => (success ? [path] : []));
    expect(made.length).toBeLessThan(2);
    expect(await kept()).toEqual(made);
    for (const { success, error } of answers)
      if (!success) expect(error).toMatch(/at the same moment|already exists|by somebody else/);

    const [one] = all;
    await one?.manage(create(9));
    expect(await kept()).toHaveLength(1);
  });
});

describe("a skill that is made while another of its name is", () => {
  const begin = () => {
    const bucket = createFakeSkillFiles();
    return { bucket, chat: chat(container(bucket).skills) };
  };
  const CREATE = { action: "create", name: "new", category: "mine", content: document("new") };

  it.each([
    ["folder", document("else")],
    ["name", document("new")],
  ])("takes itself back when the other has its %s, and leaves nothing behind", async (_, text) => {
    const { bucket, chat } = begin();
    const folder = text.includes("name: else") ? "theirs/new" : "theirs/other";
    bucket.beforeWrite(() => bucket.put(`${folder}/SKILL.md`, text));
    const answer = await chat.manage(CREATE);
    expect(answer.error).toBe(
      `A skill named 'new' was made at ${folder} at the same moment, and yours was not kept. Look with skills_list; create it again if there is none.`,
    );
    expect(bucket.text("mine/new/SKILL.md")).toBeUndefined();
    expect(await chat.view({ name: "new" })).toMatchObject({ path: `${folder}/SKILL.md` });
  });

  it("is told apart by its category when nobody could look, as after a crash", async () => {
    const { bucket, chat } = begin();
    await chat.list();
    bucket.beforeWrite(() => {
      bucket.put("theirs/new/SKILL.md", document("new", "Theirs."));
      bucket.fail("list");
    });
    expect(await chat.manage(CREATE)).toMatchObject({ success: true });
    await chat.list();
    expect(await chat.view({ name: "new" })).toMatchObject({ matches: ["mine/new", "theirs/new"] });
    expect(await chat.view({ name: "theirs/new" })).toMatchObject({ description: "Theirs." });
    expect(await chat.manage({ action: "delete", name: "theirs/new" })).toMatchObject({ success: true });
    expect(await chat.view({ name: "new" })).toMatchObject({ path: "mine/new/SKILL.md" });
  });

  it("costs one listing more than the look before", async () => {
    const { bucket, chat } = begin();
    await chat.list();
    const before = { ...bucket.counts };
    await chat.manage(CREATE);
    expect([bucket.counts.list - before.list, bucket.counts.read - before.read]).toEqual([2, 0]);
  });

  it("is brought back from a deletion under the same rule", async () => {
    const { bucket, chat } = begin();
    await chat.manage(CREATE);
    await chat.view({ name: "new" });
    await chat.manage({ action: "delete", name: "new" });
    const { versions } = await chat.manage({ action: "versions", name: "mine/new" });
    const [, before] = versions as { version: string }[];
    bucket.beforeWrite(() => bucket.put("theirs/new/SKILL.md", document("new")));
    const back = await chat.manage({ action: "rollback", name: "mine/new", version: before?.version });
    expect(back.error).toMatch(/was made at theirs\/new at the same moment/);
    expect(bucket.text("mine/new/SKILL.md")).toBeUndefined();
  });
});
