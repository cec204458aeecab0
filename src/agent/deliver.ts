// From an answer that exists (META.out) to one that was delivered, remembered and closed. The model is not asked here.

import { clarifyButtons } from "../buttons.ts";
import { TelegramError } from "../errors.ts";
import type { Outgoing, Part } from "../ports.ts";
import { isSharedSession } from "../session-key.ts";
import type { Origin } from "../turn.ts";
import { bookkeeping } from "./bookkeeping.ts";
import { handOver, MAX_HOPS } from "./hand-over.ts";
import { postJobResult } from "./post-job-result.ts";
import type { TurnContext } from "./turn-context.ts";

/** A refused connection is tried again after these waits; longer troubles are for Lambda's retry. */
const REFUSED_WAITS_MS = [1_000, 2_000];

/** Left of the invocation when a longer wait for Telegram is handed to a fresh one. */
const RESERVE_MS = 20_000;

/** Delivers META's `out` and closes the turn. Throws when Telegram cannot be reached: the answer stays on META. */
export const deliver = async (c: TurnContext): Promise<void> => {
  const { out } = c.lease.meta;
  if (out === undefined) return;
  const books = bookkeeping(c, out);
  const sending = out.job === undefined ? sendParts(c, out, books.isDone) : postJobResult(c, out);
  // Whatever comes of either, nothing is written once the lease is given back.
  const [sent, written] = await Promise.allSettled([sending, books.done]);
  if (sent.status === "rejected") throw sent.reason;
  if (sent.value.kind === "later") return goOnLater(c, sent.value.notBefore);
  if (written.status === "rejected") throw written.reason;
  await c.lease.close({ ...written.value, turn: null, out: null });
};

/**
 * Telegram asks for a longer wait than this run has left (a ban can last hours): this one waits as long as it can, then
 * a fresh one waits on. An answer that outlasts all hops stays on META, and the operator hears of it by the failure.
 */
const goOnLater = async (c: TurnContext, notBefore: number): Promise<void> => {
  const { out } = c.lease.meta;
  if (out === undefined) return;
  const hops = (out.wait?.hops ?? 0) + 1;
  if (hops > MAX_HOPS)
    throw new TelegramError("rate", "Telegram asks for a longer wait than an answer can take");
  await c.ports.clock.sleep(Math.max(0, c.remainingMs() - RESERVE_MS), c.signal);
  await handOver(c, { out: { ...out, wait: { hops, notBefore } } });
};

type Delivery = { readonly kind: "done" } | Later;

/** Telegram wants nothing before `notBefore` (ms), and this run does not last as long. */
interface Later {
  readonly kind: "later";
  readonly notBefore: number;
}

const DONE: Delivery = { kind: "done" };

/** Part by part, each recorded before the next. */
const sendParts = async (c: TurnContext, out: Outgoing, isSettled: () => boolean): Promise<Delivery> => {
  const early = await waitFor(c, (out.wait?.notBefore ?? 0) - c.ports.clock.now());
  if (early !== undefined) return early;
  let at = out;
  for (;;) {
    const parts = partsOf(c, at);
    const part = parts[at.next];
    if (part === undefined) return DONE;
    const isLast = at.next === parts.length - 1;
    const outcome = await sendPart(c, at, part, isLast);
    if (outcome.kind === "later") return outcome;
    if (outcome.kind === "closed") return DONE;
    at = advanced(at, outcome);
    // The last part is recorded by the close itself, when that can follow at once.
    const isFinished = outcome.kind === "sent" && isLast && isSettled();
    if (!isFinished) await c.lease.commit({ out: at });
  }
};

/** Waits, or says that it takes too long. */
const waitFor = async (c: TurnContext, ms: number): Promise<Later | undefined> => {
  if (ms <= 0) return undefined;
  if (c.remainingMs() - ms < RESERVE_MS) return { kind: "later", notBefore: c.ports.clock.now() + ms };
  await c.ports.clock.sleep(ms, c.signal);
  return undefined;
};

/** The same for the same `out`, in every process: a crash between two parts goes on with the next. */
const partsOf = (c: TurnContext, out: Outgoing): readonly Part[] => {
  const { telegram } = c.ports;
  const parts = [...telegram.compose(out.text)];
  for (const index of out.simplified) {
    const part = parts[index];
    if (part !== undefined) parts.splice(index, 1, ...telegram.simplify(part));
  }
  return parts;
};

type SendOutcome =
  | { readonly kind: "sent"; readonly messageId: number }
  /** This form was refused: the next simpler one takes its place, or, when there is none, it is left out. */
  | { readonly kind: "refused" }
  | { readonly kind: "closed" }
  | Later;

const advanced = (out: Outgoing, outcome: SendOutcome): Outgoing =>
  outcome.kind === "sent"
    ? { ...out, next: out.next + 1, sentIds: [...out.sentIds, outcome.messageId] }
    : { ...out, simplified: [...out.simplified, out.next] };

const sendPart = async (c: TurnContext, out: Outgoing, part: Part, isLast: boolean): Promise<SendOutcome> => {
  for (let attempt = 0; ; attempt += 1) {
    await c.lease.ensure();
    try {
      const messageId = await c.ports.telegram.send(out.origin, part, optionsOf(c, out, isLast));
      return { kind: "sent", messageId };
    } catch (error) {
      if (!(error instanceof TelegramError)) throw error;
      const next = afterFailure(c, error, part, attempt);
      if (next.kind !== "wait") return next;
      const later = await waitFor(c, next.ms);
      if (later !== undefined) return later;
    }
  }
};

type Next = SendOutcome | { readonly kind: "wait"; readonly ms: number };

/** What to do after Telegram said no or nothing. An unknown outcome is never repeated at once: it may have arrived. */
const afterFailure = (c: TurnContext, error: TelegramError, part: Part, attempt: number): Next => {
  const wait = REFUSED_WAITS_MS[attempt];
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
      return { kind: "wait", ms: error.retryAfterMs ?? 1_000 };
    case "refused":
      if (wait !== undefined) return { kind: "wait", ms: wait };
      throw error;
    default:
      throw error;
  }
};

const optionsOf = (c: TurnContext, out: Outgoing, isLast: boolean) => {
  const { choices, origin } = out;
  const isReply = origin.chatType !== "dm" && out.next === 0 && origin.messageId !== undefined;
  return {
    ...(isReply ? { replyTo: origin.messageId } : {}),
    ...(choices === undefined || !isLast
      ? {}
      : {
          buttons: clarifyButtons(c.settings.buttonSecret, {
            chatId: origin.chatId,
            ...(isAnybodys(c, origin) || origin.userId === undefined ? {} : { askedUserId: origin.userId }),
            nonce: String(c.lease.meta.seq),
            choices,
          }),
        }),
    signal: c.signal,
  };
};

/** A question to a shared session may be answered by whoever speaks there. */
const isAnybodys = (c: TurnContext, origin: Origin): boolean =>
  isSharedSession({ platform: "telegram", ...origin }, c.settings);
