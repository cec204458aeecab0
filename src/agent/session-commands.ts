// The commands that move between a chat's sessions: /new, /title, /resume, /undo (hermes-behaviour.md 2.3, 6.7).

import type { PastSession } from "../ports.ts";
import type { MetaPatch, Outgoing } from "../session-state.ts";
import type { CommandEntry } from "../turn.ts";
import { describeSession } from "./archive-rows.ts";
import { lastUserTurnSeq, visibleRows } from "./history.ts";
import { leaveSession } from "./leave-session.ts";
import { freshSession } from "./reset.ts";
import { newSessionId } from "./session-id.ts";
import { cutMarker, type NewRow } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { modelOf } from "./turn-setup.ts";

/** What a command says, and what it changes in the same write: fields of META, rows of the transcript. */
export interface Reply {
  readonly text: string;
  readonly effect?: MetaPatch;
  readonly rows?: readonly NewRow[];
  readonly buttons?: NonNullable<Outgoing["buttons"]>;
}

/** hermes-behaviour.md 2.4. */
const TITLE_CHARS = 80;

/** As many as fit a screen. */
const LISTED_SESSIONS = 10;

/** Far enough back to find a title by hand. */
const SEARCHED_SESSIONS = 100;

export const newSession = async (c: TurnContext, { args, origin }: CommandEntry): Promise<Reply> => {
  const left = await leaveSession(c, origin);
  const title = args.slice(0, TITLE_CHARS);
  const effect = { ...freshSession(c, newSessionId(c.ports.clock.now())), ...left };
  return {
    text: `✨ New session started${title === "" ? "" : `: ${title}`}. Model: ${modelOf(c).name}.`,
    effect: title === "" ? effect : { ...effect, title },
  };
};

export const titleSession = async (c: TurnContext, { args }: CommandEntry): Promise<Reply> => {
  const { meta, session } = c.lease;
  if (args === "")
    return {
      text: meta.title === undefined ? "No title yet. Set one with /title TEXT." : `Title: ${meta.title}`,
    };
  if (meta.sessionId === "") return { text: "There is no session to name yet: write to me first." };
  const title = args.length <= TITLE_CHARS ? args : `${args.slice(0, TITLE_CHARS - 3)}...`;
  const others = await c.ports.archive.sessions(session, SEARCHED_SESSIONS);
  const isTaken = others.some((past) => past.sessionId !== meta.sessionId && isCalled(past, title));
  if (isTaken) return { text: `Another session is called "${title}" already.` };
  await describeSession(c, { title });
  return { text: `Title: ${title}`, effect: { title } };
};

export const resumeSession = async (c: TurnContext, { args, origin }: CommandEntry): Promise<Reply> => {
  const { meta, session } = c.lease;
  const all = await c.ports.archive.sessions(session, args === "" ? LISTED_SESSIONS : SEARCHED_SESSIONS);
  const past = all.filter(({ sessionId }) => sessionId !== meta.sessionId);
  if (past.length === 0) return { text: "There is no past session yet." };
  if (args === "") return { text: past.map(listed).join("\n\n") };
  const found = past.filter((one) => one.sessionId === args || isCalled(one, args));
  const [chosen] = found;
  if (chosen?.state === undefined)
    return { text: `There is no past session called "${args}". /resume lists them.` };
  const left = await leaveSession(c, origin);
  const effect = { ...backTo(c, chosen, chosen.state), ...left };
  return { text: `↩️ Back in "${nameOf(chosen)}".`, effect };
};

const backTo = (c: TurnContext, past: PastSession, state: NonNullable<PastSession["state"]>): MetaPatch => ({
  ...freshSession(c, past.sessionId),
  ...state,
  learned: state.learned ?? state.seq,
  cuts: past.cuts ?? null,
  startedAt: past.startedAt,
  updatedAt: c.ports.clock.now(),
  title: past.title ?? null,
});

const isCalled = (past: PastSession, title: string): boolean =>
  past.title !== undefined && past.title.toLowerCase() === title.toLowerCase();

const nameOf = (past: PastSession): string => past.title ?? past.sessionId;

const listed = (past: PastSession): string => {
  const day = new Date(past.startedAt).toISOString().slice(0, 10);
  return `**${nameOf(past)}** (${day}, ${past.messages} messages)\n\`/resume ${nameOf(past)}\``;
};

/** A cut marker is added; rows stay and `seq` never goes back (design.md 5). */
export const undoTurns = (c: TurnContext, { args }: CommandEntry): Reply => {
  const turns = args === "" ? 1 : Number(args);
  if (!Number.isInteger(turns) || turns < 1)
    return { text: "Say how many turns to take back: /undo or /undo 2." };
  const from = lastUserTurnSeq(c.lease.rows, turns);
  if (from === undefined) return { text: "There is nothing to undo." };
  const { summary, rows } = visibleRows(c.lease.rows, c.lease.meta.base);
  const isAll = summary === undefined && !rows.some(({ seq }) => seq < from);
  return {
    text: `↩️ Took back ${turns === 1 ? "the last exchange" : `the last ${turns} exchanges`}.`,
    rows: [cutMarker(from)],
    // The title says what was said first: taken back with all of it, it would still be found.
    ...(isAll ? { effect: { title: null } } : {}),
  };
};
