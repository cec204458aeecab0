// What runs in a simulated container: the production steps and the use case over the production adapters of the table,
// put together as handler.ts, app.ts and agent-side.ts do. Called by world.ts.

// Loaded before any run: a container's own first import would take time that no simulated clock shows.
import "@aws-lambda-powertools/idempotency";
import "@aws-lambda-powertools/idempotency/dynamodb";
import { idempotency } from "../../middleware/idempotency.ts";
import { lease as leaseStep } from "../../middleware/lease.ts";
import { wake as wakeStep } from "../../middleware/wake.ts";
import { createClaims } from "../../src/adapters/dynamodb/claims.ts";
import { createFailures } from "../../src/adapters/dynamodb/failures.ts";
import { createInbox } from "../../src/adapters/dynamodb/inbox.ts";
import { createJobs } from "../../src/adapters/dynamodb/jobs.ts";
import { createSessions } from "../../src/adapters/dynamodb/sessions.ts";
import { createChatBudget } from "../../src/agent/chat-budget.ts";
import { runTurn } from "../../src/agent/run-turn.ts";
import { createServicePauses } from "../../src/agent/service-pauses.ts";
import type { AgentPorts, AgentSettings } from "../../src/agent/turn-context.ts";
import { asError } from "../../src/errors.ts";
import { parseConfig } from "../../src/home/config.ts";
import type { Home } from "../../src/home/home.ts";
import type { Lease } from "../../src/lease.ts";
import type { Archive, Doorbell, Sessions } from "../../src/ports.ts";
import type { Entry, SessionKey, Turn } from "../../src/turn.ts";
import { silentLog } from "../agent/loop-kit.ts";
import { messageEntry } from "../contracts/said.ts";
import { createFakeForgettings } from "../fakes/forgettings.ts";
import { createFakeLedger } from "../fakes/ledger.ts";
import { createFakeNotices } from "../fakes/notices.ts";
import type { Container } from "./container.ts";
import type { Engine } from "./engine.ts";
import type { Judge } from "./judge.ts";
import { type Outside, TOOLSET } from "./outside.ts";
import { openStore, type TableRequest } from "./store.ts";

export type Ports = AgentPorts & { readonly sessions: Sessions };

/** A production error put in on purpose, to see that the search finds it. */
export interface Mutant {
  readonly name: string;
  /** Changes a request to the table; null: it is never made and seems to succeed. */
  readonly rewrite?: (request: TableRequest) => TableRequest | null;
  readonly ports?: (ports: Ports) => Ports;
  readonly lease?: (lease: Lease) => Lease;
  /** Errors that end the invocation as if nothing had been. */
  readonly swallows?: (error: Error) => boolean;
  readonly answersBeforeStoring?: boolean;
}

export interface Setting {
  readonly engine: Engine;
  readonly judge: Judge;
  readonly outside: Outside;
  readonly session: SessionKey;
  readonly mutant: Mutant | undefined;
  /** Takes an event for the function. */
  readonly ring: (by: Container) => void;
}

export interface Environment {
  readonly container: Container;
  readonly requestId: string;
  /** Aborts when Lambda is about to end the invocation. */
  readonly signal: AbortSignal;
  remainingMs(): number;
}

export const isStop = (text: string): boolean => text.includes("/stop");

/** One delivery of an update by Telegram: what the steps before the turn do with it. Resolves when it is answered 200. */
export const runWebhook = async (
  setting: Setting,
  { container, requestId }: Environment,
  update: { readonly number: number; readonly text: string },
): Promise<void> => {
  const { inbox, claims, doorbell } = portsOf(setting, container);
  const { id, origin, at } = messageEntry(update.number);
  const entry: Entry = isStop(update.text)
    ? { kind: "stop", id, origin, at }
    : messageEntry(update.number, update.text);
  const arrival = { kind: "arrival", source: "telegram", entry, session: setting.session, addressed: true };
  const turn = { ...arrival, requestId } as Turn;
  const request = { context: { turn, verified: { via: "http" } } };
  await idempotency(inbox, claims).before?.(request as never);
  await wakeStep(doorbell, "async").before?.(request as never);
};

/** One run of a wake. Rejects with what Lambda would count as a failure. */
export const runWake = async (setting: Setting, environment: Environment): Promise<void> => {
  const { session, mutant } = setting;
  const { container, requestId } = environment;
  const ports = portsOf(setting, container);
  const turn: Turn = { kind: "wake", session, requestId };
  const step = leaseStep({ ...ports, foresee: () => {} });
  const request = { context: { turn, verified: { via: "iam" } } as { lease?: Lease } };
  try {
    const answer = await step.before?.(request as never);
    const { lease } = request.context;
    if (answer !== undefined || lease === undefined) return;
    await runTurn(ports, SETTINGS, {
      ...environment,
      lease: mutant?.lease === undefined ? lease : mutant.lease(lease),
      home: HOME,
    });
  } catch (error) {
    step.onError?.(request as never);
    if (mutant?.swallows?.(asError(error)) !== true) throw error;
  }
};

const portsOf = (setting: Setting, container: Container): Ports => {
  const { engine, judge, outside, mutant } = setting;
  const table = openStore({
    ...{ engine, container },
    ...(mutant?.rewrite === undefined ? {} : { rewrite: mutant.rewrite }),
    observed: (request, execute) => judge.onTable(container, request, execute),
  });
  const { clock } = container;
  const model = outside.model(container);
  const ports: Ports = {
    log: silentLog,
    clock,
    sessions: createSessions(table, clock),
    inbox: createInbox(table),
    claims: createClaims(table),
    doorbell: doorbellOf(setting, container),
    archive: NO_ARCHIVE,
    telegram: outside.telegram(container),
    budget: createChatBudget(clock),
    failures: createFailures(table),
    // What is spent is written once however often it is told (contracts/ledger.ts), and is no part of the protocol.
    notices: createFakeNotices(),
    ledger: createFakeLedger(),
    jobs: createJobs(table),
    memories: [],
    forgettings: createFakeForgettings(),
    pauses: createServicePauses(clock),
    models: { primary: () => model },
    tools: outside.tools(container),
  };
  return mutant?.ports === undefined ? ports : mutant.ports(ports);
};

const doorbellOf = ({ ring }: Setting, container: Container): Doorbell => ({
  wake: () =>
    container.call({
      kind: "ring",
      label: "ring",
      hasEffect: true,
      perform() {
        ring(container);
        return { value: undefined };
      },
      refusal: () => new Error("Lambda takes no event"),
    }),
});

/** Past conversations are no part of the protocol. */
const NO_ARCHIVE: Archive = {
  sessions: async () => [],
  find: async () => undefined,
  describe: async () => {},
  index: async () => {},
  search: async () => [],
  rows: async () => [],
};

/** Asked about chats a job delivers to; there are no jobs. */
const NOBODY: AgentSettings["access"] = {
  users: new Set(),
  groupUsers: new Set(),
  groupChats: new Set(),
  gatewayUsers: new Set(),
  allowAllUsers: false,
  gatewayAllowAll: false,
};

const SETTINGS: AgentSettings = {
  buttonSecret: "s".repeat(32),
  access: NOBODY,
  homeChannel: {},
  groupSessionsPerUser: true,
  threadSessionsPerUser: false,
};

const HOME: Home = {
  config: parseConfig("", "config.yaml", () => ({ value: {} })).config,
  soul: "You are simulated.",
  bundledSkills: [],
  plugins: { tools: [] },
  toolsets: new Set([TOOLSET]),
};
