// What the tests of the Knowledge Base stand-in share: one of it with manual time, both SDK clients, and plain requests.

import {
  BedrockAgentClient,
  DeleteKnowledgeBaseDocumentsCommand,
  GetKnowledgeBaseDocumentsCommand,
  IngestKnowledgeBaseDocumentsCommand,
  type IngestKnowledgeBaseDocumentsCommandInput,
  StartIngestionJobCommand,
} from "@aws-sdk/client-bedrock-agent";
import { BedrockAgentRuntimeClient, RetrieveCommand } from "@aws-sdk/client-bedrock-agent-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import {
  type KnowledgeBaseCall,
  type KnowledgeBaseOptions,
  type KnowledgeBaseStandIn,
  startKnowledgeBase,
} from "../../local/knowledge-base/server.ts";
import { createManualTimers } from "./manual-timers.ts";

export const PLACE = { knowledgeBaseId: "KB12345678", dataSourceId: "DS12345678" };

export const documentOf = (id: string, data = "text") => ({
  content: {
    dataSourceType: "CUSTOM" as const,
    custom: {
      customDocumentIdentifier: { id },
      sourceType: "IN_LINE" as const,
      inlineContent: { type: "TEXT" as const, textContent: { data } },
    },
  },
});

export const identifierOf = (id: string) => ({ dataSourceType: "CUSTOM" as const, custom: { id } });

export const clientsOf = ({ endpoint }: KnowledgeBaseStandIn) => {
  const settings = { endpoint, region: "us-east-1", maxAttempts: 1 };
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  return {
    agent: new BedrockAgentClient({ ...settings, credentials }),
    runtime: new BedrockAgentRuntimeClient({
      ...{ ...settings, credentials },
      requestHandler: new NodeHttpHandler({ requestTimeout: 2_000, throwOnRequestTimeout: true }),
    }),
  };
};

export const startKit = async (options: Partial<KnowledgeBaseOptions> = {}) => {
  const timers = createManualTimers();
  const calls: KnowledgeBaseCall[] = [];
  const onCall = (call: KnowledgeBaseCall) => void calls.push(call);
  const service = await startKnowledgeBase({ ...PLACE, timers, onCall, ...options });
  const { agent, runtime } = clientsOf(service);
  const ingest = (
    documents: IngestKnowledgeBaseDocumentsCommandInput["documents"],
    more: Partial<IngestKnowledgeBaseDocumentsCommandInput> = {},
  ) => agent.send(new IngestKnowledgeBaseDocumentsCommand({ ...PLACE, documents, ...more }));
  return {
    ...{ timers, calls, service, agent, runtime, ingest },
    put: (id: string, text?: string) => ingest([documentOf(id, text)]),
    remove: (...ids: string[]) =>
      agent.send(
        new DeleteKnowledgeBaseDocumentsCommand({ ...PLACE, documentIdentifiers: ids.map(identifierOf) }),
      ),
    async status(id: string) {
      const { documentDetails } = await agent.send(
        new GetKnowledgeBaseDocumentsCommand({ ...PLACE, documentIdentifiers: [identifierOf(id)] }),
      );
      return documentDetails?.[0]?.status;
    },
    startJob: () => agent.send(new StartIngestionJobCommand(PLACE)),
    async find(text: string, numberOfResults?: number) {
      const { retrievalResults = [] } = await runtime.send(
        new RetrieveCommand({
          knowledgeBaseId: PLACE.knowledgeBaseId,
          retrievalQuery: { text },
          ...(numberOfResults === undefined
            ? {}
            : { retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults } } }),
        }),
      );
      return retrievalResults;
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      runtime.destroy();
      await service.close();
    },
  };
};
