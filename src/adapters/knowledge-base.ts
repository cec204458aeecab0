// The Knowledge Base over Bedrock: documents go straight into its custom data source (facts/platform.md 5), searches to
// Retrieve. Two SDKs, each loaded by the first call that needs it: most turns need neither, and a search only the second.

import type { BedrockAgentClient } from "@aws-sdk/client-bedrock-agent";
import type { BedrockAgentRuntimeClient } from "@aws-sdk/client-bedrock-agent-runtime";
import { chunksOf } from "../chunks.ts";
import { clip } from "../clip.ts";
import { asError, HermesError } from "../errors.ts";
import { once } from "../once.ts";
import type { DocumentState, KnowledgeBase, SearchDocument } from "../skill-ports.ts";
import { type AwsPlace, placeOf, statusOf, timeoutsOf } from "./aws-client.ts";

export interface KnowledgeBaseOptions extends AwsPlace {
  readonly id: string;
  readonly dataSourceId: string;
}

const ATTEMPTS = 3;
/** Of one attempt, ms. */
const TIMEOUTS = timeoutsOf(5_000);
/** model: KnowledgeBaseDocuments, DocumentIdentifiers. */
const BATCH = 10;
/** model: MaxResults of ListKnowledgeBaseDocuments. */
const PAGE = 1_000;
/** model: KnowledgeBaseQueryTextString. */
const MAX_QUERY = 20_000;
/** model: KnowledgeBaseVectorSearchConfigurationNumberOfResultsInteger. */
const MAX_RESULTS = 100;
/** Retrieve answers with passages, and several may be of one skill. */
const PASSAGES_EACH = 4;
/** Ours, among what else somebody may keep in the same data source. */
const PREFIX = "skills/";

/** Ids may be any 1 to 2048 characters (model), and a folder is part of an S3 key, so at most 1024 bytes long. */
const customIdOf = (folder: string): string => PREFIX + folder;
const folderOf = (customId: string | undefined): string | undefined =>
  customId?.startsWith(PREFIX) ? customId.slice(PREFIX.length) : undefined;

type AgentSdk = typeof import("@aws-sdk/client-bedrock-agent");
type Ask = <T>(what: string, call: (sdk: AgentSdk, client: BedrockAgentClient) => Promise<T>) => Promise<T>;
type Place = { readonly knowledgeBaseId: string; readonly dataSourceId: string };

export const createKnowledgeBase = (options: KnowledgeBaseOptions): KnowledgeBase => {
  const openAgent = once(async () => {
    const sdk = await import("@aws-sdk/client-bedrock-agent");
    return {
      sdk,
      client: new sdk.BedrockAgentClient({ ...placeOf(options, ATTEMPTS), requestHandler: TIMEOUTS }),
    };
  });
  const openRuntime = once(async () => {
    const sdk = await import("@aws-sdk/client-bedrock-agent-runtime");
    // By itself this one speaks HTTP/2, whose connections a frozen container finds dead without being told.
    const { NodeHttpHandler } = await import("@smithy/node-http-handler");
    const requestHandler = new NodeHttpHandler(TIMEOUTS);
    return {
      sdk,
      client: new sdk.BedrockAgentRuntimeClient({ ...placeOf(options, ATTEMPTS), requestHandler }),
    };
  });
  const ask: Ask = async (what, call) => {
    const { sdk, client } = await openAgent();
    return call(sdk, client).catch((error: unknown) => {
      throw unavailable(options, what, error);
    });
  };
  const place: Place = { knowledgeBaseId: options.id, dataSourceId: options.dataSourceId };
  return {
    async put(documents) {
      for (const batch of chunksOf(documents, BATCH))
        await ask("take documents", (sdk, client) =>
          client.send(
            new sdk.IngestKnowledgeBaseDocumentsCommand({ ...place, documents: batch.map(documentOf) }),
          ),
        );
    },
    async remove(ids) {
      for (const batch of chunksOf(ids, BATCH))
        await ask("remove documents", (sdk, client) =>
          client.send(
            new sdk.DeleteKnowledgeBaseDocumentsCommand({
              ...place,
              documentIdentifiers: batch.map(identifierOf),
            }),
          ),
        );
    },
    states: (ids) => statesOf(ask, place, ids),
    list: () => listAll(ask, place),
    async search(query, limit, signal) {
      signal.throwIfAborted();
      if (query.trim() === "") return [];
      const { sdk, client } = await openRuntime();
      return retrieve({ sdk, client }, options, { query, limit, signal });
    },
  };
};

const identifierOf = (folder: string) => ({
  dataSourceType: "CUSTOM" as const,
  custom: { id: customIdOf(folder) },
});

const documentOf = ({ id, text }: SearchDocument) => ({
  content: {
    dataSourceType: "CUSTOM" as const,
    custom: {
      customDocumentIdentifier: { id: customIdOf(id) },
      sourceType: "IN_LINE" as const,
      inlineContent: { type: "TEXT" as const, textContent: { data: text } },
    },
  },
});

/** model: DocumentStatus. What is indexed in part, or was ignored, is not all there: it is sent again. */
const STATES: Readonly<Record<string, DocumentState>> = {
  INDEXED: "indexed",
  METADATA_PARTIALLY_INDEXED: "indexed",
  METADATA_UPDATE_FAILED: "indexed",
  PENDING: "working",
  STARTING: "working",
  IN_PROGRESS: "working",
  DELETING: "working",
  DELETE_IN_PROGRESS: "working",
  NOT_FOUND: "missing",
};

const statesOf = async (
  ask: Ask,
  place: Place,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DocumentState>> => {
  const states = new Map<string, DocumentState>(ids.map((id) => [id, "missing"]));
  for (const batch of chunksOf(ids, BATCH)) {
    const { documentDetails = [] } = await ask("say what it has", (sdk, client) =>
      client.send(
        new sdk.GetKnowledgeBaseDocumentsCommand({ ...place, documentIdentifiers: batch.map(identifierOf) }),
      ),
    );
    for (const { identifier, status } of documentDetails) {
      const folder = folderOf(identifier?.custom?.id);
      if (folder !== undefined) states.set(folder, STATES[status ?? ""] ?? "failed");
    }
  }
  return states;
};

const listAll = async (ask: Ask, place: Place): Promise<readonly string[]> => {
  const found: string[] = [];
  let next: string | undefined;
  do {
    const { documentDetails = [], nextToken } = await ask("list documents", (sdk, client) =>
      client.send(
        new sdk.ListKnowledgeBaseDocumentsCommand({
          ...place,
          maxResults: PAGE,
          ...(next === undefined ? {} : { nextToken: next }),
        }),
      ),
    );
    for (const { identifier, status = "" } of documentDetails) {
      const folder = folderOf(identifier?.custom?.id);
      if (folder !== undefined && status !== "NOT_FOUND" && !status.startsWith("DELET")) found.push(folder);
    }
    next = nextToken;
  } while (next !== undefined);
  return found;
};

const retrieve = async (
  {
    sdk,
    client,
  }: {
    readonly sdk: typeof import("@aws-sdk/client-bedrock-agent-runtime");
    readonly client: BedrockAgentRuntimeClient;
  },
  options: KnowledgeBaseOptions,
  { query, limit, signal }: { readonly query: string; readonly limit: number; readonly signal: AbortSignal },
): Promise<readonly string[]> => {
  const numberOfResults = Math.min(MAX_RESULTS, Math.max(1, limit * PASSAGES_EACH));
  const command = new sdk.RetrieveCommand({
    knowledgeBaseId: options.id,
    retrievalQuery: { text: clip(query, MAX_QUERY) },
    retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults } },
  });
  try {
    const { retrievalResults = [] } = await client.send(command, { abortSignal: signal });
    const folders = retrievalResults.flatMap(
      ({ location }) => folderOf(location?.customDocumentLocation?.id) ?? [],
    );
    return [...new Set(folders)].slice(0, limit);
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable(options, "answer", error);
  }
};

const unavailable = (
  { id, dataSourceId }: KnowledgeBaseOptions,
  what: string,
  thrown: unknown,
): HermesError => {
  const error = asError(thrown);
  const message =
    error.name === "ResourceNotFoundException"
      ? `HERMES_KNOWLEDGE_BASE_ID, HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: there is no Knowledge Base ${id} with a data source ${dataSourceId} in this account and region`
      : `the Knowledge Base did not ${what}: ${error.name}`;
  return new HermesError("unavailable", message, { cause: error, retryable: isBusy(error) });
};

/** No answer, too many requests (402, 409, 429), a service behind it that failed (424), or its own failure. */
const BUSY_STATUSES: readonly number[] = [402, 408, 409, 424, 429];

const isBusy = (error: Error): boolean => {
  if (error.name === "CredentialsProviderError") return false;
  const status = statusOf(error);
  if (status === undefined || status >= 500 || BUSY_STATUSES.includes(status)) return true;
  return error.name === "ServiceQuotaExceededException" || isJobRunning(error);
};

/** Documents wait for a crawl of the data source; the error for that is not documented, its words are all there is. */
const isJobRunning = ({ name, message }: Error): boolean =>
  name === "ValidationException" && /\b(ongoing|in progress|ingestion job)\b/i.test(message);
