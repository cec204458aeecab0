// What the AgentCore Memory stand-in does with requests that are right.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchDeleteMemoryRecordsCommand,
  DeleteEventCommand,
  DeleteMemoryRecordCommand,
  GetEventCommand,
  GetMemoryRecordCommand,
  ListActorsCommand,
  ListEventsCommand,
  ListMemoryRecordsCommand,
  ListSessionsCommand,
  ResourceNotFoundException,
  RetrieveMemoryRecordsCommand,
  ThrottledException,
} from "@aws-sdk/client-bedrock-agentcore";
import { describe, expect, it } from "vitest";
import type { AgentCoreCall } from "../../local/agentcore/server.ts";
import { clientOf, EVENT, type Kit, MEMORY, NOW, startKit, words } from "./agentcore-kit.ts";

const SAID = { memoryId: MEMORY, actorId: "tg-1", sessionId: "s-1" };

const textsBelow = async (kit: Kit, where: { namespace: string } | { namespacePath: string }) => {
  const { memoryRecordSummaries = [] } = await kit.client.send(
    new ListMemoryRecordsCommand({ memoryId: MEMORY, ...where }),
  );
  return memoryRecordSummaries.map(({ content }) => content?.text);
};

describe("events", () => {
  it("are listed newest first, page by page, with what was said only if it is wanted", async () => {
    await using kit = await startKit();
    for (let index = 0; index < 3; index += 1) {
      await kit.say({ eventTimestamp: new Date(NOW + index), payload: [words(`said ${index}`)] });
      await kit.timers.advance(4_000);
    }
    const first = await kit.client.send(new ListEventsCommand({ ...SAID, maxResults: 2 }));
    expect(first.events?.map(({ payload }) => payload?.[0]?.conversational?.content?.text)).toEqual([
      "said 2",
      "said 1",
    ]);
    expect(first.events?.[0]).toMatchObject({ ...SAID, eventTimestamp: new Date(NOW + 2) });
    const { nextToken = "" } = first;
    const second = await kit.client.send(
      new ListEventsCommand({ ...SAID, nextToken, includePayloads: false }),
    );
    expect(second.events).toHaveLength(1);
    expect(second.events?.[0]?.payload).toBeUndefined();
    expect(second.nextToken).toBeUndefined();
  });

  it("are taken once a token, in silence", async () => {
    await using kit = await startKit();
    const first = await kit.say({ clientToken: "t" });
    const again = await kit.say({ clientToken: "t", payload: [words("something else")] });
    expect(again.event?.eventId).toBe(first.event?.eventId);
    expect(kit.agentCore.events()).toHaveLength(1);
  });

  it("with something said are taken once in four seconds of an actor and session, others at any time", async () => {
    await using kit = await startKit();
    await kit.say();
    await expect(kit.say()).rejects.toBeInstanceOf(ThrottledException);
    await kit.say({ sessionId: "s-2" });
    await kit.say({ actorId: "tg-2" });
    await kit.say({ payload: [{ blob: { state: 1 } }] });
    await kit.timers.advance(3_999);
    await expect(kit.say()).rejects.toBeInstanceOf(ThrottledException);
    await kit.timers.advance(1);
    await kit.say();
    expect(kit.agentCore.events()).toHaveLength(5);
  });

  it("are got and deleted one by one, in their own session alone", async () => {
    await using kit = await startKit();
    const { eventId = "" } = (await kit.say()).event ?? {};
    const { event } = await kit.client.send(new GetEventCommand({ ...SAID, eventId }));
    expect(event?.payload).toEqual(EVENT.payload);
    const elsewhere = { ...SAID, sessionId: "s-2", eventId };
    await expect(kit.client.send(new DeleteEventCommand(elsewhere))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
    await kit.client.send(new DeleteEventCommand({ ...SAID, eventId }));
    await expect(kit.client.send(new DeleteEventCommand({ ...SAID, eventId }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
    expect((await kit.client.send(new ListEventsCommand(SAID))).events).toEqual([]);
  });

  it("leave their session and actor listed when they are gone, unless only those with events are wanted", async () => {
    await using kit = await startKit();
    const { eventId = "" } = (await kit.say({ actorId: "team:a/b" })).event ?? {};
    const actor = { memoryId: MEMORY, actorId: "team:a/b" };
    await kit.client.send(new DeleteEventCommand({ ...actor, sessionId: "s-1", eventId }));
    const all = await kit.client.send(new ListSessionsCommand(actor));
    expect(all.sessionSummaries).toEqual([
      { actorId: "team:a/b", sessionId: "s-1", createdAt: new Date(NOW) },
    ]);
    const filter = { eventFilter: "HAS_EVENTS" as const };
    const full = await kit.client.send(new ListSessionsCommand({ ...actor, filter }));
    expect(full.sessionSummaries).toEqual([]);
    const { actorSummaries } = await kit.client.send(new ListActorsCommand({ memoryId: MEMORY }));
    expect(actorSummaries).toEqual([{ actorId: "team:a/b" }]);
  });
});

describe("records", () => {
  it("by prefix are everybody's whose name begins alike, by path one person's alone", async () => {
    await using kit = await startKit();
    const { addRecord } = kit.agentCore;
    addRecord({ namespace: "/users/tg-1/notes/", text: "one" });
    addRecord({ namespace: "/users/tg-12/notes/", text: "twelve" });
    expect(await textsBelow(kit, { namespace: "/users/tg-1" })).toEqual(["one", "twelve"]);
    expect(await textsBelow(kit, { namespacePath: "/users/tg-1" })).toEqual(["one"]);
    expect(await textsBelow(kit, { namespacePath: "/users/tg-1/" })).toEqual(["one"]);
    expect(await textsBelow(kit, { namespacePath: "/users/" })).toEqual(["one", "twelve"]);
  });

  it("are found by their words at once, best first, at most as many as wanted", async () => {
    await using kit = await startKit();
    await kit.store({ content: { text: "Likes tea" } });
    await kit.store({ content: { text: "Likes green tea" } });
    await kit.store({ content: { text: "Has a cat" } });
    const search = (topK: number) =>
      kit.client.send(
        new RetrieveMemoryRecordsCommand({
          memoryId: MEMORY,
          namespacePath: "/users/tg-1/",
          searchCriteria: { searchQuery: "green tea", topK },
        }),
      );
    const { memoryRecordSummaries } = await search(5);
    expect(memoryRecordSummaries).toMatchObject([
      { content: { text: "Likes green tea" }, score: 1, createdAt: new Date(NOW) },
      { content: { text: "Likes tea" }, score: 0.5 },
    ]);
    expect((await search(1)).memoryRecordSummaries).toHaveLength(1);
  });

  it("are deleted one by one and in batches, which say what was not there", async () => {
    await using kit = await startKit();
    const [one, two] = ["one", "two"].map((text) => kit.agentCore.addRecord({ namespace: "/n/", text }));
    const memoryRecordId = one ?? "";
    expect(
      (await kit.client.send(new GetMemoryRecordCommand({ memoryId: MEMORY, memoryRecordId }))).memoryRecord,
    ).toMatchObject({ memoryRecordId, content: { text: "one" }, namespaces: ["/n/"] });
    await kit.client.send(new DeleteMemoryRecordCommand({ memoryId: MEMORY, memoryRecordId }));
    const records = [memoryRecordId, two ?? ""].map((id) => ({ memoryRecordId: id }));
    const answer = await kit.client.send(new BatchDeleteMemoryRecordsCommand({ memoryId: MEMORY, records }));
    expect(answer.successfulRecords).toMatchObject([{ memoryRecordId: two, status: "SUCCEEDED" }]);
    expect(answer.failedRecords).toMatchObject([{ memoryRecordId: one, status: "FAILED" }]);
    expect(kit.agentCore.records()).toEqual([]);
  });
});

describe("learning", () => {
  it("happens when it is told to: what people say of themselves becomes a record, once", async () => {
    await using kit = await startKit();
    await kit.say({ payload: [words("Hello! I like tea. Is it hot?"), words("I am a bot", "ASSISTANT")] });
    await kit.say({ sessionId: "s-2", payload: [words("As you know, I like tea.\nI like tea.")] });
    await kit.say({ sessionId: "s-3", payload: [words("I am secretive")], extractionMode: "SKIP" });
    expect(kit.agentCore.records()).toEqual([]);
    expect(kit.agentCore.extract()).toBe(2);
    expect(kit.agentCore.extract()).toBe(0);
    expect(await textsBelow(kit, { namespacePath: "/users/tg-1/facts/" })).toEqual([
      "I like tea.",
      "As you know, I like tea.",
    ]);
  });

  it("happens by itself a while after the event, where that is wanted", async () => {
    await using kit = await startKit({ extractAfterMs: 20_000 });
    await kit.say();
    await kit.timers.advance(19_999);
    expect(kit.agentCore.records()).toEqual([]);
    await kit.timers.advance(1);
    expect(kit.agentCore.records()).toHaveLength(1);
  });

  it("learns nothing from an event that is gone by then", async () => {
    await using kit = await startKit();
    const { eventId = "" } = (await kit.say()).event ?? {};
    await kit.client.send(new DeleteEventCommand({ ...SAID, eventId }));
    expect(kit.agentCore.extract()).toBe(0);
  });
});

describe("the stand-in", () => {
  it("knows one memory, by its id or its ARN, and refuses requests that are not signed for the service", async () => {
    await using kit = await startKit();
    const arn = `arn:aws:bedrock-agentcore:eu-central-1:123456789012:memory/${MEMORY}`;
    await kit.say({ memoryId: arn });
    await expect(kit.say({ memoryId: "other_memory-0123456789" })).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
    const { status } = await fetch(`${kit.agentCore.endpoint}/memories/${MEMORY}/actors`, { method: "POST" });
    expect(status).toBe(403);
  });

  it("tells of every call, and fails as it is told to, before and after the deed", async () => {
    const calls: AgentCoreCall[] = [];
    await using kit = await startKit({ onCall: (call) => calls.push(call) });
    kit.agentCore.fail("throttle", { operation: "CreateEvent" });
    await expect(kit.say()).rejects.toMatchObject({ name: "ThrottledException" });
    kit.agentCore.fail("conflict");
    await expect(kit.say()).rejects.toMatchObject({ name: "RetryableConflictException" });
    kit.agentCore.fail("error");
    await expect(kit.say()).rejects.toMatchObject({ name: "ServiceException" });
    kit.agentCore.fail("drop-before");
    await expect(kit.say()).rejects.toThrow();
    expect(kit.agentCore.events()).toHaveLength(0);
    kit.agentCore.fail("drop-after");
    await expect(kit.say()).rejects.toThrow();
    expect(kit.agentCore.events()).toHaveLength(1);
    expect(calls.map(({ operation, error }) => `${operation} ${error?.type}`)).toEqual([
      "CreateEvent ThrottledException",
      "CreateEvent RetryableConflictException",
      "CreateEvent ServiceException",
      "CreateEvent undefined",
    ]);
  });

  it("keeps what it was told from one run to the next, and says which file is broken", async () => {
    const folder = mkdtempSync(join(tmpdir(), "agentcore-"));
    try {
      const stateFile = join(folder, "memory.json");
      {
        await using kit = await startKit({ stateFile });
        await kit.say();
        await kit.store();
      }
      await using kit = await startKit({ stateFile });
      expect(kit.agentCore.events()).toHaveLength(1);
      expect(kit.agentCore.extract()).toBe(1);
      const { sessionSummaries } = await clientOf(kit.agentCore.endpoint).send(
        new ListSessionsCommand({ memoryId: MEMORY, actorId: "tg-1" }),
      );
      expect(sessionSummaries).toHaveLength(1);
      expect(kit.agentCore.records().map(({ content }) => content.text)).toEqual([
        "Likes tea",
        "I like tea.",
      ]);
      writeFileSync(stateFile, "{");
      await expect(startKit({ stateFile })).rejects.toThrow(/AgentCore Memory stand-in; delete it/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
