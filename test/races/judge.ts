// Watches a simulated run and says what it must never do (design.md 9): by true time and by what is really stored, not
// by what the containers believe. Called by world.ts at each effect; verdict.ts judges what is left at the end.

import { SEND_MARGIN_MS } from "../../src/lease-times.ts";
import { problemsOf } from "../agent/loop-kit.ts";
import type { Container, Time } from "./container.ts";
import type { Engine, Executed, WireItem } from "./engine.ts";
import { repliesIn, type Witness } from "./outside.ts";
import type { TableRequest } from "./store.ts";

export interface Delivery {
  readonly text: string;
  readonly container: Container;
  /** A fault struck between this send's effect and the next record of it: it may go out once more. */
  mayRepeat: boolean;
}

export interface Judge extends Witness {
  readonly violations: readonly string[];
  readonly deliveries: readonly Delivery[];
  /** Calls per tool and subject. */
  readonly toolRuns: ReadonlyMap<string, number>;
  accuse(what: string): void;
  /** A fault hits the container where what it last sent may not be on record. */
  struck(container: Container): void;
  onTable(container: Container, request: TableRequest, execute: () => Executed): Executed;
}

interface Records {
  readonly time: Time;
  readonly engine: Engine;
  readonly pk: string;
  readonly violations: string[];
  holder: Container | undefined;
  readonly deliveries: Delivery[];
  /** Sends that no write of `out` has followed yet. */
  readonly unrecorded: Map<Delivery, Container>;
  readonly promptOf: Map<number, number>;
  readonly stored: Set<number>;
  readonly toolRuns: Map<string, number>;
}

export const createJudge = (time: Time, engine: Engine, session: string): Judge => {
  const records: Records = {
    ...{ time, engine, pk: `SESSION#${session}` },
    violations: [],
    holder: undefined,
    deliveries: [],
    unrecorded: new Map(),
    promptOf: new Map(),
    stored: new Set(),
    toolRuns: new Map(),
  };
  const { violations, deliveries, toolRuns, unrecorded } = records;
  const accuse = (what: string) => void violations.push(what);
  return {
    ...{ violations, deliveries, toolRuns, accuse },
    struck(container) {
      for (const [delivery, of] of unrecorded) if (of === container) delivery.mayRepeat = true;
    },
    sendBegins: (container, text) => mustHold(records, container, `sends ${text}`),
    sent(container, text) {
      const delivery = { text, container, mayRepeat: false };
      deliveries.push(delivery);
      unrecorded.set(delivery, container);
    },
    asked(container, prompt, messages) {
      const problems = problemsOf(messages);
      if (problems.length > 0)
        accuse(`${container.name} asks with an invalid history: ${problems.join("; ")}`);
      // Requests run ahead of the claims; a message that was answered may ask in vain. Not so a turn that is open.
      const meta = engine.read(records.pk, "META");
      const isOpen = meta?.["turn"] !== undefined || meta?.["out"] !== undefined;
      if (records.holder === container && isOpen && records.stored.has(prompt))
        accuse(`${container.name} asks the model again for an answer that is stored`);
    },
    replied(prompt, reply) {
      records.promptOf.set(reply, prompt);
    },
    toolBegins(container, tool, of) {
      if (tool !== "charge") return;
      mustHold(records, container, `runs ${tool} ${of}`);
      toolRuns.set(of, (toolRuns.get(of) ?? 0) + 1);
    },
    onTable(container, request, execute) {
      const sk = skOf(request);
      const isMeta = sk === "META" && request.operation === "UpdateItem";
      const isRow = sk.startsWith("MSG#") && request.operation === "PutItem";
      if (!isMeta && !isRow) return execute();
      const before = engine.read(records.pk, sk);
      const executed = execute();
      if (executed.status !== 200) return executed;
      if (isMeta) onMeta(records, container, request, before);
      else onRow(records, container, sk, before);
      return executed;
    },
  };
};

const skOf = ({ body }: TableRequest): string => body.Key?.SK.S ?? body.Item?.SK.S ?? "";

const numberIn = (item: WireItem | undefined, name: string): number | undefined => {
  const value = item?.[name]?.["N"];
  return value === undefined ? undefined : Number(value);
};

/** Sends and tools that must not be repeated begin under a lease that is held, with its margin left by the holder's clock. */
const mustHold = (records: Records, container: Container, what: string): void => {
  const until = numberIn(records.engine.read(records.pk, "META"), "until");
  if (records.holder !== container || until === undefined)
    records.violations.push(`${container.name} ${what} without the lease`);
  else if (until - container.clock.now() < SEND_MARGIN_MS)
    records.violations.push(
      `${container.name} ${what} with ${until - container.clock.now()} ms of its lease left`,
    );
};

const onMeta = (
  records: Records,
  container: Container,
  { body }: TableRequest,
  before: WireItem | undefined,
): void => {
  const update = body.UpdateExpression ?? "";
  if (update.includes("ADD #fence")) {
    onAcquire(records, container, before);
    return;
  }
  if (records.holder !== container)
    records.violations.push(`${container.name} writes META without the lease: ${update}`);
  if (/\bREMOVE\b.*#until\b/.test(update)) records.holder = undefined;
  if (/#out\b/.test(update)) {
    for (const [delivery, of] of records.unrecorded)
      if (of === container) records.unrecorded.delete(delivery);
    markStored(records, JSON.stringify(body.ExpressionAttributeValues?.[":out"] ?? ""));
  }
  if (/#seq\b/.test(update)) markCommitted(records, numberIn(before, "seq") ?? 0);
};

const onAcquire = (records: Records, container: Container, before: WireItem | undefined): void => {
  const { holder, time, violations } = records;
  const until = numberIn(before, "until");
  // Asked again after a lost answer it is refused, and the container sees that it has the lease.
  if (holder !== undefined && until !== undefined && until - holder.skewMs > time.now)
    violations.push(`${container.name} takes the lease while ${holder.name} has it`);
  records.holder = container;
};

/** Rows that a commit has just moved `seq` over. */
const markCommitted = (records: Records, from: number): void => {
  const meta = records.engine.read(records.pk, "META");
  const sessionId = meta?.["sessionId"]?.["S"];
  for (let seq = from + 1; seq <= (numberIn(meta, "seq") ?? 0); seq += 1) {
    const row = records.engine.read(records.pk, `MSG#${sessionId}#${String(seq).padStart(10, "0")}`);
    if (row === undefined) records.violations.push(`row ${seq} is committed and not there`);
    else if (row["message"]?.["M"]) markStored(records, assistantTextOf(row));
  }
};

const assistantTextOf = (row: WireItem): string => {
  const message = row["message"]?.["M"] as Record<string, { S?: string }>;
  return message["role"]?.S === "assistant" ? (message["content"]?.S ?? "") : "";
};

const markStored = ({ promptOf, stored }: Records, text: string): void => {
  for (const reply of repliesIn(text)) {
    const prompt = promptOf.get(reply);
    if (prompt !== undefined) stored.add(prompt);
  }
};

const onRow = (records: Records, container: Container, sk: string, before: WireItem | undefined): void => {
  const { engine, holder, pk, violations } = records;
  const written = engine.read(pk, sk);
  const [earlier = 0, later = 0] = [numberIn(before, "fence"), numberIn(written, "fence")];
  if (earlier > later) violations.push(`${container.name} overwrites a row of a later holder: ${sk}`);
  const meta = engine.read(pk, "META");
  // A holder that was lost before it began a session leaves rows of one that never comes to be.
  const isOfThisSession = written?.["sessionId"]?.["S"] === meta?.["sessionId"]?.["S"];
  const isCommitted = isOfThisSession && (numberIn(written, "seq") ?? 0) <= (numberIn(meta, "seq") ?? 0);
  if (isCommitted && holder !== container)
    violations.push(`${container.name} writes a committed row without the lease: ${sk}`);
};
