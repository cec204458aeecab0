// The Knowledge Base stand-in does with documents, jobs and searches what the service does with the SDK's clients.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConflictException,
  GetIngestionJobCommand,
  paginateListKnowledgeBaseDocuments,
  ThrottlingException,
  ValidationException,
} from "@aws-sdk/client-bedrock-agent";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { documentOf, PLACE, startKit } from "./knowledge-base-kit.ts";

let kit: Awaited<ReturnType<typeof startKit>>;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit[Symbol.asyncDispose]());

describe("a document", () => {
  it("is taken, worked on, and only then found", async () => {
    expect((await kit.put("tea", "Boil water")).documentDetails).toMatchObject([
      { ...PLACE, status: "STARTING", identifier: { custom: { id: "tea" } }, updatedAt: expect.any(Date) },
    ]);
    expect(await kit.status("tea")).toBe("IN_PROGRESS");
    expect(await kit.find("water")).toEqual([]);
    kit.service.index();
    expect(await kit.status("tea")).toBe("INDEXED");
    expect(await kit.find("water for all")).toEqual([
      {
        content: { text: "Boil water", type: "TEXT" },
        location: { type: "CUSTOM", customDocumentLocation: { id: "tea" } },
        score: 1 / 3,
      },
    ]);
  });

  it("is found as it was until its next version is indexed", async () => {
    await kit.put("tea", "Old words");
    kit.service.index();
    await kit.put("tea", "New words");
    expect(await kit.find("old")).toHaveLength(1);
    kit.service.index();
    expect([await kit.find("old"), await kit.find("new")]).toMatchObject([[], [{}]]);
  });

  it("goes when it is deleted, and one that is not there is NOT_FOUND", async () => {
    await kit.put("tea");
    kit.service.index();
    const { documentDetails } = await kit.remove("tea", "milk");
    expect(documentDetails?.map(({ status }) => status)).toEqual(["DELETING", "NOT_FOUND"]);
    expect(await kit.status("tea")).toBe("DELETE_IN_PROGRESS");
    kit.service.index();
    expect(await kit.status("tea")).toBe("NOT_FOUND");
    expect(kit.service.documents()).toEqual([]);
  });

  it("fails as often as a test says", async () => {
    kit.service.failNext("tea");
    await kit.put("tea");
    kit.service.index();
    expect(await kit.status("tea")).toBe("FAILED");
    await kit.put("tea");
    kit.service.index();
    expect(await kit.status("tea")).toBe("INDEXED");
  });

  it("is indexed by itself where a delay is given, also when a run ended before", async () => {
    const directory = mkdtempSync(join(tmpdir(), "knowledge-base-"));
    const stateFile = join(directory, "state.json");
    {
      await using first = await startKit({ stateFile, indexAfterMs: 2_000 });
      await first.put("tea");
      await first.timers.advance(2_000);
      await first.put("milk");
    }
    await using second = await startKit({ stateFile, indexAfterMs: 2_000 });
    expect([await second.status("tea"), await second.status("milk")]).toEqual(["INDEXED", "IN_PROGRESS"]);
    await second.timers.advance(2_000);
    expect(await second.status("milk")).toBe("INDEXED");
    writeFileSync(stateFile, "no JSON");
    await expect(startKit({ stateFile })).rejects.toThrow("delete it to start over");
    rmSync(directory, { recursive: true });
  });

  it("is taken once however often the request comes, if it comes with one token", async () => {
    const clientToken = "a".repeat(33);
    await kit.ingest([documentOf("tea")], { clientToken });
    kit.service.index();
    await kit.ingest([documentOf("tea")], { clientToken });
    expect(await kit.status("tea")).toBe("INDEXED");
  });
});

describe("all documents", () => {
  it("are listed page by page", async () => {
    for (const part of [0, 1, 2])
      await kit.ingest(Array.from({ length: 10 }, (_, n) => documentOf(`d${part}${n}`)));
    const pages: number[] = [];
    for await (const { documentDetails = [] } of paginateListKnowledgeBaseDocuments(
      { client: kit.agent, pageSize: 12 },
      PLACE,
    ))
      pages.push(documentDetails.length);
    expect(pages).toEqual([12, 12, 6]);
  });
});

describe("a search", () => {
  it("gives the best passages first, five when it does not say how many, and several of one document", async () => {
    await kit.put("long", "tea ".repeat(1_000));
    await kit.put("exact", "tea for two");
    kit.service.index();
    const found = await kit.find("tea for two");
    expect(found).toHaveLength(5);
    expect(found.map(({ location }) => location?.customDocumentLocation?.id)).toEqual([
      "exact",
      "long",
      "long",
      "long",
      "long",
    ]);
    expect(await kit.find("tea", 1)).toHaveLength(1);
  });
});

describe("an ingestion job", () => {
  it("runs alone, and documents wait for it", async () => {
    const { ingestionJob } = await kit.startJob();
    await expect(kit.startJob()).rejects.toBeInstanceOf(ConflictException);
    await expect(kit.put("tea")).rejects.toBeInstanceOf(ValidationException);
    await expect(kit.remove("tea")).rejects.toBeInstanceOf(ValidationException);
    const get = new GetIngestionJobCommand({ ...PLACE, ingestionJobId: ingestionJob?.ingestionJobId });
    expect((await kit.agent.send(get)).ingestionJob?.status).toBe("IN_PROGRESS");
    kit.service.endJob();
    expect((await kit.agent.send(get)).ingestionJob?.status).toBe("COMPLETE");
    await kit.put("tea");
  });

  it("does not begin while documents are under way", async () => {
    await kit.put("tea");
    await expect(kit.startJob()).rejects.toThrow("ongoing KnowledgeBaseDocuments API request");
    kit.service.index();
    await kit.startJob();
  });
});

describe("scripted faults", () => {
  it("happen to the calls they are for, with and without an effect", async () => {
    kit.service.fail("throttle", { operation: "Retrieve" });
    await kit.put("calm");
    await expect(kit.find("tea")).rejects.toMatchObject({ name: "ThrottlingException" });
    kit.service.fail("throttle");
    await expect(kit.put("a")).rejects.toBeInstanceOf(ThrottlingException);
    kit.service.fail("error");
    await expect(kit.put("a")).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    kit.service.fail("denied");
    await expect(kit.put("a")).rejects.toMatchObject({ name: "AccessDeniedException" });
    kit.service.fail("drop-before");
    await expect(kit.put("a")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(kit.service.documents()).toHaveLength(1);
    kit.service.fail("drop-after");
    await expect(kit.put("a")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(kit.service.documents()).toHaveLength(2);
    kit.service.fail("hang");
    await expect(kit.find("tea")).rejects.toMatchObject({ name: "TimeoutError" });
    expect(kit.calls.filter(({ error }) => error)).toHaveLength(4);
  });
});
