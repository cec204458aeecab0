// One turn at work: the entries it answers, its transcript, and the promise that it may be written.

import { HermesError } from "../errors.ts";
import type { JobRun, MetaPatch, OpenTurn } from "../session-state.ts";
import type { EntryId, Origin, StopEntry, TickEntry } from "../turn.ts";
import { createDraft, type Draft } from "./draft.ts";
import { type Meter, startMeter } from "./meter.ts";
import { type NewRow, openTranscript, type Transcript } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";

export interface Work {
  readonly transcript: Transcript;
  readonly turn: OpenTurn;
  /** Resolves once the entries are known to be unanswered and are in the transcript. Nothing is committed before. */
  readonly opened: Promise<void>;
  /** Where the prompt begins. */
  readonly base: number;
  /** When the session began, ms; part of the prompt. */
  readonly startedAt: number;
  readonly sessionId: string;
  /** Rows that the model may be shown before they are committed. */
  readonly ahead: readonly NewRow[];
  /** Aborts the model request and the tools of this turn. */
  readonly abort: AbortController;
  readonly draft: Draft;
  /** What it spends; has to be settled before the lease is given back. */
  readonly meter: Meter;
  /** Why the turn ends before its time. The stops among what arrived are answered together with it. */
  interruption: { readonly stops: readonly StopEntry[] } | undefined;
}

/** The turn as META has it, or as it is about to be opened. */
export const openTurn = (c: TurnContext, { turn }: Work): OpenTurn => c.lease.meta.turn ?? turn;

/** Thrown by `opened` when entries turn out to be answered already: a redelivery put their rows again. */
export class AlreadyAnswered extends HermesError {
  override name = "AlreadyAnswered";
  readonly ids: readonly EntryId[];
  constructor(ids: readonly EntryId[]) {
    super("busy", "these entries are answered already");
    this.ids = ids;
  }
}

/** Which of these entries were answered before. Read under the lease, so that the answer stays true. */
export const answeredOf = async (c: TurnContext, ids: readonly EntryId[]): Promise<readonly EntryId[]> => {
  const answered = await Promise.all(ids.map((id) => c.ports.claims.answered(c.lease.session, id)));
  return ids.filter((_, index) => answered[index]);
};

export const jobRunOf = ({ job, scheduledTime, isManual }: TickEntry): JobRun => ({
  id: job.id,
  name: job.name,
  scheduledTime,
  ...(isManual === undefined ? {} : { isManual }),
});

export interface Opening {
  readonly entries: readonly EntryId[];
  readonly origin: Origin;
  readonly rows: readonly NewRow[];
  /** Of META, in the same write as the rows; a `sessionId` here begins a session. */
  readonly patch: MetaPatch;
  readonly notice?: string;
  readonly job?: JobRun;
  /** Started as soon as it was known who speaks, so that its first read is on the way. */
  readonly meter: Meter;
}

/** Takes entries up: the claims are read and the rows are put while the model request already runs. */
export const openWork = (c: TurnContext, opening: Opening): Work => {
  const { entries, origin, rows, patch, notice, job } = opening;
  const transcript = openTranscript(c.lease, c.ports.clock, patch.sessionId);
  const firstSeq = transcript.plan(rows)[0]?.seq ?? 0;
  const turn: OpenTurn = {
    entries,
    origin,
    firstSeq,
    hops: 0,
    steps: 0,
    ...(notice === undefined ? {} : { notice }),
    ...(job === undefined ? {} : { job }),
  };
  const unanswered = answeredOf(c, entries).then((ids) => {
    if (ids.length > 0) throw new AlreadyAnswered(ids);
  });
  const opened = transcript.add(rows, { ...patch, turn }, unanswered);
  return workOn(c, { transcript, turn, opened, ahead: rows, patch, meter: opening.meter });
};

/** Goes on with a turn that is open on META. */
export const resumeWork = (c: TurnContext, turn: OpenTurn): Work =>
  workOn(c, {
    transcript: openTranscript(c.lease, c.ports.clock),
    turn,
    opened: Promise.resolve(),
    ahead: [],
    patch: {},
    meter: startMeter(c, turn),
  });

const workOn = (
  c: TurnContext,
  {
    patch,
    ...parts
  }: Pick<Work, "transcript" | "turn" | "opened" | "ahead" | "meter"> & {
    readonly patch: MetaPatch;
  },
): Work => {
  const abort = new AbortController();
  // A turn that could not be opened stops its model request; whoever awaits `opened` gets the reason.
  parts.opened.catch((error: unknown) => abort.abort(error));
  const { base, startedAt, sessionId } = { ...c.lease.meta, ...patch };
  const draft = createDraft(c, parts.turn);
  return { ...parts, base, startedAt, sessionId, abort, draft, interruption: undefined };
};
