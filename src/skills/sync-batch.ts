// Brings a few changed skills to the Knowledge Base: always what the bucket holds now, so that the order of changes does not
// matter. Called by sync.ts within a turn, and by ops/skills-sync.ts.
//
//   begin ──▶ pending ──claim──▶ read the bucket ──▶ put or remove ──▶ submitted ──claim──▶ indexed, and the bucket the same?
//                ▲                                                        │                      │ yes: the record is removed
//                └───────────── refused, failed, or changed meanwhile ────┴──────────────────────┘ no: put again
//
// Whoever dies on the way leaves the record, and the next one starts over: each step may be repeated. A record goes only
// when its token is still the one it was claimed with, so what changed meanwhile is done again.

import { randomUUID } from "node:crypto";
import { asError, HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../ports.ts";
import type {
  DocumentState,
  KnowledgeBase,
  PendingSync,
  PendingSyncs,
  SkillFiles,
  SyncProgress,
} from "../skill-ports.ts";
import type { Searchable, Withheld } from "./sync-text.ts";
import { textOf } from "./text.ts";

export interface SyncPorts {
  readonly files: Pick<SkillFiles, "read">;
  readonly knowledgeBase: KnowledgeBase;
  readonly pending: PendingSyncs;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** A larger SKILL.md is not to be used, and so not to be found. */
  readonly maxFileBytes: number;
  /** Whether what the security scan found withholds a skill: then it is not to be found either. */
  guard(): Promise<boolean>;
  /** Told of each skill as it was read: why nobody is to find it, if so. */
  onRead?(folder: string, withheld: Withheld | undefined): void;
}

/** What the service takes at once, so that a busy one costs no more than these claims. */
export const BATCH = 10;

/** Longer than the calls below take at their worst: two, of three attempts of 5 s with pauses. */
const CLAIM_MS = 60_000;
/** What a claim must have left for the calls that write: whoever was stopped in between has read what may be old. */
const WRITE_MS = 35_000;

/** Ours: a document of this size is indexed within seconds. */
export const LOOK_AGAIN_MS = 30_000;
const STILL_WORKING_MS = 2 * 60_000;
/** Since the change: what is still being indexed then is stuck. It is sent again, and the operator hears of it. */
const STUCK_MS = 3_600_000;
/** Between two tries of a skill that is refused again and again. */
const LONGEST_WAIT_MS = 6 * 3_600_000;

/** Until now it may have been bad luck. */
const QUIET_ATTEMPTS = 5;

/** A skill somebody keeps changing is left to the next settle. */
const MAX_ROUNDS = 3;

/** `isBusy`: the service, or the time. What was not done is still on record. */
export interface BatchEnd {
  readonly isBusy: boolean;
}

/** Throws when the store of the records fails. */
export const syncBatch = async (
  ports: SyncPorts,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<BatchEnd> => {
  const by = randomUUID();
  let left = folders;
  for (let round = 0; round < MAX_ROUNDS && left.length > 0 && !signal.aborted; round += 1) {
    try {
      left = await syncOnce(ports, by, left, signal);
    } catch (error) {
      if (isBusy(error)) return { isBusy: true };
      throw error;
    }
  }
  return { isBusy: false };
};

/** Only the Knowledge Base's own errors are of this kind. */
const isBusy = (error: unknown): boolean => error instanceof KnowledgeBaseBusy;

class KnowledgeBaseBusy extends Error {
  override name = "KnowledgeBaseBusy";
}

/** A claimed record, and what the Knowledge Base should have: nothing, or this. */
interface Task {
  readonly record: PendingSync;
  readonly etag?: string;
  readonly text?: string;
}

/** Returns the folders that changed meanwhile. */
const syncOnce = async (
  ports: SyncPorts,
  by: string,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const { pending, clock } = ports;
  const nowMs = clock.now();
  const untilMs = nowMs + CLAIM_MS;
  const claims = await Promise.all(folders.map((folder) => pending.claim(folder, by, nowMs, untilMs)));
  const records = claims.filter((record) => record !== undefined);
  const tasks = (await Promise.all(records.map((record) => taskOf(ports, record)))).flat();
  const states = await statesOf(ports, tasks.filter(isSubmitted));
  const tries = tasks.map((task) => ({ task, next: nextTry(task, states, nowMs) }));
  const toSend = tries.flatMap(({ next }) => next ?? []);
  const resting = tries.flatMap(({ task, next }) => (next === undefined ? task : []));
  const rested = await Promise.all(resting.map((task) => rest(ports, by, task, states)));
  if (toSend.length === 0 || signal.aborted) return rested.flat();
  const refused = await send(ports, untilMs - WRITE_MS, toSend);
  const sent = await Promise.all(toSend.map((task) => mark(ports, { by, untilMs }, task, refused)));
  return [...rested, ...sent].flat();
};

/** Nothing when the bucket cannot be read: then the claim runs out, and somebody tries again. */
const taskOf = async (ports: SyncPorts, record: PendingSync): Promise<readonly Task[]> => {
  const { files, log, maxFileBytes } = ports;
  const { folder } = record;
  try {
    const file = await files.read(`${folder}/SKILL.md`, { maxBytes: maxFileBytes });
    if (file === undefined) return [{ record }];
    const found = await searchableIn(ports, folder, file.bytes);
    if ("withheld" in found) return [withheldTask(ports, record, found.withheld)];
    ports.onRead?.(folder, undefined);
    return [{ record, etag: file.etag, text: found.text }];
  } catch (error) {
    if (error instanceof HermesError && error.code === "too_large")
      return [withheldTask(ports, record, { problem: "too large" })];
    log.warn("a skill could not be read for the Knowledge Base", { folder, error: asError(error) });
    return [];
  }
};

const withheldTask = ({ onRead }: SyncPorts, record: PendingSync, withheld: Withheld): Task => {
  onRead?.(record.folder, withheld);
  return { record };
};

const searchableIn = async ({ guard }: SyncPorts, folder: string, bytes: Uint8Array): Promise<Searchable> => {
  const text = textOf(bytes);
  if (text === undefined) return { withheld: { problem: "not text" } };
  const [{ parseYaml }, { searchableOf }] = await Promise.all([
    import("../yaml.ts"),
    import("./sync-text.ts"),
  ]);
  return searchableOf(folder, text, { parseYaml, guard: await guard() });
};

/** The Knowledge Base was given just this. */
const isSubmitted = ({ record, etag }: Task): boolean => record.state === "submitted" && record.etag === etag;

type States = ReadonlyMap<string, DocumentState>;

const statesOf = async ({ knowledgeBase, log }: SyncPorts, tasks: readonly Task[]): Promise<States> => {
  if (tasks.length === 0) return new Map();
  const folders = tasks.map(({ record }) => record.folder);
  try {
    return await orBusy(knowledgeBase.states(folders));
  } catch (error) {
    if (isBusy(error)) throw error;
    // The others are not held up by it.
    log.warn("the Knowledge Base does not say what it has", { error: asError(error) });
    return new Map(folders.map((folder) => [folder, "working"]));
  }
};

const hasArrived = ({ etag }: Task, state: DocumentState | undefined): boolean =>
  state === (etag === undefined ? "missing" : "indexed");

/** The task as it is to be sent, or undefined when there is nothing to send. */
const nextTry = (task: Task, states: States, nowMs: number): Task | undefined => {
  const { record } = task;
  if (!isSubmitted(task)) return task;
  const state = states.get(record.folder);
  const isUnderWay = state === "working" && nowMs - record.since < STUCK_MS;
  if (isUnderWay || hasArrived(task, state)) return undefined;
  return { ...task, record: { ...record, attempts: record.attempts + 1 } };
};

/** What has arrived is done; what is being indexed is looked at later. */
const rest = async (
  { pending, clock }: SyncPorts,
  by: string,
  task: Task,
  states: States,
): Promise<readonly string[]> => {
  const { record } = task;
  const { folder, token, attempts } = record;
  const isAsItWas = hasArrived(task, states.get(folder))
    ? await pending.remove(folder, token)
    : await pending.update(record, by, submitted(task, attempts, clock.now() + STILL_WORKING_MS));
  return isAsItWas ? [] : [folder];
};

const submitted = ({ etag }: Task, attempts: number, dueAt: number): SyncProgress => ({
  ...{ state: "submitted", attempts, dueAt },
  ...(etag === undefined ? {} : { etag }),
});

/** Why a folder was refused. One that is must not hold up the others. Nothing is sent after `lastMs`. */
const send = async (
  ports: SyncPorts,
  lastMs: number,
  tasks: readonly Task[],
): Promise<ReadonlyMap<string, Error>> => {
  const documents = tasks.flatMap(({ record, text }) =>
    text === undefined ? [] : [{ id: record.folder, text }],
  );
  const gone = tasks.flatMap(({ record, text }) => (text === undefined ? [record.folder] : []));
  const { knowledgeBase, clock } = ports;
  if (clock.now() > lastMs) throw new KnowledgeBaseBusy();
  try {
    if (documents.length > 0) await orBusy(knowledgeBase.put(documents));
    if (gone.length > 0) await orBusy(knowledgeBase.remove(gone));
    return new Map();
  } catch (thrown) {
    const error = asError(thrown);
    if (isBusy(error)) throw error;
    const [only] = tasks;
    if (tasks.length === 1 && only !== undefined) return new Map([[only.record.folder, error]]);
    const refused: [string, Error][] = [];
    for (const task of tasks) refused.push(...(await send(ports, lastMs, [task])));
    return new Map(refused);
  }
};

const orBusy = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof HermesError && error.retryable) throw new KnowledgeBaseBusy("", { cause: error });
    throw error;
  }
};

const mark = async (
  { pending, clock, log }: SyncPorts,
  { by, untilMs }: { readonly by: string; readonly untilMs: number },
  task: Task,
  refused: ReadonlyMap<string, Error>,
): Promise<readonly string[]> => {
  const { record } = task;
  const error = refused.get(record.folder);
  // Taken after all: that it had been refused says nothing of how long the index needs.
  const before = error === undefined && record.state === "pending" ? 0 : record.attempts;
  const attempts = before + (error === undefined ? 0 : 1);
  const dueAt = clock.now() + Math.min(LONGEST_WAIT_MS, LOOK_AGAIN_MS * 2 ** attempts);
  const progress: SyncProgress =
    error === undefined ? submitted(task, attempts, dueAt) : { state: "pending", attempts, dueAt };
  if (attempts > 0) complain(log, record.folder, attempts, error);
  if (await pending.update(record, by, progress)) return [];
  // A container that was frozen in the middle of it may have sent what was old by then, after others were done.
  if (clock.now() > untilMs) await pending.begin(record.folder, randomUUID(), clock.now());
  return [record.folder];
};

const complain = (log: Log, folder: string, attempts: number, error: Error | undefined): void => {
  const fields = { folder, attempts, ...(error === undefined ? {} : { error }) };
  if (attempts < QUIET_ATTEMPTS) log.warn("the Knowledge Base did not take a skill", fields);
  else log.error("a skill does not get into the Knowledge Base: search does not find it as it is", fields);
};
