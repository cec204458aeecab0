// Who talks to the bot in the simulation, and what the model answers them. Every message carries a mark of its own, and
// an answer repeats the marks of all it answers: so what became of each can be read from the table and from the chats.

import type { Chat, Update, User } from "@grammyjs/types";
import { LOCAL_BOT_USERNAME } from "../../local/environment.ts";
import type { ChatMessage, RecordedRequest, Step } from "../../local/model/chat-api.ts";
import { textOf } from "../../local/model/chat-api.ts";
import { makeTextUpdate } from "../../local/telegram/updates.ts";
import type { Dice } from "./dice.ts";

/** `plain` is answered at once, `tool` after two rounds of tools, `long` in several parts. */
export type Manner = "plain" | "tool" | "long";

export interface Person {
  readonly name: string;
  readonly chat: Chat;
  readonly from: User;
  /** As the function spells it. */
  readonly session: string;
  readonly messages: readonly Message[];
}

export interface Message {
  readonly mark: string;
  readonly manner: Manner;
  /** Since this person's message before, ms. */
  readonly pauseMs: number;
}

const PEOPLE_IN_A_GROUP = 2;

export const makePeople = (dice: Dice, chats: number, messages: number): readonly Person[] =>
  Array.from({ length: chats }, (_, index) => index + 1).flatMap((n) =>
    dice.happens(0.3, "group", n)
      ? Array.from({ length: PEOPLE_IN_A_GROUP }, (_, member) => groupMember(dice, n, member + 1, messages))
      : [privatePerson(dice, n, messages)],
  );

const privatePerson = (dice: Dice, n: number, messages: number): Person => {
  const from = { id: 1_000 + n, is_bot: false, first_name: `Ada ${n}` };
  return {
    name: `p${n}`,
    from,
    chat: { id: from.id, type: "private", first_name: from.first_name },
    session: `agent:main:telegram:dm:${from.id}`,
    messages: messagesOf(dice, `p${n}`, messages),
  };
};

const groupMember = (dice: Dice, n: number, member: number, messages: number): Person => {
  const from = { id: 10 * (100_000 + n) + member, is_bot: false, first_name: `Bob ${n} ${member}` };
  const id = -1_002_000_000_000 - n;
  return {
    name: `g${n}m${member}`,
    from,
    chat: { id, type: "supergroup", title: `Group ${n}` },
    session: `agent:main:telegram:group:${id}:${from.id}`,
    messages: messagesOf(dice, `g${n}m${member}`, messages),
  };
};

const MANNERS: readonly Manner[] = ["plain", "plain", "plain", "plain", "tool", "tool", "long"];

/** Half of what people say comes in bursts, while the bot is still busy. */
const messagesOf = (dice: Dice, name: string, count: number): readonly Message[] =>
  Array.from({ length: count }, (_, index) => {
    const inBurst = index > 0 && dice.happens(0.5, "burst", name, index);
    const manner = MANNERS[dice.between(0, MANNERS.length - 1, "manner", name, index)];
    return {
      mark: `${name}.${index + 1}${(manner ?? "plain")[0]}`,
      manner: manner ?? "plain",
      pauseMs: inBurst
        ? dice.between(0, 1_500, "pause", name, index)
        : dice.between(0, 120_000, "pause", name, index),
    };
  });

export const say = (person: Person, { mark }: Message, updateId: number, nowMs: number): Update =>
  makeTextUpdate({
    updateId,
    // Message ids of a chat leave room for what the bot says in between.
    messageId: updateId * 100,
    date: Math.floor(nowMs / 1_000),
    chat: person.chat,
    from: person.from,
    text: `${person.chat.type === "private" ? "" : `@${LOCAL_BOT_USERNAME} `}⟦${mark}⟧ and so on`,
  });

const MARK = /⟦(\w+\.\d+\w)⟧/g;
/** In answers: `a` where the answer to it begins, `z` where it ends. */
const ANSWERED = /⟦(\w+\.\d+\w:[az])⟧/g;

export const marksIn = (text: string): readonly string[] =>
  [...text.matchAll(MARK)].map(([, mark]) => mark ?? "");

export const answersIn = (text: string): readonly string[] =>
  [...text.matchAll(ANSWERED)].map(([, mark]) => mark ?? "");

/** More than one message of Telegram's holds, in few words: each is a piece of the model's stream. */
const LONG = `\n\n${"On-and-on-it-goes-".repeat(20)}`.repeat(100).concat("\n\n");

/** What the model says: to everything since its last answer, after the tools that were asked for. */
export const respond = ({ body }: RecordedRequest): Step => {
  if ((body.tools?.length ?? 0) === 0) return { reply: { content: "A title" } };
  const last = body.messages.findLastIndex((message) => message.role === "assistant" && !callsTools(message));
  const open = body.messages.slice(last + 1);
  const marks = open.flatMap((message) => (message.role === "user" ? marksIn(textOf(message.content)) : []));
  const rounds = open.filter(callsTools).length;
  if (rounds < 2 && marks.some((mark) => mark.endsWith("t"))) return roundOfTools(rounds);
  const [begins, ends] = ["a", "z"].map((end) => marks.map((mark) => `⟦${mark}:${end}⟧`).join(" "));
  const isLong = marks.some((mark) => mark.endsWith("l"));
  return { reply: { reasoning: "I see.", content: `${begins}${isLong ? LONG : " yes "}${ends}` } };
};

const callsTools = (message: ChatMessage): boolean =>
  message.role === "assistant" && (message.tool_calls?.length ?? 0) > 0;

const roundOfTools = (round: number): Step => ({
  reply: {
    reasoning: "The dice know.",
    toolCalls: [1, 2].map((n) => ({ name: "roll_dice", arguments: { dice: `${round + 1}d${5 + n}` } })),
  },
});
