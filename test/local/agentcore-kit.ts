// What the tests of the AgentCore Memory stand-in share: one of it with manual time, the SDK's client, and plain requests.

import {
  BatchCreateMemoryRecordsCommand,
  type BatchCreateMemoryRecordsCommandInput,
  BedrockAgentCoreClient,
  CreateEventCommand,
  type CreateEventCommandInput,
} from "@aws-sdk/client-bedrock-agentcore";
import {
  type AgentCoreOptions,
  type AgentCoreStandIn,
  startAgentCore,
} from "../../local/agentcore/server.ts";
import { createManualTimers, type ManualTimers } from "./manual-timers.ts";

export const MEMORY = "hermes_memory-0123456789";
export const NOW = Date.parse("2026-11-24T08:30:00Z");

export interface Kit extends AsyncDisposable {
  readonly timers: ManualTimers;
  readonly agentCore: AgentCoreStandIn;
  readonly client: BedrockAgentCoreClient;
  /** What a client sends that does not check anything. */
  say(changes?: object): Promise<{ readonly event?: { readonly eventId?: string | undefined } | undefined }>;
  store(changes?: object): Promise<unknown>;
}

export const startKit = async (options: Partial<AgentCoreOptions> = {}): Promise<Kit> => {
  const timers = createManualTimers(NOW);
  const agentCore = await startAgentCore({ memoryId: MEMORY, timers, ...options });
  const client = clientOf(agentCore.endpoint);
  return {
    timers,
    agentCore,
    client,
    say: (changes = {}) => client.send(new CreateEventCommand({ ...EVENT, ...changes })),
    store: (changes = {}) =>
      client.send(
        new BatchCreateMemoryRecordsCommand({ memoryId: MEMORY, records: [{ ...RECORD, ...changes }] }),
      ),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await agentCore.close();
    },
  };
};

export const clientOf = (endpoint: string): BedrockAgentCoreClient =>
  new BedrockAgentCoreClient({
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });

export const words = (text: string, role = "USER") => ({ conversational: { role, content: { text } } });

export const EVENT: CreateEventCommandInput = {
  memoryId: MEMORY,
  actorId: "tg-1",
  sessionId: "s-1",
  eventTimestamp: new Date(NOW),
  payload: [{ conversational: { role: "USER", content: { text: "I like tea." } } }],
};

export const RECORD: NonNullable<BatchCreateMemoryRecordsCommandInput["records"]>[number] = {
  requestIdentifier: "one",
  namespaces: ["/users/tg-1/notes/"],
  content: { text: "Likes tea" },
  timestamp: new Date(NOW),
};
