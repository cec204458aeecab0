// The data plane of Bedrock AgentCore Memory on loopback, for the AWS SDK's client: events, sessions, and the records that are
// learnt from them later. The wire is REST-JSON, as in the SDK's schemas (@aws-sdk/client-bedrock-agentcore, schemas_0).
// Called by the local runs and tests.

import type { ConnectionFault } from "../http.ts";
import { ServiceError } from "../rest-json/errors.ts";
import { checkedText, type Fields } from "../rest-json/members.ts";
import { type Call, startRestJson } from "../rest-json/server.ts";
import { systemTimers, type Timers } from "../timers.ts";
import { extractFacts, newRecordId } from "./learning.ts";
import { OPERATIONS, type OperationName, type World } from "./operations.ts";
import { MEMORY_ID, NO_STRATEGY } from "./rules.ts";
import type { MemoryEvent, MemoryRecord } from "./shapes.ts";
import { openStore, type Store } from "./store.ts";

export type AgentCoreFault = ConnectionFault | "throttle" | "conflict" | "error";

export interface AgentCoreOptions {
  /** The one memory there is. */
  readonly memoryId: string;
  readonly timers?: Timers;
  /** Learns from an event so long after it was taken; left out = only when told to. */
  readonly extractAfterMs?: number;
  /** Keeps events and records from one run to the next. */
  readonly stateFile?: string;
  /** Every call that got an answer. */
  readonly onCall?: (call: AgentCoreCall) => void;
}

export type AgentCoreCall = Call<OperationName>;

export interface AgentCoreStandIn {
  /** For AWS_ENDPOINT_URL_BEDROCK_AGENTCORE. */
  readonly endpoint: string;
  /** What is stored, in the order it came. */
  events(): readonly MemoryEvent[];
  records(): readonly MemoryRecord[];
  /** Puts a record there, as an extraction would. Returns its id. */
  addRecord(record: { readonly namespace: string; readonly text: string; readonly at?: number }): string;
  /** Learns from what is waiting; returns how many records that gave. */
  extract(): number;
  /** Scripts the next `times` calls, of any operation or of one. */
  fail(
    fault: AgentCoreFault,
    options?: { readonly operation?: OperationName; readonly times?: number },
  ): void;
  /** No scripted call fails any more. */
  heal(): void;
  close(): Promise<void>;
}

export const startAgentCore = async (options: AgentCoreOptions): Promise<AgentCoreStandIn> => {
  const { memoryId, timers = systemTimers, onCall } = options;
  const store = openStore(options.stateFile);
  const stopped = new AbortController();
  const now = () => timers.now();
  const extract = () => extractFacts(store, now());
  const learn = learningLater(options, extract, stopped.signal);
  learn(); // what an earlier run was told and had not learnt yet
  const world: World = { store, memoryId, now, learn };
  const server = await serve(world, onCall);
  return {
    ...server,
    events: () => [...store.events.values()].map(({ event }) => event),
    records: () => [...store.records.values()],
    addRecord: (record) => addRecord(store, { at: now(), ...record }),
    extract,
    close() {
      stopped.abort();
      return server.close();
    },
  };
};

const learningLater =
  ({ extractAfterMs, timers = systemTimers }: AgentCoreOptions, extract: () => number, signal: AbortSignal) =>
  (): void => {
    if (extractAfterMs === undefined) return;
    timers.sleep(extractAfterMs, signal).then(extract, () => undefined); // closed before it was time
  };

const addRecord = (
  store: Store,
  { namespace, text, at }: { readonly namespace: string; readonly text: string; readonly at: number },
): string => {
  const memoryRecordId = newRecordId();
  store.records.set(memoryRecordId, {
    memoryRecordId,
    content: { text },
    memoryStrategyId: NO_STRATEGY,
    namespaces: [namespace],
    createdAt: at / 1_000,
  });
  store.save();
  return memoryRecordId;
};

const serve = (world: World, onCall: AgentCoreOptions["onCall"]) =>
  startRestJson({
    signedFor: "bedrock-agentcore",
    root: "/memories/{memoryId}/",
    routes: OPERATIONS,
    run(operation, { path, fields }) {
      checkMemory(world, path);
      return OPERATIONS[operation].run(world, fields);
    },
    refusals: {
      throttle: ["ThrottledException", "Rate exceeded"],
      conflict: ["RetryableConflictException", "Conflict"],
      error: ["ServiceException", "Internal server error"],
    },
    // model: a ValidationException has a reason too.
    errorBody: ({ type, message }) => ({
      message,
      ...(type === "ValidationException" && { reason: "FieldValidationFailed" }),
    }),
    onCall,
  });

const checkMemory = ({ memoryId }: World, path: Fields): void => {
  const asked = checkedText(path["memoryId"], "memoryId", MEMORY_ID);
  // model: an ARN names it as well.
  if (asked?.slice(asked.lastIndexOf("/") + 1) === memoryId) return;
  throw new ServiceError("ResourceNotFoundException", "Memory not found");
};
