// One part of an answer to Telegram, with one policy for what can go wrong: a definite no is asked again or taken for what
// it says; a send whose fate is unknown goes out once more when Telegram answers again, and never a third time.
// Called by deliver.ts.

import { clarifyButtons } from "../buttons.ts";
import { TelegramError } from "../errors.ts";
import type { Part } from "../ports.ts";
import type { Outgoing } from "../session-state.ts";
import type { Origin } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";
import { whoMayPress } from "./who-may-press.ts";

/** Between attempts at a server that is down: 1, 2, 4 … s. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Left of the invocation when a longer wait for Telegram is handed to a fresh one. */
export const RESERVE_MS = 20_000;

/** Telegram wants nothing before `notBefore` (ms), or is not there, and this run does not last as long. */
export interface Later {
  readonly kind: "later";
  readonly notBefore: number;
}

export type SendOutcome =
  | { readonly kind: "sent"; readonly messageId: number }
  /** This form was refused: the next simpler one takes its place, or, when there is none, it is left out. */
  | { readonly kind: "refused" }
  /** Sent twice without word of either. */
  | { readonly kind: "doubtful" }
  | { readonly kind: "closed" }
  | Later;

type Next = SendOutcome | Again;

interface Again {
  readonly kind: "again";
  readonly afterMs: number;
}

/** May commit `out` on the way: that a send is in doubt is written down before it goes out again. */
export const sendPart = async (
  c: TurnContext,
  out: Outgoing,
  part: Part,
  isLast: boolean,
): Promise<SendOutcome> => {
  for (let attempt = 0; ; attempt += 1) {
    const next = await trySend(c, out, part, isLast, attempt);
    if (next.kind !== "again") return next;
    const later = await waitFor(c, next.afterMs);
    if (later !== undefined) return later;
  }
};

const trySend = async (
  c: TurnContext,
  out: Outgoing,
  part: Part,
  isLast: boolean,
  attempt: number,
): Promise<Next> => {
  await c.ports.budget.take(out.origin, c.signal);
  await c.lease.ensure();
  try {
    const messageId = await c.ports.telegram.send(out.origin, part, optionsOf(c, out, isLast));
    return { kind: "sent", messageId };
  } catch (error) {
    if (!(error instanceof TelegramError)) throw error;
    return error.failure === "unknown"
      ? prepareResend(c, out.next, error)
      : afterFailure(c, error, part, attempt);
  }
};

/** Waits, or says that it takes too long. */
export const waitFor = async (c: TurnContext, ms: number): Promise<Later | undefined> => {
  if (ms <= 0) return undefined;
  if (c.remainingMs() - ms < RESERVE_MS) return { kind: "later", notBefore: c.ports.clock.now() + ms };
  await c.ports.clock.sleep(ms, c.signal);
  return undefined;
};

const backoffMs = (attempt: number): number => Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);

/**
 * The send may have arrived. It goes out once more when that is on META and Telegram answers again, so that the second
 * send is not lost like the first.
 */
const prepareResend = async (c: TurnContext, part: number, error: TelegramError): Promise<Next> => {
  const { out } = c.lease.meta;
  if (out === undefined) return { kind: "closed" };
  if (out.unsure?.part === part && out.unsure.resent) {
    c.ports.log.error("a part of an answer may not have arrived", { part, error });
    return { kind: "doubtful" };
  }
  c.ports.log.warn("no word of whether a part arrived; it goes out once more", { part, error });
  await c.lease.commit({ out: { ...out, unsure: { part, resent: false } } });
  const stop = await untilReachable(c, out.origin);
  if (stop !== undefined) return stop;
  await c.lease.commit({ out: { ...out, unsure: { part, resent: true } } });
  return { kind: "again", afterMs: 0 };
};

/** "typing…" may be asked for any number of times: whatever answers it is back. */
const untilReachable = async (c: TurnContext, origin: Origin): Promise<SendOutcome | undefined> => {
  for (let attempt = 0; ; attempt += 1) {
    const no = await probe(c, origin);
    if (no === undefined || no.failure === "form" || no.failure === "operator") return undefined;
    if (no.failure === "blocked") return { kind: "closed" };
    const later = await waitFor(c, no.retryAfterMs ?? backoffMs(attempt));
    if (later !== undefined) return later;
  }
};

const probe = async (c: TurnContext, origin: Origin): Promise<TelegramError | undefined> => {
  await c.lease.ensure();
  try {
    await c.ports.telegram.typing(origin, c.signal);
    return undefined;
  } catch (error) {
    if (error instanceof TelegramError) return error;
    throw error;
  }
};

/** What to do after a definite no: nothing was delivered. */
const afterFailure = (c: TurnContext, error: TelegramError, part: Part, attempt: number): Next => {
  switch (error.failure) {
    case "form":
      if (part.form === "plain")
        c.ports.log.error("a part was refused in every form and is left out", { error });
      else c.ports.log.warn("a simpler form is sent", { form: part.form, error });
      return { kind: "refused" };
    case "blocked":
      c.ports.log.info("the chat is closed to us, the answer is not delivered", { error });
      return { kind: "closed" };
    case "rate":
      c.ports.log.warn("Telegram asks for a pause", { ms: error.retryAfterMs });
      return { kind: "again", afterMs: error.retryAfterMs ?? FIRST_WAIT_MS };
    case "refused":
      c.ports.log.warn("Telegram takes nothing; the part is sent again", { attempt, error });
      return { kind: "again", afterMs: backoffMs(attempt) };
    default:
      throw error;
  }
};

const optionsOf = (c: TurnContext, out: Outgoing, isLast: boolean) => {
  const { origin } = out;
  const isReply = origin.chatType !== "dm" && out.next === 0 && origin.messageId !== undefined;
  const buttons = isLast ? buttonsOf(c, out) : [];
  return {
    ...(isReply ? { replyTo: origin.messageId } : {}),
    ...(buttons.length === 0 ? {} : { buttons }),
    signal: c.signal,
  };
};

/** The choices of a question one a row: they are answers, and may be long. */
const buttonsOf = (c: TurnContext, { choices, buttons = [], origin }: Outgoing) => {
  if (choices === undefined) return buttons;
  return clarifyButtons(c.settings.buttonSecret, {
    ...whoMayPress(c, origin),
    nonce: String(c.lease.meta.seq),
    choices,
  }).map((button) => [button]);
};
