// From an answer that exists (META.out) to one that was delivered, remembered and closed. The model is not asked here.

import { TelegramError } from "../errors.ts";
import type { Part } from "../ports.ts";
import type { MetaPatch, Outgoing } from "../session-state.ts";
import { bookkeeping } from "./bookkeeping.ts";
import { handOver, MAX_HOPS } from "./hand-over.ts";
import { type Later, RESERVE_MS, type SendOutcome, sendPart, waitFor } from "./send-part.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * Delivers META's `out` and closes the turn. Throws when Telegram refuses us for good: the answer stays on META.
 * `isInherited`: a holder that died had it before, and may have sent the next part.
 */
export const deliver = async (
  c: TurnContext,
  { isInherited }: { readonly isInherited: boolean },
): Promise<void> => {
  const { out } = c.lease.meta;
  if (out === undefined) return;
  const books = bookkeeping(c, out);
  const sending = out.job === undefined ? sendParts(c, out, isInherited, books.isDone) : postResult(c, out);
  // Whatever comes of either, nothing is written once the lease is given back.
  const [sent, written] = await Promise.allSettled([sending, books.done]);
  if (sent.status === "rejected") throw sent.reason;
  if (sent.value.kind === "later")
    return goOnLater(c, sent.value.notBefore, written.status === "fulfilled" ? written.value.standing : {});
  if (sent.value.kind === "closed" && out.jobId !== undefined) await endJobOf(c, out, out.jobId);
  if (written.status === "rejected") throw written.reason;
  await c.lease.close({ ...written.value.closing, turn: null, out: null });
};

/**
 * Telegram asks for a longer wait than this run has left (a ban can last hours), or is down for longer: this one waits as
 * long as it can, then a fresh one waits on. An answer that outlasts all hops stays on META, and is given up by its tries.
 */
const goOnLater = async (c: TurnContext, notBefore: number, standing: MetaPatch): Promise<void> => {
  const { out } = c.lease.meta;
  if (out === undefined) return;
  const hops = (out.wait?.hops ?? 0) + 1;
  if (hops > MAX_HOPS)
    throw new TelegramError("rate", "Telegram asks for a longer wait than an answer can take");
  await c.ports.clock.sleep(Math.max(0, c.remainingMs() - RESERVE_MS), c.signal);
  await handOver(c, { ...standing, out: { ...out, wait: { hops, notBefore } } });
};

// What only jobs need is loaded with the first of them: calendars are heavy.
const postResult = async (c: TurnContext, out: Outgoing) =>
  (await import("./post-job-result.ts")).postJobResult(c, out);

const endJobOf = async (c: TurnContext, out: Outgoing, jobId: string): Promise<void> =>
  (await import("./end-job.ts")).endJobOfClosedChat(c, out, jobId);

type Delivery = { readonly kind: "done" | "closed" } | Later;

const DONE: Delivery = { kind: "done" };

/** Part by part, each recorded before the next. */
const sendParts = async (
  c: TurnContext,
  out: Outgoing,
  isInherited: boolean,
  isSettled: () => boolean,
): Promise<Delivery> => {
  const early = await waitFor(c, (out.wait?.notBefore ?? 0) - c.ports.clock.now());
  if (early !== undefined) return early;
  const isInDoubt = out.unsure?.part === out.next && !out.unsure.resent;
  let at = isInherited || isInDoubt ? await beginResend(c, out) : out;
  for (;;) {
    const parts = await partsOf(c, at);
    const part = parts[at.next];
    if (part === undefined) return DONE;
    const isLast = at.next === parts.length - 1;
    const outcome = await sendPart(c, at, part, isLast);
    if (outcome.kind === "later") return outcome;
    if (outcome.kind === "closed") return { kind: "closed" };
    at = advanced(at, outcome);
    // The last part is recorded by the close itself, when that can follow at once.
    const isFinished = outcome.kind === "sent" && isLast && isSettled();
    if (!isFinished) await c.lease.commit({ out: at });
  }
};

/** The next part may be with the person already. It goes out once more, which is written down first; never a third time. */
const beginResend = async (c: TurnContext, out: Outgoing): Promise<Outgoing> => {
  const wasResent = out.unsure?.part === out.next && out.unsure.resent;
  const at = wasResent
    ? advanced(out, { kind: "doubtful" })
    : { ...out, unsure: { part: out.next, resent: true } };
  if (wasResent) c.ports.log.error("a part of an answer may not have arrived", { part: out.next });
  await c.lease.commit({ out: at });
  return at;
};

const DOUBT: Part = {
  form: "plain",
  text: "⚠️ The connection to Telegram failed while I answered: some of my answer may not have arrived. Ask me to say it again if it looks incomplete.",
};

/** The same for the same `out`, in every process: a crash between two parts goes on with the next. */
const partsOf = async (c: TurnContext, out: Outgoing): Promise<readonly Part[]> => {
  const { telegram } = c.ports;
  const parts = [...(await telegram.compose(out.text))];
  for (const index of out.simplified) {
    const part = parts[index];
    if (part !== undefined) parts.splice(index, 1, ...(await telegram.simplify(part)));
  }
  return out.isDoubtful ? [...parts, DOUBT] : parts;
};

const advanced = (out: Outgoing, outcome: Exclude<SendOutcome, Later | { kind: "closed" }>): Outgoing => {
  switch (outcome.kind) {
    case "sent":
      return { ...out, next: out.next + 1, sentIds: [...out.sentIds, outcome.messageId] };
    case "doubtful":
      return { ...out, next: out.next + 1, isDoubtful: true };
    default:
      return { ...out, simplified: [...out.simplified, out.next] };
  }
};
