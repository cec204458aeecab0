// The bucket of skills over S3, against a stand-in that refuses what the service refuses.

import { afterEach, describe, expect, it } from "vitest";
import { type S3Options, type S3StandIn, startS3 } from "../../local/s3/server.ts";
import { createSkillFiles } from "../../src/adapters/s3.ts";
import type { BucketOptions } from "../../src/adapters/s3-bucket.ts";
import type { LogFields } from "../../src/log.ts";
import { skillFilesContract } from "../contracts/skill-files.ts";
import { createFakeSkillFiles } from "../fakes/skill-files.ts";

const BUCKET = "hermes-skills";
const KEY = "skills/tea/SKILL.md";
const PATH = "tea/SKILL.md";
const MAX = { maxBytes: 1_000 };

const started: S3StandIn[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((s3) => s3.close()));
});

const place = async (more: Partial<BucketOptions> = {}, options: Partial<S3Options> = {}) => {
  const s3 = await startS3({ buckets: [BUCKET], ...options });
  started.push(s3);
  const files = createSkillFiles({
    bucket: BUCKET,
    prefix: "skills",
    region: "us-east-1",
    endpoint: s3.endpoint,
    ...more,
  });
  return { s3, files, put: (path: string, text: string) => s3.put(BUCKET, `skills/${path}`, text) };
};

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const operations = (s3: S3StandIn): readonly string[] => s3.calls.map(({ operation }) => operation);

skillFilesContract("in memory", async () => {
  const files = createFakeSkillFiles();
  return { files, put: files.put };
});
skillFilesContract("over S3", place);

describe("the bucket of skills", () => {
  it.each(["skills", "/skills/", "skills/", "//skills//"])(
    "holds them below the prefix %j",
    async (prefix) => {
      const { s3, files } = await place({ prefix });
      s3.put(BUCKET, "skills-of-others/x.md", "x");
      await files.write(PATH, bytesOf("tea"), undefined);
      expect(s3.objects(BUCKET)[KEY]).toBe("tea");
      expect((await files.list()).map(({ path }) => path)).toEqual([PATH]);
    },
  );

  it.each(["", "/"])("may hold them at its top, with the prefix %j", async (prefix) => {
    const { s3, files } = await place({ prefix });
    await files.write(PATH, bytesOf("tea"), undefined);
    expect(s3.objects(BUCKET)).toEqual({ [PATH]: "tea" });
    expect((await files.list()).map(({ path }) => path)).toEqual([PATH]);
  });

  it("is found by AWS_ENDPOINT_URL_S3, without a word of it in the configuration", async () => {
    const s3 = await startS3({ buckets: [BUCKET] });
    started.push(s3);
    process.env["AWS_ENDPOINT_URL_S3"] = s3.endpoint;
    try {
      const files = createSkillFiles({ bucket: BUCKET, prefix: "skills", region: "us-east-1" });
      await files.write(PATH, bytesOf("tea"), undefined);
      expect((await files.read(PATH, MAX))?.size).toBe(3);
    } finally {
      delete process.env["AWS_ENDPOINT_URL_S3"];
    }
    expect(s3.objects(BUCKET)).toEqual({ [KEY]: "tea" });
  });

  it("is listed with one call for a thousand files, and with one more for each thousand", async () => {
    const { s3, files, put } = await place();
    for (let index = 0; index < 1_001; index += 1) put(`s${index}/SKILL.md`, "x");
    expect(await files.list()).toHaveLength(1_001);
    expect(operations(s3)).toEqual(["ListObjectsV2", "ListObjectsV2"]);
  });

  it("is not listed to its end when it is somebody's archive, and that is logged", async () => {
    const warnings: [string, LogFields | undefined][] = [];
    const nothing = () => undefined;
    const log = {
      debug: nothing,
      info: nothing,
      warn: (message: string, fields?: LogFields) => void warnings.push([message, fields]),
      error: nothing,
    };
    const { s3, files, put } = await place({ log });
    for (let index = 0; index < 20_001; index += 1) put(`s${index}.md`, "");
    expect(await files.list()).toHaveLength(20_000);
    expect(s3.calls).toHaveLength(20);
    expect(warnings).toEqual([[expect.stringContaining("more files"), { looked: 20_000 }]]);
  });

  it("may be one without versions", async () => {
    const { files } = await place({}, { buckets: [{ name: BUCKET, isVersioned: false }] });
    const etag = (await files.write(PATH, bytesOf("tea"), undefined)) ?? "";
    expect(await files.versions(PATH, 5)).toMatchObject([{ version: "null", isLatest: true, size: 3 }]);
    expect((await files.read(PATH, { ...MAX, version: "null" }))?.size).toBe(3);
    expect(await files.remove(PATH, etag)).toBe(true);
    expect(await files.versions(PATH, 5)).toEqual([]);
  });

  it("takes no name that is too long for it together with the prefix", async () => {
    const { files } = await place();
    const longest = `${"ü".repeat(508)}x`;
    expect(await files.write(longest, bytesOf("x"), undefined)).toBeDefined();
    await expect(files.write(`${longest}x`, bytesOf("x"), undefined)).rejects.toMatchObject({ code: "tool" });
    expect(await files.read(`${longest}x`, MAX)).toBeUndefined();
  });

  it("knows no change without a condition: an empty etag fits nothing", async () => {
    const { s3, files, put } = await place();
    put(PATH, "tea");
    expect(await files.write(PATH, bytesOf("coffee"), "")).toBeUndefined();
    expect(await files.remove(PATH, "")).toBe(false);
    expect(s3.objects(BUCKET)[KEY]).toBe("tea");
  });
});

describe("an answer that was lost", () => {
  it("to a new file is no loss, and stores it once", async () => {
    const { s3, files } = await place();
    s3.fail("drop-after", { operation: "PutObject" });
    const etag = await files.write(PATH, bytesOf("tea"), undefined);
    expect((await files.list())[0]?.etag).toBe(etag);
    expect(s3.versions(BUCKET, KEY)).toHaveLength(1);
  });

  it("to a change is no loss, and stores it once", async () => {
    const { s3, files } = await place();
    const first = await files.write(PATH, bytesOf("tea"), undefined);
    s3.fail("drop-after", { operation: "PutObject" });
    expect(await files.write(PATH, bytesOf("more tea"), first)).toBeDefined();
    expect(s3.versions(BUCKET, KEY).map(({ text }) => text)).toEqual(["more tea", "tea"]);
  });

  it("of a change that somebody overtook is a loss: the newer text stays", async () => {
    let overtake = () => undefined as unknown;
    const { s3, files, put } = await place(
      {},
      { onCall: ({ operation }) => operation === "PutObject" && overtake() },
    );
    const first = await files.write(PATH, bytesOf("tea"), undefined);
    overtake = () => {
      overtake = () => undefined;
      return put(PATH, "coffee, and a longer text");
    };
    s3.fail("drop-after", { operation: "PutObject" });
    expect(await files.write(PATH, bytesOf("more tea"), first)).toBeUndefined();
    expect(s3.objects(BUCKET)[KEY]).toBe("coffee, and a longer text");
  });

  it("to every attempt is `unavailable`, and saying the same again later succeeds", async () => {
    const { s3, files } = await place();
    s3.fail("drop-after", { operation: "PutObject" });
    s3.fail("drop-before", { operation: "PutObject", times: 2 });
    await expect(files.write(PATH, bytesOf("tea"), undefined)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
    });
    expect(await files.write(PATH, bytesOf("tea"), undefined)).toBeDefined();
    expect(s3.versions(BUCKET, KEY)).toHaveLength(1);
  });

  it("to a removal is none", async () => {
    const { s3, files } = await place();
    const etag = (await files.write(PATH, bytesOf("tea"), undefined)) ?? "";
    s3.fail("drop-after", { operation: "DeleteObject" });
    expect(await files.remove(PATH, etag)).toBe(true);
    expect(s3.objects(BUCKET)).toEqual({});
  });

  it("to a removal, and a new file there since: that one stays", async () => {
    let recreate = () => undefined as unknown;
    const { s3, files, put } = await place(
      {},
      { onCall: ({ operation }) => operation === "DeleteObject" && recreate() },
    );
    const etag = (await files.write(PATH, bytesOf("tea"), undefined)) ?? "";
    recreate = () => {
      recreate = () => undefined;
      return put(PATH, "coffee");
    };
    s3.fail("drop-after", { operation: "DeleteObject" });
    expect(await files.remove(PATH, etag)).toBe(false);
    expect(s3.objects(BUCKET)[KEY]).toBe("coffee");
  });
});

describe("a bucket in trouble", () => {
  it("that is slow, fails once, or drops a connection, is asked again", async () => {
    const { s3, files } = await place();
    for (const fault of ["slow-down", "error", "drop-before"] as const) {
      s3.fail(fault, { times: 2 });
      expect(await files.list()).toEqual([]);
    }
    expect(s3.calls).toHaveLength(9);
  });

  it("in which a conflicting change is under way is asked again; for how long, is bounded", async () => {
    const { s3, files } = await place();
    s3.fail("conflict", { operation: "PutObject", times: 2 });
    const etag = (await files.write(PATH, bytesOf("tea"), undefined)) ?? "";
    s3.fail("conflict", { operation: "DeleteObject", times: 3 });
    await expect(files.remove(PATH, etag)).rejects.toMatchObject({ code: "unavailable", retryable: true });
    expect(s3.objects(BUCKET)[KEY]).toBe("tea");
    expect(operations(s3).filter((operation) => operation === "DeleteObject")).toHaveLength(3);
  });

  it("whose file was changed and then deleted while we delete it has nothing left to delete", async () => {
    const { s3, files } = await place({}, { onCall: ({ error }) => error && s3.remove(BUCKET, KEY) });
    s3.put(BUCKET, KEY, "coffee");
    expect(await files.remove(PATH, '"old"')).toBe(true);
  });

  it("that breaks off in the middle of a file is asked again for all of it", async () => {
    const { s3, files, put } = await place({ timeoutMs: 300 });
    put(PATH, "a whole pot of tea");
    for (const fault of ["cut", "stall"] as const) {
      s3.fail(fault, { operation: "GetObject" });
      expect(Buffer.from((await files.read(PATH, MAX))?.bytes ?? []).toString()).toBe("a whole pot of tea");
      s3.fail(fault, { operation: "GetObject", times: 2 });
      await expect(files.read(PATH, MAX)).rejects.toMatchObject({ code: "unavailable", retryable: true });
    }
  });

  it("that hangs is given up in time, for everything that is asked", async () => {
    const { s3, files } = await place({ timeoutMs: 100 });
    for (const call of everyCall(files)) {
      s3.fail("hang", { times: 3 });
      await expect(call()).rejects.toMatchObject({ code: "unavailable", retryable: true });
    }
    expect(s3.calls).toHaveLength(15);
  });

  it("or that refuses us is `unavailable`, with the name of the error and not one word more", async () => {
    const { s3, files } = await place();
    for (const call of everyCall(files)) {
      s3.fail("denied");
      await expect(call()).rejects.toMatchObject({
        code: "unavailable",
        retryable: false,
        message: expect.stringMatching(/^the bucket of skills did not [a-z ]+: AccessDenied$/),
      });
    }
  });

  it("that is not there is `unavailable`, and no bucket without skills", async () => {
    const { files } = await place({ bucket: "another-bucket" });
    for (const call of everyCall(files)) {
      await expect(call()).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/NoSuchBucket$/),
      });
    }
  });

  it("that cannot be reached is `unavailable`", async () => {
    const { s3, files } = await place();
    await s3.close();
    started.pop();
    await expect(files.list()).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("of a large file sends no more than its head", async () => {
    const { s3, files, put } = await place();
    put(PATH, "x".repeat(4_000_000));
    // The rest of the body never comes: whoever waited for it would hang.
    s3.fail("stall", { operation: "GetObject" });
    await expect(files.read(PATH, MAX)).rejects.toMatchObject({ code: "too_large" });
  });
});

const everyCall = (files: ReturnType<typeof createSkillFiles>): readonly (() => Promise<unknown>)[] => [
  () => files.list(),
  () => files.read(PATH, MAX),
  () => files.write(PATH, bytesOf("tea"), undefined),
  () => files.remove(PATH, '"x"'),
  () => files.versions(PATH, 5),
];

describe("the bucket in memory, for the tests of others", () => {
  it("counts, fails as scripted, and lets somebody be faster", async () => {
    const files = createFakeSkillFiles();
    const etag = files.put(PATH, "tea");
    files.beforeWrite((path) => files.put(path, "coffee"));
    expect(await files.write(PATH, bytesOf("more tea"), etag)).toBeUndefined();
    expect(files.text(PATH)).toBe("coffee");
    files.fail("read", 2);
    await expect(files.read(PATH, MAX)).rejects.toMatchObject({ code: "unavailable" });
    await expect(files.read(PATH, MAX)).rejects.toMatchObject({ code: "unavailable" });
    expect((await files.read(PATH, MAX))?.size).toBe(6);
    expect(files.counts).toEqual({ list: 0, read: 3, write: 1, remove: 0, versions: 0 });
  });

  it("can lose the answer to a write, and saying it again is safe", async () => {
    const files = createFakeSkillFiles();
    files.fail("write-lost");
    await expect(files.write(PATH, bytesOf("tea"), undefined)).rejects.toMatchObject({ code: "unavailable" });
    expect(await files.write(PATH, bytesOf("tea"), undefined)).toBeDefined();
    expect(await files.versions(PATH, 5)).toHaveLength(1);
  });
});
