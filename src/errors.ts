// One base for every error we raise on purpose. `retryable` says whether asking again later can help;
// for an asynchronous event it decides nothing (Lambda retries any throw), for HTTP it picks 503 over 4xx.

export type ErrorCode =
  | "config"
  | "unauthorized"
  | "method"
  | "too_large"
  | "malformed"
  | "unavailable"
  | "busy"
  | "lease_lost"
  | "model"
  | "telegram"
  | "budget"
  | "tool";

export class HermesError extends Error {
  override name = "HermesError";
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { retryable?: boolean } = {}) {
    super(message, options);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The lease passed to somebody else, or ran out: stop writing. Lambda's retry finds out what is left to do. */
export class LeaseLost extends HermesError {
  override name = "LeaseLost";
  constructor(why: string, options?: ErrorOptions) {
    super("lease_lost", `the lease of this session is lost: ${why}`, { ...options, retryable: true });
  }
}

export type ModelFailure =
  | "auth"
  | "billing"
  | "rate_limit"
  | "overloaded"
  | "server_error"
  | "timeout"
  | "context_overflow"
  | "model_not_found"
  | "content_policy"
  | "bad_request"
  | "unknown";

/** The model did not answer. Classes as in hermes-behaviour.md 1.7; `retryable` = the same request may succeed. */
export class ModelError extends HermesError {
  override name = "ModelError";
  readonly failure: ModelFailure;
  readonly retryAfterMs: number | undefined;

  constructor(
    failure: ModelFailure,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number } = {},
  ) {
    super("model", message, { ...options, retryable: RETRYABLE_MODEL_FAILURES.has(failure) });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const RETRYABLE_MODEL_FAILURES: ReadonlySet<ModelFailure> = new Set([
  "rate_limit",
  "overloaded",
  "server_error",
  "timeout",
  "unknown",
]);

/**
 * Telegram said no, or did not answer.
 * - `form`: this rendering is refused (entities, rich message, length): a simpler one may pass
 * - `blocked`: the chat is closed to us (blocked, kicked, deleted): end quietly
 * - `rate`: wait `retryAfterMs`
 * - `refused`: the connection or a 5xx: nothing was delivered, try again
 * - `unknown`: no answer: it may have been delivered
 * - `operator`: the token is wrong (401, 404): only the operator can mend it
 */
export type TelegramFailure = "form" | "blocked" | "rate" | "refused" | "unknown" | "operator";

export class TelegramError extends HermesError {
  override name = "TelegramError";
  readonly failure: TelegramFailure;
  readonly retryAfterMs: number | undefined;

  constructor(
    failure: TelegramFailure,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number } = {},
  ) {
    super("telegram", message, { ...options, retryable: failure === "rate" || failure === "refused" });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Whatever was thrown, as an Error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });

/** Single ones count only where they are no apostrophe; the end of a text that was cut closes a quote too. */
const QUOTED =
  /"((?:[^"\\]|\\.)*)(?:"|$)|`([^`]*)(?:`|$)|“([^”]*)(?:”|$)|(?<!\w)'((?:[^'\\]|\\.|'(?=\w))*)(?:'|$)/gs;

/** A name out of a protocol: `tool_calls`, `messages[3].role`. */
const PROTOCOL_NAME = /^[a-z]+(?:[_.[][\w.[\]]*)+$/i;

/** Services quote in their errors what they were sent, and that may be what somebody wrote: not for the log. */
export const withoutQuotes = (text: string): string =>
  text.replace(QUOTED, (whole, ...[double, code, curly, single]: string[]) =>
    PROTOCOL_NAME.test(double ?? code ?? curly ?? single ?? "") ? whole : "[quoted]",
  );
