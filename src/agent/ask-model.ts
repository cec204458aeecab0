// One question to the model, asked until it is answered or cannot be: repaired history, retries with backoff,
// then the fallback model. Made once a turn by turn-setup.ts, called by the loop and by compaction.
// hermes-behaviour.md 1.2, 1.6 (refusals) and 1.7.

import { ModelError, type ModelFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ModelReply } from "../message.ts";
import type { Clock, Model, ModelRequest } from "../ports.ts";
import { prepareHistory } from "./history-repair.ts";

const MAX_ATTEMPTS = 3;
const BACKOFF_BASE_MS = 2_000;
const BACKOFF_MAX_MS = 60_000;
const BACKOFF_JITTER = 0.5;
const RETRY_AFTER_MAX_MS = 120_000;

/** The request itself is at fault: another model would refuse it too. */
const OUR_FAULT: ReadonlySet<ModelFailure> = new Set(["context_overflow", "bad_request"]);

export interface AskOptions {
  readonly primary: Model;
  readonly fallback?: Model;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxAttempts?: number;
  /** 0..1, for the jitter. */
  readonly random?: () => number;
}

export interface AskRequest extends ModelRequest {
  /** What `onText` was given is void: the answer begins again. */
  readonly onRestart?: () => void;
}

/**
 * Resolves with a reply that may be used: text of a broken stream (finish `cut`) is, a broken tool call never.
 * Throws the last ModelError when attempts, models or `remainingMs` are spent; rejects with the signal's reason as
 * soon as that aborts. No wait begins that would end beyond `remainingMs`; an attempt itself is bounded by the signal.
 */
export type AskModel = (
  request: AskRequest,
  limits: { readonly remainingMs: () => number },
) => Promise<ModelReply>;

type Limits = Parameters<AskModel>[1];

export const createAskModel = (options: AskOptions): AskModel => {
  let { primary: current } = options;
  return async (request, limits) => {
    const asked = observed({ ...request, messages: prepareHistory(request.messages) });
    const fallback = current === options.primary ? options.fallback : undefined;
    try {
      return await attempts(current, fallback !== undefined, asked, limits, options);
    } catch (thrown) {
      asked.signal.throwIfAborted();
      if (fallback === undefined || !helpsElsewhere(thrown) || limits.remainingMs() <= 0) throw thrown;
      options.log.warn("falling back to the other model", { model: fallback.name, failure: thrown.failure });
      current = fallback; // for the rest of the turn
      asked.restart();
      return await attempts(fallback, false, asked, limits, options);
    }
  };
};

const helpsElsewhere = (thrown: unknown): thrown is ModelError =>
  thrown instanceof ModelError && !OUR_FAULT.has(thrown.failure);

/** A request that knows whether any of its text was shown, so that only a visible beginning is taken back. */
type Observed = ModelRequest & { readonly restart: () => void };

const observed = ({ onRestart, onText, ...request }: AskRequest): Observed => {
  let shown = false;
  return {
    ...request,
    onText: (piece) => {
      shown = true;
      onText?.(piece);
    },
    restart: () => {
      if (shown) onRestart?.();
      shown = false;
    },
  };
};

/** Up to `maxAttempts` at one model, with the waits between them. */
const attempts = async (
  model: Model,
  hasFallback: boolean,
  request: Observed,
  limits: Limits,
  options: AskOptions,
): Promise<ModelReply> => {
  const { clock, log, maxAttempts = MAX_ATTEMPTS, random = Math.random } = options;
  for (let attempt = 1; ; attempt++) {
    request.signal.throwIfAborted();
    try {
      return usable(await model.complete(request), hasFallback);
    } catch (thrown) {
      request.signal.throwIfAborted();
      if (!(thrown instanceof ModelError)) throw thrown;
      const waitMs = delayMs(attempt, thrown, random);
      log.warn("the model did not answer", failureFields(model, thrown, attempt));
      if (!thrown.retryable || attempt >= maxAttempts || waitMs >= limits.remainingMs()) throw thrown;
      await clock.sleep(waitMs, request.signal);
      request.restart();
    }
  }
};

const failureFields = (model: Model, error: ModelError, attempt: number) => ({
  model: model.name,
  provider: model.provider,
  failure: error.failure,
  reason: error.message,
  attempt,
});

/** A reply that is none counts as a failed attempt; a refusal only where another model can be asked. */
const usable = (reply: ModelReply, hasFallback: boolean): ModelReply => {
  const calls = reply.message.toolCalls?.length ?? 0;
  if (reply.finish === "cut" && (calls > 0 || reply.message.content.trim() === "")) {
    throw new ModelError("server_error", "the model's stream broke off");
  }
  if (reply.finish === "content_filter" && hasFallback) {
    throw new ModelError("content_policy", "the model declined to respond");
  }
  return reply;
};

const delayMs = (attempt: number, error: ModelError, random: () => number): number => {
  if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, RETRY_AFTER_MAX_MS);
  const base = Math.min(BACKOFF_BASE_MS * 2 ** (attempt - 1), BACKOFF_MAX_MS);
  return Math.round(base * (1 + random() * BACKOFF_JITTER));
};

/** What the person is told. Never what the API said: it may quote keys, hosts and account names. */
export const describeFailure = (error: ModelError): string => FAILURE_TEXTS[error.failure];

/** hermes-behaviour.md 6.9 and 1.7, in the words of one who cannot see the operator's console. */
const FAILURE_TEXTS: Readonly<Record<ModelFailure, string>> = {
  auth: "⚠️ No reply: the model's API refused the key of this bot. Its operator must fix the key; trying again will not help until then.",
  billing:
    "⚠️ No reply: billing or credits exhausted. The operator of this bot must top up the model's account.",
  rate_limit: "⚠️ No reply: the model is rate-limited right now. Try again in a minute.",
  overloaded: "⚠️ No reply: the model is overloaded right now. Try again in a few minutes.",
  server_error: "⚠️ No reply: the model's API failed, also when asked again. Try again in a few minutes.",
  timeout:
    "⚠️ No reply: the model could not be reached or did not answer in time. Try again in a few minutes.",
  context_overflow:
    "⚠️ Session too large for the model's context window.\nUse /compress to shorten it, or /new to start afresh.",
  model_not_found:
    "⚠️ No reply: the API does not know this model. If it was chosen with /model, /model default goes back; otherwise the operator of this bot must correct its name.",
  content_policy:
    "⚠️ The model declined to respond to this request (safety refusal — not a Hermes failure). Rephrasing may help.",
  bad_request:
    "⚠️ No reply: the model's API refused the request as malformed. Use /new to start a fresh session; if that does not help, tell the operator.",
  unknown: "⚠️ No reply: the request to the model failed. Try again, or use /new to start a fresh session.",
};
