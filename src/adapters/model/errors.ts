// What went wrong at the model's API, as a ModelError. Called by model.ts; classes as in hermes-behaviour.md 1.7.

import { asError, ModelError, type ModelFailure, withoutQuotes } from "../../errors.ts";

/** The SDK's APIError by its shape: its class would have to be imported, and its name is lost in the bundle. */
interface ApiFailure {
  readonly status?: number;
  readonly message: string;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly headers?: Headers;
  /** The body's `error`, absent when no answer came. */
  readonly error?: unknown;
  readonly cause?: unknown;
}

const BY_STATUS: Readonly<Record<number, ModelFailure>> = {
  401: "auth",
  402: "billing",
  403: "auth",
  404: "model_not_found",
  408: "timeout",
  413: "context_overflow",
  429: "rate_limit",
  503: "overloaded",
  529: "overloaded",
};

/** What the API's words say where a status alone does not, most telling first. */
const BY_WORDS: readonly (readonly [RegExp, ModelFailure])[] = [
  [/insufficient.{0,3}(balance|credits?|quota)|credits? (are )?exhausted|billing/i, "billing"],
  [
    /(maximum )?context.{0,3}(length|window)|too many (input )?tokens|prompt is too long/i,
    "context_overflow",
  ],
  [/content.{0,3}(policy|filter|exists? risk)|safety system|moderation/i, "content_policy"],
  [/model.{0,80}(not exist|not found|not supported|unknown)|invalid model/i, "model_not_found"],
];

const MAX_MESSAGE_LENGTH = 300;
/** Some gateways answer with a whole page. */
const MAX_READ_LENGTH = 4_000;

/** A ModelError thrown further in (the Bedrock token, say) comes out as it is, whatever the SDK wrapped around it. */
export const toModelError = (thrown: unknown, secret: string | undefined): ModelError => {
  const inner = causes(thrown).find((cause) => cause instanceof ModelError);
  if (inner !== undefined) return inner;
  const failure: ApiFailure = asError(thrown);
  const retryAfterMs = readRetryAfterMs(failure.headers);
  // No `cause`: the SDK's errors hold headers and bodies, and a logger would print them.
  return new ModelError(classify(failure), describe(failure, secret), {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
};

const classify = (failure: ApiFailure): ModelFailure => {
  const { status } = failure;
  if (status === undefined)
    return failure.error === undefined ? connectionFailure(failure) : byWords(failure);
  if (status === 401 || status === 403) return "auth";
  if (status === 429 || (status >= 400 && status < 500)) return byWords(failure);
  return BY_STATUS[status] ?? (status >= 500 ? "server_error" : "unknown");
};

/** No answer at all: the line broke or was never there. Anything else without a status is not the network's doing. */
const connectionFailure = (failure: ApiFailure): ModelFailure =>
  failure instanceof SyntaxError || failure instanceof RangeError ? "unknown" : "timeout";

const byWords = (failure: ApiFailure): ModelFailure => {
  const words = `${failure.message} ${String(failure.code ?? "")} ${String(failure.type ?? "")}`;
  const told = BY_WORDS.find(([pattern]) => pattern.test(words))?.[1];
  if (told !== undefined) return told;
  if (failure.status === undefined) return "server_error"; // an error event inside a stream
  return BY_STATUS[failure.status] ?? "bad_request";
};

/** For the log. About a refused key nothing is quoted: APIs repeat parts of it. */
const describe = (failure: ApiFailure, secret: string | undefined): string => {
  if (failure.status === 401 || failure.status === 403)
    return `the model's API refused the key (${failure.status})`;
  if (failure.status === undefined && failure.error === undefined) {
    return `no answer from the model's API (${networkCode(failure)})`;
  }
  return `the model's API said: ${redact(failure.message, secret)}`;
};

const redact = (text: string, secret: string | undefined): string =>
  withoutQuotes((secret ? text.replaceAll(secret, "[key]") : text).slice(0, MAX_READ_LENGTH))
    .replace(/\bsk-[\w*-]+|\bBearer\s+\S+|\bbedrock-api-key-\S+/gi, "[key]")
    .slice(0, MAX_MESSAGE_LENGTH);

const networkCode = (failure: ApiFailure): string => {
  const codes = causes(failure).map((cause) => (cause as { code?: unknown }).code);
  return (
    codes.find((code) => typeof code === "string" && /^[A-Z_]+$/.test(code))?.toString() ??
    "connection failed"
  );
};

/** An error and what caused it, outermost first. */
const causes = (thrown: unknown): readonly Error[] => {
  const chain: Error[] = [];
  for (let next = thrown; next instanceof Error && chain.length < 8; next = next.cause) chain.push(next);
  return chain;
};

/** `retry-after-ms`, or `retry-after` as seconds or as a date. */
const readRetryAfterMs = (headers: Headers | undefined): number | undefined => {
  const exact = Number.parseFloat(headers?.get?.("retry-after-ms") ?? "");
  if (exact >= 0) return exact;
  const value = headers?.get?.("retry-after") ?? "";
  const ms = /^[\d.]+$/.test(value) ? Number.parseFloat(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
};
