// The model behind the chat-completions API, over the openai SDK: one attempt a call, always streamed.
// Made by agent-side.ts, once per model in use; called by agent/ask-model.ts.

import type { OpenAI } from "openai";
import { ModelError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { ModelReply } from "../../message.ts";
import { once } from "../../once.ts";
import type { Model, ModelRequest } from "../../ports.ts";
import { type ClientOptions, createClient } from "./client.ts";
import { toModelError } from "./errors.ts";
import { createPhotoLoader, type PhotoSource } from "./photos.ts";
import { readsImages } from "./reads-images.ts";
import { createReplyCollector, type ReplyCollector } from "./stream.ts";
import { toWireRequest, type WireRequest } from "./wire.ts";

/**
 * Silence after which an attempt is given up; keep-alive lines do not count as speech. DeepSeek itself would keep a
 * request waiting for ten minutes (facts/platform.md 7, "Slow starts"), longer than anybody waits for an answer.
 */
const SILENCE_MS = 120_000;

export interface ModelOptions extends ClientOptions {
  /** Longest silence of the API, before its answer and inside it. */
  readonly timeoutMs?: number;
  /** Bytes of a photo by Telegram's file id. */
  readonly loadPhoto: PhotoSource["loadPhoto"];
  readonly log: Log;
}

export const createModel = (options: ModelOptions): Model => {
  const target = { ...options, readsImages: readsImages(options) };
  const { log, apiKey } = options;
  const loadPhotos = createPhotoLoader(options);
  const getClient = once(() => createClient(options));
  // The SDK takes longer to load than the lease to be taken: it begins now. A failure is told when it is asked for.
  getClient().catch(() => undefined);

  return {
    name: options.model,
    provider: options.provider,
    readsImages: target.readsImages,
    async complete(request) {
      request.signal.throwIfAborted();
      const photos = target.readsImages ? await loadPhotos(request.messages, request.signal) : new Map();
      const collector = createReplyCollector(target, { ...request, onText: shown(request, log) });
      const client = await getClient().catch((thrown) => {
        throw toModelError(thrown, apiKey);
      });
      await receive(client, toWireRequest(request, target, photos), request.signal, collector, options);
      return settled(collector.reply(), log);
    },
  };
};

/** Resolves when nothing more will come: at the end of the stream, or where it broke off after it had begun. */
const receive = async (
  client: OpenAI,
  body: WireRequest,
  signal: AbortSignal,
  collector: ReplyCollector,
  { timeoutMs = SILENCE_MS, apiKey, log }: ModelOptions,
): Promise<void> => {
  const silence = watchSilence(timeoutMs);
  try {
    const stream = await client.chat.completions.create(body, {
      signal: AbortSignal.any([signal, silence.signal]),
    });
    for await (const chunk of stream) {
      silence.heard();
      collector.add(chunk);
    }
  } catch (thrown) {
    signal.throwIfAborted();
    if (!collector.started || isAnswer(thrown))
      throw afterSilence(silence.signal, toModelError(thrown, apiKey));
    log.warn("the model's stream broke off", { error: thrown instanceof Error ? thrown.name : "unknown" });
  } finally {
    silence.end();
  }
  signal.throwIfAborted(); // the SDK ends an aborted stream without an error
  if (silence.signal.aborted && !collector.started) throw silenceError();
};

/** The API said what is wrong, rather than the line having broken: such errors carry the body's `error`. */
const isAnswer = (thrown: unknown): boolean =>
  thrown instanceof Error && "error" in thrown && thrown.error !== undefined;

const silenceError = (): ModelError => new ModelError("timeout", "the model's API fell silent");

const afterSilence = (silence: AbortSignal, error: ModelError): ModelError =>
  silence.aborted ? silenceError() : error;

const watchSilence = (timeoutMs: number) => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  return {
    signal: controller.signal,
    heard: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  };
};

/** A listener that throws (a draft that could not be sent) must not look like a failure of the model. */
const shown = (request: ModelRequest, log: Log) => (piece: string) => {
  try {
    request.onText?.(piece);
  } catch (thrown) {
    log.warn("a listener to streamed text failed", {
      error: thrown instanceof Error ? thrown.name : "unknown",
    });
  }
};

const settled = (reply: ModelReply, log: Log): ModelReply => {
  log.debug("the model answered", { model: reply.model, finish: reply.finish, usage: reply.usage });
  return reply;
};
