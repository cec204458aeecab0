// From an answer that exists (META.out) to one that was delivered, remembered and closed. The model is not asked here.

import { clarifyButtons } from "../buttons.ts";
import { TelegramError } from "../errors.ts";
import type { Outgoing, Part } from "../ports.ts";
import { bookkeeping } from "./bookkeeping.ts";
import { postJobResult } from "./post-job-result.ts";
import type { TurnContext } from "./turn-context.ts";

/** A refused connection is tried again after these waits; longer troubles are for Lambda's retry. */
const REFUSED_WAITS_MS = [1_000, 2_000];

/** Left of the invocation when waiting for Telegram is given up and a fresh invocation goes on. */
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
  if (!sent.value) return goOnLater(c);
  if (written.status === "rejected") throw written.reason;
  await c.lease.close({ ...written.value, turn: null, out: null });
};

const goOnLater = async (c: TurnContext): Promise<void> => {
  await c.lease.handOver({});
  await c.ports.doorbell.wake(c.lease.session);
};

/** Part by part, each recorded before the next. False when Telegram asks for a longer wait than this run has. */
const sendParts = async (c: TurnContext, out: Outgoing, isSettled: () => boolean): Promise<boolean> => {
  let at = out;
  for (;;) {
    const parts = partsOf(c, at);
    const part = parts[at.next];
    if (part === undefined) return true;
    const isLast = at.next === parts.length - 1;
    const outcome = await sendPart(c, at, part, isLast);
    if (outcome.kind === "later") return false;
    if (outcome.kind === "closed") return true;
    at = advanced(at, outcome);
    // The last part is recorded by the close itself, when that can follow at once.
    const isFinished = outcome.kind === "sent" && isLast && isSettled();
    if (!isFinished) await c.lease.commit({ out: at });
  }
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
  | { readonly kind: "later" };

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
      if (c.remainingMs() - next.ms < RESERVE_MS) return { kind: "later" };
      await c.ports.clock.sleep(next.ms, c.signal);
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
            nonce: String(c.lease.meta.seq),
            choices,
          }),
        }),
    signal: c.signal,
  };
};
