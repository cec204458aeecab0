// Long-term memory over the data plane of Bedrock AgentCore Memory (facts/platform.md 4). Whoever calls bounds the time by the
// signal, which ends the request. Made by memory-side.ts.

import type { MemoryRecordSummary } from "@aws-sdk/client-bedrock-agentcore";
import { HermesError } from "../errors.ts";
import type { MemoryRecord, MemoryService } from "../memory-ports.ts";
import { type AgentCoreOptions, type Call, collected, createCall, PAGE } from "./agentcore/calls.ts";
import { removeEvents, removeRecords } from "./agentcore/deletions.ts";

export const createMemoryService = (options: AgentCoreOptions): MemoryService => {
  const { memoryId } = options;
  const call = createCall(options);
  return {
    createEvent: (event, signal) => createEvent(call, memoryId, event, signal),
    search: (path, query, limit, signal) => search(call, memoryId, { path, query, limit }, signal),
    list: (path, signal) => list(call, memoryId, path, signal),
    add: (namespace, text, token, at, signal) => add(call, memoryId, { namespace, text, token, at }, signal),
    remove: (ids, signal) => removeRecords(call, memoryId, ids, signal),
    removeEvents: (actorId, signal) => removeEvents(call, { memoryId, actorId }, signal),
  };
};

const createEvent = async (
  call: Call,
  memoryId: string,
  { actor, session, at, messages, token }: Parameters<MemoryService["createEvent"]>[0],
  signal: AbortSignal,
): Promise<void> => {
  const event = {
    memoryId,
    actorId: actor,
    sessionId: session,
    eventTimestamp: new Date(at),
    payload: messages.map(({ role, text }) => ({ conversational: { role, content: { text } } })),
    clientToken: token,
  };
  await call("take an event", signal, (sdk, client, opts) =>
    client.send(new sdk.CreateEventCommand(event), opts),
  );
};

const add = async (
  call: Call,
  memoryId: string,
  record: { readonly namespace: string; readonly text: string; readonly token: string; readonly at: number },
  signal: AbortSignal,
): Promise<void> => {
  const { namespace, text, token, at } = record;
  const records = [
    {
      requestIdentifier: token,
      namespaces: [namespace],
      content: { text },
      timestamp: new Date(at),
    },
  ];
  const { failedRecords = [] } = await call("take a record", signal, (sdk, client, opts) =>
    client.send(new sdk.BatchCreateMemoryRecordsCommand({ memoryId, clientToken: token, records }), opts),
  );
  // The call succeeds even so.
  if (failedRecords.length > 0) throw new HermesError("unavailable", "the memory did not take a record");
};

const search = (
  call: Call,
  memoryId: string,
  { path, query, limit }: { readonly path: string; readonly query: string; readonly limit: number },
  signal: AbortSignal,
): Promise<readonly MemoryRecord[]> => {
  const asked = {
    memoryId,
    namespacePath: path,
    searchCriteria: { searchQuery: query, topK: limit },
    maxResults: Math.min(limit, PAGE),
  };
  return collected(async (next) => {
    const answer = await call("search", signal, (sdk, client, opts) =>
      client.send(new sdk.RetrieveMemoryRecordsCommand({ ...asked, ...next }), opts),
    );
    return { items: recordsOf(answer.memoryRecordSummaries), nextToken: answer.nextToken };
  }, limit);
};

const list = (
  call: Call,
  memoryId: string,
  path: string,
  signal: AbortSignal,
): Promise<readonly MemoryRecord[]> => {
  const asked = { memoryId, namespacePath: path, maxResults: PAGE };
  return collected(async (next) => {
    const answer = await call("list records", signal, (sdk, client, opts) =>
      client.send(new sdk.ListMemoryRecordsCommand({ ...asked, ...next }), opts),
    );
    return { items: recordsOf(answer.memoryRecordSummaries), nextToken: answer.nextToken };
  });
};

const recordsOf = (summaries: readonly MemoryRecordSummary[] = []): readonly MemoryRecord[] =>
  summaries.flatMap(({ memoryRecordId: id, content, createdAt, score }) => {
    const text = content?.text;
    if (id === undefined || text === undefined) return [];
    return [{ id, text, at: createdAt?.getTime() ?? 0, ...(score === undefined ? {} : { score }) }];
  });
