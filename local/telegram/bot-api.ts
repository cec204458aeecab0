// Calls of the Bot API, however they arrive: the methods by name, scripted faults, the rate limit, the record of calls.
// Called by server.ts.

import { type ConnectionFault, createFaultScript } from "../http.ts";
import type { Timers } from "../timers.ts";
import { botMethods } from "./bot-methods.ts";
import { type BotState, saveState } from "./bot-state.ts";
import { BotApiError, type Payload, tooManyRequests } from "./fields.ts";
import { type BotMethod, messageMethods } from "./message-methods.ts";

export type BotApiAnswer =
  | { readonly ok: true; readonly result: unknown }
  | {
      readonly ok: false;
      readonly error_code: number;
      readonly description: string;
      readonly parameters?: { readonly retry_after: number };
    };

/** An answer instead of an effect, or a connection that breaks. */
export type Behaviour =
  | ConnectionFault
  | { readonly status: number; readonly description: string; readonly retry_after?: number };

export interface BotApiCall {
  /** As the documents spell it, or as the caller did when there is no such method. */
  readonly method: string;
  readonly payload: Payload;
  /** ms since the epoch. */
  readonly at: number;
  readonly via: "http" | "webhook-reply";
  /** What the server answered, whether or not it arrived; undefined when the connection broke before any effect. */
  readonly result: BotApiAnswer | undefined;
  readonly fault?: Behaviour;
}

export interface BotApi {
  call(method: string, payload: Payload, via: BotApiCall["via"]): BotApiCall;
  calls(method?: string): readonly BotApiCall[];
  waitFor(predicate: (call: BotApiCall) => boolean): Promise<BotApiCall>;
  fail(method: string, behaviour: Behaviour, times?: number): void;
  unsupported(methods: readonly string[]): void;
  limitRate(on: boolean): void;
  /** Nothing more will be called: who waits for a call is told. */
  end(): void;
}

export interface BotApiOptions {
  readonly token: string;
  readonly state: BotState;
  readonly timers: Timers;
  readonly onCall?: (call: BotApiCall) => void;
  /** Asked for each call that no scripted fault is for: what goes wrong with it, if anything. */
  readonly faultFor?: (method: string, payload: Payload) => Behaviour | undefined;
  readonly log?: (line: string) => void;
  readonly stateFile?: string;
}

const METHODS: ReadonlyMap<string, readonly [name: string, method: BotMethod]> = new Map(
  Object.entries({ ...messageMethods, ...botMethods }).map(([name, method]) => [
    name.toLowerCase(),
    [name, method],
  ]),
);

const SENDING: ReadonlySet<string> = new Set(["sendMessage", "sendRichMessage", "editMessageText"]);

export function createBotApi(options: BotApiOptions): BotApi {
  const { state, timers, stateFile } = options;
  const record = createRecord(options);
  const faults = createFaultScript<Behaviour>();
  const missing = new Set<string>();
  const rate = createRateLimit(timers);
  return {
    call(written, payload, via) {
      // api.d.ts: "All methods in the Bot API are case-insensitive."
      const [name, method] = METHODS.get(written.toLowerCase()) ?? [written, undefined];
      const fault = faults.take(name) ?? options.faultFor?.(name, payload);
      const effect = () => {
        if (method === undefined || missing.has(name))
          throw new BotApiError(404, "Not Found: method not found");
        return rate.limited(name, payload, () => method(payload, state));
      };
      const result = fault === "drop-before" || fault === "hang" ? undefined : answer(fault, effect);
      if (stateFile !== undefined) saveState(stateFile, state);
      const call = { method: name, payload, at: timers.now(), via, result, ...(fault ? { fault } : {}) };
      record.add(call);
      return call;
    },
    calls: record.calls,
    waitFor: record.waitFor,
    fail: (method, behaviour, times = 1) => faults.add(behaviour, { key: method, times }),
    unsupported(methods) {
      for (const method of methods) missing.add(method);
    },
    limitRate: rate.turn,
    end: record.end,
  };
}

/** The answer of the method, or the scripted one in its place. */
function answer(fault: Behaviour | undefined, effect: () => unknown): BotApiAnswer {
  try {
    if (typeof fault === "object") throw new BotApiError(fault.status, fault.description, fault.retry_after);
    return { ok: true, result: effect() };
  } catch (error) {
    if (!(error instanceof BotApiError)) throw error;
    const { code: error_code, message: description, retryAfterSeconds: retry_after } = error;
    return {
      ok: false,
      error_code,
      description,
      ...(retry_after === undefined ? {} : { parameters: { retry_after } }),
    };
  }
}

/** facts/platform.md 1 "Send limits": 1 message a second per chat; edits share the flood control. */
function createRateLimit(timers: Timers) {
  let on = false;
  const last = new Map<string, number>();
  return {
    turn(to: boolean) {
      on = to;
    },
    limited<Result>(method: string, payload: Payload, effect: () => Result): Result {
      if (!SENDING.has(method)) return effect();
      const chatId = String(payload["chat_id"]);
      const waitMs = (last.get(chatId) ?? Number.NEGATIVE_INFINITY) + 1000 - timers.now();
      if (on && waitMs > 0) throw tooManyRequests(Math.ceil(waitMs / 1000));
      const result = effect();
      last.set(chatId, timers.now());
      return result;
    },
  };
}

function createRecord({ onCall, log, token }: BotApiOptions) {
  const calls: BotApiCall[] = [];
  const ended = Promise.withResolvers<never>();
  // Nobody may be waiting when it ends.
  ended.promise.catch(() => undefined);
  const waiting = new Set<(call: BotApiCall) => void>();
  return {
    calls: (method?: string): readonly BotApiCall[] =>
      calls.filter((call) => method === undefined || call.method === method),
    waitFor(predicate: (call: BotApiCall) => boolean): Promise<BotApiCall> {
      const before = calls.find(predicate);
      if (before !== undefined) return Promise.resolve(before);
      const found = Promise.withResolvers<BotApiCall>();
      const look = (call: BotApiCall) => {
        if (!predicate(call)) return;
        waiting.delete(look);
        found.resolve(call);
      };
      waiting.add(look);
      return Promise.race([found.promise, ended.promise]);
    },
    add(call: BotApiCall): void {
      calls.push(call);
      if (call.result?.ok === false)
        log?.(`${call.method}: ${call.result.description}`.replaceAll(token, "…"));
      onCall?.(call);
      for (const look of [...waiting]) look(call);
    },
    end: () => ended.reject(new Error("the Telegram stand-in closed before such a call")),
  };
}
