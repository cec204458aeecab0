// What is written while an answer is being sent, off the person's path: the answer's row, the claims, the inbox,
// the search index, the memory, the title. Everything here may be repeated by a retry without a second effect.

import { saidIn } from "../said-text.ts";
import type { MetaPatch, Outgoing, Row } from "../session-state.ts";
import { timeLimit } from "../time-limit.ts";
import { NO_SPENDING } from "../usage/spending.ts";
import { archiveRows } from "./archive-rows.ts";
import { refreshMenu } from "./command-menu.ts";
import { learn } from "./learn.ts";
import { titleOf } from "./title-session.ts";
import { openTranscript, seqPatch, withSpending } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";

export interface Books {
  /** What the close has to say of it. */
  readonly closing: MetaPatch;
  /**
   * What of it holds also while the answer is not delivered: the title and what it cost. The place of the answer's row, and
   * all that counts it in (`indexed`, `learned`, `owed`), is the close's: an answer that is given up has no row.
   */
  readonly standing: MetaPatch;
}

export interface Bookkeeping {
  /** Rejects when the transcript or the claims could not be written. */
  readonly done: Promise<Books>;
  isDone(): boolean;
}

export const bookkeeping = (c: TurnContext, out: Outgoing): Bookkeeping => {
  const state = { isDone: false };
  const done = keepBooks(c, out).then((books) => {
    state.isDone = true;
    return books;
  });
  return { done, isDone: () => state.isDone };
};

const keepBooks = async (c: TurnContext, out: Outgoing): Promise<Books> => {
  const rows = answerRows(c, out);
  const said = wordsOf(c, out);
  // These log their failures and reject with none; they are waited for, so that nothing runs on without the lease.
  const extras = Promise.all([
    archiveRows(c, rows),
    titleOf(c, out, said),
    learn(c, out, rows),
    refreshMenu(c),
    settleSkills(c),
  ]);
  await settleEntries(c, out, rows).finally(() => extras);
  const [indexed, { title, spending = NO_SPENDING }, learned] = await extras;
  const { meta } = c.lease;
  const totals = withSpending(meta.totals, spending);
  const titled = title === undefined ? {} : { title };
  const isTurn = said !== "" && out.row !== undefined;
  return {
    closing: {
      ...(rows.length === 0 ? {} : seqPatch(meta, meta.seq + rows.length, c.ports.clock)),
      ...(isTurn ? { totals: { ...totals, turns: totals.turns + 1 } } : {}),
      ...(indexed === undefined ? {} : { indexed }),
      ...titled,
      ...learned,
    },
    standing: { totals, ...titled },
  };
};

/** Of a Knowledge Base's sync, in one turn: what is left goes with later ones. */
const SETTLE_MS = 5_000;

/** Changes of skills that have not arrived at the Knowledge Base yet, this turn's or of containers that are gone. */
const settleSkills = async (c: TurnContext): Promise<void> => {
  const { skillSync, clock } = c.ports;
  if (skillSync === undefined) return;
  using limit = timeLimit(clock, SETTLE_MS);
  await skillSync.settle(AbortSignal.any([c.signal, c.lease.lost, limit.signal]));
};

const answerRows = (c: TurnContext, { row: message, isPost, entries }: Outgoing): readonly Row[] => {
  if (message === undefined) return [];
  const [entryId] = isPost === true ? entries : [];
  const row = entryId === undefined ? { message } : { message, entryId };
  return openTranscript(c.lease, c.ports.clock).plan([row]);
};

/** The row first, then the claims, then the inbox: whatever crashes in between, nothing is answered twice or lost. */
const settleEntries = async (c: TurnContext, out: Outgoing, rows: readonly Row[]): Promise<void> => {
  const { session } = c.lease;
  await c.lease.append(rows);
  await Promise.all(out.entries.map((id) => c.ports.claims.complete(session, id)));
  await c.ports.inbox.remove(session, out.entries);
};

/** What the person said in this turn; "" for a post, a command or a job. */
const wordsOf = (c: TurnContext, out: Outgoing): string =>
  c.lease.rows
    .filter(
      (row) => row.message.role === "user" && row.entryId !== undefined && out.entries.includes(row.entryId),
    )
    // Of a skill that was called without words there is its text.
    .map((row) => saidIn(row) || row.message.content)
    .join("\n");
