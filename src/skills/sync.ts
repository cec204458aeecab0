// Keeps the Knowledge Base in step with the bucket (SkillSync in skill-ports.ts): when there is time in a turn, what is on
// record is brought there. Made by skills-side.ts; sync-batch.ts says how a change travels.

import { randomUUID } from "node:crypto";
import { asError } from "../errors.ts";
import type { PendingSync, SkillSync } from "../skill-ports.ts";
import { BATCH, LOOK_AGAIN_MS, type SyncPorts, syncBatch } from "./sync-batch.ts";

/** One query: for what containers left behind that are gone. */
const LOOK_EVERY_MS = 5 * 60_000;
/** A busy service is asked again by the first settle after this; so is a store of records that failed. */
const PAUSE_MS = 60_000;
/** In one settle: 200 changes of a long outage are a few turns' work, and no turn's whole time. */
const MAX_FOLDERS = 30;

interface State {
  /** Changes begun in this process and not brought yet, with their tokens. */
  readonly known: Map<string, string>;
  lookAt: number;
  pausedUntil: number;
  /** The log says it once, until it is over. */
  isToldBusy: boolean;
}

export const createSkillSync = (ports: SyncPorts): SkillSync => {
  const { pending, clock, knowledgeBase, log } = ports;
  const state: State = { known: new Map(), lookAt: 0, pausedUntil: 0, isToldBusy: false };
  let tail: Promise<void> = Promise.resolve();
  return {
    async begin(folder) {
      const token = randomUUID();
      await pending.begin(folder, token, clock.now());
      state.known.set(folder, token);
    },
    async settle(signal) {
      tail = tail.then(() => settleOnce(ports, state, signal));
      const failed = (error: unknown) => {
        state.pausedUntil = clock.now() + PAUSE_MS;
        log.warn("the sync of skills failed; it is tried again", { error: asError(error) });
      };
      tail = tail.catch(failed);
      await untilAborted(tail, signal);
    },
    search: (query, limit, signal) => knowledgeBase.search(query, limit, signal),
  };
};

/** What is under way goes on behind it, to its next look at the signal: claims and tokens make that safe. */
const untilAborted = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => resolve();
  signal.addEventListener("abort", stop);
  await Promise.race([work, promise]);
  signal.removeEventListener("abort", stop);
};

const settleOnce = async (ports: SyncPorts, state: State, signal: AbortSignal): Promise<void> => {
  const nowMs = ports.clock.now();
  const isTime = nowMs >= state.pausedUntil && (state.known.size > 0 || nowMs >= state.lookAt);
  if (signal.aborted || !isTime) return;
  const tokens = new Map(state.known);
  const records = await ports.pending.list();
  const due = dueNow(records, state.known, nowMs);
  const now = due.slice(0, MAX_FOLDERS);
  for (let from = 0; from < now.length; from += BATCH) {
    if (signal.aborted) return;
    const { isBusy } = await syncBatch(ports, now.slice(from, from + BATCH), signal);
    tellBusy(ports, state, isBusy);
    if (isBusy) return;
  }
  if (signal.aborted) return;
  forget(state, tokens, due.slice(MAX_FOLDERS));
  const waitMs = records.length > 0 ? LOOK_AGAIN_MS : LOOK_EVERY_MS;
  state.lookAt = due.length > now.length ? nowMs : nowMs + waitMs;
};

/** Those of this process first, at once; then the oldest. */
const dueNow = (
  records: readonly PendingSync[],
  known: ReadonlyMap<string, string>,
  nowMs: number,
): readonly string[] =>
  records
    .filter(({ folder, dueAt, claimedUntil }) => known.has(folder) || Math.max(dueAt, claimedUntil) <= nowMs)
    .toSorted((a, b) => Number(known.has(b.folder)) - Number(known.has(a.folder)) || a.since - b.since)
    .map(({ folder }) => folder);

/** Brought, or done by others; not what was begun anew meanwhile. */
const forget = (state: State, tokens: ReadonlyMap<string, string>, left: readonly string[]): void => {
  for (const [folder, token] of tokens)
    if (state.known.get(folder) === token && !left.includes(folder)) state.known.delete(folder);
};

const tellBusy = ({ clock, log }: SyncPorts, state: State, isBusy: boolean): void => {
  if (isBusy) state.pausedUntil = clock.now() + PAUSE_MS;
  if (isBusy && !state.isToldBusy)
    log.info("the Knowledge Base is busy: changes of skills wait, and none is lost");
  state.isToldBusy = isBusy;
};
