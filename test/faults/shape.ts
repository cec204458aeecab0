// What a run is made of: a kind of turn, from the event that begins it to the last thing the model says. The model is a
// function of what it is asked, so that the same question always gets the same answer.

import type { ChatMessage, RecordedRequest, ScriptedReply } from "../../local/model/chat-api.ts";
import { textOf } from "../../local/model/chat-api.ts";
import type { Beside } from "./kept.ts";
import type { RowState } from "./outcome.ts";
import type { WorldOptions } from "./world.ts";

export interface Shape {
  readonly title: string;
  readonly world?: Pick<WorldOptions, "home" | "timeoutMs" | "services">;
  /** What was said in the chat before: run once, copied into the chat of each run. */
  readonly before?: readonly string[];
  /** What there is beside the conversation. */
  readonly beside?: Beside;
  /** What happens; resolves when the senders have got their answers. */
  drive(stage: Stage): Promise<void>;
  answer(asked: Asked, stage: Stage): Answer | Promise<Answer>;
  /** The job of the run's tick has a record and a schedule. */
  readonly isKept?: true;
  /** Calls that are points; absent: all. */
  readonly isPoint?: (name: string) => boolean;
  /** Ids of the tool calls that must not run twice. */
  readonly unrepeatable?: readonly string[];
  /** Transcripts that are equally right made the same. */
  readonly tidy?: (rows: readonly RowState[]) => readonly RowState[];
  /** A tool ran: `/launch/1`. */
  onTool?(path: string, stage: Stage): void;
}

/** The outside of one run. */
export interface Stage {
  readonly chatId: number;
  readonly jobId: string;
  /** The person says something: Telegram delivers it until it is taken. */
  say(text: string): Promise<void>;
  /** Telegram delivers the last update once more. */
  sayAgain(): Promise<void>;
  /** The first button under what the bot said last is pressed. */
  press(): Promise<void>;
  /** The doorbell once more, as any event of the chat would ring it. */
  wake(): void;
  /** Resolves when nothing is being worked on. */
  settled(): Promise<void>;
  /** Resolves when Lambda has tried again what failed. */
  recovered(): Promise<void>;
  /** The scheduler calls. */
  tick(prompt: string): void;
  /** Time goes by for the processes. */
  shift(ms: number): void;
  /** Resolves when such a call has been made. */
  seen(name: RegExp): Promise<void>;
  /** Once a run, however often it is asked for; the run waits for it. */
  once(name: string, work: () => Promise<void>): Promise<void>;
}

/** A question to the model. */
export interface Asked {
  /** Asked without tools: a title or a summary. */
  readonly errand: "title" | "summary" | undefined;
  /** `user: hello`, `assistant: <peek>`, `tool: done`: without the system prompt and the context of a message. */
  readonly lines: readonly string[];
  readonly body: RecordedRequest["body"];
}

export interface Answer {
  /** Part of what is said, and of nothing else: by it a stored answer is recognised. */
  readonly mark: string;
  readonly reply: ScriptedReply;
}

export const askedBy = ({ body }: RecordedRequest): Asked => {
  const system = textOf(body.messages[0]?.content);
  const isErrand = (body.tools?.length ?? 0) === 0;
  const errand = /\btitle\b/i.test(system) ? "title" : "summary";
  return { errand: isErrand ? errand : undefined, lines: body.messages.slice(1).map(lineOf), body };
};

const lineOf = (message: ChatMessage): string => {
  const calls = message.role === "assistant" ? (message.tool_calls ?? []) : [];
  const names = calls.map((call) => `<${"function" in call ? call.function.name : "?"}>`);
  return `${message.role}: ${textOf(message.content).replace(/\s*<(message|memory)-context>[\s\S]*?<\/\1-context>/g, "")}${names.join("")}`;
};

export const says = (mark: string, text: string, more: Partial<ScriptedReply> = {}): Answer => ({
  mark,
  reply: { reasoning: "I know.", content: `${text} (${mark})`, ...more },
});

/** Tool calls side by side; the mark is in their ids. */
export const calls = (
  mark: string,
  ...toolCalls: readonly (readonly [name: string, args: object])[]
): Answer => ({
  mark,
  reply: {
    reasoning: "A tool helps.",
    toolCalls: toolCalls.map(([name, args], index) => ({
      id: `${mark}_${index}`,
      name,
      arguments: { ...args },
    })),
  },
});

export const titleAnswer: Answer = { mark: "mark-title", reply: { content: "On mark-title" } };
export const summaryAnswer: Answer = { mark: "mark-summary", reply: { content: "## Goal\nmark-summary" } };

/** After each run the person asks once more: the chat must still work. */
export const AND_NOW = "And now?";
export const andNow: Answer = says("mark-next", "All is well.");
