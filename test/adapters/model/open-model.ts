// A model adapter in front of the stand-in, for the tests of this folder.

import { onTestFinished } from "vitest";
import { type ModelStandInOptions, startModel } from "../../../local/model/server.ts";
import { createModel, type ModelOptions } from "../../../src/adapters/model/model.ts";
import type { ModelRequest } from "../../../src/ports.ts";
import { createLogLines } from "../../home/log-lines.ts";

export const KEY = "sk-secret-of-the-tests-0123456789";

export const openModel = async (standIn: ModelStandInOptions = {}, options: Partial<ModelOptions> = {}) => {
  const server = await startModel(standIn);
  onTestFinished(() => server.close());
  const log = createLogLines();
  const model = createModel({
    provider: "deepseek",
    model: "deepseek-flash",
    baseUrl: `${server.url}/v1`,
    apiKey: KEY,
    loadPhoto: async () => ({ bytes: new Uint8Array([1, 2, 3]), mime: "image/jpeg" }),
    log,
    ...options,
  });
  return { server, model, log };
};

export const request = (changes: Partial<ModelRequest> = {}): ModelRequest => ({
  system: "You are Hermes.",
  messages: [{ role: "user", content: "hello" }],
  tools: [],
  maxTokens: 1_000,
  reasoning: "default",
  signal: new AbortController().signal,
  ...changes,
});
