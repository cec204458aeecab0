// The transcript of the session being worked on: what the model has seen and will see, and how a step is added to it.

import type { Lease } from "../lease.ts";
import type { Message, Usage } from "../message.ts";
import type { Clock } from "../ports.ts";
import type { Meta, MetaPatch, Row } from "../session-state.ts";
import type { EntryId } from "../turn.ts";

/** A message to be added, with what is known about it. */
export interface NewRow {
  readonly message: Message;
  readonly entryId?: EntryId;
  readonly tokens?: number;
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
  await place.lease.commit({ ...patch, ...seqPatch(place.lease.meta, seq, place.clock) });
};

/** What META says of the transcript once it reaches `seq`. */
export const seqPatch = (meta: Meta, seq: number, clock: Clock): MetaPatch => ({
  seq,
  seqFence: meta.fence,
  updatedAt: clock.now(),
});

/** What model calls used; `usage` is undefined where none was reported. */
export interface Spent {
  readonly usage: Usage | undefined;
  readonly calls: number;
}

const NO_USAGE: Usage = { prompt: 0, cached: 0, completion: 0, reasoning: 0 };

/** Both together. */
export const plus = (one: Spent, other: Spent): Spent => {
  const { usage: a = NO_USAGE } = one;
  const { usage: b = NO_USAGE } = other;
  return {
    usage: {
      prompt: a.prompt + b.prompt,
      cached: a.cached + b.cached,
      completion: a.completion + b.completion,
      reasoning: a.reasoning + b.reasoning,
    },
    calls: one.calls + other.calls,
  };
};

/** Totals of the session with model calls added. */
export const withUsage = (totals: Meta["totals"], spent: Spent): Meta["totals"] => {
  const { usage, calls } = plus({ usage: totals, calls: totals.calls }, spent);
  return { ...totals, ...usage, calls };
};
