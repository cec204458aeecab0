// Parameters of a Bot API call, as they arrive in JSON or in a form, and the errors the server answers with.

export type Payload = Readonly<Record<string, unknown>>;
export type JsonObject = Readonly<Record<string, unknown>>;

/** An answer `{ok: false}`; the HTTP status is the error code. */
export class BotApiError extends Error {
  override name = "BotApiError";
  readonly code: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, description: string, retryAfterSeconds?: number) {
    super(description);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const badRequest = (description: string): BotApiError =>
  new BotApiError(400, `Bad Request: ${description}`);

export const tooManyRequests = (seconds: number): BotApiError =>
  new BotApiError(429, `Too Many Requests: retry after ${seconds}`, seconds);

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function textField(payload: Payload, name: string): string {
  const value = payload[name];
  if (value === undefined || value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") throw badRequest(`field "${name}" must be of type String`);
  // A string cut inside a surrogate pair cannot be UTF-8 (@grammyjs/types api.d.ts: queries must be UTF-8).
  if (!value.isWellFormed()) throw badRequest("strings must be encoded in UTF-8");
  return value;
}

/** Numbers may be sent as text: forms know nothing else. */
export function integerField(payload: Payload, name: string): number | undefined {
  const value = payload[name];
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "string" ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw badRequest(`field "${name}" must be a valid Number`);
  return number as number;
}

export function booleanField(payload: Payload, name: string): boolean {
  const value = payload[name];
  if (value === undefined || value === null || value === false || value === "false") return false;
  if (value === true || value === "true") return true;
  throw badRequest(`field "${name}" must be of type Boolean`);
}

/** A nested value; in forms it is JSON text (@grammyjs/types: "JSON-serialized"). */
function nested(payload: Payload, name: string): unknown {
  const value = payload[name];
  if (typeof value !== "string") return value ?? undefined;
  if (value === "") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw badRequest(`can't parse ${name} JSON object`);
  }
}

export function objectField(payload: Payload, name: string): JsonObject | undefined {
  const value = nested(payload, name);
  if (value === undefined || isObject(value)) return value;
  throw badRequest(`object expected as ${name}`);
}

export function arrayField(payload: Payload, name: string): readonly unknown[] | undefined {
  const value = nested(payload, name);
  if (value === undefined || Array.isArray(value)) return value;
  throw badRequest(`field "${name}" must be of type Array`);
}
