import { describe, expect, it, vi } from "vitest";
import { HermesError } from "../../src/errors.ts";
import { actorOf, notesOf } from "../../src/memory/agentcore-ids.ts";
import { createFakeMemoryService } from "../fakes/memory-service.ts";
import { AT, contextOf, exchange, memoryOver } from "./agentcore-kit.ts";

const ADA = 42;
const BOB = 4;

const place = () => {
  const service = createFakeMemoryService();
  const { memory, warnings } = memoryOver(service);
  let notes = 0;
  const note = async (userId: number, text: string, at = AT) => {
    notes += 1;
    await service.add(notesOf(actorOf(userId)), text, `note-${notes}`, at, contextOf(userId).signal);
    return service.records.at(-1)?.id ?? "";
  };
  const remember = (user: string, more: object = {}) =>
    memory.remember({ ...contextOf(ADA), ...exchange(user), id: user, missed: [], ...more });
  const textsSaid = () => service.events.map(({ messages }) => messages.map(({ text }) => text));
  return { service, memory, warnings, note, remember, textsSaid };
};

const untilEnded = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

describe("what is recalled about a request", () => {
  it("is a short list with the day of each thing, from this person's memory alone", async () => {
    const { memory, note, service } = place();
    await note(ADA, "Drinks green\ntea", AT);
    await note(BOB, "Hates green tea");
    expect(await memory.recall("Which tea?", contextOf(ADA))).toBe("- Drinks green tea (2026-11-24)");
    expect(service.calls.filter((call) => call === "search")).toHaveLength(1);
  });

  it("is nothing when nothing fits, when nothing is asked, and when nobody is speaking", async () => {
    const { memory, note, service } = place();
    await note(ADA, "Drinks tea");
    expect(await memory.recall("bicycle", contextOf(ADA))).toBe("");
    const before = service.calls.length;
    expect(await memory.recall(" \n ", contextOf(ADA))).toBe("");
    expect(await memory.recall("tea", contextOf(undefined))).toBe("");
    expect(service.calls).toHaveLength(before);
  });

  it("is bounded: a long question is cut to what the service takes, and so is a long memory", async () => {
    const { memory, note } = place();
    await note(ADA, `tea ${"leaf ".repeat(2_000)}`);
    for (let index = 0; index < 20; index += 1) await note(ADA, `tea number ${index}`);
    const text = await memory.recall(`tea ${"x".repeat(20_000)}`, contextOf(ADA));
    expect(text.split("\n")).toHaveLength(8);
    expect(text.length).toBeLessThan(6_000);
  });

  it("leaves out what the scan refuses, and says so in the log without its words", async () => {
    const { memory, note, warnings } = place();
    await note(ADA, "tea EVIL instructions");
    await note(ADA, "tea with milk");
    expect(await memory.recall("tea", contextOf(ADA))).toBe("- tea with milk (2026-11-24)");
    expect(warnings).toEqual(["memories left out: the scan refuses them"]);
  });

  it("fails as the service does: whoever asks bounds it and goes on", async () => {
    const { memory, service } = place();
    service.fail();
    await expect(memory.recall("tea", contextOf(ADA))).rejects.toMatchObject({ code: "unavailable" });
    service.hang();
    const stop = new AbortController();
    const asked = memory.recall("tea", contextOf(ADA, { signal: stop.signal }));
    stop.abort(new Error("no more time"));
    await expect(asked).rejects.toThrow("no more time");
  });
});

describe("what is learnt from", () => {
  it("is one event with both sides, once however often it is handed over", async () => {
    const { remember, service } = place();
    await remember("I like tea");
    await remember("I like tea");
    expect(service.events).toEqual([
      {
        actor: "tg-42",
        session: "s-agent__main__telegram__dm__42_s20261124_u080000_uaaaaaaaa",
        at: AT,
        token: expect.stringMatching(/^[0-9a-f]{64}$/),
        messages: [
          { role: "USER", text: "I like tea" },
          { role: "ASSISTANT", text: "Noted." },
        ],
      },
    ]);
  });

  it("has what was missed before it in the same event, and the oldest of too much left out", async () => {
    const { remember, textsSaid } = place();
    const missed = Array.from({ length: 60 }, (_, index) => exchange(`said ${index}`, `heard ${index}`));
    await remember("now", { missed });
    const [texts = []] = textsSaid();
    expect(texts).toHaveLength(100);
    expect(texts.slice(0, 2)).toEqual(["said 11", "heard 11"]);
    expect(texts.slice(-2)).toEqual(["now", "Noted."]);
  });

  it("has no secrets, no halves of characters, and no more than the service takes", async () => {
    const { remember, textsSaid } = place();
    await remember("my password is hunter2 \ud83d");
    await remember("x".repeat(99_999) + "😀".repeat(10));
    const [[first] = [], [second] = []] = textsSaid();
    expect(first).toBe("my password is [redacted] \ufffd");
    expect(second).toBe("x".repeat(99_999));
  });

  it("is without an exchange the scan refuses on either side; the others stay", async () => {
    const { remember, textsSaid, warnings } = place();
    await remember("hello", {
      missed: [exchange("EVIL"), exchange("what?", "EVIL"), exchange("I like tea")],
    });
    expect(textsSaid()).toEqual([["I like tea", "Noted.", "hello", "Noted."]]);
    expect(warnings).toHaveLength(2);
  });

  it("is nothing when nothing is left of it, or nobody spoke", async () => {
    const { memory, remember, service } = place();
    await remember("EVIL");
    await remember(" ", { assistant: "" });
    await memory.remember({ ...contextOf(undefined), ...exchange("I like tea"), id: "a", missed: [] });
    expect(service.calls).toEqual([]);
  });

  it("is not lost in silence: a refusal reaches whoever handed it over", async () => {
    const { remember, service } = place();
    service.fail();
    await expect(remember("I like tea")).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });
});

describe("what the service will never take", () => {
  it("is not handed over again: whoever did that is told it is done, and the log that it is not learnt from", async () => {
    const refused = new HermesError("malformed", "the memory did not take an event: ValidationException");
    const service = { ...createFakeMemoryService(), createEvent: () => Promise.reject(refused) };
    const { memory, warnings } = memoryOver(service);
    await memory.remember({ ...contextOf(ADA), ...exchange("I like tea"), id: "a", missed: [] });
    expect(warnings).toEqual(["what was said is not learnt from: the memory calls it malformed"]);
  });
});

describe("what is known about a person", () => {
  it("is everything, newest first", async () => {
    const { memory, note } = place();
    await note(ADA, "old", AT - 1_000);
    await note(ADA, "new", AT + 1_000);
    await note(BOB, "his");
    const known = await memory.known?.(contextOf(ADA));
    expect(known?.map(({ text }) => text)).toEqual(["new", "old"]);
    expect(await memory.known?.(contextOf(undefined))).toEqual([]);
  });

  it("is forgotten by id, never somebody else's, whatever ids are given", async () => {
    const { memory, note, service } = place();
    const his = await note(BOB, "his");
    const hers = await note(ADA, "hers");
    await memory.forget?.([his, hers, "mem-none"], contextOf(ADA));
    expect(service.records.map(({ text }) => text)).toEqual(["his"]);
    const before = service.calls.length;
    await memory.forget?.([his], contextOf(ADA));
    expect(service.calls.slice(before)).toEqual(["list"]);
  });

  it("is forgotten as a whole: first what is told of them, then what it would be learnt from again", async () => {
    const { memory, note, remember, service } = place();
    await note(ADA, "hers");
    await note(BOB, "his");
    await remember("I like tea");
    await memory.remember({ ...contextOf(BOB), ...exchange("I like beer"), id: "b", missed: [] });
    service.calls.length = 0;
    await memory.forget?.("all", contextOf(ADA));
    expect(service.records.map(({ text }) => text)).toEqual(["his"]);
    expect(service.events.map(({ actor }) => actor)).toEqual(["tg-4"]);
    expect(service.calls).toEqual(["list", "remove", "removeEvents", "list"]);
    await memory.forget?.("all", contextOf(undefined));
    expect(service.records).toHaveLength(1);
  });

  it("is not told any more as soon as it is to be forgotten, however long it takes to delete what was said", async () => {
    const { note, service } = place();
    await note(ADA, "hers");
    const { memory } = memoryOver({ ...service, removeEvents: (_, signal) => untilEnded(signal) });
    const stop = new AbortController();
    const forgetting = memory.forget?.("all", contextOf(ADA, { signal: stop.signal }));
    await vi.waitFor(() => expect(service.records).toEqual([]));
    stop.abort(new Error("no more time"));
    await expect(forgetting).rejects.toThrow("no more time");
  });

  it("is forgotten with what is learnt of it while it is being forgotten", async () => {
    const { note, service } = place();
    const removeEvents = async (actor: string, signal: AbortSignal) => {
      await note(ADA, "learnt late");
      await service.removeEvents(actor, signal);
    };
    await memoryOver({ ...service, removeEvents }).memory.forget?.("all", contextOf(ADA));
    expect(service.records).toEqual([]);
  });

  it("is not called forgotten while there is always more of it", async () => {
    const { note, service } = place();
    await note(ADA, "hers");
    const remove = async () => undefined;
    const { memory } = memoryOver({ ...service, remove });
    await expect(memory.forget?.("all", contextOf(ADA))).rejects.toMatchObject({
      ...{ code: "unavailable", retryable: true, message: "there are still records to delete" },
    });
  });

  it("is still whole to who asks again when forgetting stopped halfway", async () => {
    const { memory, note, service } = place();
    await note(ADA, "hers");
    service.fail();
    await expect(memory.forget?.("all", contextOf(ADA))).rejects.toMatchObject({ code: "unavailable" });
    await memory.forget?.("all", contextOf(ADA));
    expect(service.records).toEqual([]);
  });
});
