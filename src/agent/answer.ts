// Which turn is to be worked on: waiting messages, /retry, or one that is open. Called by run-turn.ts;
// think.ts works it.

import type { CommandEntry, EntryId, MessageEntry } from "../turn.ts";
import { archiveSession } from "./archive-rows.ts";
import { gather } from "./gather.ts";
import { lastUserTurn } from "./history.ts";
import { recall } from "./recall.ts";
import { freshSession, resetNote, resetNotice, sessionToContinue } from "./reset.ts";
import { newSessionId } from "./session-id.ts";
import { spendButtons } from "./spend-buttons.ts";
import { think } from "./think.ts";
import { cutMarker, type NewRow } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { contextOf, userMessage } from "./user-message.ts";
import { AlreadyAnswered, type Opening, openWork, resumeWork } from "./work.ts";

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

/** Entries that turn out to be answered already are taken out of the inbox and returned; then nothing was done. */
export const thinkUnlessAnswered = async (c: TurnContext, opening: Opening): Promise<readonly EntryId[]> => {
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
