// A Bedrock Knowledge Base with one custom data source on loopback, for the AWS SDK's clients of Bedrock Agent (ingestion)
// and Bedrock Agent Runtime (Retrieve): one endpoint for both, as their paths never meet. The wire is REST-JSON.
// Called by the local runs and tests.

import type { ConnectionFault } from "../http.ts";
import type { Fields } from "../rest-json/members.ts";
import { type Call, startRestJson } from "../rest-json/server.ts";
import { systemTimers, type Timers } from "../timers.ts";
import { addJob, OPERATIONS, type OperationName, type World } from "./operations.ts";
import type { StoredDocument } from "./shapes.ts";
import { finish, openStore } from "./store.ts";

/** Beside the connection's: answered without an effect. */
export type KnowledgeBaseFault = ConnectionFault | "throttle" | "error" | "denied";

export interface KnowledgeBaseOptions {
  /** 10 of 0-9 A-Z a-z each. */
  readonly knowledgeBaseId: string;
  readonly dataSourceId: string;
  /** Keeps documents and jobs from one run to the next. */
  readonly stateFile?: string;
  readonly timers?: Timers;
  /** Until what was sent is indexed, ms; left out = only `index()` does it. */
  readonly indexAfterMs?: number;
  /** How documents are refused while a job runs (operations.ts says what is known of it). */
  readonly refusal?: World["refusal"];
  /** Every call that got an answer. */
  readonly onCall?: (call: KnowledgeBaseCall) => void;
}

export interface KnowledgeBaseCall extends Omit<Call<OperationName>, "fields"> {
  readonly input: Fields;
}

export interface KnowledgeBaseStandIn {
  /** For AWS_ENDPOINT_URL_BEDROCK_AGENT and AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME. */
  readonly endpoint: string;
  documents(): readonly StoredDocument[];
  /** Everything that is under way arrives. */
  index(): void;
  /** The next `times` versions of this document end FAILED. */
  failNext(id: string, times?: number): void;
  /** A crawl of the whole data source begins, which documents have to wait for, and ends. */
  startJob(): void;
  endJob(): void;
  /** Scripts the next `times` calls, of any operation or of one. */
  fail(
    fault: KnowledgeBaseFault,
    options?: { readonly operation?: OperationName; readonly times?: number },
  ): void;
  close(): Promise<void>;
}

export const startKnowledgeBase = async (options: KnowledgeBaseOptions): Promise<KnowledgeBaseStandIn> => {
  const { knowledgeBaseId, dataSourceId, timers = systemTimers, refusal = "ValidationException" } = options;
  const store = openStore(options.stateFile);
  const doomed = new Map<string, number>();
  const index = () => finish(store, timers.now(), (id) => useUp(doomed, id));
  const stopped = new AbortController();
  const world: World = {
    ...{ store, knowledgeBaseId, dataSourceId, refusal, answered: new Map() },
    now: () => timers.now(),
    taken: () => indexLater(timers, options.indexAfterMs, index, stopped.signal),
  };
  world.taken(); // what a run before this one had left under way
  const server = await serve(world, options.onCall);
  return {
    ...server,
    documents: () => [...store.documents.values()],
    index,
    failNext: (id, times = 1) => doomed.set(id, times),
    startJob: () => void addJob(world),
    endJob() {
      for (const [id, job] of store.jobs)
        store.jobs.set(id, { ...job, status: "COMPLETE", updatedAt: timers.now() });
      store.save();
    },
    close() {
      stopped.abort();
      return server.close();
    },
  };
};

const useUp = (doomed: Map<string, number>, id: string): boolean => {
  const left = doomed.get(id) ?? 0;
  doomed.set(id, left - 1);
  return left > 0;
};

const indexLater = (
  timers: Timers,
  delayMs: number | undefined,
  index: () => void,
  signal: AbortSignal,
): void => {
  if (delayMs === undefined) return;
  timers.sleep(delayMs, signal).then(index, () => undefined); // rejects when the stand-in is closed
};

const serve = (world: World, onCall: KnowledgeBaseOptions["onCall"]) =>
  startRestJson({
    signedFor: "bedrock", // both models
    routes: OPERATIONS,
    // All members together: no name occurs twice in these models.
    run: (operation, { fields }) => OPERATIONS[operation].run(world, fields),
    refusals: {
      throttle: ["ThrottlingException", "Rate exceeded"],
      error: ["InternalServerException", "Internal server error"],
      denied: [
        "AccessDeniedException",
        "User: arn:aws:sts::000000000000:assumed-role/hermes is not authorized to perform this action",
      ],
    },
    errorBody: ({ message }) => ({ message }),
    onCall: ({ fields: input, ...call }) => onCall?.({ ...call, input }),
  });
