// Long-term memory after a turn: what was said and answered is handed over, without tools, once, while the answer is on its way.
// What it does not take is owed: META says so, and later turns of the chat pay it, whichever session is current then.
// Called by bookkeeping.ts and leave-session.ts.

import type { MetaPatch, Outgoing, Owed, Row } from "../session-state.ts";
import { exchangesIn } from "./exchanges.ts";
import { isMemoryOff } from "./memories.ts";
import { payOwed, readRows } from "./pay-owed.ts";
import type { TurnContext } from "./turn-context.ts";

/** The person has the answer; whoever writes next should not wait long for this. */
const LEARN_MS = 5_000;

/** Some 100 bytes each, in an item that every renewal rewrites. Beyond these the oldest are not learnt from. */
const MAX_OWED = 32;

/** `added`: the rows about to be committed. Never rejects. Returns what META has to say of it. */
export const learn = async (c: TurnContext, out: Outgoing, added: readonly Row[]): Promise<MetaPatch> => {
  // A job's run is nobody's conversation (hermes-behaviour.md 5.1).
  if (out.job !== undefined) return {};
  const { meta, rows } = c.lease;
  // Right after /resume its rows are not read yet: the next turn has them.
  const isRead = meta.seq === 0 || rows.at(-1)?.seq === meta.seq;
  if (meta.sessionId === "" || !isRead) return {};
  const to = added.at(-1)?.seq ?? meta.seq;
  // What was said before the switch and is not learnt yet never is: that is what the person asked for.
  if (isMemoryOff(c)) return { learned: to, ...changed(c, []) };
  const from = meta.learned ?? firstOfTurn(rows, out) - 1;
  const earlier = await rowsCompactedAway(c, from + 1);
  if (earlier === undefined) return {};
  const known = [...earlier, ...rows, ...added];
  const owed = owedWith(c, { known, from, to });
  const left = await payOwed(c, owed, { origin: out.origin, known, ms: LEARN_MS });
  return { learned: to, ...changed(c, left) };
};

/** META's word on what is still owed of a session that is about to be left. */
export const owedOnLeaving = (c: TurnContext): MetaPatch => {
  const { meta, rows } = c.lease;
  const { learned: from, seq: to } = meta;
  if (from === undefined || from >= to || isMemoryOff(c)) return {};
  return changed(c, owedWith(c, { known: rows, from, to }));
};

interface Stretch {
  readonly known: readonly Row[];
  readonly from: number;
  readonly to: number;
}

/** What was owed before, and what this session says after `from` up to `to`: for each who speaks there. */
const owedWith = ({ lease, ports }: TurnContext, { known, from, to }: Stretch): readonly Owed[] => {
  const { sessionId, owed = [] } = lease.meta;
  const at = ports.clock.now();
  const grown = owed.map((one) => (one.sessionId === sessionId ? { ...one, to } : one));
  const speakers = new Set(exchangesIn(known, from + 1).map(({ userId }) => userId));
  const isOwed = (userId: number) =>
    grown.some((one) => one.sessionId === sessionId && one.userId === userId);
  const fresh = [...speakers].filter((userId) => !isOwed(userId));
  return [...grown, ...fresh.map((userId) => ({ sessionId, userId, from, to, at }))];
};

/** A turn that owes nothing says nothing of it. */
const changed = ({ lease, ports }: TurnContext, left: readonly Owed[]): Pick<MetaPatch, "owed"> => {
  if (left.length === 0) return lease.meta.owed === undefined ? {} : { owed: null };
  if (left.length <= MAX_OWED) return { owed: left };
  ports.log.warn("too much is owed to the memory: the oldest is not learnt from");
  return { owed: left.toSorted((one, other) => one.at - other.at).slice(-MAX_OWED) };
};

/** What a summary stands for was said all the same: a long run of tools can compact its own beginning away. */
const rowsCompactedAway = async (c: TurnContext, from: number): Promise<readonly Row[] | undefined> => {
  const { sessionId, seq } = c.lease.meta;
  const before = (c.lease.rows[0]?.seq ?? seq + 1) - 1;
  return from > before ? [] : readRows(c, { sessionId, from, to: before });
};

const firstOfTurn = (rows: readonly Row[], out: Outgoing): number =>
  rows.find(({ entryId }) => entryId !== undefined && out.entries.includes(entryId))?.seq ??
  Number.POSITIVE_INFINITY;
