// What the real API refuses, so that a client that is wrong here is wrong visibly. Called by server.ts for every
// request, before any script. Each rule names where it was taken from.

import { Ajv } from "ajv";
import { type ChatBody, type ChatMessage, textOf } from "./chat-api.ts";

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly type: string;
}

export interface RuleOptions {
  /** The key that is accepted; any if absent, but one there must be. */
  readonly apiKey?: string;
  readonly models: readonly string[];
}

/** facts/platform.md 7, "Model id today", and the aliases of hermes-behaviour.md 1.9. */
export const DEEPSEEK_MODELS = [
  "deepseek-flash",
  "deepseek-v4-flash",
  "deepseek-v4-pro",
  "deepseek-chat",
  "deepseek-reasoner",
];

const ROLES = ["system", "user", "assistant", "tool"]; // ChatCompletionMessageParam, without OpenAI's own two
const FUNCTION_NAME = /^[a-zA-Z0-9_-]{1,64}$/; // FunctionDefinition.name in openai/resources/shared
const MAX_OUTPUT_TOKENS = 384_000; // facts/platform.md 7, "Limits"
const EFFORTS = ["low", "medium", "high", "max"]; // facts/platform.md 7, "Thinking"; medium: hermes-behaviour.md 1.9

type Rule = (body: ChatBody) => string | undefined;

/** 401 in the words of errors.ts' class "auth" (hermes-behaviour.md 1.7). The key is quoted masked, as APIs do. */
export const checkKey = (authorization: string | undefined, { apiKey }: RuleOptions): Refusal | undefined => {
  const given = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1];
  if (given !== undefined && (apiKey === undefined || given === apiKey)) return undefined;
  const shown = given === undefined ? "" : `, Your api key: ****${given.slice(-4)} is invalid`;
  return { status: 401, message: `Authentication Fails${shown}`, type: "authentication_error" };
};

export const checkBody = (body: unknown, options: RuleOptions): Refusal | undefined => {
  if (!isChatBody(body)) return invalid("The body must be an object with a model and a list of messages");
  if (!options.models.includes(body.model)) return invalid("Model Not Exist");
  for (const rule of RULES) {
    const problem = rule(body);
    if (problem !== undefined) return invalid(problem);
  }
  return undefined;
};

const invalid = (message: string): Refusal => ({ status: 400, message, type: "invalid_request_error" });

const isChatBody = (body: unknown): body is ChatBody =>
  typeof body === "object" &&
  body !== null &&
  typeof (body as ChatBody).model === "string" &&
  Array.isArray((body as ChatBody).messages) &&
  (body as ChatBody).messages.length > 0;

const knownRoles: Rule = ({ messages }) => {
  const wrong = messages.findIndex((message) => !ROLES.includes(message?.role));
  return wrong < 0 ? undefined : `messages[${wrong}].role: unknown variant`;
};

/** Content is required of every role but an assistant that calls tools (ChatCompletionAssistantMessageParam). */
const contentPresent: Rule = ({ messages }) => {
  const wrong = messages.findIndex((message) => !hasContent(message));
  return wrong < 0 ? undefined : `messages[${wrong}]: content is missing or of the wrong type`;
};

const hasContent = (message: ChatMessage): boolean => {
  const { content } = message;
  if (
    message.role === "assistant" &&
    message.tool_calls?.length &&
    (content === null || content === undefined)
  ) {
    return true;
  }
  return (
    typeof content === "string" || (message.role === "user" && Array.isArray(content) && content.length > 0)
  );
};

/** ChatCompletionToolMessageParam: "tool call that this message is responding to". One answer for each call, at once. */
const callsAnswered: Rule = ({ messages }) => {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id)) {
        return `messages[${index}]: a message with role 'tool' must be a response to a preceding message with 'tool_calls'`;
      }
      continue;
    }
    if (open.size > 0) break;
    open = new Set(message.role === "assistant" ? (message.tool_calls ?? []).map((call) => call.id) : []);
  }
  return open.size === 0
    ? undefined
    : `'tool_calls' must be followed by tool messages; missing: ${[...open].join(", ")}`;
};

/** ChatCompletionMessageFunctionToolCall: an id, a name, and arguments as text. */
const callsWellFormed: Rule = ({ messages }) => {
  const calls = messages.flatMap((message) =>
    message.role === "assistant" ? (message.tool_calls ?? []) : [],
  );
  const wrong = calls.find((call) => call.type !== "function" || !call.id || !isCallable(call.function));
  const empty = messages.some((message) => message.role === "assistant" && message.tool_calls?.length === 0);
  if (empty) return "tool_calls: an empty list is not allowed";
  return wrong === undefined ? undefined : `tool_calls: '${wrong.id}' is malformed`;
};

const isCallable = (fn: { readonly name: string; readonly arguments: string }): boolean =>
  FUNCTION_NAME.test(fn.name) && isJson(fn.arguments);

const isJson = (text: unknown): boolean => {
  try {
    JSON.parse(String(text));
    return typeof text === "string";
  } catch {
    return false; // the question was whether it parses
  }
};

/**
 * facts/platform.md 7, "reasoning_content rule": in a turn with tool calls every assistant message carries it in all
 * later requests, and V4 refuses an empty one. "Thinking": on unless switched off.
 */
const reasoningEchoed: Rule = ({ model, messages, thinking }) => {
  if (thinking?.type === "disabled" || !isThinkingModel(model)) return undefined;
  const toolTurns = turnsOf(messages).filter((turn) => turn.some(hasCalls));
  const lacking = toolTurns
    .flat()
    .some((message) => message.role === "assistant" && !message.reasoning_content);
  return lacking ? "The `reasoning_content` in the thinking mode must be passed back to the API." : undefined;
};

const isThinkingModel = (model: string): boolean =>
  model.startsWith("deepseek-") && model !== "deepseek-chat";

const hasCalls = (message: ChatMessage): boolean =>
  message.role === "assistant" && (message.tool_calls?.length ?? 0) > 0;

/** A turn is what follows a user's message up to the next one. */
const turnsOf = (messages: readonly ChatMessage[]): readonly (readonly ChatMessage[])[] => {
  const turns: ChatMessage[][] = [[]];
  for (const message of messages) {
    if (message.role === "user") turns.push([]);
    turns.at(-1)?.push(message);
  }
  return turns;
};

/** facts/platform.md 7, "Limits": vision on flash, not on pro. A picture is given as a data URL or an https one. */
const imagesReadable: Rule = ({ model, messages }) => {
  const images = messages.flatMap(imageUrlsOf);
  if (images.length > 0 && model.startsWith("deepseek-") && !model.includes("flash")) {
    return `${model} does not support image input`;
  }
  const wrong = images.some((url) => !IMAGE_URL.test(url));
  return wrong ? "image_url: neither a data URL of an image nor an https URL" : undefined;
};

const imageUrlsOf = (message: ChatMessage): readonly string[] =>
  message.role === "user" && Array.isArray(message.content)
    ? message.content.flatMap((part) => (part.type === "image_url" ? [part.image_url.url] : []))
    : [];

const IMAGE_URL = /^(data:image\/[\w.+-]+;base64,[A-Za-z0-9+/=]+|https:\/\/.+)$/;

/** FunctionDefinition.parameters: "described as a JSON Schema object". */
const toolsWellFormed: Rule = ({ tools = [] }) => {
  const names = tools.map((tool) => tool?.function?.name ?? "");
  const badName = names.find((name) => !FUNCTION_NAME.test(name));
  if (badName !== undefined) return `tools: invalid function name '${badName}'`;
  if (new Set(names).size < names.length) return "tools: function names must be unique";
  const badSchema = tools.find((tool) => !isObjectSchema(tool.function.parameters));
  return badSchema && `tools: '${badSchema.function.name}' has an invalid JSON Schema`;
};

const ajv = new Ajv({ strict: false });

const isObjectSchema = (schema: unknown): boolean =>
  schema === undefined ||
  (typeof schema === "object" &&
    schema !== null &&
    (schema as { type?: unknown }).type === "object" &&
    ajv.validateSchema(schema) === true);

/** facts/platform.md 7, "Thinking" and "Limits". */
const parametersInRange: Rule = (body) => {
  if (body.thinking !== undefined && !["enabled", "disabled"].includes(body.thinking.type))
    return "thinking: unknown type";
  if (body.reasoning_effort !== undefined && !EFFORTS.includes(body.reasoning_effort))
    return "reasoning_effort: unknown";
  const limit = body.max_tokens ?? body.max_completion_tokens ?? 1;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_OUTPUT_TOKENS) return "max_tokens: out of range";
  // ChatCompletionStreamOptions: "Only set this when you set stream: true".
  return body.stream_options !== undefined && body.stream !== true
    ? "stream_options: only with stream"
    : undefined;
};

/** Half a surrogate pair, raw or escaped, is no text; the parser of a real server refuses it. */
const wellFormed: Rule = ({ messages }) =>
  messages.every((message) => textOf(message.content).isWellFormed())
    ? undefined
    : "invalid unicode code point";

const RULES: readonly Rule[] = [
  knownRoles,
  contentPresent,
  wellFormed,
  callsWellFormed,
  callsAnswered,
  reasoningEchoed,
  imagesReadable,
  toolsWellFormed,
  parametersInRange,
];
