// The chat, the model and the tools of the simulation: in memory, each call a step of the scheduler, each effect on record.
// The model's replies follow from what it is shown, and carry a number, so that one can be followed to where it is stored.

import { ModelError, TelegramError } from "../../src/errors.ts";
import type { Message, ModelReply } from "../../src/message.ts";
import type { Model, Telegram, Tool } from "../../src/ports.ts";
import type { Container, Result } from "./container.ts";
import { hashOf } from "./engine.ts";

/** What happens outside, as the judge hears of it. */
export interface Witness {
  sendBegins(container: Container, text: string): void;
  sent(container: Container, text: string): void;
  /** `prompt` is the same for the same messages. */
  asked(container: Container, prompt: number, messages: readonly Message[]): void;
  replied(prompt: number, reply: number): void;
  toolBegins(container: Container, tool: string, of: string): void;
}

export interface Outside {
  telegram(container: Container): Telegram;
  model(container: Container): Model;
  tools(container: Container): readonly Tool[];
}

/** Where a text becomes a part of its own. */
const PART_BREAK = "¶";

/** Names of updates in a text: m1, m2. */
export const updatesIn = (text: string): readonly string[] => text.match(/\bm\d+\b/g) ?? [];

/** Numbers of model replies in a text. */
export const repliesIn = (text: string): readonly number[] =>
  [...text.matchAll(/#(\d+)\b/g)].map(([, number]) => Number(number));

export const partsIn = (text: string): readonly string[] => text.split(PART_BREAK);

export const createOutside = (witness: Witness): Outside => {
  let replies = 0;
  let messageIds = 0;
  return {
    telegram: (container) => ({
      prepare: () => undefined,
      compose: async (markdown) => partsIn(markdown).map((text) => ({ form: "plain", text })),
      simplify: async () => [],
      send(_to, { text }, { signal }) {
        witness.sendBegins(container, `"${text}"`);
        return container.call<number>({
          kind: "send",
          label: `send "${text}"`,
          hasEffect: true,
          signal,
          perform() {
            witness.sent(container, text);
            messageIds += 1;
            return { value: messageIds };
          },
          refusal: () => new TelegramError("refused", "the connection was refused"),
          unknown: () => new TelegramError("unknown", "no answer came"),
        });
      },
      // Shown and forgotten: no step of the protocol, but nothing a chat may get from somebody who lost it.
      draft: async () => witness.sendBegins(container, "a draft"),
      typing: async () => witness.sendBegins(container, "that it is typing"),
      spendButtons: async () => {},
      setCommands: async () => {},
      download: () => Promise.reject(new Error("there are no files here")),
    }),
    model: (container) => ({
      name: "simulated",
      provider: "openai",
      readsImages: false,
      async complete({ system, messages, signal }) {
        // Titles are an extra of the first exchange, and no step of the protocol.
        if (system.startsWith("You give a conversation its title")) return reply("A title");
        const prompt = hashOf(JSON.stringify(messages));
        witness.asked(container, prompt, messages);
        return container.call<ModelReply>({
          kind: "model",
          label: `ask for ${updatesIn(textOf(messages)).at(-1) ?? "?"}`,
          hasEffect: false,
          signal,
          perform(): Result {
            replies += 1;
            witness.replied(prompt, replies);
            return { value: replyTo(messages, replies) };
          },
          refusal: () => new ModelError("server_error", "the model is out of order"),
          unknown: () => new ModelError("timeout", "no answer came"),
        });
      },
    }),
    tools: (container) => [
      toolOf(container, witness, "lookup", true),
      toolOf(container, witness, "charge", false),
    ],
  };
};

const toolOf = (container: Container, witness: Witness, name: string, repeatable: boolean): Tool => ({
  name,
  toolset: TOOLSET,
  description: name,
  parameters: { type: "object" },
  parallel: repeatable,
  repeatable,
  run(args, { signal }) {
    const of = String(args["of"]);
    witness.toolBegins(container, name, of);
    return container.call({
      kind: "tool",
      label: `${name} ${of}`,
      hasEffect: !repeatable,
      signal,
      perform: () => ({ value: { text: `${name} done` } }),
      refusal: () => new Error("the tool is out of order"),
      unknown: () => new Error("no answer came"),
    });
  },
});

export const TOOLSET = "simulated";

const textOf = (messages: readonly Message[]): string => messages.map(({ content }) => content).join(" ");

const reply = (content: string): ModelReply => ({
  message: { role: "assistant", content },
  finish: "stop",
  model: "simulated",
  usage: { prompt: 100, cached: 0, completion: 10, reasoning: 0 },
});

/** What has been said since the last answer is answered; `[tools]` asks for a round of tools first, `[long]` for two parts. */
const replyTo = (messages: readonly Message[], number: number): ModelReply => {
  const answered = messages.findLastIndex(
    (message) => message.role === "assistant" && message.toolCalls === undefined,
  );
  const open = messages.slice(answered + 1);
  const said = textOf(open.filter(({ role }) => role === "user"));
  const names = updatesIn(said).join(", ");
  const rounds = open.filter((message) => message.role === "assistant").length;
  if (said.includes("[tools]") && rounds === 0) return toolRound(updatesIn(said)[0] ?? "?", number);
  return reply(
    `re: ${names} #${number}${said.includes("[long]") ? `${PART_BREAK}more on ${names} #${number}` : ""}`,
  );
};

const toolRound = (of: string, number: number): ModelReply => {
  const toolCalls = ["lookup", "charge"].map((name) => ({
    id: `${name}_${number}`,
    name,
    arguments: JSON.stringify({ of }),
  }));
  const round = reply(`let me see #${number}`);
  return {
    ...round,
    message: { role: "assistant", content: round.message.content, toolCalls },
    finish: "tool_calls",
  };
};
