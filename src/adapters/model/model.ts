// The model behind the chat-completions API, over the openai SDK: one attempt a call, always streamed.
// Made by handler.ts, once per configured model; called by agent/ask-model.ts.

import type { OpenAI } from "openai";
import { ModelError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { ModelReply } from "../../message.ts";
import type { Model, ModelRequest } from "../../ports.ts";
import { type ClientOptions, createClient } from "./client.ts";
import { toModelError } from "./errors.ts";
import { createPhotoLoader, type PhotoSource } from "./photos.ts";
import { createReplyCollector, type ReplyCollector } from "./stream.ts";
import { toWireRequest, type WireRequest } from "./wire.ts";

/** Silence after which an attempt is given up. DeepSeek itself waits up to ten minutes (facts/platform.md 7). */
const SILENCE_MS = 120_000;

export interface ModelConfig extends ClientOptions {
  readonly model: string;
  /** Longest silence of the API, before its answer and inside it. */
  readonly timeoutMs?: number;
  /** Bytes of a photo by Telegram's file id. */
  readonly loadPhoto: PhotoSource["loadPhoto"];
  readonly log: Log;
}

export const createModel = (config: ModelConfig): Model => {
  const target = { ...config, readsImages: readsImages(config) };
  const loadPhotos = createPhotoLoader(config);
  const getClient = once(() => createClient(config));

  return {
    name: config.model,
    provider: config.provider,
    readsImages: target.readsImages,
    async complete(request) {
      request.signal.throwIfAborted();
      const photos = target.readsImages ? await loadPhotos(request.messages, request.signal) : new Map();
      const collector = createReplyCollector(target, shown(request, config.log));
      const client = await getClient().catch((thrown) => {
        throw toModelError(thrown, config.apiKey);
      });
      await receive(client, toWireRequest(request, target, photos), request.signal, collector, config);
      return settled(collector.reply(), config.log);
    },
  };
};

/** Resolves when nothing more will come: at the end of the stream, or where it broke off after it had begun. */
const receive = async (
  client: OpenAI,
  body: WireRequest,
  signal: AbortSignal,
  collector: ReplyCollector,
  { timeoutMs = SILENCE_MS, apiKey, log }: ModelConfig,
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

/** facts/platform.md 7: flash reads images, pro does not. Elsewhere by family; an unknown model is not sent any. */
const IMAGE_READERS =
  /gpt-4o|gpt-4\.1|gpt-[5-9](?![\d.]*-codex)|\bo[34](-|$)|claude|gemini|nova-(lite|pro|premier)|llama-?4|pixtral|vision|[-.]vl\b|-vl-|kimi-k2\.5/i;

const readsImages = ({ provider, model }: ModelConfig): boolean =>
  provider === "deepseek" ? /^deepseek-.*flash/i.test(model) : IMAGE_READERS.test(model);

/** Makes the thing on first use; a failure is not kept, so that the next call tries again. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((thrown) => {
      made = undefined;
      throw thrown;
    });
    return made;
  };
};
