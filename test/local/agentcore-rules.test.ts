// A client that is wrong at the service is refused by the stand-in, by the limits of the service's model.

import {
  BatchCreateMemoryRecordsCommand,
  BatchDeleteMemoryRecordsCommand,
  DeleteEventCommand,
  GetMemoryRecordCommand,
  ListEventsCommand,
  ListMemoryRecordsCommand,
  ListSessionsCommand,
  RetrieveMemoryRecordsCommand,
  ValidationException,
} from "@aws-sdk/client-bedrock-agentcore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Kit, MEMORY, RECORD, startKit, words } from "./agentcore-kit.ts";

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit[Symbol.asyncDispose]());

const refused = async (call: Promise<unknown>, message: RegExp) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ValidationException);
  expect(error).toMatchObject({ message: expect.stringMatching(message), reason: "FieldValidationFailed" });
};

describe.each([
  ["a memory's name without its suffix", { memoryId: "hermes_memory" }, /at 'memoryId'.*pattern/],
  ["an actor that begins with a hyphen", { actorId: "-100123" }, /at 'actorId'.*pattern/],
  ["an actor of 256 characters", { actorId: "a".repeat(256) }, /at 'actorId'.*255/],
  ["an actor with a dot", { actorId: "tg.1" }, /at 'actorId'.*pattern/],
  ["an actor that ends in a colon", { actorId: "tg:1:" }, /at 'actorId'.*pattern/],
  ["no actor", { actorId: undefined }, /at 'actorId'.*not be null/],
  ["a session with a colon", { sessionId: "agent:main" }, /at 'sessionId'.*pattern/],
  ["a session with a slash", { sessionId: "a/b" }, /at 'sessionId'.*pattern/],
  ["a session of 101 characters", { sessionId: "s".repeat(101) }, /at 'sessionId'.*100/],
  ["no session", { sessionId: undefined }, /at 'sessionId'/],
  ["no time", { eventTimestamp: undefined }, /at 'eventTimestamp'.*not be null/],
  ["no payload", { payload: undefined }, /at 'payload'.*not be null/],
  ["101 items", { payload: Array.from({ length: 101 }, () => words("x")) }, /at 'payload'.*100/],
  ["an empty text", { payload: [words("")] }, /content\.text'.*greater than or equal to 1/],
  ["a text of 100,001 characters", { payload: [words("x".repeat(100_001))] }, /content\.text'.*100000/],
  ["a role of the model API", { payload: [words("x", "system")] }, /role'.*\[ASSISTANT, USER, TOOL, OTHER\]/],
  ["16 pairs of metadata", { metadata: pairs(16) }, /15/],
  ["metadata with a comma", { metadata: { a: { stringValue: "a,b" } } }, /metadata.*pattern/],
  ["metadata of 257 characters", { metadata: { a: { stringValue: "a".repeat(257) } } }, /256/],
  ["a key of metadata in other letters", { metadata: { ä: { stringValue: "a" } } }, /metadata.key.*pattern/],
  ["an empty token", { clientToken: "" }, /at 'clientToken'/],
  ["a mode of extraction there is not", { extractionMode: "LATER" }, /\[SKIP\]/],
  [
    "a variable named like the actor",
    { extractionConfig: { namespaceVariables: { actorId: "a" } } },
    /pattern/,
  ],
  ["a branch without name", { branch: { rootEventId: "1#a" } }, /at 'branch.name'/],
])("an event with %s", (_, changes, message) => {
  it("is refused", () => refused(kit.say(changes), message));
});

function pairs(count: number) {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, { stringValue: "v" }]));
}

describe.each([
  ["a text of 16,001 characters", { content: { text: "x".repeat(16_001) } }, /content\.text'.*16000/],
  ["no text", { content: undefined }, /content'/],
  ["two namespaces", { namespaces: ["/a/", "/b/"] }, /namespaces'.*less than or equal to 1/],
  ["a namespace with a dot", { namespaces: ["/users/a.b/"] }, /namespaces'.*pattern/],
  ["an identifier with a colon", { requestIdentifier: "a:b" }, /requestIdentifier'.*pattern/],
  ["an identifier of 81 characters", { requestIdentifier: "a".repeat(81) }, /requestIdentifier'.*80/],
  ["no time", { timestamp: undefined }, /timestamp'/],
])("a record with %s", (_, changes, message) => {
  it("is refused", () => refused(kit.store(changes), message));
});

const search = (searchCriteria: object, where: object = { namespacePath: "/users/tg-1/" }) =>
  kit.client.send(
    new RetrieveMemoryRecordsCommand({
      memoryId: MEMORY,
      searchCriteria: { searchQuery: "tea", ...searchCriteria },
      ...where,
    }),
  );

describe.each([
  ["an empty question", () => search({ searchQuery: "" }), /searchQuery'.*greater/],
  ["a question of 10,001 characters", () => search({ searchQuery: "x".repeat(10_001) }), /10000/],
  ["none of what is found", () => search({ topK: 0 }), /topK'.*equal to 1/],
  ["101 of what is found", () => search({ topK: 101 }), /topK'.*100/],
  ["nowhere", () => search({}, {}), /namespace/],
  ["by prefix and path at once", () => search({}, { namespace: "/a/", namespacePath: "/a/" }), /namespace/],
  ["in a place with a space", () => search({}, { namespacePath: "/users/a b/" }), /pattern/],
  ["with a filter it does not know", () => search({ metadataFilters: [] }), /metadataFilters/],
])("a search for %s", (_, call, message) => {
  it("is refused", () => refused(call(), message));
});

const batch = (length: number) =>
  Array.from({ length }, (_, index) => ({ ...RECORD, requestIdentifier: `r${index}` }));

describe.each([
  [
    "a list of 101",
    () =>
      kit.client.send(new ListMemoryRecordsCommand({ memoryId: MEMORY, namespace: "/", maxResults: 101 })),
    /maxResults'.*100/,
  ],
  [
    "a list from a token it did not give",
    () => kit.client.send(new ListMemoryRecordsCommand({ memoryId: MEMORY, namespace: "/", nextToken: "x" })),
    /nextToken/,
  ],
  [
    "sessions by a filter there is not",
    () =>
      kit.client.send(
        new ListSessionsCommand({
          memoryId: MEMORY,
          actorId: "tg-1",
          filter: { eventFilter: "EMPTY" as "HAS_EVENTS" },
        }),
      ),
    /HAS_EVENTS/,
  ],
  [
    "events of a wrong session",
    () =>
      kit.client.send(new ListEventsCommand({ memoryId: MEMORY, actorId: "tg-1", sessionId: "agent:main" })),
    /sessionId'/,
  ],
  [
    "the deletion of no event's id",
    () =>
      kit.client.send(
        new DeleteEventCommand({ memoryId: MEMORY, actorId: "tg-1", sessionId: "s-1", eventId: "1" }),
      ),
    /eventId'/,
  ],
  [
    "a record by a short id",
    () => kit.client.send(new GetMemoryRecordCommand({ memoryId: MEMORY, memoryRecordId: "mem-1" })),
    /memoryRecordId'.*40/,
  ],
  [
    "101 new records",
    () => kit.client.send(new BatchCreateMemoryRecordsCommand({ memoryId: MEMORY, records: batch(101) })),
    /records'.*100/,
  ],
  [
    "a batch with one wrong id, which deletes nothing",
    () =>
      kit.client.send(
        new BatchDeleteMemoryRecordsCommand({
          memoryId: MEMORY,
          records: [{ memoryRecordId: "rec-".padEnd(44, "0") }],
        }),
      ),
    /memoryRecordId'.*pattern/,
  ],
])("%s", (_, call, message) => {
  it("is refused", () => refused(call(), message));
});
