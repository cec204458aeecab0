// Tells a local run as a conversation: who said what, which tools ran, what was sent to Telegram. It listens to the
// wires (rows written to the table, calls made to the Bot API) and knows nothing of the function's inside.

import type { Update } from "@grammyjs/types";
import type { BotApiCall } from "./telegram/bot-api.ts";

export interface Narrator {
  /** Says which model answers. */
  begin(isRealModel: boolean): void;
  /** What the person said. */
  person(update: Update): void;
  onTableRequest(target: string, body: unknown): void;
  onBotCall(call: BotApiCall): void;
}

const COLOURS = { person: 36, agent: 32, tool: 33, faint: 90 } as const;

const paint = (colour: keyof typeof COLOURS, text: string): string =>
  process.stdout.isTTY ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;

/** Long enough to see what it is about, short enough to keep the conversation in view. */
const SHOWN_CHARS = 300;

const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= SHOWN_CHARS ? line : `${line.slice(0, SHOWN_CHARS)}…`;
};

export const createNarrator = (write: (line: string) => void): Narrator => ({
  begin(isRealModel) {
    const model = isRealModel
      ? "the model of your own key answers"
      : "the scripted model answers; set DEEPSEEK_API_KEY for the real one";
    write(paint("faint", `local stack: everything on loopback, state in .hermes/; ${model}`));
  },
  person(update) {
    const message = update.message ?? update.callback_query?.message;
    const name = update.message?.from?.first_name ?? update.callback_query?.from.first_name ?? "Telegram";
    const said = message && "text" in message ? message.text : Object.keys(update).join(", ");
    write(`${paint("person", `${name}:`)} ${said ?? `(${Object.keys(message ?? {}).at(-1)})`}`);
  },
  onTableRequest(target, body) {
    if (!target.endsWith(".PutItem")) return;
    for (const line of toolLines((body as { Item?: Attributes }).Item ?? {})) write(paint("tool", line));
  },
  onBotCall(call) {
    const line = botLine(call);
    if (line !== undefined) write(line);
  },
});

/** DynamoDB's wire form of values. */
interface Attribute {
  readonly S?: string;
  readonly M?: Attributes;
  readonly L?: readonly Attribute[];
}
type Attributes = Readonly<Record<string, Attribute>>;

/** A row of the transcript that calls tools, or holds a tool's result. */
const toolLines = (item: Attributes): readonly string[] => {
  const message = item["message"]?.M;
  if (message === undefined) return [];
  if (message["role"]?.S === "tool") {
    return [`  ⚙ ${message["toolName"]?.S} → ${shortened(message["content"]?.S ?? "")}`];
  }
  return (message["toolCalls"]?.L ?? []).map(
    ({ M: call }) => `  ⚙ ${call?.["name"]?.S}(${shortened(call?.["arguments"]?.S ?? "")})`,
  );
};

const botLine = ({ method, payload, result }: BotApiCall): string | undefined => {
  const chat = paint(
    "faint",
    `[${method} to ${payload["chat_id"]}${result?.ok === false ? `: ${result.description}` : ""}]`,
  );
  if (method === "sendChatAction") return undefined;
  if (method === "sendRichMessageDraft" || method === "sendMessageDraft") {
    return paint("faint", `  … ${shortened(textOf(payload))}`);
  }
  if (!method.startsWith("send")) return chat;
  return `${paint("agent", "Hermes:")} ${textOf(payload)}  ${chat}${buttonsOf(payload)}`;
};

const textOf = (payload: BotApiCall["payload"]): string => {
  const rich = payload["rich_message"] as { markdown?: string } | undefined;
  return String(rich?.markdown ?? payload["text"] ?? "");
};

const buttonsOf = (payload: BotApiCall["payload"]): string => {
  const markup = payload["reply_markup"] as
    | { inline_keyboard?: readonly (readonly { text: string }[])[] }
    | undefined;
  return (markup?.inline_keyboard ?? [])
    .flat()
    .map(({ text }) => `\n  [ ${text} ]`)
    .join("");
};
