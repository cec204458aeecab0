// The table is throttled and broken in bursts, wherever in a webhook and a turn with tools they begin: short ones are
// outlasted by the SDK's retries, longer ones by Telegram's redelivery and Lambda's retry.

import { describe, expect, it } from "vitest";
import type { DynamoDbFault } from "../../local/dynamodb.ts";
import type { RecordedRequest, Step } from "../../local/model/chat-api.ts";
import { type AdasWorld, asked, expectRest, rolesOf, saidToAda, startAdasWorld } from "./kit.ts";

/** The sweeps are shared by so many worlds. */
const SHARES = [1, 2, 3];

/** A round of a tool, then an answer. */
const respond = ({ body }: RecordedRequest): Step => {
  if ((body.tools?.length ?? 0) === 0) return { reply: { content: "A title" } };
  return body.messages.at(-1)?.role === "tool"
    ? { reply: { reasoning: "So.", content: "Rolled." } }
    : { reply: { reasoning: "A die.", toolCalls: [{ name: "roll_dice", arguments: { dice: "1d6" } }] } };
};

interface Burst {
  /** Requests until it begins. */
  left: number;
  /** Requests that fail then; more of them than the SDK makes end with the invocation. */
  length: number;
  isOver: boolean;
}

const startBursting = async (): Promise<AdasWorld & { begin(left: number, length: number): Burst }> => {
  let burst: Burst | undefined;
  const faultFor = (): DynamoDbFault | undefined => {
    if (burst === undefined || burst.isOver) return undefined;
    burst.left -= 1;
    if (burst.left > 0) return undefined;
    if (burst.length <= -burst.left) burst.isOver = true;
    if (burst.isOver) return undefined;
    return burst.left % 2 === 0 ? "throttle" : "error";
  };
  const ada = await startAdasWorld({ model: { respond }, table: { faultFor } });
  return Object.assign(ada, {
    begin(left: number, length: number): Burst {
      burst = { left, length, isOver: false };
      return burst;
    },
  });
};

const EXCHANGE = ["user", "assistant", "tool", "assistant"];

const expectExchanges = async (ada: AdasWorld, n: number): Promise<void> => {
  expect(await rolesOf(ada)).toEqual(Array.from({ length: n }, () => EXCHANGE).flat());
  await expectRest(ada);
};

describe("a burst of throttling and server errors", () => {
  it.concurrent.each(SHARES)(
    "of two requests is not noticed, whichever it begins with (share %i)",
    async (share) => {
      await using ada = await startBursting();
      let [n, burst] = [0, ada.begin(share, 2)];
      do {
        burst = ada.begin(share + n * SHARES.length, 2);
        n += 1;
        await ada.say(`message ${n}`);
        await ada.quiet();
        expect(ada.lambda.waiting()).toBe(0);
        expect(saidToAda(ada)).toHaveLength(n);
      } while (burst.left <= 0);
      expect(n).toBeGreaterThan(5);
      await expectExchanges(ada, n);
    },
  );

  it.concurrent.each(SHARES)(
    "that outlasts the SDK's retries fails the invocation and is made good for by the next one (share %i)",
    async (share) => {
      await using ada = await startBursting();
      let [n, failed, repeated, burst] = [0, 0, 0, ada.begin(share, Number.POSITIVE_INFINITY)];
      do {
        burst = ada.begin(share + n * SHARES.length, Number.POSITIVE_INFINITY);
        n += 1;
        const accepted = ada.say(`message ${n}`);
        // The invocation that met it has ended, whichever it was: the webhook or the turn.
        await ada.quiet();
        const isMet = burst.left <= 0;
        burst.isOver = true;
        failed += isMet ? 1 : 0;
        await ada.rest();
        await accepted;
        await ada.rest();
        const more = saidToAda(ada).length - n - repeated;
        expect(more).toBeOneOf(isMet ? [0, 1] : [0]);
        repeated += more;
      } while (burst.left <= 0);
      expect(failed).toBeGreaterThan(4);
      // Few requests lie between Telegram's effect and META's knowledge of it (design.md 9, invariant 2).
      expect(repeated).toBeLessThanOrEqual(2);
      expect(asked(ada).length).toBeLessThanOrEqual(2 * n + failed);
      await expectExchanges(ada, n);
    },
  );
});
