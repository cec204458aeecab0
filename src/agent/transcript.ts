// The transcript of the session being worked on: what the model has seen and will see, and how a step is added to it.

import { cutsOf, joinedCuts } from "../cut-rows.ts";
import type { Lease } from "../lease.ts";
import type { Message } from "../message.ts";
import type { Clock } from "../ports.ts";
import type { Meta, MetaPatch, Row } from "../session-state.ts";
import type { EntryId } from "../turn.ts";
import type { Spending } from "../usage-ports.ts";

/** A message to be added, with what is known about it. */
export interface NewRow {
  readonly message: Message;
  readonly entryId?: EntryId;
  readonly tokens?: number;
  readonly skillsIndex?: string;
  readonly marker?: NonNullable<Row["marker"]>;
}

/** Undoes the rows from `from` on: they stay, and the prompt leaves them out. */
export const cutMarker = (from: number): NewRow => ({
  message: { role: "assistant", content: "" },
  marker: { kind: "cut", from },
});

export interface Transcript {
  /** Committed rows of the session, oldest first. */
  readonly rows: readonly Row[];
  /**
   * One step: the rows are put, then one commit moves `seq` over them together with `patch`. Steps are added one
   * after the other, so that tools which finish at the same time do not write the same row.
   * `before` is awaited between putting and committing: rows may be put ahead of a check, never committed ahead of it.
   */
  add(rows: readonly NewRow[], patch: MetaPatch, before?: Promise<unknown>): Promise<void>;
  /** The rows as they would be stored after the committed ones; for a step somebody else commits. */
  plan(rows: readonly NewRow[]): readonly Row[];
}

/** `sessionId`: the session to write; when META names another, it begins with the first step. */
export const openTranscript = (lease: Lease, clock: Clock, sessionId = lease.meta.sessionId): Transcript => {
  const place: Place = { lease, clock, sessionId };
  let steps: Promise<unknown> = Promise.resolve();
  return {
    get rows() {
      return committedRows(place);
    },
    plan: (rows) => plan(place, rows),
    add(rows, patch, before) {
      const done = steps.then(() => step(place, rows, patch, before));
      steps = done.catch(() => undefined);
      return done;
    },
  };
};

interface Place {
  readonly lease: Lease;
  readonly clock: Clock;
  readonly sessionId: string;
}

const hasBegun = ({ lease, sessionId }: Place): boolean => lease.meta.sessionId === sessionId;

const committedRows = (place: Place): readonly Row[] => (hasBegun(place) ? place.lease.rows : []);

const committedSeq = (place: Place): number => (hasBegun(place) ? place.lease.meta.seq : 0);

const plan = (place: Place, rows: readonly NewRow[]): readonly Row[] =>
  rows.map((row, index) => ({
    sessionId: place.sessionId,
    seq: committedSeq(place) + 1 + index,
    fence: place.lease.meta.fence,
    at: place.clock.now(),
    ...row,
  }));

const step = async (
  place: Place,
  rows: readonly NewRow[],
  patch: MetaPatch,
  before: Promise<unknown> | undefined,
): Promise<void> => {
  const placed = plan(place, rows);
  // Also when `before` refuses, nothing is on its way any more: the next step may put other rows in these places.
  const [put, checked] = await Promise.allSettled([place.lease.append(placed), before]);
  if (checked.status === "rejected") throw checked.reason;
  if (put.status === "rejected") throw put.reason;
  const seq = committedSeq(place) + placed.length;
  const { meta } = place.lease;
  await place.lease.commit({ ...patch, ...cutsPatch(meta, placed), ...seqPatch(meta, seq, place.clock) });
};

/** Where it lies, for a search that finds it long after. */
const cutsPatch = ({ cuts = [] }: Meta, added: readonly Row[]): MetaPatch => {
  const fresh = cutsOf(added);
  return fresh.length === 0 ? {} : { cuts: joinedCuts([...cuts, ...fresh]) };
};

/** What META says of the transcript once it reaches `seq`. */
export const seqPatch = (meta: Meta, seq: number, clock: Clock): MetaPatch => ({
  seq,
  seqFence: meta.fence,
  updatedAt: clock.now(),
});

/** Totals of the session with model calls added: what a meter has counted, so that they say what the accounts say. */
export const withSpending = (totals: Meta["totals"], { usage, calls, cost }: Spending): Meta["totals"] => ({
  ...totals,
  prompt: totals.prompt + usage.prompt,
  cached: totals.cached + usage.cached,
  completion: totals.completion + usage.completion,
  reasoning: totals.reasoning + usage.reasoning,
  calls: totals.calls + calls,
  cost: (totals.cost ?? 0) + cost,
});
