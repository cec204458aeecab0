// What comes in from outside in a run: what the person says and presses, the ticks of a job, and its record. Used by run.ts.

import type { InlineKeyboardButton, InlineKeyboardMarkup, Update } from "@grammyjs/types";
import { makeButtonUpdate, makeTextUpdate } from "../../local/telegram/updates.ts";
import type { StoredItem } from "../support/stored.ts";
import type { World } from "./world.ts";

export interface Scene {
  readonly world: World;
  /** Also the person's. */
  readonly chatId: number;
  readonly jobId: string;
  /** When the tick of the run was due, ISO. */
  readonly dueAt: string;
}

export const sessionsOf = ({ chatId, jobId }: Pick<Scene, "chatId" | "jobId">) => ({
  chat: `agent:main:telegram:dm:${chatId}`,
  job: `agent:main:cron:${jobId}`,
});

export const textUpdate = ({ world, chatId }: Scene, text: string): Update => {
  const number = world.nextNumber();
  return makeTextUpdate({
    updateId: 500_000 + number,
    messageId: number * 100,
    date: Math.floor(Date.now() / 1_000),
    chat: { id: chatId },
    from: { id: chatId, first_name: "Ada" },
    text,
  });
};

export const buttonUpdate = ({ world, chatId }: Scene): Update => {
  const number = world.nextNumber();
  const message = world.telegram
    .messages(chatId)
    .findLast(({ reply_markup: markup }) => markup !== undefined);
  const markup = message?.reply_markup as InlineKeyboardMarkup | undefined;
  const button = markup?.inline_keyboard[0]?.[0] as InlineKeyboardButton.CallbackButton | undefined;
  if (message === undefined || button === undefined) throw new Error("there is no button to press");
  return makeButtonUpdate({
    updateId: 500_000 + number,
    messageId: message.message_id,
    date: Math.floor(Date.now() / 1_000),
    chat: { id: chatId },
    from: { id: chatId, first_name: "Ada" },
    callbackId: `press-${number}`,
    data: button.callback_data,
    bot: world.telegram.me,
  });
};

const RECORDED = { schedule: { kind: "interval", minutes: 60, display: "every 60m" }, timezone: "UTC" };

/** As jobs/manage.ts stores it, an hour before it is due. */
export const recordItem = (running: Scene): StoredItem => {
  const { chatId, jobId, dueAt } = running;
  const owner = sessionsOf(running).chat;
  const job = {
    ...{ id: jobId, name: "Morning briefing", prompt: "Say what the sea is like.", owner, ...RECORDED },
    origin: { chatId, chatType: "dm", userId: chatId },
    ...{ state: "scheduled", times: null, completed: 0, createdAt: 0, failures: 0, revision: 1 },
    startsAt: new Date(Date.parse(dueAt) - 3_600_000).toISOString(),
  };
  return { PK: `JOBS#${owner}`, SK: jobId, revision: 1, job };
};

export const tickOf = ({ chatId, jobId, dueAt }: Scene, prompt: string) => ({
  source: "hermes.cron",
  job: {
    id: jobId,
    name: "Morning briefing",
    prompt,
    origin: { platform: "telegram", chat_id: chatId, chat_type: "dm", user_id: chatId },
  },
  scheduledTime: dueAt,
});
