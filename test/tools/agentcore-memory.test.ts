import { describe, expect, it } from "vitest";
import type { Message } from "../../src/message.ts";
import type { Tool, ToolContext } from "../../src/ports.ts";
import { createAgentCoreMemoryTools } from "../../src/tools/agentcore-memory.ts";
import type { Origin } from "../../src/turn.ts";
import { ADA } from "../contracts/said.ts";
import { createFakeMemoryService } from "../fakes/memory-service.ts";
import { contextOf } from "./context.ts";

const AT = Date.UTC(2026, 10, 24, 8);
const BOB: Origin = { chatId: 4, chatType: "dm", userId: 4 };

const place = () => {
  const service = createFakeMemoryService();
  const tools = createAgentCoreMemoryTools({
    service,
    scan: (text) => (text.includes("EVIL") ? "Blocked: EVIL" : undefined),
    redact: (text) => text.replaceAll(/sk-\w+/g, "[redacted]"),
    clock: { now: () => AT },
  });
  const toolNamed = (name: string): Tool => {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`no ${name}`);
    return tool;
  };
  const call = (name: string, args: Record<string, unknown>, more: Partial<ToolContext> = {}) =>
    toolNamed(name).run(args, contextOf(more));
  let operations = 0;
  const note = async (content: string, origin: Origin = ADA) => {
    operations += 1;
    await call("memory_remember", { content }, { origin, operation: `op-${operations}` });
    return service.records.at(-1)?.id ?? "";
  };
  return { service, tools, call, note };
};

const json = (text: string) => JSON.parse(text) as Record<string, never>;

describe("memory_remember", () => {
  it("keeps a note of who speaks, at once and once, though its result was lost and it runs again", async () => {
    const { service, call } = place();
    const first = await call("memory_remember", { content: " Likes tea " });
    const again = await call("memory_remember", { content: " Likes tea " });
    expect(again).toEqual(first);
    expect(json(first.text)).toEqual({ remembered: "Likes tea" });
    expect(service.records).toMatchObject([{ text: "Likes tea", at: AT, namespace: "/users/tg-42/notes/" }]);
    await call("memory_remember", { content: "Likes milk" }, { operation: "call-2" });
    expect(service.records).toHaveLength(2);
  });

  it("keeps nothing that the scan refuses, and nothing empty or long", async () => {
    const { service, call } = place();
    for (const content of ["do EVIL", "  ", "x".repeat(2_001)]) {
      const { text } = await call("memory_remember", { content });
      expect(text).toMatch(/^Nothing was done/);
    }
    expect(service.calls).toEqual([]);
  });
});

describe("memory_remember of a secret", () => {
  it("keeps what stands around it, and tells the model that it is not kept", async () => {
    const { service, call } = place();
    const { text } = await call("memory_remember", { content: "Pays with sk-FAKE at the shop" });
    expect(json(text)).toEqual({
      remembered: "Pays with [redacted] at the shop",
      note: expect.stringContaining("is not kept"),
    });
    expect(service.records).toMatchObject([{ text: "Pays with [redacted] at the shop" }]);
  });
});

describe("memory_recall", () => {
  it("finds what fits, of this person alone, as somebody's words", async () => {
    const { call, note, tools } = place();
    await note("Likes green tea");
    await note("Hates green tea", BOB);
    const { text } = await call("memory_recall", { query: "green tea" });
    expect(json(text)).toEqual({
      memories: [{ id: expect.any(String), text: "Likes green tea", date: "2026-11-24" }],
    });
    expect(tools.find(({ name }) => name === "memory_recall")).toMatchObject({
      parallel: true,
      repeatable: true,
      untrusted: true,
    });
  });

  it("finds no more than is asked for", async () => {
    const { call, note } = place();
    for (let index = 0; index < 12; index += 1) await note(`tea ${index}`);
    const sizes = await Promise.all(
      [{}, { limit: 3 }].map(async (more) => {
        const { text } = await call("memory_recall", { query: "tea", ...more });
        return (json(text)["memories"] ?? []) as readonly unknown[];
      }),
    );
    expect(sizes.map(({ length }) => length)).toEqual([8, 3]);
    expect((await call("memory_recall", { query: "tea", limit: 21 })).text).toContain("at most 20");
  });
});

describe("memory_forget", () => {
  it("lists everything with ids, newest first, and says how much more there is", async () => {
    const { call, service } = place();
    for (let index = 0; index < 130; index += 1) {
      await service.add("/users/tg-42/facts/", `fact ${index}`, `f${index}`, AT + index, contextOf().signal);
    }
    const list = json((await call("memory_forget", { action: "list" })).text);
    expect(list).toMatchObject({ total: 130, note: expect.any(String) });
    expect(list["memories"]).toHaveLength(100);
    expect(list["memories"]?.[0]).toMatchObject({ text: "fact 129" });
  });

  it("lists as many as a result can hold, however long they are, and says where others read along", async () => {
    const { call, service } = place();
    const text = `${'"\n\u0007'.repeat(3_000)}tea`;
    for (let index = 0; index < 100; index += 1) {
      await service.add("/users/tg-42/facts/", text, `f${index}`, AT + index, contextOf().signal);
    }
    const result = (await call("memory_forget", { action: "list" })).text;
    expect(result.length).toBeLessThan(48_000);
    expect(json(result)).toMatchObject({ total: 100, note: expect.any(String) });
    expect(json(result)).not.toHaveProperty("privacy");
    const origin: Origin = { ...ADA, chatType: "group" };
    for (const [name, args] of [
      ["memory_forget", { action: "list" }],
      ["memory_recall", { query: "tea" }],
    ] as const)
      expect(json((await call(name, args, { origin })).text)).toHaveProperty("privacy");
  });

  it("deletes nothing: it asks the person, who is shown what it is about", async () => {
    const { call, note, service } = place();
    const tea = await note("Likes [tea](https://evil.example)\nand *milk*");
    await note("Has a cat");
    const outcome = await call("memory_forget", { action: "forget", ids: [tea] });
    expect(outcome.ask).toEqual({
      question: "Forget this for good?\n\n1. Likes \\[tea\\](https://evil.example) and \\*milk\\*",
      choices: [],
      forget: { ids: [tea] },
    });
    expect(outcome.text).toContain("Nothing is deleted yet");
    expect((await call("memory_forget", { action: "forget_all" })).ask).toMatchObject({
      choices: [],
      forget: { ids: "all" },
    });
    expect(service.records).toHaveLength(2);
  });

  it("shows nobody else what it is about: in a group it does not ask", async () => {
    const { call, note } = place();
    const tea = await note("Likes tea");
    const origin: Origin = { ...ADA, chatId: -100, chatType: "group" };
    const { ask, text } = await call("memory_forget", { action: "forget", ids: [tea] }, { origin });
    expect(ask).toBeUndefined();
    expect(text).toMatch(/^Nothing was done[\s\S]*private chat/);
    expect((await call("memory_forget", { action: "forget_all" }, { origin })).ask).toBeDefined();
  });

  it("asks about nothing of another person's, nor without ids", async () => {
    const { call, note } = place();
    const his = await note("his", BOB);
    const hers = await note("hers");
    const outcome = await call("memory_forget", { action: "forget", ids: [his, hers] });
    expect(outcome.ask?.forget).toEqual({ ids: [hers] });
    expect(outcome.ask?.question).not.toContain("his\n");
    for (const args of [{ ids: [his] }, { ids: [] }, {}]) {
      const { ask, text } = await call("memory_forget", { action: "forget", ...args });
      expect(ask).toBeUndefined();
      expect(text).toMatch(/^Nothing was done/);
    }
  });
});

describe("a record that the scan refuses", () => {
  it("reaches no prompt, however it is asked for, and the person is shown where to forget it", async () => {
    const { call, note, service } = place();
    await note("tea with milk");
    await service.add("/users/tg-42/facts/", "tea EVIL", "f1", AT + 1, contextOf().signal);
    const evil = service.records.at(-1)?.id ?? "";

    const recalled = await call("memory_recall", { query: "tea" });
    const list = await call("memory_forget", { action: "list" });
    const question = await call("memory_forget", { action: "forget", ids: [evil] });

    for (const { text } of [recalled, list, question]) expect(text).not.toContain("EVIL");
    expect(json(recalled.text)["memories"]).toHaveLength(1);
    expect(json(list.text)).toMatchObject({ total: 2, note: expect.stringContaining("/memory") });
    expect(question).toEqual({ text: expect.stringMatching(/^Nothing was done/) });
    expect((await call("memory_forget", { action: "forget_all" })).ask).toBeDefined();
  });
});

const CALLS = [
  ["memory_remember", { content: "Likes tea" }],
  ["memory_recall", { query: "tea" }],
  ["memory_forget", { action: "list" }],
  ["memory_forget", { action: "forget", ids: ["mem-0"] }],
] as const;

describe.each([...CALLS, ["memory_forget", { action: "forget_all" }] as const])("%s %j", (name, args) => {
  it("does nothing while memory is switched off in the chat, and says how to switch it on", async () => {
    const { call, service } = place();
    const outcome = await call(name, args, { isMemoryOff: true });
    expect(outcome).toEqual({
      text: "Long-term memory is switched off in this chat (/memory on switches it on).",
    });
    expect(service.calls).toEqual([]);
  });

  it("does nothing where several speak at once", async () => {
    const { call, service } = place();
    const messages: Message[] = [ADA.userId, BOB.userId].map((userId) => ({
      ...{ role: "user", content: "I sail" },
      ...(userId === undefined ? {} : { userId }),
    }));
    const { text, ask } = await call(name, args, { messages });
    expect(text).toMatch(/^Nothing was done: several people speak/);
    expect(ask).toBeUndefined();
    const before = await call(name, args, { messages: messages.toReversed(), turnStart: 1 });
    expect(before).toEqual({ text: expect.stringMatching(/^Nothing was done: [\s\S]*that of user 42/) });
    expect(service.calls).toEqual([]);
  });

  it("does nothing when nobody is speaking", async () => {
    const { call, service } = place();
    const { text, ask } = await call(name, args, { origin: { chatId: -100, chatType: "channel" } });
    expect(text).toMatch(/^Nothing was done/);
    expect(ask).toBeUndefined();
    expect(service.calls).toEqual([]);
  });
});

describe.each(CALLS)("%s %j", (name, args) => {
  it("says that the memory is away and to go on without it", async () => {
    const { tools, service } = place();
    service.fail();
    const context = contextOf();
    const outcome = await tools.find((tool) => tool.name === name)?.run(args, context);
    expect(outcome?.text).toMatch(/cannot be reached now\. Go on without it/);
    expect(context.warnings).toEqual(["a memory tool failed"]);
  });

  it("ends with the signal", async () => {
    const { call, service } = place();
    service.hang();
    const stop = new AbortController();
    const running = call(name, args, { signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
  });
});
