// What a turn owes to long-term memory: everything is learnt once and in order, however long the memory is away.

import { describe, expect, it } from "vitest";
import { cutMarker } from "../../src/agent/transcript.ts";
import { HermesError } from "../../src/errors.ts";
import { ADA, BOB, startChat } from "./learn-kit.ts";

describe("a turn that owes nothing", () => {
  it("hands over its own exchange with one event, and reads no row for it", async () => {
    const chat = startChat();
    await chat.ask("one");
    await chat.ask("two");
    expect(chat.learnt()).toEqual(["one", "two"]);
    expect(chat.state.reads).toBe(0);
    expect(chat.forgettings.asked).toEqual([ADA, ADA]);
    expect(chat.meta).not.toHaveProperty("owed");
    chat.leave();
    expect(chat.meta).not.toHaveProperty("owed");
  });
});

describe("a memory that is down", () => {
  it("for a day and several sessions learns all of it afterwards, once and in order", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    for (const text of ["one", "two", "three"]) {
      await chat.ask(text);
      await chat.ask(`${text} more`);
      chat.leave();
      await chat.command();
    }
    expect(chat.learnt()).toEqual([]);
    chat.state.weather = "fine";
    // What was tried goes alone, as it went; with the turn after goes what was said meanwhile.
    await chat.ask("four");
    expect(chat.learnt()).toEqual(["one"]);
    await chat.ask("five");
    expect(chat.learnt()).toEqual(["one", "one more", "two, two more", "three, three more", "four, five"]);
    expect(chat.meta).not.toHaveProperty("owed");
    await chat.ask("six");
    expect(chat.learnt().at(-1)).toBe("six");
  });

  it("is asked once a turn, however much is owed", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    for (let session = 0; session < 5; session += 1) {
      await chat.ask(`said ${session}`);
      chat.leave();
    }
    expect(chat.tried).toEqual(["said 0", "said 0", "said 0", "said 0", "said 0"]);
  });

  it("and hangs costs one budget, and then nothing for a minute", async () => {
    const chat = startChat();
    chat.state.weather = "hangs";
    await chat.ask("one");
    const before = chat.clock.elapsed();
    await chat.command();
    expect(chat.clock.elapsed() - before).toBe(0);
    expect(chat.tried).toEqual(["one"]);
    expect(chat.owed).toHaveLength(1);
  });

  it("gives more than an event holds in several, a turn each", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    for (let index = 0; index < 60; index += 1) await chat.ask(`said ${index}`);
    chat.state.weather = "fine";
    for (let index = 60; index < 64; index += 1) await chat.ask(`said ${index}`);
    const learnt = chat.learnt().flatMap((texts) => texts.split(", "));
    expect(learnt).toEqual(Array.from({ length: 64 }, (_, index) => `said ${index}`));
    expect(chat.learnt().map((texts) => texts.split(", ").length)).toEqual([1, 50, 12, 1]);
  });

  it("keeps a bounded number on record, of places and not of words", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    for (let session = 0; session < 40; session += 1) {
      await chat.ask(`said ${session}`);
      chat.leave();
    }
    expect(chat.owed).toHaveLength(32);
    expect(JSON.stringify(chat.owed)).not.toContain("said");
    expect(JSON.stringify(chat.owed).length).toBeLessThan(4_000);
    expect(chat.warnings).toContain("too much is owed to the memory: the oldest is not learnt from");
  });

  it("does not keep back what comes after for longer than a week", async () => {
    const chat = startChat({
      async createEvent({ messages }) {
        if (messages[0]?.text === "poison") throw new Error("never");
      },
    });
    await chat.ask("poison");
    await chat.ask("later");
    chat.leave();
    await chat.ask("and later");
    expect(chat.owed).toHaveLength(2);
    await chat.clock.advance(8 * 86_400_000);
    await chat.ask("much later");
    expect(chat.owed).toHaveLength(2);
    await chat.ask("at last");
    expect(chat.meta).not.toHaveProperty("owed");
    expect(chat.tried).toEqual(["poison", "poison", "poison", "poison", "later", "and later"]);
  });

  it("is not called failed where it is only asked too soon, and has it with a later turn", async () => {
    const learnt: string[] = [];
    let answer: HermesError | undefined = new HermesError("busy", "the memory did not take an event");
    const chat = startChat({
      async createEvent({ messages }) {
        if (answer !== undefined) throw answer;
        learnt.push(...messages.map(({ text }) => text));
      },
    });
    await chat.ask("one");
    expect(chat.warnings).toEqual([]);
    expect(chat.notes).toEqual(["the memory is asked too often: learning goes with a later message"]);
    answer = undefined;
    await chat.ask("two");
    await chat.ask("three");
    expect(learnt).toEqual(["one", "two", "three"].flatMap((text) => [text, `Re: ${text}`]));

    answer = new HermesError("unavailable", "the memory did not take an event", { retryable: true });
    await chat.ask("four");
    expect(chat.warnings).toEqual(["memory failed: learning"]);
    expect(chat.notes).toHaveLength(1);
  });

  it("is not told again what it calls malformed", async () => {
    const chat = startChat({
      createEvent: () => Promise.reject(new HermesError("malformed", "never")),
    });
    await chat.ask("poison");
    expect(chat.meta).not.toHaveProperty("owed");
  });
});

describe("an event whose answer was lost", () => {
  it("is learnt once, and what was said meanwhile follows it", async () => {
    const chat = startChat();
    chat.state.weather = "loses";
    await chat.ask("one");
    await chat.ask("two");
    chat.state.weather = "fine";
    await chat.ask("three");
    await chat.ask("four");
    expect(chat.learnt()).toEqual(["one", "two, three, four"]);
  });

  it("at the end of a session is learnt once, from the next", async () => {
    const chat = startChat();
    chat.state.weather = "loses";
    await chat.ask("one");
    chat.leave();
    chat.state.weather = "fine";
    await chat.ask("two");
    expect(chat.learnt()).toEqual(["one", "two"]);
  });

  it("is the same event when some of it was undone meanwhile", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    await chat.ask("zero");
    chat.state.weather = "fine";
    await chat.command();
    chat.state.weather = "down";
    await chat.ask("one");
    chat.state.weather = "loses";
    await chat.command();
    const { message, marker } = cutMarker(3);
    chat.commit(chat.rowOf(message, marker === undefined ? {} : { marker }));
    chat.state.weather = "fine";
    await chat.ask("two");
    expect(chat.learnt()).toEqual(["zero", "one", "two"]);
  });

  it("is learnt once when the process dies between the event and the record of it", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    await chat.ask("one");
    chat.leave();
    chat.state.weather = "fine";
    await chat.turn({ [ADA]: "two" }, { crashes: 3 });
    await chat.ask("three");
    expect(chat.learnt()).toEqual(["one", "two", "three"]);
  });
});

describe("what is owed", () => {
  it("is each speaker's own: one's is learnt once though another's is lost", async () => {
    let isBobDown = true;
    const events: string[] = [];
    const tokens = new Set<string>();
    const chat = startChat({
      async createEvent({ actor, messages, token }) {
        if (actor === `tg-${BOB}` && isBobDown) throw new Error("down");
        if (tokens.has(token)) return;
        tokens.add(token);
        events.push(`${actor}: ${messages.map(({ text }) => text).join(" ")}`);
      },
    });
    await chat.turn({ [ADA]: "I sail", [BOB]: "I dive" });
    expect(chat.owed).toMatchObject([{ userId: BOB }]);
    chat.leave();
    isBobDown = false;
    await chat.turn({ [ADA]: "I row" });
    expect(events.toSorted()).toEqual([
      "tg-42: I row Re: I row",
      "tg-42: I sail Re: I sail",
      "tg-43: I dive Re: I sail",
    ]);
    expect(chat.meta).not.toHaveProperty("owed");
  });

  it("is nothing any more once memory is switched off", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    await chat.ask("one");
    chat.leave();
    await chat.ask("two");
    chat.apply({ settings: { memory: "off" } });
    chat.state.weather = "fine";
    await chat.command();
    expect(chat.meta).not.toHaveProperty("owed");
    await chat.ask("not this");
    chat.leave();
    chat.apply({ settings: {} });
    await chat.ask("three");
    expect(chat.learnt()).toEqual(["three"]);
  });

  it("is without what its speaker has had forgotten since, in whichever chat that was", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    await chat.turn({ [ADA]: "I sail", [BOB]: "I dive" });
    chat.leave();
    await chat.forgettings.mark(ADA, chat.clock.now());
    await chat.turn({ [ADA]: "I row" });
    chat.state.weather = "fine";
    await chat.ask("I walk");
    expect(chat.learnt(ADA)).toEqual(["I row"]);
    expect(chat.learnt(BOB)).toEqual(["I dive"]);
  });

  it("is not what was said before everything was forgotten, by a turn that was still at work", async () => {
    const chat = startChat();
    await chat.turn(
      { [ADA]: "I sail", [BOB]: "I dive" },
      { meanwhile: () => chat.forgettings.mark(ADA, chat.clock.now()) },
    );
    expect(chat.learnt(ADA)).toEqual([]);
    expect(chat.learnt(BOB)).toEqual(["I dive"]);
    expect(chat.meta).not.toHaveProperty("owed");
    await chat.ask("I row");
    expect(chat.learnt(ADA)).toEqual(["I row"]);
  });

  it("stays where it is when a session is resumed, and is learnt once with what is said there", async () => {
    const chat = startChat();
    await chat.ask("zero");
    chat.state.weather = "down";
    await chat.ask("one");
    chat.leave();
    await chat.ask("two");
    chat.resume("session-1");
    chat.state.weather = "fine";
    await chat.ask("three");
    await chat.ask("four");
    expect(chat.learnt()).toEqual(["zero", "one", "three, four", "two"]);
  });

  it("is what no turn came to hand over, once the session is left", async () => {
    const chat = startChat();
    chat.commit(chat.rowOf({ role: "user", content: "one", userId: ADA }));
    chat.commit(chat.rowOf({ role: "assistant", content: "Aye." }));
    chat.leave();
    expect(chat.owed).toMatchObject([{ sessionId: "session-1", userId: ADA, from: 0, to: 2 }]);
    await chat.ask("two");
    expect(chat.learnt()).toEqual(["one", "two"]);
  });

  it("waits where its rows cannot be read to their end yet", async () => {
    const chat = startChat();
    chat.state.weather = "down";
    await chat.ask("one");
    chat.leave();
    chat.state.weather = "fine";
    chat.state.isBehind = true;
    await chat.ask("two");
    expect(chat.learnt()).toEqual([]);
    chat.state.isBehind = false;
    await chat.ask("three");
    expect(chat.learnt()).toEqual(["one", "two, three"]);
  });
});
