// Containers whose wall clocks differ by seconds, either way: nobody takes over from a holder that renews its lease, and
// Lambda's first retry does take over from one that died.

import { describe, expect, it } from "vitest";
import { metaOf } from "../support/stored.ts";
import { type AdasWorld, errorsIn, expectRest, gate, rolesOf, saidToAda, startAdasWorld } from "./kit.ts";

const FAST = 10;

/** The first container answers the webhook, and meanwhile the second becomes the holder. */
const HOLDER = 2;

/** Ada has said hello, and the holder waits for the model, which is held. */
const holding = async (skewMs: number) => {
  const held = gate();
  const ada = await startAdasWorld({ skewMs: (container) => (container === HOLDER ? skewMs : 0) });
  ada.model.enqueue({ reply: { content: "The answer.", hold: { after: 1, until: held.opened } } });
  await ada.say("hello");
  await ada.model.waitForRequest(1);
  const [run, ...others] = ada.containers.running();
  if (run === undefined || others.length > 0) throw new Error("there is not one holder");
  expect(run.container).toBe(HOLDER);
  return { ada, held, run };
};

const seconds = ({ clock }: AdasWorld, n: number): Promise<void> =>
  clock.during(FAST, clock.sleep(n * 1_000));

describe.each([
  ["ahead", 8_000],
  ["behind", -8_000],
])("a holder whose clock is seconds %s", (_which, skewMs) => {
  it.concurrent("keeps its lease for as long as it renews it, however often others ring", async () => {
    const { ada, held } = await holding(skewMs);
    await using _ = ada;
    for (let rings = 1; rings <= 12; rings += 1) {
      await seconds(ada, 5);
      ada.ring();
      expect(await ada.ended(1 + rings)).toBeUndefined();
    }
    expect(await metaOf(ada.dynamodb.endpoint)).toMatchObject({ fence: 1 });
    held.open();
    await ada.rest();
    expect(saidToAda(ada)).toEqual(["The answer."]);
    expect(await rolesOf(ada)).toEqual(["user", "assistant"]);
    expect(errorsIn(ada)).toEqual([]);
    await expectRest(ada);
  });

  it.concurrent("and which dies is made good for by Lambda's first retry", async () => {
    const { ada, held, run } = await holding(skewMs);
    await using _ = ada;
    held.open();
    run.kill();
    await ada.quiet();
    expect(ada.lambda.waiting()).toBe(1);
    ada.model.enqueue({ reply: { content: "The answer, after all." } });
    await ada.clock.skip(61_000);
    await ada.quiet();
    expect(saidToAda(ada)).toEqual(["The answer, after all."]);
    await expectRest(ada);
  });
});
