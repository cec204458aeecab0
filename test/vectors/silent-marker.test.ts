import { describe, expect, it } from "vitest";
import { isSilent } from "../../src/agent/cron-prompt.ts";
import { isSilentReply } from "../../src/agent/silent-reply.ts";
import { casesOf } from "./read-vectors.ts";

interface Case {
  readonly id: string;
  readonly lane: "cron" | "live_chat";
  readonly text: string;
  readonly success: boolean;
  readonly suppress: boolean;
}

describe("silence is kept where Hermes keeps it", () => {
  // A run that failed is never asked whether it is silent: see test/conversation/reminders.test.ts.
  it.each(casesOf<Case>("silent_marker").filter(({ success }) => success))(
    "$id ($lane)",
    ({ lane, text, suppress }) => {
      expect(lane === "cron" ? isSilent(text) : isSilentReply(text)).toBe(suppress);
    },
  );
});
