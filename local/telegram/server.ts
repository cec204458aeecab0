// A Bot API server on loopback for one bot: the wire, the record of calls, scripted faults, and webhook delivery.
// What it refuses, it refuses as the real one does; each rule names its source where it is written.
// Called by the local runs and by tests.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Update, UserFromGetMe } from "@grammyjs/types";
import { answering, close, listen, sendJson } from "../http.ts";
import { systemTimers, type Timers } from "../timers.ts";
import { type Behaviour, type BotApi, type BotApiCall, createBotApi } from "./bot-api.ts";
import { type BotState, createBotState, saveState } from "./bot-state.ts";
import type { StoredMessage } from "./chats.ts";
import { createDelivery, type DeliveryResult, type PostUpdate } from "./delivery.ts";
import { BotApiError, type Payload } from "./fields.ts";
import { parseBody, readPayload } from "./request.ts";

export interface TelegramStandIn {
  /** For TELEGRAM_API_ROOT. */
  readonly url: string;
  readonly token: string;
  readonly me: UserFromGetMe;
  /** Every call in order. */
  calls(method?: string): readonly BotApiCall[];
  /** What the bot has said in a chat and not deleted, as it reads now. */
  messages(chatId: number): readonly StoredMessage[];
  /** The first call, past or to come, for which the predicate holds. Rejects when the stand-in closes before. */
  waitFor(predicate: (call: BotApiCall) => boolean): Promise<BotApiCall>;
  addFile(fileId: string, bytes: Uint8Array, path: string): void;
  /** Makes chat, message, topic and button press of an update known, as if it had been delivered. */
  observe(update: Update): void;
  /** Scripts the next `times` calls of a method. */
  fail(method: string, behaviour: Behaviour, times?: number): void;
  /** Acts as a server that is older than these methods. */
  unsupported(methods: readonly string[]): void;
  /** One message per second and chat (facts/platform.md 1 "Send limits"); off at first. */
  limitRate(on: boolean): void;
  /** Executes the method call in the body of a webhook's answer; undefined when there is none that may be. */
  executeWebhookReply(body: string | Uint8Array, contentType?: string): Promise<BotApiCall | undefined>;
  /** Delivers an update as Telegram does, with retries and in order; undefined when the webhook did not ask for its kind. */
  deliver(update: Update, options: { readonly post: PostUpdate }): Promise<DeliveryResult | undefined>;
  close(): Promise<void>;
}

export interface TelegramOptions {
  readonly token: string;
  readonly username?: string;
  readonly timers?: Timers;
  readonly onCall?: (call: BotApiCall) => void;
  /** What goes wrong with a call that no `fail` was scripted for, if anything. */
  readonly faultFor?: (method: string, payload: Payload) => Behaviour | undefined;
  /** 0 to 1: where in 60–120 s the cap of a redelivery's delay falls. */
  readonly random?: () => number;
  /** One line for each refusal. */
  readonly log?: (line: string) => void;
  /** Keeps chats, webhook and menu from one run to the next. */
  readonly stateFile?: string;
}

/** facts/platform.md 1 "Reply inside the webhook response": never these, nor any that begins with `get`. */
const NOT_IN_REPLIES = /^(get.*|deletewebhook|setwebhook|close|logout)$/i;

export async function startTelegram(options: TelegramOptions): Promise<TelegramStandIn> {
  const { token, timers = systemTimers, stateFile } = options;
  const state = createBotState({
    token,
    username: options.username ?? "hermes_bot",
    now: timers.now,
    ...(stateFile === undefined ? {} : { stateFile }),
  });
  const api = createBotApi({ ...options, timers, state });
  const server = createServer(answering((request, response) => serve(request, response, token, state, api)));
  const executeWebhookReply: TelegramStandIn["executeWebhookReply"] = async (body, contentType) => {
    const reply = await parseBody(Buffer.from(body), contentType ?? "application/json").catch(() => ({}));
    const { method, ...payload } = reply as Payload;
    if (typeof method !== "string" || NOT_IN_REPLIES.test(method)) return undefined;
    return api.call(method, payload, "webhook-reply");
  };
  const delivery = createDelivery({
    timers,
    secretToken: () => state.webhook?.secretToken,
    maxConnections: () => state.webhook?.maxConnections,
    ...(options.random === undefined ? {} : { random: options.random }),
    onReply: ({ body, headers }) =>
      executeWebhookReply(body, headers["content-type"] ?? headers["Content-Type"]),
  });
  state.pendingUpdates = delivery.pending;
  state.dropPendingUpdates = delivery.dropPending;
  const observe = (update: Update) => {
    state.chats.observe(update);
    if (update.callback_query) state.callbacks.add(update.callback_query.id);
    if (stateFile !== undefined) saveState(stateFile, state);
  };

  return {
    url: await listen(server),
    token,
    me: state.me,
    calls: api.calls,
    waitFor: api.waitFor,
    fail: api.fail,
    unsupported: api.unsupported,
    limitRate: api.limitRate,
    messages: (chatId) =>
      [...(state.chats.get(chatId)?.messages.values() ?? [])].filter(({ from }) => from?.id === state.me.id),
    addFile: (fileId, bytes, path) => state.files.set(fileId, { bytes, path }),
    observe,
    executeWebhookReply,
    async deliver(update, { post }) {
      const allowed = state.webhook?.allowedUpdates;
      if (allowed && !allowed.some((kind) => kind in update)) return undefined;
      observe(update);
      return await delivery.deliver(update, post);
    },
    async close() {
      delivery.dropPending();
      api.end();
      await close(server);
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  state: BotState,
  api: BotApi,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const [, file, given, rest] = /^(\/file)?\/bot([^/]*)\/(.+)$/.exec(decodeURI(url.pathname)) ?? [];
  const refuse = (error_code: number, description: string) =>
    sendJson(response, error_code, { ok: false, error_code, description });
  if (rest === undefined || given === undefined) return refuse(404, "Not Found");
  if (given !== token) return refuse(401, "Unauthorized");
  if (file !== undefined) return sendFile(rest, state, response, refuse);
  const payload = await readPayload(request, url).catch((error: unknown) => {
    if (error instanceof BotApiError) return error;
    throw error;
  });
  if (payload instanceof BotApiError) return refuse(payload.code, payload.message);
  const { result, fault } = api.call(rest, payload, "http");
  if (fault === "hang") return;
  if (result === undefined || fault === "drop-after") {
    request.socket.destroy();
    return;
  }
  sendJson(response, result.ok ? 200 : result.error_code, result);
}

/** @grammyjs/types methods.d.ts, getFile: the download link is <root>/file/bot<token>/<file_path>. */
function sendFile(
  path: string,
  state: BotState,
  response: ServerResponse,
  refuse: (code: number, description: string) => void,
): void {
  const file = [...state.files.values()].find((stored) => stored.path === path);
  if (file === undefined) {
    refuse(404, "Not Found");
    return;
  }
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": file.bytes.length,
  });
  response.end(file.bytes);
}
