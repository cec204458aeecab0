// Errors that somebody could make in the protocol, each put into the running code from outside, with the smallest search
// that must find it. Called by mutants.test.ts: a search that finds none of them proves nothing.

import { HermesError, LeaseLost } from "../../src/errors.ts";
import type { Lease } from "../../src/lease.ts";
import type { Claims } from "../../src/ports.ts";
import type { EntryId } from "../../src/turn.ts";
import type { Choice } from "./choices.ts";
import type { Bound } from "./explore.ts";
import type { Mutant, Ports } from "./invocation.ts";
import type { RequestBody, TableRequest } from "./store.ts";

export interface MutantCase {
  readonly mutant: Mutant;
  readonly updates: readonly string[];
  readonly bound: Bound;
  /** Faults that are tried; all unless told. */
  readonly faults?: RegExp;
  /** What the judge must say. */
  readonly verdict: RegExp;
}

const PLAIN = ["m1", "m2"];
const TOOLS = ["m1 [tools]", "m2"];
const LONG = ["m1 [long]", "m2"];
const ONE_FAULT: Bound = { preemptions: 0, faults: 1 };
const ONE_PREEMPTION: Bound = { preemptions: 1, faults: 0 };

/** A condition that always holds, and still uses every name and value it is sent with. */
const unconditionally =
  (operation: string, sk: RegExp, condition: string) =>
  (request: TableRequest): TableRequest => {
    const { body } = request;
    const key = body.Key?.SK ?? body.Item?.SK;
    const name = typeof key === "string" ? key : (key?.S ?? "");
    if (request.operation !== operation || !sk.test(name)) return request;
    const { ConditionExpression: asked = "" } = body;
    return asked.includes(condition.split(" ")[0] ?? "")
      ? { ...request, body: { ...body, ConditionExpression: condition } }
      : request;
  };

const isCommit = ({ UpdateExpression = "" }: RequestBody): boolean => !UpdateExpression.includes("ADD");

const withoutFence = unconditionally("UpdateItem", /^META$/, "#fence = :fence OR #fence <> :fence");
const withoutLease = unconditionally(
  "UpdateItem",
  /^META$/,
  "attribute_not_exists(#until) OR #until < :abandonedBefore OR #until >= :abandonedBefore",
);

const withClaims = (ports: Ports, claims: Partial<Claims>): Ports => ({
  ...ports,
  claims: { ...ports.claims, ...claims },
});

/** What was answered is asked before the lease is taken, and believed afterwards. */
const claimsReadBeforeTheLease = (ports: Ports): Ports => {
  const { sessions, inbox, claims } = ports;
  const known = new Set<EntryId>();
  const acquire: Ports["sessions"]["acquire"] = async (session, by) => {
    for (const { id } of await inbox.waiting(session)) if (await claims.answered(session, id)) known.add(id);
    return sessions.acquire(session, by);
  };
  return {
    ...withClaims(ports, { answered: async (_session, id) => known.has(id) }),
    sessions: { ...sessions, acquire },
  };
};

const newestFirst = (ports: Ports): Ports => ({
  ...ports,
  inbox: { ...ports.inbox, waiting: async (session) => (await ports.inbox.waiting(session)).toReversed() },
});

const noLookAfterRelease = (ports: Ports): Ports => {
  let isReleased = false;
  return {
    ...ports,
    sessions: {
      ...ports.sessions,
      async release(...given) {
        await ports.sessions.release(...given);
        isReleased = true;
      },
    },
    inbox: { ...ports.inbox, waiting: async (session) => (isReleased ? [] : ports.inbox.waiting(session)) },
  };
};

const forgettingTheAnswer = (ports: Ports): Ports => ({
  ...ports,
  sessions: {
    ...ports.sessions,
    async acquire(session, by) {
      const taken = await ports.sessions.acquire(session, by);
      if ("heldBy" in taken) return taken;
      const { out: _forgotten, ...meta } = taken;
      return meta;
    },
  },
});

const repeatingEveryTool = (ports: Ports): Ports => ({
  ...ports,
  tools: ports.tools.map((tool) => ({ ...tool, repeatable: true })),
});

const sendingUnchecked = (lease: Lease): Lease =>
  Object.create(lease, { ensure: { value: async () => {} } }) as Lease;

/** What was sent is written down as if nothing had been. */
const forgettingWhatWasSent = (request: TableRequest): TableRequest => {
  const values = request.body.ExpressionAttributeValues;
  const out = values?.[":out"]?.["M"] as Readonly<Record<string, object>> | undefined;
  if (out === undefined || !isCommit(request.body)) return request;
  const unsent = { ...out, next: { N: "0" }, sentIds: { L: [] } };
  return {
    ...request,
    body: { ...request.body, ExpressionAttributeValues: { ...values, ":out": { M: unsent } } },
  };
};

export const MUTANTS: readonly MutantCase[] = [
  {
    mutant: { name: "a commit that ignores the fence", rewrite: withoutFence },
    ...{ updates: PLAIN, bound: ONE_FAULT, verdict: /without the lease/ },
  },
  {
    mutant: {
      name: "a row that ignores the fence",
      rewrite: unconditionally(
        "PutItem",
        /^MSG#/,
        "attribute_not_exists(SK) OR fence <= :fence OR fence > :fence",
      ),
    },
    ...{ updates: PLAIN, bound: ONE_FAULT, verdict: /overwrites a row|committed row without the lease/ },
  },
  {
    mutant: { name: "a lease that is taken from a living holder", rewrite: withoutLease },
    ...{ updates: PLAIN, bound: ONE_PREEMPTION, verdict: /takes the lease while/ },
  },
  {
    mutant: {
      name: "claims that know nothing",
      ports: (ports) => withClaims(ports, { answered: async () => false }),
    },
    ...{ updates: PLAIN, bound: ONE_FAULT, verdict: /the transcript has/ },
  },
  {
    mutant: { name: "claims that are not read under the lease", ports: claimsReadBeforeTheLease },
    ...{
      updates: ["m1"],
      bound: { preemptions: 2, faults: 1 },
      faults: /^again/,
      verdict: /the transcript has/,
    },
  },
  {
    mutant: { name: "waiting messages that are taken up newest first", ports: newestFirst },
    ...{ updates: PLAIN, bound: ONE_FAULT, verdict: /the transcript has 2, 1/ },
  },
  {
    mutant: { name: "no look after the release", ports: noLookAfterRelease },
    ...{ updates: PLAIN, bound: ONE_PREEMPTION, verdict: /still waits/ },
  },
  {
    mutant: {
      name: "a success of an event that is busy with itself",
      swallows: (error) => error instanceof HermesError && error.code === "busy",
    },
    ...{ updates: ["m1"], bound: ONE_FAULT, verdict: /META still has/ },
  },
  {
    mutant: {
      name: "a lost holder that ends as if all were done",
      swallows: (error) => error instanceof LeaseLost,
    },
    ...{
      updates: ["m1"],
      bound: { preemptions: 0, faults: 2 },
      faults: /^freeze/,
      verdict: /META still has/,
    },
  },
  {
    mutant: { name: "no look at the lease before a send", lease: sendingUnchecked },
    ...{ updates: PLAIN, bound: ONE_FAULT, verdict: /sends .* without the lease/ },
  },
  {
    mutant: { name: "200 before the row is in the inbox", answersBeforeStoring: true },
    ...{
      updates: PLAIN,
      bound: ONE_FAULT,
      verdict: /the transcript has|answers in the transcript|claims completed/,
    },
  },
  {
    mutant: { name: "parts that are sent and not recorded", rewrite: forgettingWhatWasSent },
    ...{ updates: LONG, bound: ONE_FAULT, verdict: /was delivered 2 times/ },
  },
  {
    mutant: { name: "a successor that forgets the stored answer", ports: forgettingTheAnswer },
    ...{ updates: PLAIN, bound: ONE_FAULT, verdict: /asks the model again/ },
  },
  {
    mutant: { name: "a successor that runs every open tool again", ports: repeatingEveryTool },
    ...{ updates: TOOLS, bound: ONE_FAULT, faults: /^crash/, verdict: /ran 2 times/ },
  },
];

/** The mutant's search tries only its faults; preemptions always. */
export const skipsOf =
  ({ faults }: MutantCase) =>
  ({ kind, label }: Choice): boolean =>
    kind === "fault" && faults !== undefined && !faults.test(label);
