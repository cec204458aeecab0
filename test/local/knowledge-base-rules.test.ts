// A wrong client is refused by the Knowledge Base stand-in as by the service: the rules of local/knowledge-base/rules.ts.

import {
  GetIngestionJobCommand,
  IngestKnowledgeBaseDocumentsCommand,
  ListKnowledgeBaseDocumentsCommand,
} from "@aws-sdk/client-bedrock-agent";
import { RetrieveCommand } from "@aws-sdk/client-bedrock-agent-runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentOf, PLACE, startKit } from "./knowledge-base-kit.ts";

let kit: Awaited<ReturnType<typeof startKit>>;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit[Symbol.asyncDispose]());

const many = (count: number) => Array.from({ length: count }, (_, n) => documentOf(`d${n}`));

describe("a request that breaks a documented rule", () => {
  it.each([
    ["no documents", []],
    ["eleven documents", many(11)],
    ["an id that is empty", [documentOf("")]],
    ["an id of 2049 characters", [documentOf("x".repeat(2_049))]],
    ["a text that is empty", [documentOf("a", "")]],
    ["a text of more than 5 MB", [documentOf("a", "x".repeat(5_242_881))]],
    ["the kind of another data source", [{ content: { dataSourceType: "S3" as const } }]],
  ])("is refused: %s", async (_, documents) => {
    await expect(kit.ingest(documents)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(/^1 validation error detected: Value at 'documents/),
    });
  });

  it.each(["a".repeat(32), "a".repeat(257), `${"a".repeat(33)}-`, `${"a".repeat(33)}_b`])(
    "is refused: the client token %s",
    async (clientToken) => {
      await expect(kit.ingest(many(1), { clientToken })).rejects.toMatchObject({
        name: "ValidationException",
      });
    },
  );

  it("is refused when it removes or asks for none or more than ten", async () => {
    await expect(kit.remove()).rejects.toMatchObject({ name: "ValidationException" });
    const ids = Array.from({ length: 11 }, (_, n) => `d${n}`);
    await expect(kit.remove(...ids)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it.each([{ maxResults: 0 }, { maxResults: 1_001 }, { nextToken: "a b" }])(
    "is refused: a list with %o",
    async (more) => {
      await expect(
        kit.agent.send(new ListKnowledgeBaseDocumentsCommand({ ...PLACE, ...more })),
      ).rejects.toMatchObject({ name: "ValidationException" });
    },
  );

  it.each([
    ["a question of more than 20,000 characters", "x".repeat(20_001), 5],
    ["no results", "tea", 0],
    ["more than 100 results", "tea", 101],
  ])("is refused: %s", async (_, text, numberOfResults) => {
    await expect(kit.find(text, numberOfResults)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("is refused: a search that S3 Vectors cannot do", async () => {
    const vectorSearchConfiguration = { overrideSearchType: "HYBRID" as const };
    await expect(
      kit.runtime.send(
        new RetrieveCommand({
          knowledgeBaseId: PLACE.knowledgeBaseId,
          retrievalQuery: { text: "tea" },
          retrievalConfiguration: { vectorSearchConfiguration },
        }),
      ),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("a request for what is not there", () => {
  it("is refused: another Knowledge Base, another data source, another job, another path", async () => {
    const missing = { name: "ResourceNotFoundException" };
    const put = (place: typeof PLACE) =>
      kit.agent.send(new IngestKnowledgeBaseDocumentsCommand({ ...place, documents: many(1) }));
    await expect(put({ ...PLACE, knowledgeBaseId: "KB00000000" })).rejects.toMatchObject(missing);
    await expect(put({ ...PLACE, dataSourceId: "DS00000000" })).rejects.toMatchObject(missing);
    await expect(put({ ...PLACE, dataSourceId: "short" })).rejects.toMatchObject({
      name: "ValidationException",
    });
    const job = new GetIngestionJobCommand({ ...PLACE, ingestionJobId: "JOB0000000" });
    await expect(kit.agent.send(job)).rejects.toMatchObject(missing);
    expect((await fetch(`${kit.service.endpoint}/knowledgebases`)).status).toBe(404);
  });
});

describe("a request that is no request", () => {
  it("is refused: without a signature for this service, or without JSON", async () => {
    const url = `${kit.service.endpoint}/knowledgebases/KB12345678/retrieve`;
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(403);
    const signed = "AWS4-HMAC-SHA256 Credential=a/20261124/us-east-1/bedrock/aws4_request, Signature=0";
    const headers = { authorization: signed };
    expect((await fetch(url, { method: "POST", body: "{", headers })).status).toBe(400);
  });
});
