// A holder that is frozen for longer than its lease, while another container takes over: when it thaws it writes nothing,
// sends nothing, and fails, so that Lambda asks again. Also with clocks that differ by seconds, either way.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { BotApiCall } from "../../local/telegram/bot-api.ts";
import type { Run } from "../delivery/containers.ts";
import { itemsOf } from "../support/stored.ts";
import { type AdasWorld, asked, expectRest, gate, rolesOf, saidToAda, startAdasWorld } from "./kit.ts";

/** The lease and the grace before a takeover (src/lease-times.ts), the most that clocks differ here, and a second. */
const LONGER_THAN_A_LEASE_MS = 40_000;

const isWake = ({ event }: Run): boolean => (event as { readonly source?: string }).source === "hermes.wake";

const isSend = ({ method }: BotApiCall): boolean => method === "sendMessage" || method === "sendRichMessage";

/** A write on META that stores or advances an answer. */
const isOutCommit = (target: string, body: unknown): boolean =>
  target.endsWith("UpdateItem") &&
  /SET [^R]*#out/.test((body as { UpdateExpression: string }).UpdateExpression);

/** The first container answers the webhook, and meanwhile the second becomes the holder: it is the one with another clock. */
const HOLDER = 2;

const withWrongClock = (skewMs: number) => ({
  skewMs: (container: number) => (container === HOLDER ? skewMs : 0),
});

interface Frozen extends AdasWorld {
  /** The first holder, once it has been frozen. */
  readonly holder: Promise<Run>;
}

interface Point {
  /** Freezes at the n-th such call. */
  readonly send?: number;
  readonly outCommit?: number;
}

/** A world in which the first holder freezes at a point. */
const freezingAt = async (point: Point, skewMs = 0): Promise<Frozen> => {
  const { promise: holder, resolve } = Promise.withResolvers<Run>();
  let [sends, commits, isFrozen] = [0, 0, false];
  const freeze = () => {
    const run = world.containers.running().find(isWake);
    if (isFrozen || run === undefined) return;
    isFrozen = true;
    run.freeze();
    resolve(run);
  };
  const world: AdasWorld = await startAdasWorld({
    ...withWrongClock(skewMs),
    table: {
      onRequest(target, body) {
        if (!isOutCommit(target, body)) return;
        commits += 1;
        if (commits === point.outCommit) freeze();
      },
    },
    telegram: {
      onCall(call) {
        if (!isSend(call)) return;
        sends += 1;
        if (sends === point.send) freeze();
      },
    },
  });
  return { ...world, holder };
};

/** Another container answers what the frozen one was at; then it thaws. Resolves with how it ended. */
const overtaken = async (ada: AdasWorld, holder: Run): Promise<Error | undefined> => {
  expect(holder.container).toBe(HOLDER);
  await ada.clock.skip(LONGER_THAN_A_LEASE_MS);
  ada.ring();
  await ada.ended(2);
  const before = await fingerprint(ada);
  const callsBefore = ada.telegram.calls().length;
  holder.thaw();
  const error = await ada.ended(1);
  expect(await fingerprint(ada)).toEqual(before);
  expect(ada.telegram.calls()).toHaveLength(callsBefore);
  return error;
};

/** Of every item of the chat, short enough to be read when they differ. */
const fingerprint = async ({ dynamodb }: AdasWorld): Promise<readonly string[]> =>
  (await itemsOf(dynamodb.endpoint)).map(
    (item) => `${item.SK} ${createHash("sha1").update(JSON.stringify(item)).digest("hex").slice(0, 8)}`,
  );

const LONG = `${"On-and-on-".repeat(40)}\n\n`.repeat(120);

describe.each([
  ["with clocks that agree", 0],
  ["with a holder whose clock is 4 s ahead", 4_000],
  ["with a holder whose clock is 4 s behind", -4_000],
])("a holder frozen for longer than its lease, %s", (_which, skewMs) => {
  it.concurrent("in a model stream is overtaken, says nothing more and fails", async () => {
    await using ada = await startAdasWorld(withWrongClock(skewMs));
    const held = gate();
    ada.model.enqueue(
      { reply: { content: "The first answer.", hold: { after: 1, until: held.opened } } },
      { reply: { content: "The second answer." } },
    );
    await ada.say("hello");
    await ada.model.waitForRequest(1);
    const holder = ada.containers.running().find(isWake);
    if (holder === undefined) throw new Error("nobody works");
    holder.freeze();
    held.open();
    const error = await overtaken(ada, holder);
    expect(error).toMatchObject({ name: "LeaseLost" });
    await ada.rest();
    expect(saidToAda(ada)).toEqual(["The second answer."]);
    expect(await rolesOf(ada)).toEqual(["user", "assistant"]);
    await expectRest(ada);
  });

  it.concurrent("before a send is overtaken, and the answer is sent by the other alone", async () => {
    await using ada = await freezingAt({ outCommit: 1 }, skewMs);
    ada.model.enqueue({ reply: { content: "The answer." } });
    await ada.say("hello");
    const error = await overtaken(ada, await ada.holder);
    expect(error).toMatchObject({ name: "LeaseLost" });
    await ada.rest();
    expect(saidToAda(ada)).toEqual(["The answer."]);
    expect(asked(ada)).toHaveLength(1);
    await expectRest(ada);
  });

  it.concurrent("between two parts is overtaken, and each part is sent once", async () => {
    await using ada = await freezingAt({ outCommit: 2 }, skewMs);
    ada.model.enqueue({ reply: { content: LONG } });
    await ada.say("hello");
    const error = await overtaken(ada, await ada.holder);
    expect(error).toMatchObject({ name: "LeaseLost" });
    await ada.rest();
    expect(
      saidToAda(ada)
        .join("")
        .match(/(On-and-on-){40}/g),
    ).toHaveLength(120);
    expect(asked(ada)).toHaveLength(1);
    await expectRest(ada);
  });

  it.concurrent("in the first of two sends is overtaken, and only that part may come again", async () => {
    await using ada = await freezingAt({ send: 1 }, skewMs);
    ada.model.enqueue({ reply: { content: LONG } });
    await ada.say("hello");
    const error = await overtaken(ada, await ada.holder);
    expect(error).toMatchObject({ name: "LeaseLost" });
    await ada.rest();
    const [first, again, ...others] = saidToAda(ada);
    expect(again).toBe(first);
    expect([again, ...others].join("").match(/(On-and-on-){40}/g)).toHaveLength(120);
    expect(asked(ada)).toHaveLength(1);
    await expectRest(ada);
  });
});
