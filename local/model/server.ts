// An OpenAI-compatible model on loopback that keeps DeepSeek's rules. Tests script its answers and read its requests;
// local runs without a key talk to its own small conversation.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { answering, close, listen, readBody, sendJson } from "../http.ts";
import type { ChatBody, RecordedRequest, ScriptedReply, Step } from "./chat-api.ts";
import { converse } from "./conversation.ts";
import { createPrefixCache, type PromptCount } from "./prefix-cache.ts";
import { checkBody, checkKey, DEEPSEEK_MODELS, type Refusal, type RuleOptions } from "./rules.ts";
import {
  BLANK_LINES,
  type Completion,
  chunk,
  END,
  KEEP_ALIVE,
  toCompletion,
  usageChunk,
  whole,
} from "./sse.ts";

export interface ModelStandInOptions extends Partial<RuleOptions> {
  /** Answers in the order of requests; when they are used up every request is refused. Absent: conversation. */
  readonly script?: readonly Step[];
  /** Answers whatever no step is left for, in place of the conversation. */
  readonly respond?: (request: RecordedRequest) => Step | Promise<Step>;
  /** Told of every request that keeps the rules. */
  readonly onRequest?: (request: RecordedRequest) => void;
  readonly log?: (line: string) => void;
}

export interface ModelStandIn {
  /** `http://127.0.0.1:…`; the API is there and under `/v1`. */
  readonly url: string;
  /** Requests that kept the rules, in order. */
  readonly requests: readonly RecordedRequest[];
  /** What was refused for breaking a rule, in the words of the refusal. */
  readonly refusals: readonly string[];
  /** More answers, before the conversation goes on. */
  enqueue(...steps: readonly Step[]): void;
  /** The n-th request, from 1, as soon as it has arrived. */
  waitForRequest(n: number): Promise<RecordedRequest>;
  close(): Promise<void>;
}

const SCRIPT_IS_OVER: Step = { status: 400, error: "the script has no further step" };

export const startModel = async (options: ModelStandInOptions = {}): Promise<ModelStandIn> => {
  const rules: RuleOptions = { models: DEEPSEEK_MODELS, ...options };
  const steps = [...(options.script ?? [])];
  const cache = createPrefixCache();
  const book = createBook(options);
  const refusals: string[] = [];
  let closed: Promise<void> | undefined;
  const refuse = (response: ServerResponse, refusal: Refusal): void => {
    refusals.push(refusal.message);
    options.log?.(`refused with ${refusal.status}: ${refusal.message}`);
    sendRefusal(response, refusal);
  };

  const nextStep = async (request: RecordedRequest): Promise<Exclude<Step, (...args: never) => unknown>> => {
    const otherwise = (): Step =>
      options.script === undefined ? { reply: converse(request.body) } : SCRIPT_IS_OVER;
    let step = steps.shift() ?? options.respond ?? otherwise();
    while (typeof step === "function") step = await step(request);
    return step;
  };

  const server = createServer(
    answering(async (request, response) => {
      const path = request.url ?? "/";
      const text = (await readBody(request)).toString();
      const refusal = checkKey(request.headers.authorization, rules);
      if (refusal !== undefined) return refuse(response, refusal);
      if (request.method === "GET" && path.endsWith("/models")) return sendModels(response, rules.models);
      if (request.method !== "POST" || !path.endsWith("/chat/completions"))
        return refuse(response, notFound(path));
      const body = parse(text);
      const problem = checkBody(body, rules);
      if (problem !== undefined) return refuse(response, problem);
      const record = book.record(request, response, body as ChatBody, text);
      const counted = cache.count(record.body);
      await perform(await nextStep(record), record.body, counted, response);
    }),
  );

  return {
    url: await listen(server),
    requests: book.requests,
    refusals,
    enqueue: (...more) => void steps.push(...more),
    waitForRequest: book.waitFor,
    close() {
      book.end();
      closed ??= close(server);
      return closed;
    },
  };
};

const notFound = (path: string): Refusal => ({
  status: 404,
  message: `no such path: ${path}`,
  type: "not_found",
});

const sendRefusal = (response: ServerResponse, { status, message, type }: Refusal): void =>
  sendJson(response, status, { error: { message, type, param: null, code: type } });

const sendModels = (response: ServerResponse, models: readonly string[]): void =>
  sendJson(response, 200, { object: "list", data: models.map((id) => ({ id, object: "model" })) });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // checkBody says what is wrong with it
  }
};

const perform = async (
  step: Exclude<Step, (...args: never) => unknown>,
  body: ChatBody,
  counted: PromptCount,
  response: ServerResponse,
): Promise<void> => {
  if (step === "hang") return;
  if (step === "drop") return void response.socket?.resetAndDestroy();
  if ("status" in step) return sendFailure(response, step);
  const completion = toCompletion(step.reply, body, counted);
  if (body.stream !== true) return sendWhole(response, completion);
  const cutAfter = "cutAfter" in step ? step.cutAfter : undefined;
  await sendPieces(response, completion, step.reply.hold, cutAfter);
  if (cutAfter === undefined) return endStream(response, completion, body);
  // What was written still arrives; then the connection ends inside the body, which a client sees as an error.
  if ("reset" in step && step.reset) response.socket?.destroySoon();
  else response.end();
};

const sendFailure = (response: ServerResponse, step: Extract<Step, { status: number }>): void => {
  const { status, error = `scripted failure ${status}`, headers } = step;
  const detail =
    typeof error === "string" ? { message: error, type: "scripted", param: null, code: null } : error;
  sendJson(response, status, { error: detail }, headers);
};

const sendWhole = (response: ServerResponse, completion: Completion): void => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write(BLANK_LINES);
  response.end(whole(completion));
};

const sendPieces = async (
  response: ServerResponse,
  completion: Completion,
  hold: ScriptedReply["hold"],
  cutAfter = Number.POSITIVE_INFINITY,
): Promise<void> => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write(KEEP_ALIVE);
  response.write(chunk(completion, { role: "assistant", content: "" }));
  for (const [index, piece] of completion.pieces.entries()) {
    if (index >= cutAfter) return;
    if (index === hold?.after) await hold.until;
    response.write(chunk(completion, piece));
  }
  if (hold !== undefined && hold.after >= completion.pieces.length) await hold.until;
};

const endStream = (response: ServerResponse, completion: Completion, body: ChatBody): void => {
  response.write(KEEP_ALIVE); // also in the middle: a client must skip it anywhere
  response.write(chunk(completion, {}, completion.finish));
  if (body.stream_options?.include_usage) response.write(usageChunk(completion));
  response.end(END);
};

interface Book {
  readonly requests: readonly RecordedRequest[];
  record(request: IncomingMessage, response: ServerResponse, body: ChatBody, text: string): RecordedRequest;
  waitFor(n: number): Promise<RecordedRequest>;
  end(): void;
}

const createBook = ({ onRequest }: ModelStandInOptions): Book => {
  const requests: RecordedRequest[] = [];
  const waiting = new Map<number, PromiseWithResolvers<RecordedRequest>>();
  const expect = (n: number): PromiseWithResolvers<RecordedRequest> => {
    const expected = waiting.get(n) ?? Promise.withResolvers<RecordedRequest>();
    waiting.set(n, expected);
    return expected;
  };
  return {
    requests,
    record({ url = "/", headers }, response, body, text) {
      const record: RecordedRequest = Object.freeze({
        n: requests.length + 1,
        at: Date.now(),
        path: url,
        headers: Object.freeze({ ...headers }) as Record<string, string>,
        body: deepFreeze(body),
        text,
        over: endOf(response),
      });
      requests.push(record);
      waiting.get(record.n)?.resolve(record);
      onRequest?.(record);
      return record;
    },
    waitFor: async (n) => requests[n - 1] ?? expect(n).promise,
    end() {
      for (const [n, { reject }] of waiting) reject(new Error(`closed before request ${n} came`));
    },
  };
};

const endOf = (response: ServerResponse): RecordedRequest["over"] =>
  new Promise((resolve) =>
    response.once("close", () => resolve(response.writableFinished ? "answered" : "left")),
  );

const deepFreeze = <T>(value: T): T => {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
};
