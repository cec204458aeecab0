// Telegram is out of reach for minutes, in every way it can be, and comes back: the answer arrives once. A chat that
// blocked the bot ends quietly.

import { describe, expect, it } from "vitest";
import { metaOf } from "../support/stored.ts";
import { asked, errorsIn, expectRest, gate, saidToAda, startAdasWorld } from "./kit.ts";
import { type Outage, openAddress } from "./outage.ts";

/** So that a call's limit of 8 s is one second here, which no slow machine needs for a call. */
const FAST = 8;
const MINUTES_MS = 2.5 * 60_000;

const LONG = `${"On-and-on-".repeat(40)}\n\n`.repeat(120);

/** Telegram goes down while the model thinks, and is back after some minutes. */
const throughAn = async (outage: Outage, timeoutMs?: number) => {
  const address = await openAddress();
  const ada = await startAdasWorld({
    telegramRoot(url) {
      address.leadTo(url);
      return address.url;
    },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const held = gate();
  ada.model.enqueue({ reply: { content: "The answer.", hold: { after: 0, until: held.opened } } });
  await ada.say("hello");
  await ada.model.waitForRequest(1);
  await address.breakDown(outage);
  held.open();
  const back = ada.clock.sleep(MINUTES_MS).then(() => address.restore());
  await ada.clock.during(FAST, Promise.all([back, back.then(() => ada.quiet())]));
  await ada.rest();
  await address.close();
  return { ada, attempts: address.attempts() };
};

describe("Telegram out of reach for minutes", () => {
  it.concurrent.each<Outage>(["refused", "bad gateway", "silence"])(
    "(%s) gets the answer once when it is back, and the model is not asked again",
    async (outage) => {
      const { ada, attempts } = await throughAn(outage);
      await using _ = ada;
      expect(saidToAda(ada)).toEqual(["The answer."]);
      expect(asked(ada)).toHaveLength(1);
      expect(errorsIn(ada)).toEqual([]);
      // Minutes of attempts at growing intervals, not a storm of them.
      if (outage !== "refused") expect(attempts).toBeGreaterThan(3);
      expect(attempts).toBeLessThan(60);
      await expectRest(ada);
    },
  );

  it.concurrent("and longer than an invocation lasts gets the answer once from a later one", async () => {
    const { ada } = await throughAn("refused", 90_000);
    await using _ = ada;
    expect(ada.begun()).toBeGreaterThan(1);
    expect(saidToAda(ada)).toEqual(["The answer."]);
    expect(asked(ada)).toHaveLength(1);
    await expectRest(ada);
  });
});

describe("a pause that Telegram asks for", () => {
  it.concurrent("for longer than two invocations last costs one title, which the session's totals count", async () => {
    await using ada = await startAdasWorld({ timeoutMs: 90_000 });
    const retryAfterS = 150;
    ada.telegram.fail("sendMessage", {
      status: 429,
      description: "Too Many Requests",
      retry_after: retryAfterS,
    });
    ada.model.enqueue({ reply: { content: "The answer." } }, { reply: { content: "A greeting" } });
    await ada.say("hello");
    await ada.clock.during(FAST, ada.quiet());
    await ada.rest();
    expect(ada.begun()).toBeGreaterThan(2);
    expect(saidToAda(ada)).toEqual(["The answer."]);
    expect(ada.model.requests).toHaveLength(2);
    const meta = await metaOf(ada.dynamodb.endpoint);
    expect(meta).toMatchObject({ title: "A greeting", totals: { turns: 1, calls: 2 } });
    expect(errorsIn(ada)).toEqual([]);
    await expectRest(ada);
  });
});

describe("a chat that blocked the bot", () => {
  it.concurrent("in the middle of an answer ends it quietly, and is answered when it is back", async () => {
    await using ada = await startAdasWorld();
    ada.model.enqueue({ reply: { content: LONG } });
    const forbidden = { status: 403, description: "Forbidden: bot was blocked by the user" };
    const first = ada.telegram.waitFor(({ method }) => method === "sendRichMessage");
    const blocked = first.then(() => ada.telegram.fail("sendRichMessage", forbidden));
    await ada.say("tell me everything");
    await blocked;
    await ada.rest();
    expect(saidToAda(ada)).toHaveLength(1);
    expect(ada.telegram.calls("sendRichMessage")).toHaveLength(2);
    expect(ada.begun()).toBe(1);
    expect(errorsIn(ada)).toEqual([]);
    await expectRest(ada);

    ada.model.enqueue({ reply: { content: "Welcome back." } });
    await ada.say("hello again");
    await ada.rest();
    expect(saidToAda(ada).slice(1)).toEqual(["Welcome back."]);
  });
});
