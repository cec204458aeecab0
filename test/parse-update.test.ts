import type { Update } from "@grammyjs/types";
import { describe, expect, it } from "vitest";
import { signButton } from "../src/buttons.ts";
import { parseUpdate, type UpdateOptions } from "../src/parse-update.ts";
import type { TelegramCallback, TelegramUpdate } from "../src/telegram-update.ts";
import type { Arrival } from "../src/turn.ts";
import { ADA, BOT, configWith, GROUP, message, PRIVATE, SECRET, update } from "./front-door.ts";

const NOW_MS = 1_790_000_777_000;

const options = (changes: Partial<UpdateOptions> = {}): UpdateOptions => {
  const { telegram, sessions } = configWith();
  const { bot, addressing } = telegram;
  return { bot, addressing, buttonSecret: SECRET, sessionKeys: sessions.keys, readsImages: true, ...changes };
};

const dataFor = (index: number, chatId = 42): string => signButton(SECRET, { chatId, nonce: "n-1", index });

const question = (chat: { id: number; type: string } = PRIVATE, changes: object = {}) =>
  message({
    from: { ...BOT, is_bot: true },
    message_id: 77,
    chat,
    text: "Which day?",
    reply_markup: {
      inline_keyboard: [
        [{ text: "Monday", callback_data: dataFor(0, chat.id) }],
        [{ text: "Tuesday", callback_data: dataFor(1, chat.id) }],
      ],
    },
    ...changes,
  });

const press = (changes: Partial<TelegramCallback> = {}, more: Partial<UpdateOptions> = {}) =>
  parseUpdate(
    update({ callback_query: { id: "cb-1", from: ADA, message: question(), data: dataFor(1), ...changes } }),
    options(more),
    NOW_MS,
  );

describe("a press of a button", () => {
  it("says its label, in the presser's name, and names what is spent and what to acknowledge", () => {
    expect(press()).toEqual({
      kind: "arrival",
      source: "telegram",
      session: "agent:main:telegram:dm:42",
      addressed: true,
      updateId: 9_000_001,
      callbackId: "cb-1",
      entry: {
        kind: "message",
        id: "b#0000000000000077",
        at: NOW_MS,
        text: "Tuesday",
        photos: [],
        pressedOn: 77,
        origin: { chatId: 42, chatType: "dm", userId: 42, userName: "Ada Lovelace", languageCode: "en" },
      },
    });
  });

  it("is told by its number when the message has become inaccessible", () => {
    const bare = { message_id: 77, date: 0, chat: PRIVATE };
    expect(press({ message: bare })).toMatchObject({ entry: { text: "Option 2", pressedOn: 77 } });
  });

  it.each([
    ["made by the model's text", { data: "c:n-1:1:AAAAAAAAAAAAAAAA" }],
    ["of another chat", { data: dataFor(1, 43) }],
    ["with its choice altered", { data: dataFor(1).replace(":1:", ":0:") }],
    ["of an older kind", { data: "cl:1:2" }],
  ])("without proof is ignored: %s", (_what, changes) => {
    expect(press(changes)).toEqual({ kind: "ignored", reason: "a button without proof that it is ours" });
  });

  it("without data or message is ignored", () => {
    const callback = { id: "cb-1", from: ADA };
    expect(parseUpdate(update({ callback_query: callback }), options(), NOW_MS).kind).toBe("ignored");
  });

  it("needs no mention in a group, but obeys which chats and topics are ours", () => {
    const { addressing } = configWith().telegram;
    const strict = { ...addressing, requireMention: true };
    const inGroup = (rules: UpdateOptions["addressing"]) =>
      press({ message: question(GROUP), data: dataFor(0, GROUP.id) }, { addressing: rules });
    expect(inGroup(strict)).toMatchObject({ addressed: true, entry: { text: "Monday" } });
    expect(inGroup({ ...strict, allowedChats: new Set(["-1"]) })).toMatchObject({ addressed: false });
    expect(inGroup({ ...strict, allowedTopics: new Set(["8"]) })).toMatchObject({ addressed: false });
  });

  it("under an answer to somebody who spoke as the chat goes on there, and names nobody", () => {
    const forAnybody = { message: question(GROUP), data: dataFor(0, GROUP.id) };
    const { session, entry } = press(forAnybody) as Arrival;
    expect(session).toBe("agent:main:telegram:group:-1001234567890");
    expect(entry.origin).not.toHaveProperty("userId");
    expect(entry.origin).not.toHaveProperty("userName");
    const shared = press(forAnybody, {
      sessionKeys: { groupSessionsPerUser: false, threadSessionsPerUser: false },
    });
    expect(shared).toMatchObject({ session, entry: { origin: { userId: 42, userName: "Ada Lovelace" } } });
    const hers = signButton(SECRET, { chatId: GROUP.id, nonce: "n-1", index: 0, askedUserId: 42 });
    expect(press({ ...forAnybody, data: hers })).toMatchObject({
      session: "agent:main:telegram:group:-1001234567890:42",
      entry: { origin: { userId: 42 } },
    });
  });
});

describe("Telegram's stop button", () => {
  it("is a stop by the person whose private chat it is", () => {
    const stop = update({ stopped_message_generation: { chat: PRIVATE, draft_id: 9 } });
    expect(parseUpdate(stop, options(), NOW_MS)).toMatchObject({
      session: "agent:main:telegram:dm:42",
      addressed: true,
      entry: { kind: "stop", draftId: 9, at: NOW_MS, origin: { chatId: 42, userId: 42 } },
    });
  });

  it("stops the session of the topic it was pressed in", () => {
    const stop = update({ stopped_message_generation: { chat: PRIVATE, message_thread_id: 3, draft_id: 9 } });
    expect(parseUpdate(stop, options(), NOW_MS)).toMatchObject({ session: "agent:main:telegram:dm:42:3" });
  });

  it("is ignored outside a private chat, where nobody knows who pressed", () => {
    const stop = update({ stopped_message_generation: { chat: GROUP, draft_id: 9 } });
    expect(parseUpdate(stop, options(), NOW_MS).kind).toBe("ignored");
  });
});

describe("other updates", () => {
  it("are heard from a channel, which speaks for itself", () => {
    const channel = { id: -100, type: "channel", title: "News" };
    const { from: _, ...post } = message({ chat: channel, text: "hello" });
    expect(parseUpdate(update({ channel_post: post }), options(), NOW_MS)).toMatchObject({
      session: "agent:main:telegram:channel:-100:-100",
      entry: { origin: { chatType: "channel", userId: -100, chatTitle: "News" } },
    });
  });

  it.each(["edited_message", "edited_channel_post", "my_chat_member", "telepathy"])(
    "are ignored: %s",
    (kind) => {
      const other = { update_id: 1, [kind]: message({ text: "x" }) };
      expect(parseUpdate(other, options(), NOW_MS)).toEqual({
        kind: "ignored",
        reason: `an update of kind ${kind}`,
      });
    },
  );

  it("keep their order in the ids of their entries", () => {
    const idOf = (update_id: number) => {
      const result = parseUpdate({ update_id, message: message({ text: "x" }) }, options(), NOW_MS);
      return result.kind === "arrival" ? result.entry.id : "";
    };
    const ids = [9, 10, 999_999_999, 2 ** 52].map(idOf);
    expect(ids.toSorted()).toEqual(ids);
  });
});

/** The official types write `field?: undefined` where a field never occurs; ours mean absent. */
type Lenient<T> = T extends object
  ? { readonly [K in keyof T]: object extends Pick<T, K> ? Lenient<T[K]> | undefined : Lenient<T[K]> }
  : T;

it("reads only fields that the official types know, as they know them", () => {
  // A type test: every official update is one of ours.
  const asOurs = (official: Update): Lenient<TelegramUpdate> => official;
  expect(asOurs({ update_id: 1 } as Update)).toEqual({ update_id: 1 });
});
