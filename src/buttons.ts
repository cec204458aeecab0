// Buttons that prove we made them: model text can draw a button too (facts/telegram-rich.md), and its press would
// arrive like ours. The turn makes them for a question; parsing believes only what verifies.

import { createHmac, timingSafeEqual } from "node:crypto";
import { clip, oneLine } from "./clip.ts";
import type { Button } from "./message.ts";

/** One button of one question in one chat. */
interface ButtonId {
  readonly chatId: number;
  /** Names the question: 1–32 of A–Z a–z 0–9 _ -. */
  readonly nonce: string;
  /** Which choice, from 0. */
  readonly index: number;
  /** Who was asked; absent where whoever speaks in the session may answer. */
  readonly askedUserId?: number;
}

const DATA = /^c:([A-Za-z0-9_-]{1,32}):(\d{1,2}):([A-Za-z0-9_-]{16})$/;
const NONCE = /^[A-Za-z0-9_-]{1,32}$/;
// 96 bits: with `c:`, the nonce and the index at most 54 of the 64 bytes of callback data (facts/platform.md 1).
const MAC_CHARS = 16;
const LABEL_CHARS = 64;

const macOf = (secret: string, { chatId, nonce, index, askedUserId = 0 }: ButtonId): string => {
  // A key of its own, so that nothing else which is ever signed with the webhook secret passes as a button.
  const key = createHmac("sha256", secret).update("hermes button v1").digest();
  return createHmac("sha256", key)
    .update(`${chatId}:${askedUserId}:${nonce}:${index}`)
    .digest("base64url")
    .slice(0, MAC_CHARS);
};

export const signButton = (secret: string, button: ButtonId): string => {
  if (!NONCE.test(button.nonce) || !Number.isInteger(button.index) || button.index < 0 || button.index > 99) {
    throw new RangeError("a button needs a nonce of 1-32 characters A-Z a-z 0-9 _ - and an index of 0-99");
  }
  return `c:${button.nonce}:${button.index}:${macOf(secret, button)}`;
};

/** The button this data was made for; undefined when we did not make it, or not for this chat and who presses it. */
export const verifyButton = (
  secret: string,
  pressed: { readonly chatId: number; readonly userId: number },
  data: string,
): ButtonId | undefined => {
  const [, nonce, index, mac] = DATA.exec(data) ?? [];
  if (nonce === undefined || index === undefined || mac === undefined) return undefined;
  const anybodys = { chatId: pressed.chatId, nonce, index: Number(index) };
  return signedOf(anybodys, pressed.userId, mac, (button) => macOf(secret, button));
};

/** A button is for one person or for anybody: which of the two was signed, if either. */
const signedOf = <B extends object>(
  anybodys: B,
  userId: number,
  mac: string,
  macOfButton: (button: B & { readonly askedUserId?: number }) => string,
): (B & { readonly askedUserId?: number }) | undefined =>
  [{ ...anybodys, askedUserId: userId }, anybodys].find((button) =>
    timingSafeEqual(Buffer.from(mac), Buffer.from(macOfButton(button))),
  );

// Buttons that stand for a command on one thing: a job of a list, something that is remembered.

/** By command: how its data begins, what it is about, and a letter for each thing it does. */
const COMMANDS = {
  cron: { prefix: "j", noun: "job", letters: { run: "r", pause: "p", resume: "u", remove: "x" } },
  memory: { prefix: "m", noun: "memory", letters: { forget: "f", confirm: "y" } },
} as const;

type CommandName = keyof typeof COMMANDS;

export type ButtonAction = {
  [Name in CommandName]: keyof (typeof COMMANDS)[Name]["letters"];
}[CommandName];

interface CommandButtonId {
  readonly chatId: number;
  readonly command: CommandName;
  readonly action: ButtonAction;
  /** What it is about: 1–32 of A–Z a–z 0–9 _ -. */
  readonly ref: string;
  /** Whose things they are; absent where whoever speaks in the session may change them. */
  readonly askedUserId?: number;
}

const COMMAND_DATA = /^([jm]):([a-z]):([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]{16})$/;

const commandMacOf = (
  secret: string,
  { chatId, command, action, ref, askedUserId = 0 }: CommandButtonId,
): string =>
  macOf(secret, { chatId, askedUserId, nonce: `${COMMANDS[command].noun}:${action}:${ref}`, index: 0 });

const lettersOf = (command: CommandName): readonly (readonly [ButtonAction, string])[] =>
  Object.entries(COMMANDS[command].letters) as [ButtonAction, string][];

export const signCommandButton = (secret: string, button: CommandButtonId): string => {
  const [, letter] = lettersOf(button.command).find(([action]) => action === button.action) ?? [];
  if (letter === undefined || !NONCE.test(button.ref))
    throw new RangeError(
      "a button needs an action of its command and a ref of 1-32 characters A-Z a-z 0-9 _ -",
    );
  return `${COMMANDS[button.command].prefix}:${letter}:${button.ref}:${commandMacOf(secret, button)}`;
};

/** As `verifyButton`, for buttons that stand for a command. */
export const verifyCommandButton = (
  secret: string,
  pressed: { readonly chatId: number; readonly userId: number },
  data: string,
): CommandButtonId | undefined => {
  const [, prefix, letter, ref, mac] = COMMAND_DATA.exec(data) ?? [];
  const command = (Object.keys(COMMANDS) as CommandName[]).find((name) => COMMANDS[name].prefix === prefix);
  if (command === undefined || ref === undefined || mac === undefined) return undefined;
  const [action] = lettersOf(command).find(([, known]) => known === letter) ?? [];
  if (action === undefined) return undefined;
  const anybodys = { chatId: pressed.chatId, command, action, ref };
  return signedOf(anybodys, pressed.userId, mac, (button) => commandMacOf(secret, button));
};

const label = (choice: string): string => {
  const text = oneLine(choice);
  return text.length <= LABEL_CHARS ? text : `${clip(text, LABEL_CHARS - 1)}…`;
};

/** The choices of a question as buttons. */
export const clarifyButtons = (
  secret: string,
  { choices, ...question }: Omit<ButtonId, "index"> & { readonly choices: readonly string[] },
): readonly Button[] =>
  choices.map((choice, index) => ({ text: label(choice), data: signButton(secret, { ...question, index }) }));
