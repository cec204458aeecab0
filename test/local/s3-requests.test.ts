// What S3 refuses of a request before it looks at objects, written by hand; and what the stand-in keeps from run to run.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type S3StandIn, startS3 } from "../../local/s3/server.ts";

const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=local/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
const started: S3StandIn[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((s3) => s3.close()));
});

const start = async (): Promise<S3StandIn> => {
  const s3 = await startS3({ buckets: ["skills"] });
  started.push(s3);
  return s3;
};

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Status and code of the answer to a PUT of "hello", as the SDK sends it but for what is given. */
const ask = async (
  s3: S3StandIn,
  { method = "PUT", path = "/skills/a.md", headers = {}, body = "hello" }: Raw,
) => {
  const response = await fetch(`${s3.endpoint}${path}`, {
    method,
    headers: { authorization: AUTHORIZATION, "x-amz-content-sha256": sha256(body), ...headers },
    ...(method === "PUT" ? { body } : {}),
  });
  const text = await response.text();
  return [response.status, /<Code>(\w+)<\/Code>/.exec(text)?.[1]];
};

const STREAM = {
  "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "content-encoding": "aws-chunked",
  "x-amz-decoded-content-length": "5",
  "x-amz-trailer": "x-amz-checksum-crc32",
};
const chunked = (crc = "NhCmhg==", size = "5") =>
  `${size}\r\nhello\r\n0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`;

describe("an upload", () => {
  it.each<[string, Raw]>([
    ["as the SDK sends bytes", { headers: { "x-amz-checksum-crc32": "NhCmhg==" } }],
    ["with its MD5", { headers: { "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" } }],
    ["as the SDK sends a stream", { headers: STREAM, body: chunked() }],
    ["unsigned", { headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } }],
  ])("%s is stored", async (_, raw) => {
    const s3 = await start();
    expect(await ask(s3, raw)).toEqual([200, undefined]);
    expect(s3.objects("skills")).toEqual({ "a.md": "hello" });
  });

  it.each<[string, Raw, number, string]>([
    ["without a signature", { headers: { authorization: "" } }, 403, "AccessDenied"],
    [
      "signed for another service",
      { headers: { authorization: AUTHORIZATION.replace("/s3/", "/dynamodb/") } },
      403,
      "AccessDenied",
    ],
    [
      "whose bytes changed",
      { headers: { "x-amz-content-sha256": sha256("hallo") } },
      400,
      "XAmzContentSHA256Mismatch",
    ],
    ["with another CRC", { headers: { "x-amz-checksum-crc32": "AAAAAA==" } }, 400, "BadDigest"],
    ["with no CRC at all", { headers: { "x-amz-checksum-crc32": "no" } }, 400, "InvalidRequest"],
    [
      "that announces a checksum and has none",
      { headers: { "x-amz-sdk-checksum-algorithm": "CRC32" } },
      400,
      "InvalidRequest",
    ],
    ["with another MD5", { headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" } }, 400, "BadDigest"],
    ["with half an MD5", { headers: { "content-md5": "AAAA" } }, 400, "InvalidDigest"],
    ["of a stream with another CRC", { headers: STREAM, body: chunked("AAAAAA==") }, 400, "BadDigest"],
    ["of a stream that breaks off", { headers: STREAM, body: "5\r\nhel" }, 400, "IncompleteBody"],
    [
      "of a stream whose length is another",
      { headers: { ...STREAM, "x-amz-decoded-content-length": "6" }, body: chunked() },
      400,
      "IncompleteBody",
    ],
    [
      "of a stream that is not one",
      { headers: { ...STREAM, "content-encoding": "" }, body: chunked() },
      400,
      "InvalidRequest",
    ],
    [
      "of a stream without its trailer",
      { headers: STREAM, body: "5\r\nhello\r\n0\r\n\r\n" },
      400,
      "InvalidRequest",
    ],
    ["with a key that is no URL", { path: "/skills/%zz" }, 400, "InvalidURI"],
    ["into no bucket of ours", { path: "/other/a.md" }, 404, "NoSuchBucket"],
    ["that is a copy", { headers: { "x-amz-copy-source": "/skills/b.md" } }, 501, "NotImplemented"],
    ["in parts", { path: "/skills/a.md?partNumber=1&uploadId=x" }, 501, "NotImplemented"],
  ])("%s is refused", async (_, raw, status, code) => {
    const s3 = await start();
    expect(await ask(s3, raw)).toEqual([status, code]);
    expect(s3.objects("skills")).toEqual({});
  });

  it("needs the hash of its body in a header", async () => {
    const s3 = await start();
    const response = await fetch(`${s3.endpoint}/skills/a.md`, {
      method: "PUT",
      headers: { authorization: AUTHORIZATION },
      body: "hello",
    });
    expect(await response.text()).toContain("<Code>InvalidRequest</Code>");
  });
});

describe("what the stand-in does not know", () => {
  it.each<Raw>([
    { method: "GET", path: "/skills" },
    { method: "GET", path: "/" },
    { method: "GET", path: "/skills/a.md?tagging" },
    { method: "DELETE", path: "/skills" },
    { method: "PUT", path: "/skills" },
    { method: "POST", path: "/skills?delete" },
    { method: "GET", path: "/skills?versions&delimiter=/" },
  ])("is refused, and never guessed at: $method $path", async (raw) => {
    expect(await ask(await start(), { body: "", ...raw })).toEqual([501, "NotImplemented"]);
  });
});

describe("what is stored", () => {
  it("is there for the next run, with its versions, when there is a file for it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hermes-s3-"));
    const stateFile = join(folder, "s3.json");
    const first = await startS3({ buckets: ["skills"], stateFile });
    first.put("skills", "a.md", "one");
    first.put("skills", "a.md", Buffer.from([0, 255]));
    first.remove("skills", "b.md");
    const before = [first.versions("skills", "a.md"), first.versions("skills", "b.md")];
    await first.close();
    const second = await startS3({ buckets: ["skills"], stateFile });
    expect([second.versions("skills", "a.md"), second.versions("skills", "b.md")]).toEqual(before);
    await second.close();
    writeFileSync(stateFile, "{");
    await expect(startS3({ buckets: ["skills"], stateFile })).rejects.toThrow("S3 stand-in");
    rmSync(folder, { recursive: true });
  });
});
