// Looks at the inbox while a model stream or a tool runs, so that /stop and /new take effect within a second or two, and
// whoever waits long is told once. Used by think.ts beside the loop, and by the journal at its tool boundaries.

import { asError } from "../errors.ts";
import type { Entry } from "../turn.ts";
import { draftId } from "./draft.ts";
import { createQueuedNote } from "./queued-note.ts";
import type { TurnContext } from "./turn-context.ts";
import { answeredOf, type Work } from "./work.ts";

/** design.md 5, step 5. */
const LOOK_MS = 1_500;

/** Commands that leave the conversation the turn works on: there is nothing left to answer it in. */
const LEAVING: ReadonlySet<string> = new Set(["new", "reset"]);

/**
 * True when something that waits ends this turn; `work` then says what. Stops are answered together with the turn: those
 * typed, and the button of its own draft and no earlier one. A /new is answered when its own turn comes. One that was
 * answered before and was brought again ends nothing, and is taken off.
 */
export const isInterrupted = async (
  c: TurnContext,
  work: Work,
  waiting: readonly Entry[],
): Promise<boolean> => {
  if (work.interruption !== undefined) return true;
  const ending = waiting.filter((entry) => isStopFor(work, entry) || isLeaving(entry));
  if (ending.length === 0) return false;
  const answered = await answeredOf(
    c,
    ending.map(({ id }) => id),
  );
  if (answered.length > 0) await c.ports.inbox.remove(c.lease.session, answered);
  const fresh = ending.filter(({ id }) => !answered.includes(id));
  if (fresh.length > 0) work.interruption = { stops: fresh.filter((entry) => entry.kind === "stop") };
  return fresh.length > 0;
};

const isStopFor = ({ turn }: Work, entry: Entry): boolean =>
  entry.kind === "stop" && (entry.draftId === undefined || entry.draftId === draftId(turn));

/** Below a picture it is a caption. */
const isLeaving = (entry: Entry): boolean =>
  entry.kind === "command" && entry.message === undefined && LEAVING.has(entry.name);

/** Until `end` resolves, an interruption aborts the turn's model request and its tools. */
export const watchInbox = (c: TurnContext, work: Work): { end(): Promise<void> } => {
  const ended = new AbortController();
  const watching = watch(c, work, AbortSignal.any([ended.signal, c.signal, c.lease.lost]));
  return {
    async end() {
      ended.abort();
      await watching;
    },
  };
};

/** Why a turn that was stopped aborts what runs. */
export const stoppedByPerson = (): Error => new Error("the person stopped this turn");

const watch = async (c: TurnContext, work: Work, ended: AbortSignal): Promise<void> => {
  const note = createQueuedNote(c, work, ended);
  while (work.interruption === undefined) {
    await c.ports.clock.sleep(LOOK_MS, ended).catch(() => undefined);
    if (ended.aborted) return;
    try {
      const waiting = await c.lease.look();
      if (await isInterrupted(c, work, waiting)) work.abort.abort(stoppedByPerson());
      else await note.consider(waiting);
    } catch (error) {
      if (ended.aborted) return;
      c.ports.log.warn("the inbox was not looked at", { error: asError(error) });
    }
  }
};
