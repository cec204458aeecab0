import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ResetPolicy, resetReason } from "../../src/agent/reset.ts";
import { sessionKey } from "../../src/session-key.ts";

interface KeyCase {
  readonly id: string;
  readonly fn?: undefined;
  readonly source_in: Readonly<Record<"platform" | "chat_type", string>> &
    Readonly<Partial<Record<"chat_id" | "thread_id" | "user_id", string>>>;
  readonly options: { readonly group_sessions_per_user: boolean; readonly thread_sessions_per_user: boolean };
  readonly expected: string;
}

interface ResetCase {
  readonly id: string;
  readonly fn: "should_reset";
  readonly policy: Partial<ResetPolicy>;
  readonly now: string;
  readonly updated_at: string;
  readonly expected: string | null;
}

const folder = process.env["VECTORS"] ?? import.meta.dirname;
const suite: { readonly cases: readonly (KeyCase | ResetCase)[] } = JSON.parse(
  readFileSync(join(folder, "session_keys.json"), "utf8"),
);

const DEFAULT_POLICY: ResetPolicy = { mode: "both", at_hour: 4, idle_minutes: 1440 };

// The recorded times are local ones; the zone of a policy is the deployment's.
const utc = (local: string): number => Date.parse(`${local}Z`);

describe("session keys are Hermes' own", () => {
  const cases = suite.cases.filter((one) => one.fn === undefined);
  it.each(cases)("$id gives $expected", ({ source_in: source, options, expected }) => {
    const key = sessionKey(
      {
        platform: source.platform,
        chatType: source.chat_type,
        chatId: source.chat_id,
        threadId: source.thread_id,
        userId: source.user_id,
      },
      {
        groupSessionsPerUser: options.group_sessions_per_user,
        threadSessionsPerUser: options.thread_sessions_per_user,
      },
    );
    expect(key).toBe(expected);
  });
});

describe("sessions begin anew when Hermes' would", () => {
  const cases = suite.cases.filter((one) => one.fn === "should_reset");
  it.each(cases)("$id: $expected", ({ policy, now, updated_at, expected }) => {
    const reason = resetReason({ ...DEFAULT_POLICY, ...policy }, utc(updated_at), utc(now), "UTC");
    expect(reason ?? null).toBe(expected);
  });
});
