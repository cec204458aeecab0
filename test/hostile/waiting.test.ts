// What belongs together is one turn (albums, texts that Telegram cut), and who waits long is told so once.

import { describe, expect, it } from "vitest";
import { type ChatBody, textOf } from "../../local/model/chat-api.ts";
import { type AdasWorld, asked, expectRest, gate, rolesOf, saidToAda, startAdasWorld } from "./kit.ts";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

const picture = (ada: AdasWorld, id: string, caption?: string) => {
  ada.telegram.addFile(id, PIXEL, `pictures/${id}.png`);
  return {
    media_group_id: "album-1",
    photo: [{ file_id: id, file_unique_id: `u-${id}`, width: 1_280, height: 960 }],
    ...(caption === undefined ? {} : { caption }),
  };
};

describe("what was sent as one thing", () => {
  it.concurrent("an album is one turn with all its pictures", async () => {
    await using ada = await startAdasWorld({ env: { HERMES_MODEL: "deepseek-flash" } });
    ada.model.enqueue({ reply: { content: "Three pictures." } });
    await ada.say("", picture(ada, "one", "Look at these"));
    await ada.say("", picture(ada, "two"));
    await ada.say("", picture(ada, "three"));
    await ada.rest();
    expect(asked(ada)).toHaveLength(1);
    const images = asked(ada)[0]?.body.messages.flatMap(({ content }) =>
      Array.isArray(content) ? content.filter((part) => part.type === "image_url") : [],
    );
    expect(images).toHaveLength(3);
    expect(saidToAda(ada)).toEqual(["Three pictures."]);
    expect(await rolesOf(ada)).toEqual(["user", "user", "user", "assistant"]);
    await expectRest(ada);
  });

  it.concurrent("a text that Telegram's client cut at 4,096 characters is one turn", async () => {
    await using ada = await startAdasWorld();
    ada.model.enqueue({ reply: { content: "A long letter." } });
    const text = "All of it, to the last letter. ".repeat(300);
    await ada.say(text.slice(0, 4_096));
    await ada.say(text.slice(4_096, 8_192));
    await ada.say(text.slice(8_192));
    await ada.rest();
    expect(asked(ada)).toHaveLength(1);
    expect(saidToAda(ada)).toEqual(["A long letter."]);
    expect(await rolesOf(ada)).toEqual(["user", "user", "user", "assistant"]);
    await expectRest(ada);
  });

  it.concurrent("a long text that nothing follows is answered all the same", async () => {
    await using ada = await startAdasWorld();
    ada.model.enqueue({ reply: { content: "A long letter." } });
    await ada.say("All of it, to the last letter. ".repeat(135));
    await ada.rest();
    expect(saidToAda(ada)).toEqual(["A long letter."]);
    await expectRest(ada);
  });
});

describe("somebody who waits behind a long turn", () => {
  const FAST = 10;

  /** The model is held in each of its first `holds` replies; somebody waits behind the first. */
  const waitingBehind = async (holds = 1) => {
    const held = gate();
    const ada = await startAdasWorld({
      model: {
        respond({ body }) {
          if ((body.tools?.length ?? 0) === 0) return { reply: { content: "A title" } };
          const content = `You said: ${lastWords(body)}`;
          const isHeld = asked(ada).length <= holds;
          return { reply: { content, ...(isHeld ? { hold: { after: 1, until: held.opened } } : {}) } };
        },
      },
    });
    await ada.say("hello");
    await ada.model.waitForRequest(1);
    await ada.say("are you there?");
    return { ada, held };
  };

  const notes = (ada: AdasWorld) => saidToAda(ada).filter((text) => text.startsWith("⏳"));

  const noted = (ada: AdasWorld) =>
    ada.telegram.waitFor(
      ({ method, payload }) => method === "sendMessage" && /^⏳/.test(String(payload["text"])),
    );

  it.concurrent("is told once, after 15 s, and then answered", async () => {
    const { ada, held } = await waitingBehind();
    await using _ = ada;
    const startedAt = ada.clock.now();
    const { at } = await ada.clock.during(FAST, noted(ada));
    expect(at - startedAt).toBeGreaterThan(10_000);
    expect(at - startedAt).toBeLessThan(40_000);
    await ada.say("hello?");
    await ada.clock.during(FAST, minuteGoneBy(ada));
    held.open();
    await ada.rest();
    expect(notes(ada)).toHaveLength(1);
    // What waited is one turn.
    expect(saidToAda(ada).slice(1)).toEqual(["You said: hello", "You said: are you there?"]);
    expect(textOf(asked(ada).at(-1)?.body.messages.at(-1)?.content)).toContain("hello?");
    expect(await rolesOf(ada)).toEqual(["user", "assistant", "user", "user", "assistant"]);
    await expectRest(ada);
  });

  it.concurrent("is not told again by whoever goes on with the turn after a crash", async () => {
    const { ada, held } = await waitingBehind(2);
    await using _ = ada;
    await ada.clock.during(FAST, noted(ada));
    for (const run of ada.containers.running()) run.kill();
    await ada.quiet();
    await ada.clock.skip(RETRY_MS);
    await ada.model.waitForRequest(2);
    await ada.clock.during(FAST, minuteGoneBy(ada));
    held.open();
    await ada.rest();
    expect(notes(ada)).toHaveLength(1);
    expect(saidToAda(ada).slice(1)).toEqual(["You said: hello", "You said: are you there?"]);
    await expectRest(ada);
  });
});

/** Lambda's first retry (facts/platform.md 2). */
const RETRY_MS = 60_000;

const lastWords = ({ messages }: ChatBody): string =>
  textOf(messages.findLast(({ role }) => role === "user")?.content).split("\n")[0] ?? "";

/** Long enough for several looks at the inbox, by the clock of the world. */
const minuteGoneBy = ({ clock }: AdasWorld): Promise<void> => clock.sleep(60_000);
