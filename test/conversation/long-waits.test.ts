// Telegram asks for a wait that outlasts the invocation: nothing is sent before, and nothing is lost.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import { errorsIn, startConversation } from "./conversation.ts";

/** The grace before the end and the reserve of a delivery take 25 s of it: some 3 s to wait in. */
const SHORT_INVOCATION_MS = 28_000;

describe("a retry_after longer than the invocation", () => {
  it.concurrent("is waited for over several invocations, and the answer is sent once, after it", async () => {
    await using chat = await startConversation({ timeoutMs: SHORT_INVOCATION_MS });
    const retryAfterS = 7;
    chat.telegram.fail("sendMessage", {
      status: 429,
      description: "Too Many Requests",
      retry_after: retryAfterS,
    });

    await chat.ask("/whoami");

    const [refused, sent, ...others] = chat.telegram.calls("sendMessage");
    expect((sent?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(retryAfterS * 1_000);
    expect(others).toEqual([]);
    expect(saidTo(chat.telegram)).toHaveLength(1);
    expect(await chat.meta()).not.toHaveProperty("out");
    expect(errorsIn(chat)).toEqual([]);
  });
});
