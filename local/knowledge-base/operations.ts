// The operations of Bedrock Agent (documents, ingestion jobs) and Bedrock Agent Runtime (Retrieve) over the store.
// Called by server.ts, which knows HTTP.

import { randomBytes } from "node:crypto";
import { ServiceError, type ServiceErrorType } from "../rest-json/errors.ts";
import type { Fields } from "../rest-json/members.ts";
import { checked, DELETE, GET, GET_JOB, INGEST, LIST, RETRIEVE, START_JOB } from "./rules.ts";
import { nearest } from "./search.ts";
import type { DocumentStatus, IngestionJob, StoredDocument } from "./shapes.ts";
import { isUnderWay, runningJob, type Store } from "./store.ts";

export interface World {
  readonly store: Store;
  readonly knowledgeBaseId: string;
  readonly dataSourceId: string;
  /** How documents are refused while a job runs. */
  readonly refusal: Extract<ServiceErrorType, "ValidationException" | "ConflictException">;
  readonly now: () => number;
  /** Answers to requests that came with a clientToken. */
  readonly answered: Map<string, unknown>;
  /** Called when documents were taken. */
  readonly taken: () => void;
}

/** The user guide's number of results when none is given. */
const DEFAULT_RESULTS = 5;
const DEFAULT_PAGE = 100;

const iso = (ms: number): string => new Date(ms).toISOString();

/** There is one Knowledge Base with one data source. */
const checkPlace = (
  world: World,
  input: { readonly knowledgeBaseId: string; readonly dataSourceId?: string },
): void => {
  const { knowledgeBaseId, dataSourceId = world.dataSourceId } = input;
  if (knowledgeBaseId === world.knowledgeBaseId && dataSourceId === world.dataSourceId) return;
  const what =
    knowledgeBaseId === world.knowledgeBaseId
      ? `DataSource with id ${dataSourceId} not found.`
      : `Knowledge Base with id ${knowledgeBaseId} does not exist`;
  throw new ServiceError("ResourceNotFoundException", what);
};

/** API reference, clientToken: a request whose token "matches a previous request" is ignored, and is no error. */
const once = (world: World, token: string | undefined, run: () => unknown): unknown => {
  if (token === undefined) return run();
  if (!world.answered.has(token)) world.answered.set(token, run());
  return world.answered.get(token);
};

/**
 * facts/platform.md 5: documents cannot be taken while a StartIngestionJob runs on the source. How that is refused is not
 * documented: these operations declare no ConflictException in the model, and the opposite case is known to be a
 * ValidationException (see startJob), so this is the default; a client has to do well with both.
 */
const checkNoJob = (world: World): void => {
  if (runningJob(world.store) === undefined) return;
  throw new ServiceError(
    world.refusal,
    "There is an ongoing ingestion job on this data source. Try again when it has completed.",
  );
};

const detail = (world: World, { id, status, updatedAt }: Omit<StoredDocument, "text" | "indexed">) => ({
  knowledgeBaseId: world.knowledgeBaseId,
  dataSourceId: world.dataSourceId,
  status,
  identifier: { dataSourceType: "CUSTOM", custom: { id } },
  updatedAt: iso(updatedAt),
});

const ingest = (world: World, raw: Fields): unknown => {
  const input = checked(INGEST, raw);
  checkPlace(world, input);
  return once(world, input.clientToken, () => {
    checkNoJob(world);
    const documentDetails = input.documents.map(({ content: { custom } }) => {
      const { id } = custom.customDocumentIdentifier;
      const { data: text } = custom.inlineContent.textContent;
      const before = world.store.documents.get(id)?.indexed;
      const document: StoredDocument = {
        id,
        status: "STARTING",
        text,
        ...(before === undefined ? {} : { indexed: before }),
        updatedAt: world.now(),
      };
      world.store.documents.set(id, document);
      return detail(world, document);
    });
    world.store.save();
    world.taken();
    return { documentDetails };
  });
};

const remove = (world: World, raw: Fields): unknown => {
  const input = checked(DELETE, raw);
  checkPlace(world, input);
  return once(world, input.clientToken, () => {
    checkNoJob(world);
    const documentDetails = input.documentIdentifiers.map(({ custom: { id } }) => {
      const document = world.store.documents.get(id);
      if (document === undefined) return detail(world, absent(world, id));
      const deleting: StoredDocument = { ...document, status: "DELETING", updatedAt: world.now() };
      world.store.documents.set(id, deleting);
      return detail(world, deleting);
    });
    world.store.save();
    world.taken();
    return { documentDetails };
  });
};

const absent = (world: World, id: string) => ({
  id,
  status: "NOT_FOUND" as const,
  updatedAt: world.now(),
});

/** The first answer says that it begins, the next ones that it goes on. */
const LATER: Partial<Record<DocumentStatus, DocumentStatus>> = {
  STARTING: "IN_PROGRESS",
  DELETING: "DELETE_IN_PROGRESS",
};

const seen = (document: StoredDocument): StoredDocument => ({
  ...document,
  status: LATER[document.status] ?? document.status,
});

const get = (world: World, raw: Fields): unknown => {
  const input = checked(GET, raw);
  checkPlace(world, input);
  const documentDetails = input.documentIdentifiers.map(({ custom: { id } }) => {
    const document = world.store.documents.get(id);
    return detail(world, document === undefined ? absent(world, id) : seen(document));
  });
  return { documentDetails };
};

const list = (world: World, raw: Fields): unknown => {
  // The SDK sends both in the body.
  const input = checked(LIST, raw);
  checkPlace(world, input);
  const from = input.nextToken === undefined ? 0 : Number(input.nextToken);
  const end = from + (input.maxResults ?? DEFAULT_PAGE);
  const all = [...world.store.documents.values()];
  return {
    documentDetails: all.slice(from, end).map((document) => detail(world, seen(document))),
    ...(end < all.length ? { nextToken: String(end) } : {}),
  };
};

/**
 * facts/platform.md 5: one running job a data source. That documents under way refuse a job, and with which error, is what
 * its clients wait for: "ongoing KnowledgeBaseDocuments API request", a 400.
 */
const startJob = (world: World, raw: Fields): unknown => {
  const input = checked(START_JOB, raw);
  checkPlace(world, input);
  return once(world, input.clientToken, () => {
    if (runningJob(world.store) !== undefined)
      throw new ServiceError("ConflictException", "There is an ongoing ingestion job on this data source.");
    if ([...world.store.documents.values()].some(isUnderWay))
      throw new ServiceError(
        "ValidationException",
        "There is an ongoing KnowledgeBaseDocuments API request on this data source.",
      );
    return { ingestionJob: jobOf(world, addJob(world)) };
  });
};

export const addJob = ({ store, now }: Pick<World, "store" | "now">): IngestionJob => {
  const ingestionJobId = randomBytes(5).toString("hex").toUpperCase();
  const job: IngestionJob = { ingestionJobId, status: "IN_PROGRESS", startedAt: now(), updatedAt: now() };
  store.jobs.set(ingestionJobId, job);
  store.save();
  return job;
};

const getJob = (world: World, raw: Fields): unknown => {
  const input = checked(GET_JOB, raw);
  checkPlace(world, input);
  const job = world.store.jobs.get(input.ingestionJobId);
  if (job === undefined)
    throw new ServiceError(
      "ResourceNotFoundException",
      `Ingestion job with id ${input.ingestionJobId} not found.`,
    );
  return { ingestionJob: jobOf(world, job) };
};

const jobOf = ({ knowledgeBaseId, dataSourceId }: World, job: IngestionJob) => ({
  ...job,
  knowledgeBaseId,
  dataSourceId,
  startedAt: iso(job.startedAt),
  updatedAt: iso(job.updatedAt),
});

const retrieve = (world: World, raw: Fields): unknown => {
  const input = checked(RETRIEVE, raw);
  checkPlace(world, { knowledgeBaseId: input.knowledgeBaseId });
  const documents = [...world.store.documents.values()].flatMap(({ id, indexed }) =>
    indexed === undefined ? [] : [{ id, text: indexed }],
  );
  const limit = input.retrievalConfiguration?.vectorSearchConfiguration.numberOfResults ?? DEFAULT_RESULTS;
  return {
    retrievalResults: nearest(documents, input.retrievalQuery.text, limit).map(({ id, text, score }) => ({
      content: { text, type: "TEXT" },
      location: { type: "CUSTOM", customDocumentLocation: { id } },
      score,
    })),
  };
};

const DOCUMENTS = "/knowledgebases/{knowledgeBaseId}/datasources/{dataSourceId}/documents";
const JOBS = "/knowledgebases/{knowledgeBaseId}/datasources/{dataSourceId}/ingestionjobs";

/** Methods, paths and statuses of the models; a slash at the end of a path is not told apart. */
export const OPERATIONS = {
  IngestKnowledgeBaseDocuments: { method: "PUT", path: DOCUMENTS, status: 202, run: ingest },
  DeleteKnowledgeBaseDocuments: {
    method: "POST",
    path: `${DOCUMENTS}/deleteDocuments`,
    status: 202,
    run: remove,
  },
  GetKnowledgeBaseDocuments: { method: "POST", path: `${DOCUMENTS}/getDocuments`, run: get },
  ListKnowledgeBaseDocuments: { method: "POST", path: DOCUMENTS, run: list },
  StartIngestionJob: { method: "PUT", path: JOBS, status: 202, run: startJob },
  GetIngestionJob: { method: "GET", path: `${JOBS}/{ingestionJobId}`, run: getJob },
  Retrieve: { method: "POST", path: "/knowledgebases/{knowledgeBaseId}/retrieve", run: retrieve },
} as const;

export type OperationName = keyof typeof OPERATIONS;
