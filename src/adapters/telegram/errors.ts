// Whatever grammY or fetch threw → TelegramError. grammY is told apart by the shape of its errors, so that it need not
// be loaded for that. No `cause` is passed on: theirs hold the message's text (payload) and may hold the URL with the token.

import { TelegramError, type TelegramFailure, withoutQuotes } from "../../errors.ts";

/** What the Bot API says about a refusal; the fields of grammY's GrammyError. */
export interface Refusal {
  readonly method: string;
  readonly error_code: number;
  readonly description: string;
  readonly parameters: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
}

export const asRefusal = (thrown: unknown): Refusal | undefined =>
  thrown instanceof Error && "error_code" in thrown && "description" in thrown
    ? (thrown as Error & Refusal)
    : undefined;

/** Refusals that no other rendering of the message changes: the chat does not take messages from us. */
const CLOSED_CHAT =
  /chat not found|user not found|peer_id_invalid|user is deactivated|bot was (kicked|blocked)|not a member|chat_write_forbidden|chat_restricted|not enough rights|have no rights|need administrator rights|topic_closed|topic is closed|group chat was (upgraded|deactivated|deleted)/i;

/** Methods an older Bot API server does not know; a simpler form exists for each (facts/telegram-rich.md). */
const NEW_METHODS: ReadonlySet<string> = new Set([
  "sendRichMessage",
  "sendRichMessageDraft",
  "sendMessageDraft",
]);

function failureOf({ error_code: code, description, method }: Refusal): TelegramFailure {
  if (code === 429) return "rate";
  if (code === 403 || (code === 400 && CLOSED_CHAT.test(description))) return "blocked";
  if (code === 401) return "operator";
  // A wrong token is "Not Found" as well, but then the simpler method will say so.
  if (code === 404) return NEW_METHODS.has(method) ? "form" : "operator";
  // A gateway that gave up waiting does not know what happened behind it.
  if (code === 504) return "unknown";
  return code >= 500 ? "refused" : "form";
}

/** Codes of Node and undici for a connection that never stood: nothing was sent. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

/** Without a hint of Telegram's: about as long as its own limits look back (facts/platform.md 1, send limits). */
const DEFAULT_RETRY_MS = 3_000;

export function toTelegramError(thrown: unknown, method: string): TelegramError {
  if (thrown instanceof TelegramError) return thrown;
  const refusal = asRefusal(thrown);
  if (!refusal) return networkError(thrown, method);
  const failure = failureOf(refusal);
  const seconds = refusal.parameters.retry_after;
  const hint = failure === "operator" ? "; check TELEGRAM_BOT_TOKEN and TELEGRAM_API_ROOT" : "";
  return new TelegramError(
    failure,
    `Telegram refused ${method}: ${refusal.error_code} ${withoutQuotes(withoutToken(refusal.description))}${hint}`,
    failure === "rate" ? { retryAfterMs: seconds === undefined ? DEFAULT_RETRY_MS : seconds * 1000 } : {},
  );
}

/** Runs one call of the Bot API. */
export async function attempt<T>(method: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toTelegramError(error, method);
  }
}

function networkError(thrown: unknown, method: string): TelegramError {
  const causes = chainOf(thrown);
  const code = causes.map(codeOf).find((found) => found !== undefined);
  if (code && (NEVER_CONNECTED.has(code) || causes.some(isWhileConnecting))) {
    return new TelegramError("refused", `no connection to Telegram for ${method}: ${code}`);
  }
  const name = code ?? causes.at(-1)?.name ?? "unknown error";
  return new TelegramError("unknown", `no answer from Telegram to ${method}: ${name}`);
}

/** An error, what it wraps (grammY's HttpError: `error`) and their causes. */
function chainOf(thrown: unknown): Error[] {
  const chain: Error[] = [];
  let next = thrown;
  while (next instanceof Error && chain.length < 8) {
    chain.push(next);
    next = "error" in next ? next.error : next instanceof AggregateError ? next.errors[0] : next.cause;
  }
  return chain;
}

const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Such as ETIMEDOUT, which says nothing by itself. */
const isWhileConnecting = (error: Error): boolean => "syscall" in error && error.syscall === "connect";

const withoutToken = (text: string): string => text.replace(/\d{5,}:[\w-]{20,}/g, "[token]");
