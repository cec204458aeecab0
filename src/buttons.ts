// Buttons that prove we made them: model text can draw a button too (facts/telegram-rich.md), and its press would
// arrive like ours. The turn makes them for a question; parsing believes only what verifies.

import { createHmac, timingSafeEqual } from "node:crypto";
import { clip } from "./clip.ts";
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

/** What the buttons of a list of jobs do. */
export type JobAction = "run" | "pause" | "resume" | "remove";

interface JobButtonId {
  readonly chatId: number;
  readonly jobId: string;
  readonly action: JobAction;
  /** Whose jobs they are; absent where whoever speaks in the session may change them. */
  readonly askedUserId?: number;
}

const LETTERS: Readonly<Record<JobAction, string>> = { run: "r", pause: "p", resume: "u", remove: "x" };
const JOB_DATA = /^j:([rpux]):([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]{16})$/;

const jobMacOf = (secret: string, { chatId, jobId, action, askedUserId = 0 }: JobButtonId): string =>
  macOf(secret, { chatId, askedUserId, nonce: `job:${action}:${jobId}`, index: 0 });

export const signJobButton = (secret: string, button: JobButtonId): string =>
  `j:${LETTERS[button.action]}:${button.jobId}:${jobMacOf(secret, button)}`;

/** As `verifyButton`, for the buttons of a list of jobs. */
export const verifyJobButton = (
  secret: string,
  pressed: { readonly chatId: number; readonly userId: number },
  data: string,
): JobButtonId | undefined => {
  const [, letter, jobId, mac] = JOB_DATA.exec(data) ?? [];
  const action = (Object.keys(LETTERS) as JobAction[]).find((name) => LETTERS[name] === letter);
  if (action === undefined || jobId === undefined || mac === undefined) return undefined;
  const anybodys = { chatId: pressed.chatId, jobId, action };
  return signedOf(anybodys, pressed.userId, mac, (button) => jobMacOf(secret, button));
};

const label = (choice: string): string => {
  const text = choice.replace(/\s+/g, " ").trim();
  return text.length <= LABEL_CHARS ? text : `${clip(text, LABEL_CHARS - 1)}…`;
};

/** The choices of a question as buttons. */
export const clarifyButtons = (
  secret: string,
  { choices, ...question }: Omit<ButtonId, "index"> & { readonly choices: readonly string[] },
): readonly Button[] =>
  choices.map((choice, index) => ({ text: label(choice), data: signButton(secret, { ...question, index }) }));
