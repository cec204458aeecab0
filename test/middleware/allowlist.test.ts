import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { allowlist } from "../../middleware/allowlist.ts";
import type { Notices } from "../../src/ports.ts";
import type { EntryId, Job, Origin, SessionKey, Turn } from "../../src/turn.ts";
import { arrivalFrom, configWith, contextWith, steadyClock, writtenLog } from "../front-door.ts";

const ADA: Origin = { chatId: 42, chatType: "dm", userId: 42 };
const STRANGER: Origin = { chatId: 4242, chatType: "dm", userId: 4242 };
const ADA_IN_GROUP: Origin = { chatId: -100, chatType: "group", userId: 42 };

const OK = { statusCode: 200, body: "" };

/** Notices that remember: true for the first claim of a key and day. */
const rememberingNotices = (): Notices => {
  const seen = new Set<string>();
  return {
    claim: async (key, nowMs) => {
      const name = `${key} ${new Date(nowMs).toDateString()}`;
      return !seen.has(name) && Boolean(seen.add(name));
    },
  };
};

const gate = (
  variables: Readonly<Record<string, string>> = {},
  notices: Notices = rememberingNotices(),
  clock = steadyClock(0),
) => {
  const { log, lines } = writtenLog();
  const ended: Job[] = [];
  const endJob = async (job: Job) => void ended.push(job);
  const step = allowlist({ telegram: configWith(variables).telegram, notices, clock, log, endJob });
  const handler = middy<unknown, unknown>()
    .use(step)
    .handler(() => "let in");
  return { pass: (turn: Turn) => handler({}, contextWith({ turn }) as never), lines, ended };
};

describe("who is let in", () => {
  it("are the listed, in private and in groups", async () => {
    const { pass } = gate();
    expect(await pass(arrivalFrom(ADA))).toBe("let in");
    expect(await pass(arrivalFrom(ADA_IN_GROUP))).toBe("let in");
    expect(await pass(arrivalFrom(STRANGER))).toEqual(OK);
  });

  it("is nobody when every list is empty", async () => {
    expect(await gate({ TELEGRAM_ALLOWED_USERS: "" }).pass(arrivalFrom(ADA))).toEqual(OK);
  });

  it("are members of a listed group, there and not in private", async () => {
    const { pass } = gate({ TELEGRAM_ALLOWED_USERS: "", TELEGRAM_GROUP_ALLOWED_CHATS: "-100" });
    expect(await pass(arrivalFrom(ADA_IN_GROUP))).toBe("let in");
    expect(await pass(arrivalFrom({ chatId: -100, chatType: "group" }))).toBe("let in");
    expect(await pass(arrivalFrom(ADA))).toEqual(OK);
  });

  it("are those who speak as a chat where everybody is, and not for a list of people", async () => {
    const anonymous: Origin = { chatId: -100, chatType: "group" };
    for (const variables of [
      { TELEGRAM_ALLOW_ALL_USERS: "true" },
      { TELEGRAM_ALLOWED_USERS: "*" },
      { TELEGRAM_ALLOWED_USERS: "", GATEWAY_ALLOW_ALL_USERS: "true" },
      { TELEGRAM_GROUP_ALLOWED_USERS: "-100" },
    ])
      expect(await gate(variables).pass(arrivalFrom(anonymous))).toBe("let in");
    expect(await gate().pass(arrivalFrom(anonymous))).toEqual(OK);
  });

  it("is nobody whose words are not addressed to us", async () => {
    const { pass, lines } = gate();
    expect(await pass(arrivalFrom(ADA_IN_GROUP, { addressed: false }))).toEqual(OK);
    expect(lines).toEqual([expect.objectContaining({ message: "not addressed to us" })]);
  });

  it.each(["stop", "press", "tick"])("a %s of a stranger passes as little as words", async (kind) => {
    const { entry } = arrivalFrom(STRANGER);
    const base = { id: entry.id, origin: STRANGER, at: 0 };
    const job = { id: "j", name: "j", prompt: "p", origin: STRANGER };
    const turns: Readonly<Record<string, Turn>> = {
      stop: arrivalFrom(STRANGER, { entry: { ...base, kind: "stop", draftId: 7 } }),
      press: arrivalFrom(STRANGER, { callbackId: "cb-1" }),
      tick: arrivalFrom(STRANGER, {
        source: "cron",
        entry: { ...base, id: "t#j#x" as EntryId, kind: "tick", job, scheduledTime: "x" },
      }),
    };
    const turn = turns[kind];
    expect(turn && (await gate({ TELEGRAM_REFUSAL: "true" }).pass(turn))).toMatchObject({ statusCode: 200 });
  });

  it("is no job whose owner was taken off the lists, and the operator is told: it will never run", async () => {
    const { pass, lines } = gate();
    expect(await pass(arrivalFrom(STRANGER, { source: "cron" }))).toEqual(OK);
    expect(lines).toEqual([
      expect.objectContaining({ level: "error", fields: expect.objectContaining({ userId: 4242 }) }),
    ]);
    await pass(arrivalFrom(STRANGER));
    expect(lines.at(-1)).toMatchObject({ level: "info" });
  });

  it("ends the job of somebody who was taken off the lists, and nobody else's", async () => {
    const { pass, ended } = gate();
    const job = { id: "j", name: "j", prompt: "p", origin: STRANGER };
    const entry = {
      id: "t#j#x" as EntryId,
      kind: "tick" as const,
      origin: STRANGER,
      at: 0,
      job,
      scheduledTime: "x",
    };
    expect(await pass(arrivalFrom(STRANGER, { source: "cron", entry }))).toEqual(OK);
    expect(ended).toEqual([job]);
    expect(await pass(arrivalFrom(ADA, { source: "cron", entry: { ...entry, origin: ADA } }))).toBe("let in");
    expect(ended).toHaveLength(1);
  });

  it("is every wake: its entries passed when they arrived", async () => {
    const wake: Turn = { kind: "wake", session: "agent:main:x" as SessionKey, requestId: "r" };
    expect(await gate({ TELEGRAM_ALLOWED_USERS: "" }).pass(wake)).toBe("let in");
  });
});

describe("a stranger in a private chat", () => {
  const REFUSAL = { TELEGRAM_REFUSAL: "true" };

  it("hears nothing unless the operator wants it", async () => {
    expect(await gate().pass(arrivalFrom(STRANGER))).toEqual(OK);
  });

  it("is told their own id once a day, on the webhook's answer", async () => {
    const notices = rememberingNotices();
    const today = gate(REFUSAL, notices);
    const told = await today.pass(arrivalFrom(STRANGER));
    expect(told).toMatchObject({ statusCode: 200, headers: { "content-type": "application/json" } });
    expect(JSON.parse((told as { body: string }).body)).toEqual({
      method: "sendMessage",
      chat_id: 4242,
      text: expect.stringContaining("4242"),
    });
    expect(await today.pass(arrivalFrom(STRANGER))).toEqual(OK);
    const tomorrow = gate(REFUSAL, notices, steadyClock(86_400_000));
    expect(await tomorrow.pass(arrivalFrom(STRANGER))).toMatchObject({ headers: expect.anything() });
  });

  it("is told nothing in a group, nor by a tick", async () => {
    const { pass } = gate(REFUSAL);
    expect(await pass(arrivalFrom({ ...STRANGER, chatType: "group", chatId: -5 }))).toEqual(OK);
    expect(await pass(arrivalFrom(STRANGER, { source: "cron" }))).toEqual(OK);
  });

  it("is told nothing when the notice cannot be claimed, and that is logged", async () => {
    const failing: Notices = { claim: () => Promise.reject(new Error("table gone")) };
    const { pass, lines } = gate(REFUSAL, failing);
    expect(await pass(arrivalFrom(STRANGER))).toEqual(OK);
    expect(lines).toContainEqual(expect.objectContaining({ level: "warn", fields: { error: "table gone" } }));
  });

  it("does not hold Telegram up when the claim hangs", async () => {
    const hanging: Notices = { claim: () => new Promise(() => {}) };
    const { pass, lines } = gate(REFUSAL, hanging, steadyClock(0, true));
    expect(await pass(arrivalFrom(STRANGER))).toEqual(OK);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "warn", fields: { error: "no answer in time" } }),
    );
  });
});
