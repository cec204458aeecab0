// What S3 makes of objects, versions and conditions, asked by the AWS SDK's own client.

import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, describe, expect, it } from "vitest";
import { type S3Options, type S3StandIn, startS3 } from "../../local/s3/server.ts";

const Bucket = "hermes-skills";
const Key = "tea/SKILL.md";
const started: S3StandIn[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((s3) => s3.close()));
});

const place = async (options: Partial<S3Options> = {}) => {
  const s3 = await startS3({ buckets: [Bucket, { name: "flat", isVersioned: false }], ...options });
  started.push(s3);
  const client = new S3Client({
    region: "us-east-1",
    endpoint: s3.endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const put = (Body: string, more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (more: object = {}) => {
    const { Body, ...rest } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return { text: await Body?.transformToString(), ...rest };
  };
  return { s3, client, put, get };
};

describe("an object", () => {
  it("comes back with the MD5 of its bytes as its ETag, its type, its time and its version", async () => {
    const { client, put, get } = await place({ now: () => Date.UTC(2026, 10, 24, 8, 0, 0, 999) });
    const { ETag, VersionId } = await put("hello", { ContentType: "text/markdown" });
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const expected = {
      ETag,
      VersionId,
      ContentType: "text/markdown",
      ContentLength: 5,
      LastModified: new Date("2026-11-24T08:00:00Z"),
    };
    expect(await get()).toMatchObject({ text: "hello", ...expected, ChecksumCRC32: "NhCmhg==" });
    expect(await client.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject(expected);
  });

  it("may be sent as a stream, which the SDK cuts in pieces with the checksum behind", async () => {
    const { client, get } = await place();
    const Body = Readable.from([Buffer.from("hel"), Buffer.from("lo")]);
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: 5 }));
    expect((await get()).text).toBe("hello");
  });

  it("that is not there is NoSuchKey, and a bucket that is not there NoSuchBucket", async () => {
    const { client, get } = await place();
    await expect(get()).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({
      name: "NotFound",
    });
    await expect(get({ Bucket: "no-such" })).rejects.toMatchObject({ name: "NoSuchBucket" });
  });

  it("is read under conditions", async () => {
    const { put, get } = await place();
    const { ETag } = await put("hello");
    expect((await get({ IfMatch: ETag })).text).toBe("hello");
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });

  it("has a key of at most 1,024 bytes", async () => {
    const { put } = await place();
    await put("x", { Key: "ü".repeat(512) });
    await expect(put("x", { Key: `${"ü".repeat(512)}x` })).rejects.toMatchObject({ name: "KeyTooLongError" });
  });
});

describe("a conditional write", () => {
  it("with If-None-Match makes an object only where there is none; a delete marker is none", async () => {
    const { client, put } = await place();
    await put("one", { IfNoneMatch: "*" });
    await expect(put("two", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
      $metadata: { httpStatusCode: 412 },
    });
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    await put("three", { IfNoneMatch: "*" });
  });

  it("with If-Match changes only what has this ETag, and is NoSuchKey where there is nothing", async () => {
    const { client, put } = await place();
    await expect(put("one", { IfMatch: '"x"' })).rejects.toMatchObject({ name: "NoSuchKey" });
    const { ETag } = await put("one");
    await put("two", { IfMatch: ETag });
    await expect(put("three", { IfMatch: ETag })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    await expect(put("four", { IfMatch: ETag })).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("that S3 does not know is refused: an ETag not to match, any to match, both at once", async () => {
    const { put } = await place();
    const { ETag } = await put("one");
    for (const wrong of [{ IfNoneMatch: ETag }, { IfMatch: "*" }, { IfMatch: ETag, IfNoneMatch: "*" }]) {
      await expect(put("two", wrong)).rejects.toMatchObject({ name: "NotImplemented" });
    }
  });
});

describe("a deletion", () => {
  const remove = (client: S3Client, more: object = {}) =>
    client.send(new DeleteObjectCommand({ Bucket, Key, ...more }));

  it("puts a marker on top, even of nothing; what was there stays readable by its version", async () => {
    const { client, put, get } = await place();
    const { VersionId } = await put("one");
    expect(await remove(client)).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });
    await expect(get()).rejects.toMatchObject({ name: "NoSuchKey" });
    expect((await get({ VersionId })).text).toBe("one");
    expect(await remove(client, { Key: "never/there" })).toMatchObject({ DeleteMarker: true });
  });

  it("of a marker by its version brings the object back, and of a version is for good", async () => {
    const { client, put, get } = await place();
    const first = await put("one");
    const marker = await remove(client);
    await expect(get({ VersionId: marker.VersionId })).rejects.toMatchObject({ name: "MethodNotAllowed" });
    expect(await remove(client, { VersionId: marker.VersionId })).toMatchObject({ DeleteMarker: true });
    expect((await get()).text).toBe("one");
    await remove(client, { VersionId: first.VersionId });
    await expect(get({ VersionId: first.VersionId })).rejects.toMatchObject({ name: "NoSuchVersion" });
  });

  it("with If-Match deletes only what has this ETag", async () => {
    const { client, put } = await place();
    await expect(remove(client, { IfMatch: '"x"' })).rejects.toMatchObject({ name: "NoSuchKey" });
    const { ETag } = await put("one");
    await expect(remove(client, { IfMatch: '"x"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await remove(client, { IfMatch: ETag });
  });

  it("in a bucket without versions leaves nothing", async () => {
    const { client, put, get } = await place();
    expect((await put("one", { Bucket: "flat" })).VersionId).toBeUndefined();
    expect((await remove(client, { Bucket: "flat" })).DeleteMarker).toBeUndefined();
    await expect(get({ Bucket: "flat", VersionId: "null" })).rejects.toMatchObject({ name: "NoSuchVersion" });
  });
});

describe("a version id", () => {
  it.each(["", "made up", "../../etc"])("that cannot be one, %j, is InvalidArgument", async (VersionId) => {
    const { put, get } = await place();
    await put("one");
    await expect(get({ VersionId })).rejects.toMatchObject({ name: "InvalidArgument" });
  });

  it("that could be one is NoSuchVersion", async () => {
    const { get } = await place();
    await expect(get({ VersionId: "a".repeat(32) })).rejects.toMatchObject({ name: "NoSuchVersion" });
  });
});

describe("a listing", () => {
  const list = (client: S3Client, more: object = {}) =>
    client.send(new ListObjectsV2Command({ Bucket, ...more }));

  it("has what begins with the prefix, in the order of bytes, without what was deleted, page by page", async () => {
    const { s3, client } = await place();
    for (const key of ["b/2", "b/10", "a", "b/1", "c", "b/gone"]) s3.put(Bucket, key, "x");
    s3.remove(Bucket, "b/gone");
    const first = await list(client, { Prefix: "b/", MaxKeys: 2 });
    expect(first).toMatchObject({
      IsTruncated: true,
      KeyCount: 2,
      Contents: [{ Key: "b/1" }, { Key: "b/10" }],
    });
    const token = first.NextContinuationToken;
    expect(await list(client, { Prefix: "b/", MaxKeys: 2, ContinuationToken: token })).toMatchObject({
      IsTruncated: false,
      Contents: [{ Key: "b/2", Size: 1 }],
    });
  });

  it("never has more than a thousand keys, whatever is asked for", async () => {
    const { s3, client } = await place();
    for (let index = 0; index < 1_001; index += 1) s3.put(Bucket, `k${index}`, "");
    expect(await list(client, { MaxKeys: 5_000 })).toMatchObject({ KeyCount: 1_000, IsTruncated: true });
  });

  it("with a delimiter has what is below a folder as one", async () => {
    const { s3, client } = await place();
    for (const key of ["tea/SKILL.md", "tea/references/x.md", "top.md"]) s3.put(Bucket, key, "x");
    expect(await list(client, { Delimiter: "/" })).toMatchObject({
      KeyCount: 2,
      CommonPrefixes: [{ Prefix: "tea/" }],
      Contents: [{ Key: "top.md" }],
    });
  });

  it("spells keys as in a URL when asked to: XML cannot carry every key", async () => {
    const { s3, client } = await place();
    s3.put(Bucket, "a b+c/ü&\u0001", "x");
    const { Contents } = await list(client, { EncodingType: "url" });
    expect(Contents?.[0]?.Key).toBe("a+b%2Bc/%C3%BC%26%01");
  });

  it.each([{ ContinuationToken: "made-up" }, { EncodingType: "xml" }, { MaxKeys: -1 }])(
    "is refused with %j",
    async (wrong) => {
      const { client } = await place();
      await expect(list(client, wrong)).rejects.toMatchObject({ name: "InvalidArgument" });
    },
  );
});

describe("a listing of versions", () => {
  it("has versions and markers of each key, newest first, page by page", async () => {
    const { client, put } = await place();
    const ids = [(await put("one")).VersionId, (await put("two")).VersionId];
    ids.push((await client.send(new DeleteObjectCommand({ Bucket, Key }))).VersionId);
    const list = (more: object = {}) => client.send(new ListObjectVersionsCommand({ Bucket, ...more }));
    const first = await list({ MaxKeys: 2 });
    expect(first).toMatchObject({
      IsTruncated: true,
      NextKeyMarker: Key,
      NextVersionIdMarker: ids[1],
      DeleteMarkers: [{ Key, VersionId: ids[2], IsLatest: true }],
      Versions: [{ Key, VersionId: ids[1], IsLatest: false, Size: 3 }],
    });
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
    const second = await list({ KeyMarker, VersionIdMarker });
    expect(second).toMatchObject({ IsTruncated: false, Versions: [{ VersionId: ids[0] }] });
    await expect(list({ VersionIdMarker })).rejects.toMatchObject({ name: "InvalidArgument" });
  });

  it("is there for buckets that keep them", async () => {
    const { client } = await place();
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: "flat" }))).Status).toBeUndefined();
  });
});
