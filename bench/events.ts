// Lambda events for the measurements: recorded ones, and webhooks of people who were never recorded.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { makeTextUpdate } from "../local/telegram/updates.ts";

const folder = fileURLToPath(new URL("../events/", import.meta.url));

export const recorded = (file: string): unknown => JSON.parse(readFileSync(`${folder}${file}`, "utf8"));

let ids = 1_000_000;

/** A person says something in their private chat. */
export const saidBy = (userId: number, text: string): unknown => {
  ids += 1;
  const update = makeTextUpdate({
    updateId: ids,
    messageId: ids,
    date: Math.floor(Date.now() / 1_000),
    chat: { id: userId },
    from: { id: userId, first_name: "Ada" },
    text,
  });
  return { ...(recorded("telegram-text.json") as object), body: JSON.stringify(update) };
};

export const sessionOf = (userId: number): string => `agent:main:telegram:dm:${userId}`;

export const wakeOf = (userId: number): unknown => ({ source: "hermes.wake", session: sessionOf(userId) });

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** `share` from 0 to 1. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
