// How Telegram delivers updates to a webhook: a queue per chat, one update at a time, the same one until it is
// accepted. All of it from facts/platform.md 1, whose rows are named below. Called by the stand-in and by tests.

import type { Update } from "@grammyjs/types";
import type { Timers } from "../timers.ts";

export interface WebhookResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes one HTTP request of an update. `signal` aborts when Telegram no longer waits for the answer. */
export type PostUpdate = (
  update: Update,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<WebhookResponse>;

export interface DeliveryAttempt {
  readonly at: number;
  /** HTTP status, or why there was none. */
  readonly answer: number | "no answer" | "timeout";
}

export interface DeliveryResult {
  readonly outcome: "delivered" | "expired" | "dropped";
  readonly attempts: readonly DeliveryAttempt[];
}

export interface Delivery {
  /** Puts an update into its queue; resolves when it has left it. */
  deliver(update: Update, post: PostUpdate): Promise<DeliveryResult>;
  pending(): number;
  /** Forgets what waits (`drop_pending_updates`); an attempt under way is not called back. */
  dropPending(): void;
}

export interface DeliveryOptions {
  readonly timers: Timers;
  readonly secretToken: () => string | undefined;
  /** A 2xx answer that carries a method call. */
  readonly onReply?: (response: WebhookResponse) => Promise<unknown>;
  /** 0 to 1: where in 60–120 s the cap of a delay falls. */
  readonly random?: () => number;
  /** As many updates are on their way at once; undefined: as many as there are queues. */
  readonly maxConnections?: () => number | undefined;
}

interface Item {
  readonly update: Update;
  readonly post: PostUpdate;
  readonly expiresAt: number;
  readonly attempts: DeliveryAttempt[];
  readonly dropped: AbortController;
}

/** "Server-side wait". */
const ANSWER_TIMEOUT_MS = 60_000;
/** "Retry with Retry-After": clamped to 0…3600 s. */
const MAX_RETRY_AFTER_SECONDS = 3600;

const DAY_MS = 24 * 60 * 60 * 1000;

export function createDelivery(options: DeliveryOptions): Delivery {
  const tails = new Map<string, Promise<unknown>>();
  const waiting = new Set<Item>();
  const connections = createConnections(options.maxConnections ?? (() => undefined));
  return {
    deliver(update, post) {
      const item: Item = {
        update,
        post,
        expiresAt: expiry(update, options.timers.now()),
        attempts: [],
        dropped: new AbortController(),
      };
      waiting.add(item);
      const queue = queueOf(update);
      const turn = (tails.get(queue) ?? Promise.resolve()).then(async () => {
        const outcome = await attemptUntilAccepted(item, options, connections);
        waiting.delete(item);
        return { outcome, attempts: item.attempts };
      });
      // A failure inside the stand-in is the caller's to see and does not hold up the queue.
      tails.set(
        queue,
        turn.catch(() => undefined),
      );
      return turn;
    },
    pending: () => waiting.size,
    dropPending() {
      for (const item of waiting) item.dropped.abort();
    },
  };
}

interface Connections {
  use<T>(work: () => Promise<T>): Promise<T>;
}

/** "max_connections": a queue whose turn it is waits for one of them; the longest waiting first. */
function createConnections(max: () => number | undefined): Connections {
  const queue: (() => void)[] = [];
  let open = 0;
  return {
    async use(work) {
      if (open >= (max() ?? Number.POSITIVE_INFINITY))
        await new Promise<void>((resolve) => queue.push(resolve));
      else open += 1;
      try {
        return await work();
      } finally {
        // Whoever waits takes the connection over; it does not close in between.
        const next = queue.shift();
        if (next === undefined) open -= 1;
        else next();
      }
    },
  };
}

/** "Order": which updates wait for each other. */
function queueOf(update: Update): string {
  const message =
    update.message ?? update.edited_message ?? update.channel_post ?? update.edited_channel_post;
  if (message) return `chat ${message.chat.id}`;
  if (update.callback_query) return `callback ${update.callback_query.from.id}`;
  if (update.stopped_message_generation) return `stop ${update.stopped_message_generation.chat.id}`;
  return Object.keys(update)
    .filter((key) => key !== "update_id")
    .join();
}

/** "Expiry": counted from the message's own date, for the others from now. */
function expiry(update: Update, now: number): number {
  const message = update.message ?? update.edited_message;
  if (message) return message.date * 1000 + DAY_MS;
  if (update.callback_query || update.shipping_query || update.pre_checkout_query) return now + 150_000;
  if (update.inline_query) return now + 30_000;
  if (update.chosen_inline_result) return now + 600_000;
  return now + DAY_MS;
}

async function attemptUntilAccepted(
  item: Item,
  options: DeliveryOptions,
  connections: Connections,
): Promise<DeliveryResult["outcome"]> {
  const { timers, random = Math.random } = options;
  for (let failures = 0; ; ) {
    if (item.dropped.signal.aborted) return "dropped";
    const response = await connections.use(() => attempt(item, options));
    if (response !== undefined && response.status >= 200 && response.status < 300) {
      await options.onReply?.(response);
      return "delivered";
    }
    const retryAfterMs = retryAfter(response);
    const delayMs = retryAfterMs ?? backoffMs(failures, random());
    if (retryAfterMs === undefined) failures += 1;
    if (timers.now() + delayMs > item.expiresAt) return "expired";
    if (delayMs > 0 && !(await slept(timers, delayMs, item.dropped.signal))) return "dropped";
  }
}

/** "Retry schedule without Retry-After": at once, then 2, 4, 8 … s, capped by a random 60–120 s. */
const backoffMs = (failures: number, random: number): number =>
  failures === 0 ? 0 : Math.min(2 ** failures, 60 + 60 * random) * 1000;

function retryAfter(response: WebhookResponse | undefined): number | undefined {
  const header = Object.entries(response?.headers ?? {}).find(
    ([name]) => name.toLowerCase() === "retry-after",
  );
  const seconds = Number.parseInt(header?.[1] ?? "", 10);
  // None and 0 are the same to the server: the usual schedule.
  return seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000 : undefined;
}

async function slept(timers: Timers, ms: number, signal: AbortSignal): Promise<boolean> {
  await timers.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return !signal.aborted;
}

async function attempt(item: Item, options: DeliveryOptions): Promise<WebhookResponse | undefined> {
  const at = options.timers.now();
  const answered = new AbortController();
  const gaveUp = new AbortController();
  const secret = options.secretToken();
  const headers = {
    "content-type": "application/json",
    ...(secret === undefined ? {} : { "x-telegram-bot-api-secret-token": secret }),
  };
  const timeout = slept(options.timers, ANSWER_TIMEOUT_MS, answered.signal).then((ran) => {
    if (ran) gaveUp.abort();
    return "timeout" as const;
  });
  const post = Promise.resolve()
    .then(() => item.post(structuredClone(item.update), headers, gaveUp.signal))
    .catch(() => "no answer" as const);
  const result = await Promise.race([post, timeout]);
  answered.abort();
  item.attempts.push({ at, answer: typeof result === "string" ? result : result.status });
  return typeof result === "string" ? undefined : result;
}
