// From waiting messages, a tick or an open turn to an answer that exists (META.out). Called by run-turn.ts;
// deliver.ts goes on from there.

import type { UserMessage } from "../message.ts";
import type { JobRun, Meta, Outgoing } from "../ports.ts";
import { isSharedSession } from "../session-key.ts";
import type { CommandEntry, EntryId, MessageEntry, Origin, TickEntry } from "../turn.ts";
import { archiveSession } from "./archive-rows.ts";
import { compactTranscript, needsCompaction } from "./compact-transcript.ts";
import { cronPrompt } from "./cron-prompt.ts";
import { lastUserTurnSeq } from "./history.ts";
import { createJournal } from "./journal.ts";
import type { LoopResult } from "./loop.ts";
import { runLoop } from "./loop.ts";
import { orLogged } from "./or-logged.ts";
import { contextBlock } from "./prompt.ts";
import { recall } from "./recall.ts";
import { freshSession, resetNote, resetNotice, sessionToContinue } from "./reset.ts";
import { cronSessionId, newSessionId } from "./session-id.ts";
import { cutMarker, type NewRow, withUsage } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { loopInput } from "./turn-setup.ts";
import { AlreadyAnswered, type Opening, openWork, resumeWork, type Work } from "./work.ts";

/** Compactions within one turn before it gives up (hermes-behaviour.md 1.7). */
const MAX_COMPACTIONS = 3;

/** Lambda cuts a chain of self-invocations at about 16 (facts/platform.md 2). */
const MAX_HOPS = 8;

/** Answers waiting messages as one turn. On return META has `out`, or the turn was handed over. */
export const answerMessages = async (c: TurnContext, entries: readonly MessageEntry[]): Promise<void> => {
  const last = entries.at(-1);
  if (last === undefined) return;
  const spent = spendButtons(c, entries);
  const recalled = await recall(c, last.origin, entries.map((entry) => entry.text).join("\n"));
  const reset = sessionToContinue(c);
  const notes = resetNote(reset);
  const notice = resetNotice(c, reset);
  const rows = entries.map(
    (entry, index): NewRow => ({
      message: userMessage(c, entry, index === 0 ? { recalled, notes } : {}),
      entryId: entry.id,
    }),
  );
  if (reset.kind === "reset") await archiveSession(c);
  const patch = reset.kind === "continue" ? {} : freshSession(c, newSessionId(c.ports.clock.now()));
  const ids = entries.map((entry) => entry.id);
  const opening = {
    entries: ids,
    origin: last.origin,
    rows,
    patch,
    ...(notice === undefined ? {} : { notice }),
  };
  const dropped = await thinkUnlessAnswered(c, opening);
  await spent;
  if (dropped.length > 0)
    await answerMessages(
      c,
      entries.filter((entry) => !dropped.includes(entry.id)),
    );
};

/** /retry: the last message is asked again, its earlier answer undone. False when there is none. */
export const answerAgain = async (c: TurnContext, command: CommandEntry): Promise<boolean> => {
  const from = lastUserTurnSeq(c.lease.rows, 1);
  const said = c.lease.rows.find((row) => row.seq === from)?.message;
  if (from === undefined || said?.role !== "user") return false;
  const rows: NewRow[] = [
    cutMarker(from),
    { message: { ...said, context: contextOf(c, command.origin, command.at) }, entryId: command.id },
  ];
  await thinkUnlessAnswered(c, { entries: [command.id], origin: command.origin, rows, patch: {} });
  return true;
};

/** A question whose button was pressed is answered: its buttons go, while the model already thinks. */
const spendButtons = async (c: TurnContext, entries: readonly MessageEntry[]): Promise<void> => {
  for (const { pressedOn, origin } of entries) {
    if (pressedOn === undefined) continue;
    await orLogged(
      c.ports.log,
      "taking the buttons off",
      c.ports.telegram.spendButtons(origin, pressedOn, c.signal),
    );
  }
};

/** Runs a job in a session of its own (hermes-behaviour.md 3.5); a tick that ran before is dropped. */
export const answerTick = async (c: TurnContext, tick: TickEntry): Promise<void> => {
  const message: UserMessage = {
    role: "user",
    content: cronPrompt(tick.job),
    context: contextOf(c, tick.origin, tick.at),
  };
  const patch = freshSession(c, cronSessionId(tick.job.id, tick.at));
  const job: JobRun = { id: tick.job.id, name: tick.job.name, scheduledTime: tick.scheduledTime };
  const rows = [{ message, entryId: tick.id }];
  await thinkUnlessAnswered(c, { entries: [tick.id], origin: tick.origin, rows, patch, job });
};

/** Entries that turn out to be answered already are taken out of the inbox and returned; then nothing was done. */
const thinkUnlessAnswered = async (c: TurnContext, opening: Opening): Promise<readonly EntryId[]> => {
  try {
    await think(c, openWork(c, opening));
    return [];
  } catch (error) {
    if (!(error instanceof AlreadyAnswered)) throw error;
    await c.ports.inbox.remove(c.lease.session, error.ids);
    return error.ids;
  }
};

/** Goes on with the turn that META says is open: from its last stored row. */
export const resumeTurn = async (c: TurnContext): Promise<void> => {
  const { turn } = c.lease.meta;
  if (turn === undefined) return;
  await think(c, resumeWork(c, turn));
};

const think = async (c: TurnContext, work: Work): Promise<void> => {
  try {
    for (let compactions = 0; ; compactions += 1) {
      if (compactions === 0 && needsCompaction(c, work.transcript)) await makeRoom(c, work, {});
      const result = await runLoop(loopInput(c, work, createJournal(c, work)));
      const isTooLong = result.kind === "overflow" && compactions < MAX_COMPACTIONS;
      if (!isTooLong || !(await makeRoom(c, work, { spent: result }))) return await conclude(c, work, result);
    }
  } finally {
    await work.draft.end();
  }
};

const makeRoom = async (
  c: TurnContext,
  work: Work,
  options: { readonly spent?: Outcome },
): Promise<boolean> => {
  await work.opened;
  return compactTranscript(c, work.transcript, options);
};

type Outcome = Awaited<ReturnType<typeof runLoop>>;

const conclude = async (c: TurnContext, work: Work, result: Outcome): Promise<void> => {
  await work.opened;
  c.lease.lost.throwIfAborted();
  const totals = withUsage(c.lease.meta.totals, result.usage, result.calls);
  if (result.kind === "out_of_time") return handOver(c, work, totals);
  // The invocation is about to be cut: throwing leaves the turn open for Lambda's retry.
  if (result.kind === "stopped") c.signal.throwIfAborted();
  await work.draft.end();
  await c.lease.commit({
    out: withNotice(outgoing(work, result), work.turn.notice),
    totals,
    ...(result.lastPrompt === undefined ? {} : { lastPrompt: result.lastPrompt }),
  });
};

const withNotice = (out: Outgoing, notice: string | undefined): Outgoing =>
  notice === undefined ? out : { ...out, text: `${notice}\n\n${out.text}` };

const outgoing = (work: Work, result: LoopResult): Outgoing => {
  const { turn, stop } = work;
  const base = {
    origin: turn.origin,
    next: 0,
    simplified: [],
    sentIds: [],
    entries: stop === undefined ? turn.entries : [...turn.entries, stop.id],
    ...(turn.job === undefined ? {} : { job: turn.job }),
  };
  switch (result.kind) {
    case "answer":
      return {
        ...base,
        text: result.message.content,
        row: result.message,
        ...(result.choices === undefined ? {} : { choices: result.choices }),
      };
    case "failed":
      return { ...base, text: result.text };
    case "stopped":
      // Telegram's own button has shown that already.
      return { ...base, text: stop?.silent ? "" : "⏹ Stopped." };
    default:
      return {
        ...base,
        text: "⚠️ This conversation is too large for the model's context window.\nUse /compress to shorten it or /new to start a fresh session.",
      };
  }
};

/** Too little time for another step: a fresh invocation goes on with the open turn (design.md 5, step 11). */
const handOver = async (c: TurnContext, work: Work, totals: Meta["totals"]): Promise<void> => {
  const turn = c.lease.meta.turn ?? work.turn;
  const hops = turn.hops + 1;
  if (hops >= MAX_HOPS) {
    const text = "⚠️ I stopped: this took far longer than one answer may take. Ask me to go on if you want.";
    const { entries, origin } = turn;
    return c.lease.commit({ totals, out: { text, origin, entries, next: 0, simplified: [], sentIds: [] } });
  }
  await c.lease.handOver({ totals, turn: { ...turn, hops } });
  await c.ports.doorbell.wake(c.lease.session);
};

const userMessage = (
  c: TurnContext,
  entry: MessageEntry,
  extra: { readonly recalled?: string; readonly notes?: string | undefined },
): UserMessage => ({
  role: "user",
  content: entry.text,
  ...(entry.photos.length === 0 ? {} : { photos: entry.photos }),
  context: contextOf(c, entry.origin, entry.at, extra),
});

const contextOf = (
  c: TurnContext,
  origin: Origin,
  atMs: number,
  extra: { readonly recalled?: string; readonly notes?: string | undefined } = {},
): string =>
  contextBlock({
    now: atMs,
    timezone: c.timezone,
    origin,
    shared: isSharedSession({ platform: "telegram", ...origin }, c.settings),
    ...(extra.recalled === undefined || extra.recalled === "" ? {} : { recalled: extra.recalled }),
    ...(extra.notes === undefined ? {} : { notes: extra.notes }),
  });
