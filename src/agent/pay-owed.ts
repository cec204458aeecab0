// Hands over to long-term memory what it is owed, each person's oldest first: one event a session, since a second one of a
// conversation within four seconds is refused (facts/platform.md 4). Called by learn.ts.
//
// An event without word of its arrival may have arrived. It goes once more as it went, under the token it had, before anything
// else of that person: so nothing is learnt twice, and what was said meanwhile follows with the turn after.

import { orLogged } from "../or-logged.ts";
import type { Owed, Row } from "../session-state.ts";
import type { Origin } from "../turn.ts";
import { exchangesIn, type Said } from "./exchanges.ts";
import { asked, isAnyTold, providersOf } from "./memories.ts";
import type { TurnContext } from "./turn-context.ts";

/** Both sides of them are as many messages as an event of AgentCore's takes (facts/platform.md 4). */
const MAX_EXCHANGES = 50;

/** Rows in one read of the archive, and reads of one session: older rows are not learnt from. */
const PAGE_ROWS = 100;
const MAX_PAGES = 10;

/** What is refused as long as this will never be taken: it must not keep back what comes after it. */
const GIVE_UP_MS = 7 * 86_400_000;

interface Way {
  /** Where the current session is. */
  readonly origin: Origin;
  /** Rows of the current session, the newest included. */
  readonly known: readonly Row[];
  readonly ms: number;
}

/** Returns what is still owed. Never rejects. */
export const payOwed = async (c: TurnContext, owed: readonly Owed[], way: Way): Promise<readonly Owed[]> => {
  const people = Map.groupBy(owed, ({ userId }) => userId);
  const endsAt = c.ports.clock.elapsed() + way.ms;
  const left = [...people].map(([userId, own]) => payFor(c, own, { ...way, userId, endsAt }));
  return (await Promise.all(left)).flat();
};

interface OwnWay extends Way {
  readonly userId: number;
  /** By the monotonic clock. */
  readonly endsAt: number;
}

/** One after the other, until one of them has to wait: a memory that is down is asked once a turn. */
const payFor = async (c: TurnContext, owed: readonly Owed[], way: OwnWay): Promise<readonly Owed[]> => {
  const forgotten = await lastForgotten(c, way.userId);
  if (forgotten === undefined) return owed;
  for (const [index, one] of owed.entries()) {
    const left = await pay(c, one, { ...way, forgotten });
    if (left !== undefined) return [left, ...owed.slice(index + 1)];
  }
  return [];
};

/** Also for what was said just now: all may have been forgotten, in another chat, while the turn was at work. */
const lastForgotten = async (c: TurnContext, userId: number): Promise<number | undefined> => {
  const { log, forgettings } = c.ports;
  return isAnyTold(c) ? orLogged(log, "reading what was forgotten", forgettings.last(userId)) : 0;
};

/** What is still owed of it. */
const pay = async (
  c: TurnContext,
  one: Owed,
  way: OwnWay & { readonly forgotten: number },
): Promise<Owed | undefined> => {
  const rows = await rowsOf(c, one, way.known);
  if (rows === undefined) return isHopeless(c, one) ? undefined : one;
  const said = exchangesIn(rows, one.from + 1).filter(
    ({ userId, end, at }) => userId === one.userId && end <= one.to && at > way.forgotten,
  );
  const { unsure = said.slice(0, MAX_EXCHANGES).at(-1)?.end ?? one.to } = one;
  const exchanges = said.filter(({ end }) => end <= unsure);
  const outcome = await handOver(c, { ...one, exchanges, unsure }, way);
  if (outcome === "untried") return one;
  if (outcome === "unsure" && !isHopeless(c, one)) return { ...one, unsure };
  if (exchanges.length === said.length) return undefined;
  const { unsure: _was, ...rest } = { ...one, from: unsure, at: c.ports.clock.now() };
  // Where nothing was left to hand over once more, nothing has to be waited for.
  return exchanges.length === 0 ? pay(c, rest, way) : rest;
};

const isHopeless = ({ ports: { clock, log } }: TurnContext, { sessionId, at }: Owed): boolean => {
  if (clock.now() - at < GIVE_UP_MS) return false;
  log.warn("the memory has not taken it for a week: it is not learnt from", { sessionId });
  return true;
};

type Batch = Owed & { readonly exchanges: readonly Said[]; readonly unsure: number };

type Outcome = "done" | "unsure" | "untried";

const handOver = async (
  c: TurnContext,
  { exchanges, sessionId, userId, unsure }: Batch,
  { origin, endsAt }: OwnWay,
): Promise<Outcome> => {
  const [newest, missed] = [exchanges.at(-1), exchanges.slice(0, -1)];
  if (newest === undefined) return "done";
  const ms = endsAt - c.ports.clock.elapsed();
  if (ms <= 0) return "untried";
  const { user, assistant, at } = newest;
  // By where it ends, and not by what is in it: some of it may have been undone since.
  const id = `${c.lease.session}#${sessionId}#${userId}#${unsure}`;
  const bounds = {
    what: "learning",
    ms,
    origin: originOf(origin, userId),
    sessionId,
    canWait: true as const,
  };
  const outcomes = await Promise.all(
    providersOf(c).map(async (provider): Promise<Outcome> => {
      let isTried = false;
      const isDone = await asked(c, provider, bounds, async (context) => {
        isTried = true;
        await provider.remember({ ...context, user, assistant, at, id, missed });
        return true;
      });
      return isDone ? "done" : isTried ? "unsure" : "untried";
    }),
  );
  return (["unsure", "untried"] as const).find((one) => outcomes.includes(one)) ?? "done";
};

/** The same place with this speaker: what it says of another one is left out. */
const originOf = (origin: Origin, userId: number): Origin => {
  if (origin.userId === userId) return origin;
  const { userName: _name, languageCode: _language, messageId: _message, ...place } = origin;
  return { ...place, userId };
};

/** Undefined when they cannot be read, or not to their end yet: a read of the archive may be behind. */
const rowsOf = async (
  c: TurnContext,
  { sessionId, from, to }: Owed,
  known: readonly Row[],
): Promise<readonly Row[] | undefined> => {
  const own = sessionId === c.lease.meta.sessionId ? known : [];
  const before = (own[0]?.seq ?? to + 1) - 1;
  if (from >= before) return own;
  const earlier = await readRows(c, { sessionId, from: from + 1, to: before });
  return earlier?.at(-1)?.seq === before ? [...earlier, ...own] : undefined;
};

/** Rows `from` to `to` of a session, of very many the newest. */
export const readRows = async (
  { lease, ports }: TurnContext,
  { sessionId, from, to }: Pick<Owed, "sessionId" | "from" | "to">,
): Promise<readonly Row[] | undefined> => {
  const rows: Row[] = [];
  for (let next = Math.max(from, to - PAGE_ROWS * MAX_PAGES + 1); next <= to; next += PAGE_ROWS) {
    const read = ports.archive.rows(lease.session, sessionId, next, Math.min(to, next + PAGE_ROWS - 1));
    const page = await orLogged(ports.log, "reading what is to be learnt", read);
    if (page === undefined) return undefined;
    rows.push(...page);
  }
  return rows;
};
