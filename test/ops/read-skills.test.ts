// What the operator's command puts into the menu.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type S3StandIn, startS3 } from "../../local/s3/server.ts";
import { readSkills } from "../../ops/read-skills.ts";
import { createSkillFiles } from "../../src/adapters/s3.ts";

const BUNDLED = ["page-brief", "skill-writing", "weekly-review"];
const SKILL = "---\nname: sail-trim\ndescription: Trims sails.\n---\nPull.\n";

let s3: S3StandIn;
beforeAll(async () => {
  s3 = await startS3({ buckets: ["skills"] });
  // As in an operator's shell; the SDK's own chain finds these.
  Object.assign(process.env, { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL_S3: s3.endpoint });
  const files = createSkillFiles({ bucket: "skills", prefix: "", endpoint: s3.endpoint });
  await files.write("sail-trim/SKILL.md", Buffer.from(SKILL), undefined);
});
afterAll(() => s3.close());

let told = "";
beforeEach(() => {
  told = "";
});
const tell = (text: string): void => {
  told += text;
};
const namesWith = async (env: Readonly<Record<string, string>>) =>
  (await readSkills(env, tell)).map(({ name }) => name).toSorted();

describe("the command menu", () => {
  it("has the skills that come with the bot, which every deployed bot has, and says how to have the bucket's too", async () => {
    expect(await namesWith({})).toEqual(BUNDLED);
    expect(told).toBe(
      "The menu has the skills that come with the bot. For those of the stack's bucket too, set HERMES_SKILLS_S3_BUCKET\n" +
        '("npx serverless info --verbose" prints it as SkillsBucketName) and register again.\n',
    );
  });

  it("has the bucket's too where the bucket is named, and nothing needs to be said", async () => {
    const names = await namesWith({ HERMES_SKILLS_S3_BUCKET: "skills" });
    expect(names).toEqual([...BUNDLED, "sail-trim"].toSorted());
    expect(told).toBe("");
  });

  it("of a bucket that cannot be read has none, and says why and what to look at, once", async () => {
    expect(await namesWith({ HERMES_SKILLS_S3_BUCKET: "elsewhere" })).toEqual(BUNDLED);
    expect(told).toBe(
      "The menu has only the skills that come with the bot: the bucket of skills did not list: NoSuchBucket.\n" +
        "Check AWS_REGION, the AWS credentials and HERMES_SKILLS_S3_BUCKET, then register again.\n",
    );
  });
});
