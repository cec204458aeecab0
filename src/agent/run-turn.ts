// The use case: works through the inbox of one session, batch by batch, under its lease (design.md 5).
// An answer is made in answer.ts or commands.ts, stored on META, and delivered in deliver.ts.

import type { Home } from "../home/home.ts";
import type { Batch, Lease } from "../lease.ts";
import { GIVE_UP_TRIES } from "../lease-times.ts";
import type { CommandEntry, Entry, MessageEntry, PostEntry, StopEntry } from "../turn.ts";
import { answerMessages, resumeTurn } from "./answer.ts";
import { TAKEN_NAMES } from "./command-list.ts";
import { runCommand } from "./commands.ts";
import { deliver } from "./deliver.ts";
import { giveUp } from "./give-up.ts";
import { freshSession } from "./reset.ts";
import { say, sayingOut } from "./say.ts";
import { newSessionId } from "./session-id.ts";
import { type AgentPorts, type AgentSettings, deploymentTimezone, type TurnContext } from "./turn-context.ts";
import { answeredOf } from "./work.ts";

export interface Invocation {
  readonly lease: Lease;
  readonly home: Home;
  /** Aborts when Lambda is about to end the invocation. */
  readonly signal: AbortSignal;
  remainingMs(): number;
}

/**
 * Returns when the inbox is empty and the lease free, or when another invocation goes on with the turn. Throws when
 * something could not be finished: what was done is stored, and Lambda's retry goes on from there.
 */
export const runTurn = async (
  ports: AgentPorts,
  settings: AgentSettings,
  invocation: Invocation,
): Promise<void> => {
  const { lease, home } = invocation;
  const knownTimezone = (): string | undefined =>
    lease.meta.settings.timezone ?? deploymentTimezone(settings, home);
  const c: TurnContext = {
    ports,
    settings,
    ...invocation,
    // Asked anew each time: a turn may set it.
    get timezone() {
      return knownTimezone() ?? "UTC";
    },
    get isTimezoneKnown() {
      return knownTimezone() !== undefined;
    },
  };
  for (let batch = await lease.next(); batch !== undefined; batch = await lease.next()) {
    await workOff(c, batch);
  }
};

const workOff = async (c: TurnContext, batch: Batch): Promise<void> => {
  const { turn, out, tries } = c.lease.meta;
  const entries = batch.kind === "entries" ? batch.entries.map(({ id }) => id) : (out ?? turn)?.entries;
  // A wake names its session alone: this line ties the turn to its updates and ticks.
  c.ports.log.info("working", { session: c.lease.session, batch: batch.kind, entries, tries });
  if (tries >= GIVE_UP_TRIES) return giveUp(c, batch);
  if (batch.kind === "resume") await resumeTurn(c);
  if (batch.kind === "entries") await answerEntries(c, batch.entries);
  await deliver(c, { isInherited: batch.kind === "deliver" && tries > 1 });
};

const answerEntries = async (c: TurnContext, entries: readonly [Entry, ...Entry[]]): Promise<void> => {
  const [first] = entries;
  if (first.kind === "message") {
    return answerMessages(
      c,
      entries.filter((entry): entry is MessageEntry => entry.kind === "message"),
    );
  }
  const answered = await answeredOf(c, [first.id]);
  if (answered.length > 0) return c.ports.inbox.remove(c.lease.session, answered);
  // Nobody waits for a tick: unlike a person's message it asks the model only once it is known to be new.
  if (first.kind === "tick") return (await import("./run-job.ts")).runJob(c, first);
  if (first.kind === "command")
    return first.message ? runCaption(c, first, first.message) : runCommand(c, first);
  return first.kind === "post" ? post(c, first) : nothingToStop(c, first);
};

/** What is no skill's command is a picture with a caption. */
const runCaption = async (
  c: TurnContext,
  entry: CommandEntry,
  message: NonNullable<CommandEntry["message"]>,
): Promise<void> => {
  const { id, origin, at, name } = entry;
  const tried = TAKEN_NAMES.includes(name)
    ? "no skill"
    : await (await import("./skill-turn.ts")).answerWithSkill(c, entry);
  if (tried === "answered") return;
  if (tried === "no skill") return answerMessages(c, [{ kind: "message", id, origin, at, ...message }]);
  await say(c, { entries: [id], origin, text: tried.problem });
};

/** Text of ours or of a job, delivered as it is; it joins the history, so that a reply to it makes sense. */
const post = (c: TurnContext, { id, text, origin, jobId, owner }: PostEntry): Promise<void> => {
  // Where nobody has spoken yet it begins the session: a row of none would be nobody's.
  const session = c.lease.meta.sessionId === "" ? freshSession(c, newSessionId(c.ports.clock.now())) : {};
  const out = sayingOut({
    entries: [id],
    text,
    origin,
    row: { role: "assistant", content: text },
    ...(jobId === undefined ? {} : { jobId }),
    ...(owner === undefined ? {} : { owner }),
  });
  return c.lease.commit({ ...session, out: { ...out, isPost: true } });
};

/** A stop that found no turn at work. Telegram's own stop button needs no words. */
const nothingToStop = (c: TurnContext, { id, origin, draftId }: StopEntry): Promise<void> =>
  say(c, {
    entries: [id],
    origin,
    text: draftId === undefined ? "There is nothing to stop: I am not working on anything." : "",
  });
