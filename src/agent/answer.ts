// Which turn is to be worked on: waiting messages, a job's tick, /retry, or one that is open. Called by run-turn.ts;
// think.ts works it.

import type { UserMessage } from "../message.ts";
import type { CommandEntry, EntryId, MessageEntry, TickEntry } from "../turn.ts";
import { archiveSession } from "./archive-rows.ts";
import { cronPrompt } from "./cron-prompt.ts";
import { gather } from "./gather.ts";
import { lastUserTurn } from "./history.ts";
import { orLogged } from "./or-logged.ts";
import { recall } from "./recall.ts";
import { freshSession, resetNote, resetNotice, sessionToContinue } from "./reset.ts";
import { cronSessionId, newSessionId } from "./session-id.ts";
import { think } from "./think.ts";
import { timeLimit } from "./time-limit.ts";
import { cutMarker, type NewRow } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { contextOf, userMessage } from "./user-message.ts";
import { AlreadyAnswered, jobRunOf, type Opening, openWork, resumeWork } from "./work.ts";

/** Answers waiting messages as one turn. On return META has `out`, or the turn was handed over. */
export const answerMessages = async (c: TurnContext, waiting: readonly MessageEntry[]): Promise<void> => {
  const entries = await gather(c, waiting);
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
  const dropped = await thinkUnlessAnswered(c, opening).finally(() => spent);
  if (dropped.length > 0)
    await answerMessages(
      c,
      entries.filter((entry) => !dropped.includes(entry.id)),
    );
};

/** /retry: what was said last is asked again, its earlier answer undone. False when there is nothing. */
export const answerAgain = async (c: TurnContext, command: CommandEntry): Promise<boolean> => {
  const said = lastUserTurn(c.lease.rows, 1);
  const [first] = said;
  const last = said.at(-1);
  if (first === undefined || last === undefined) return false;
  const recalled = await recall(c, command.origin, said.map(({ message }) => message.content).join("\n"));
  const context = contextOf(c, command.origin, command.at, { recalled });
  const rows: NewRow[] = [
    cutMarker(first.seq),
    ...said.map((row) => ({
      message: row === last ? { ...row.message, context } : row.message,
      entryId: command.id,
    })),
  ];
  await thinkUnlessAnswered(c, { entries: [command.id], origin: command.origin, rows, patch: {} });
  return true;
};

/** A courtesy: over before the model has answered, or given up. */
const SPEND_BUTTONS_MS = 3_000;

/** A question whose button was pressed is answered: its buttons go, while the model already thinks. */
const spendButtons = async (c: TurnContext, entries: readonly MessageEntry[]): Promise<void> => {
  using limit = timeLimit(c.ports.clock, SPEND_BUTTONS_MS);
  const signal = AbortSignal.any([c.signal, c.lease.lost, limit.signal]);
  for (const { pressedOn, origin } of entries) {
    if (pressedOn === undefined || !c.lease.hasTime()) continue;
    await orLogged(
      c.ports.log,
      "taking the buttons off",
      c.ports.budget
        .take(origin, signal)
        .then(() => c.ports.telegram.spendButtons(origin, pressedOn, signal)),
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
  const job = jobRunOf(tick);
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
