import { describe, expect, it } from "vitest";
import { parseTargetRef, resolveTargets } from "../../src/jobs/delivery-targets.ts";
import { casesOf } from "./read-vectors.ts";

interface Target {
  readonly platform: string;
  readonly chat_id: string;
  readonly thread_id: string | null;
}

interface Case {
  readonly id: string;
  readonly fn?: "parse_target_ref";
  readonly ref?: string;
  readonly expected?: { readonly chat_id: string | null; readonly thread_id: string | null };
  readonly job?: { readonly deliver: string; readonly origin?: { readonly chat_id: string } | null };
  readonly env?: Readonly<Record<string, string>>;
  readonly expected_targets?: readonly Target[];
}

const cases = casesOf<Case>("cron_delivery_targets");

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const given = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

describe("answers go where Hermes sends them", () => {
  it.each(cases.filter(({ fn }) => fn === undefined))(
    "$id: $job.deliver",
    ({ job, env = {}, expected_targets }) => {
      const chatId = numberOf(job?.origin?.chat_id);
      const origin =
        chatId === undefined
          ? undefined
          : { chatId, chatType: chatId > 0 ? ("dm" as const) : ("group" as const) };
      const home = given({
        chatId: numberOf(env["TELEGRAM_HOME_CHANNEL"]),
        threadId: numberOf(env["TELEGRAM_HOME_CHANNEL_THREAD_ID"]),
        cronThreadId: numberOf(env["TELEGRAM_CRON_THREAD_ID"]),
      }) as object;
      const targets = resolveTargets(job?.deliver, origin, home);
      // This agent is in Telegram alone: what goes to another platform goes nowhere.
      const expected = (expected_targets ?? []).filter(({ platform }) => platform === "telegram");
      expect(targets.map((target) => [target.chatId, target.threadId])).toEqual(
        expected.map((target) => [Number(target.chat_id), numberOf(target.thread_id ?? undefined)]),
      );
    },
  );

  it.each(cases.filter(({ fn }) => fn === "parse_target_ref"))("$id: $ref", ({ ref = "", expected }) => {
    const target = parseTargetRef(ref);
    expect(target?.chatId).toBe(numberOf(expected?.chat_id ?? undefined));
    expect(target?.threadId).toBe(numberOf(expected?.thread_id ?? undefined));
  });
});
