import { readFileSync } from "node:fs";
import { join } from "node:path";
import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { allowlist } from "../../middleware/allowlist.ts";
import { type Access, isAuthorized } from "../../src/access.ts";
import { type Addressed, type AddressingRules, isAddressed } from "../../src/addressing.ts";
import { parseConfig } from "../../src/config.ts";
import { type Bot, type Mentionable, mentionsBot } from "../../src/mentions.ts";
import type { ChatType } from "../../src/turn.ts";
import { compilePatterns } from "../../src/variables.ts";
import { arrivalFrom, contextWith, environment, silentLog, steadyClock } from "../front-door.ts";

type Env = Readonly<Record<string, string>>;
type Case = { readonly id: string; readonly expected: unknown } & (
  | { readonly fn: "is_authorized"; readonly sender: Sender; readonly env: Env }
  | { readonly fn: "unauthorized_dm"; readonly env: Env }
  | { readonly fn: "unauthorized_group"; readonly env: Env }
  | {
      readonly fn: "should_respond";
      readonly bot: Bot;
      readonly config: GroupConfig;
      readonly message: Addressed;
    }
  | { readonly fn: "mentions_bot"; readonly bot: Bot; readonly message: Mentionable }
);

interface Sender {
  readonly chat_type: string;
  readonly chat_id: string;
  readonly user_id: string | null;
}

interface GroupConfig {
  readonly require_mention?: boolean;
  readonly mention_patterns?: readonly string[];
  readonly free_response_chats?: readonly (string | number)[];
  readonly allowed_chats?: readonly (string | number)[];
  readonly allowed_topics?: readonly (string | number)[];
  readonly ignored_threads?: readonly (string | number)[];
  readonly guest_mode?: boolean;
  readonly exclusive_bot_mentions?: boolean;
}

const folder = process.env["VECTORS"] ?? import.meta.dirname;
const suite: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(join(folder, "access_and_mentions.json"), "utf8"),
);
const casesOf = <F extends Case["fn"]>(fn: F) =>
  suite.cases.filter((one): one is Extract<Case, { fn: F }> => one.fn === fn);

const CHAT_TYPES: Readonly<Record<string, ChatType>> = { dm: "dm", channel: "channel" };

const accessOf = (env: Env): Access =>
  parseConfig({ ...environment, TELEGRAM_ALLOWED_USERS: "", ...env }).telegram.access;

const ids = (list: readonly (string | number)[] = []): ReadonlySet<string> => new Set(list.map(String));

const rulesOf = (config: GroupConfig): AddressingRules => ({
  requireMention: config.require_mention ?? false,
  mentionPatterns: compilePatterns(config.mention_patterns ?? []).patterns,
  freeResponseChats: ids(config.free_response_chats),
  allowedChats: ids(config.allowed_chats),
  allowedTopics: ids(config.allowed_topics),
  ignoredThreads: ids(config.ignored_threads),
  guestMode: config.guest_mode ?? false,
  exclusiveBotMentions: config.exclusive_bot_mentions ?? true,
});

/** What the step answers to somebody whom these variables do not let in. */
const answerToStranger = async (env: Env, chatType: ChatType): Promise<unknown> => {
  const step = allowlist({
    telegram: { access: accessOf(env), refusal: false },
    notices: { claim: async () => true },
    endJob: async () => undefined,
    clock: steadyClock(0),
    log: silentLog,
  });
  const turn = arrivalFrom({ chatId: 987_654, chatType, userId: 987_654 });
  return middy(() => "let in").use(step)({}, contextWith({ turn }));
};

describe("who may speak", () => {
  it.each(casesOf("is_authorized"))("$id: $expected", ({ sender, env, expected }) => {
    const speaker = {
      chatType: CHAT_TYPES[sender.chat_type] ?? "group",
      chatId: sender.chat_id,
      userId: sender.user_id ?? undefined,
    };
    expect(isAuthorized(accessOf(env), speaker)).toBe(expected);
  });

  it.each(casesOf("unauthorized_dm"))("$id: a stranger's private message, $expected", async (one) => {
    // access_and_mentions-027: pairing is not built (design.md 7: the operator lists who may speak): a stranger who would be paired is ignored.
    const expected = one.expected === "pair" ? "ignore" : one.expected;
    const answer = await answerToStranger(one.env, "dm");
    expect(answer).toEqual({ statusCode: 200, body: "" });
    expect(expected).toBe("ignore");
  });

  it.each(casesOf("unauthorized_group"))("$id: a stranger in a group is $expected", async (one) => {
    expect(await answerToStranger(one.env, "group")).toEqual({ statusCode: 200, body: "" });
    expect(one.expected).toBe("silently_ignored");
  });
});

describe("what is addressed to us", () => {
  it.each(casesOf("should_respond"))(
    "$id: $expected for “$message.text”",
    ({ config, bot, message, expected }) => {
      expect(isAddressed(rulesOf(config), bot, message)).toBe(expected);
    },
  );

  it.each(casesOf("mentions_bot"))("$id: $expected for “$message.text”", ({ bot, message, expected }) => {
    expect(mentionsBot(message, bot)).toBe(expected);
  });
});

it("knows every kind of case there is", () => {
  const known = ["is_authorized", "unauthorized_dm", "unauthorized_group", "should_respond", "mentions_bot"];
  expect([...new Set(suite.cases.map((one) => one.fn))].filter((fn) => !known.includes(fn))).toEqual([]);
});
