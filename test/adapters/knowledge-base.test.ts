// The Knowledge Base on the wire, against a stand-in that refuses what the service refuses.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type KnowledgeBaseCall,
  type KnowledgeBaseOptions,
  startKnowledgeBase,
} from "../../local/knowledge-base/server.ts";
import { createKnowledgeBase } from "../../src/adapters/knowledge-base.ts";
import { type KnowledgeBaseUnderTest, knowledgeBaseContract } from "../contracts/knowledge-base.ts";
import { createFakeKnowledgeBase } from "../fakes/knowledge-base.ts";
import fc from "../support/properties.ts";

const PLACE = { knowledgeBaseId: "KB12345678", dataSourceId: "DS12345678" };
const never = new AbortController().signal;

const clientAt = (endpoint: string, id = PLACE.knowledgeBaseId) =>
  createKnowledgeBase({ id, dataSourceId: PLACE.dataSourceId, region: "us-east-1", endpoint });

const place = async (options: Partial<KnowledgeBaseOptions> = {}) => {
  const calls: KnowledgeBaseCall[] = [];
  const service = await startKnowledgeBase({ ...PLACE, ...options, onCall: (call) => calls.push(call) });
  const base = clientAt(service.endpoint);
  return { service, base, calls, [Symbol.asyncDispose]: () => service.close() };
};

let shared: Awaited<ReturnType<typeof place>>;
beforeAll(async () => {
  shared = await place();
});
afterAll(() => shared.service.close());

knowledgeBaseContract("in memory", () => {
  const base = createFakeKnowledgeBase();
  return { base, index: base.index, failNext: (id) => base.failNext(id) };
});
knowledgeBaseContract("over Bedrock", (): KnowledgeBaseUnderTest => {
  const { service, base } = shared;
  return { base, index: service.index, failNext: (id) => service.failNext(`skills/${id}`) };
});

describe("documents at the service", () => {
  it("are sent ten at a time, each under an id of its own", async () => {
    await using at = await place();
    await at.base.put(Array.from({ length: 21 }, (_, n) => ({ id: `a/${n}`, text: "text" })));
    const sizes = at.calls.map(({ input }) => (input["documents"] as readonly unknown[]).length);
    expect(sizes).toEqual([10, 10, 1]);
    expect(at.service.documents()[0]?.id).toBe("skills/a/0");
  });

  it("never meet under one id, whatever their folders are called, and come back as they were named", async () => {
    await using at = await place();
    const folder = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(folder, { minLength: 1, maxLength: 10 }), async (ids) => {
        await at.base.put(ids.map((id) => ({ id, text: "text" })));
        at.service.index();
        expect([...(await at.base.states(ids)).entries()]).toEqual(ids.map((id) => [id, "indexed"]));
        expect((await at.base.list()).toSorted()).toEqual(ids.toSorted());
        await at.base.remove(ids);
        at.service.index();
      }),
      { numRuns: 30 },
    );
    await at.base.put([{ id: "x".repeat(1_024), text: "as long as a key may be" }]);
  });

  it("of somebody else in the same data source are neither listed nor found", async () => {
    await using at = await place();
    const other = at.service.endpoint;
    const { BedrockAgentClient, IngestKnowledgeBaseDocumentsCommand } = await import(
      "@aws-sdk/client-bedrock-agent"
    );
    const client = new BedrockAgentClient({ region: "us-east-1", endpoint: other });
    const content = {
      dataSourceType: "CUSTOM" as const,
      custom: {
        customDocumentIdentifier: { id: "manual" },
        sourceType: "IN_LINE" as const,
        inlineContent: { type: "TEXT" as const, textContent: { data: "tea" } },
      },
    };
    await client.send(new IngestKnowledgeBaseDocumentsCommand({ ...PLACE, documents: [{ content }] }));
    at.service.index();
    expect(await at.base.list()).toEqual([]);
    expect(await at.base.search("tea", 5, never)).toEqual([]);
    client.destroy();
  });
});

describe("a search at the service", () => {
  it("finds a skill once, though several passages of it fit, and leaves room for the others", async () => {
    await using at = await place();
    const long = "tea ".repeat(2_000);
    await at.base.put([
      { id: "long", text: long },
      { id: "short", text: "tea for two" },
    ]);
    at.service.index();
    expect(await at.base.search("tea for two", 2, never)).toEqual(["short", "long"]);
  });

  it("cuts a question that is longer than the service takes, and asks for no more than it gives", async () => {
    await using at = await place();
    expect(await at.base.search("x".repeat(30_000), 90, never)).toEqual([]);
    expect(at.calls).toMatchObject([
      { input: { retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults: 100 } } } },
    ]);
    expect(at.calls[0]?.error).toBeUndefined();
  });

  it("ends at once when the turn does, however long the service hangs", async () => {
    await using at = await place();
    at.service.fail("hang");
    const stop = new AbortController();
    const answer = at.base.search("tea", 5, stop.signal);
    setImmediate(() => stop.abort(new Error("the turn is over")));
    await expect(answer).rejects.toThrow("the turn is over");
  });
});

describe("a service that does not do what it is asked", () => {
  const put = (base: ReturnType<typeof clientAt>) => base.put([{ id: "a", text: "tea" }]);

  it("is asked again when it throttles, fails, or an answer is lost", async () => {
    await using at = await place();
    for (const fault of ["throttle", "error", "drop-before", "drop-after"] as const) {
      at.service.fail(fault);
      await put(at.base);
      at.service.fail(fault);
      await at.base.search("tea", 5, never);
    }
    expect(at.service.documents()).toHaveLength(1);
  });

  it("is `unavailable` and worth another try while it throttles or fails", async () => {
    await using at = await place();
    for (const fault of ["throttle", "error", "drop-before"] as const) {
      at.service.fail(fault, { times: 3 });
      await expect(put(at.base)).rejects.toMatchObject({ code: "unavailable", retryable: true });
      at.service.fail(fault, { times: 3 });
      await expect(at.base.search("tea", 5, never)).rejects.toMatchObject({ retryable: true });
    }
  });

  it.each(["ValidationException", "ConflictException"] as const)(
    "is busy while a job crawls the data source, refused with %s",
    async (refusal) => {
      await using at = await place({ refusal });
      at.service.startJob();
      await expect(put(at.base)).rejects.toMatchObject({ code: "unavailable", retryable: true });
      await expect(at.base.remove(["a"])).rejects.toMatchObject({ code: "unavailable", retryable: true });
      at.service.endJob();
      await put(at.base);
    },
  );

  it("is not asked again when it will never do it: refused rights, or nothing of that name", async () => {
    await using at = await place();
    at.service.fail("denied");
    await expect(put(at.base)).rejects.toMatchObject({
      message: "the Knowledge Base did not take documents: AccessDeniedException",
      retryable: false,
    });
    const elsewhere = clientAt(at.service.endpoint, "KB00000000");
    await expect(elsewhere.search("tea", 5, never)).rejects.toMatchObject({
      message: expect.stringContaining("HERMES_KNOWLEDGE_BASE_ID"),
      retryable: false,
    });
    await expect(at.base.put([{ id: "a", text: "" }])).rejects.toMatchObject({ retryable: false });
  });
});
