// Which turn is to be worked on: waiting messages, /retry, or one that is open. Called by run-turn.ts;
// think.ts works it.

import type { UserMessage } from "../message.ts";
import { saidIn } from "../said-text.ts";
import type { CommandEntry, EntryId, MessageEntry } from "../turn.ts";
import { gather } from "./gather.ts";
import { lastUserTurn } from "./history.ts";
import { leaveSession } from "./leave-session.ts";
import { startMeter } from "./meter.ts";
import { budgetText } from "./over-budget.ts";
import { type Recalled, recall } from "./recall.ts";
import { freshSession, resetNote, resetNotice, sessionToContinue } from "./reset.ts";
import { say } from "./say.ts";
import { newSessionId } from "./session-id.ts";
import { skillsIndexToStore } from "./skills-index.ts";
import { spendButtons } from "./spend-buttons.ts";
import { think } from "./think.ts";
import { cutMarker, type NewRow } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { contextFields, userMessage } from "./user-message.ts";
import { paidTogether } from "./who-pays.ts";
import { AlreadyAnswered, type Opening, openWork, resumeWork } from "./work.ts";

/** Answers waiting messages as one turn. On return META has `out`, or the turn was handed over. */
export const answerMessages = async (c: TurnContext, waiting: readonly MessageEntry[]): Promise<void> => {
  await answerSaid(c, await gather(c, waiting));
};

/**
 * Opens a turn with these, or with the first of them where not everybody has money, and works it. On return META has `out`,
 * or the turn was handed over.
 */
export const answerSaid = async (c: TurnContext, said: readonly MessageEntry[]): Promise<void> => {
  const paid = await paidTogether(c, said);
  if (paid === undefined) return;
  const { entries, last, meter } = paid;
  const spent = spendButtons(c, entries);
  const reset = sessionToContinue(c);
  const fresh = reset.kind === "continue" ? {} : freshSession(c, newSessionId(c.ports.clock.now()));
  const skillsIndex = skillsIndexToStore(c, { isFresh: reset.kind !== "continue" });
  const [recalled, left] = await Promise.all([
    recallForEach(c, entries, fresh.sessionId),
    reset.kind === "reset" ? leaveSession(c, last.origin) : undefined,
  ]);
  const patch = { ...fresh, ...left };
  const notes = resetNote(reset);
  const notice = resetNotice(c, reset);
  const rows = entries.map(
    (entry, index): NewRow => ({
      message: userMessage(c, entry, { ...recalled.get(entry.id), ...(index === 0 ? { notes } : {}) }),
      entryId: entry.id,
    }),
  );
  const ids = entries.map((entry) => entry.id);
  const opening = {
    entries: ids,
    origin: last.origin,
    rows,
    patch,
    skillsIndex,
    meter,
    ...(notice === undefined ? {} : { notice }),
  };
  const dropped = await thinkUnlessAnswered(c, opening).finally(() => spent);
  if (dropped.length > 0)
    await answerMessages(
      c,
      entries.filter((entry) => !dropped.includes(entry.id)),
    );
};

/** What is remembered about what each speaker says, by the first of their entries: one person's memory is never another's. */
const recallForEach = async (
  c: TurnContext,
  entries: readonly MessageEntry[],
  freshSessionId: string | undefined,
): Promise<ReadonlyMap<EntryId, { readonly recalled: Recalled }>> => {
  const people = Map.groupBy(entries, ({ origin }) => origin.userId);
  const found = [...people.values()].map(async (said) => {
    const [{ id, origin }] = said as [MessageEntry, ...MessageEntry[]];
    const query = said.map((entry) => entry.said ?? entry.text).join("\n");
    const fresh = freshSessionId === undefined ? {} : { freshSessionId };
    return [id, { recalled: await recall(c, { origin, query, ...fresh }) }] as const;
  });
  return new Map(await Promise.all(found));
};

/** /retry: what was said last is asked again, its earlier answer undone, if it can be paid. False when there is nothing. */
export const answerAgain = async (c: TurnContext, command: CommandEntry): Promise<boolean> => {
  const said = lastUserTurn(c.lease.rows, 1);
  const [first] = said;
  const last = said.at(-1);
  if (first === undefined || last === undefined) return false;
  const { id, origin } = command;
  const meter = startMeter(c, command);
  // Before anything is cut: without money the answer that stands would be lost, for none.
  const spent = await meter.spentBudget();
  if (spent !== undefined) {
    await say(c, { entries: [id], origin, text: `${budgetText(c, spent)} Nothing was taken back.` });
    return true;
  }
  const skillsIndex = skillsIndexToStore(c, { isFresh: false });
  const isOwn = last.message.userId === origin.userId;
  const query = said.map(saidIn).join("\n");
  // Somebody else's words stay as they are: their context names who said them, and holds that person's memory.
  const again = isOwn
    ? inNewContext(
        last.message,
        contextFields(c, command, { recalled: await recall(c, { origin, query, remadeFrom: last.seq }) }),
      )
    : last.message;
  const rows: NewRow[] = [
    cutMarker(first.seq),
    ...said.map((row) => ({ message: row === last ? again : row.message, entryId: id })),
  ];
  await thinkUnlessAnswered(c, { entries: [id], origin, rows, patch: {}, skillsIndex, meter });
  return true;
};

const inNewContext = (
  { isRecalled: _was, ...words }: UserMessage,
  { userId: _asks, ...context }: ReturnType<typeof contextFields>,
): UserMessage => ({ ...words, ...context });

/** Entries that turn out to be answered already are taken out of the inbox and returned; then nothing was done. */
export const thinkUnlessAnswered = async (
  c: TurnContext,
  { skillsIndex, ...opening }: Opening & { readonly skillsIndex: Promise<string | undefined> },
): Promise<readonly EntryId[]> => {
  const index = await skillsIndex;
  const [first, ...others] = opening.rows;
  const isToStore = index !== undefined && first !== undefined;
  const rows = isToStore ? [{ ...first, skillsIndex: index }, ...others] : opening.rows;
  try {
    await think(c, openWork(c, { ...opening, rows }));
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
