import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import type { AskModel } from "../../src/agent/ask-model.ts";
import { type CompactInput, compact } from "../../src/agent/compaction.ts";
import { estimateTokens, promptMessages } from "../../src/agent/history.ts";
import { ModelError } from "../../src/errors.ts";
import type { Message, UserMessage } from "../../src/message.ts";
import type { Row } from "../../src/session-state.ts";
import fc from "../support/properties.ts";
import { call, problemsOf, recordingLog, says, scriptedAsk, silentLog, user } from "./loop-kit.ts";

const rowsOf = (messages: readonly Message[], firstSeq = 1): Row[] =>
  messages.map((message, index) => ({ sessionId: "s1", seq: firstSeq + index, fence: 1, at: 0, message }));

const exchange = (n: number, size = 400): Message[] => [
  user(`question ${n} ${"q".repeat(size)}`),
  { role: "assistant", content: "", toolCalls: [call("fetch", { n }, `c${n}`)] },
  { role: "tool", toolCallId: `c${n}`, toolName: "fetch", content: `page ${n} ${"p".repeat(size * 4)}` },
  { role: "assistant", content: `answer ${n} ${"a".repeat(size)}` },
];

const long = (exchanges = 30): Message[] => Array.from({ length: exchanges }, (_, n) => exchange(n)).flat();

const run = (rows: readonly Row[], ask: AskModel, extra: Partial<CompactInput> = {}) =>
  compact({
    rows,
    base: 0,
    ask,
    budgetTokens: 20_000,
    tailShare: 0.2,
    tailMessages: 20,
    signal: new AbortController().signal,
    remainingMs: () => 600_000,
    clock: systemClock,
    log: silentLog,
    ...extra,
  });

/** The rows as run-turn stores them. */
const stored = (rows: readonly Row[], done: { message: UserMessage; keepFrom: number }): Row[] => [
  ...rows,
  {
    ...{ sessionId: "s1", seq: (rows.at(-1)?.seq ?? 0) + 1, fence: 1, at: 0 },
    message: done.message,
    marker: { kind: "summary", keepFrom: done.keepFrom },
  },
];

describe("compaction", () => {
  it("replaces the older part by the model's summary, marked as background, and keeps the newest messages", async () => {
    const ask = scriptedAsk(says("## Goal\nKnow pages."));
    const rows = rowsOf(long());
    const done = await run(rows, ask);
    expect(done?.message.content).toMatch(
      /^\[CONTEXT COMPACTION — REFERENCE ONLY\][\s\S]*## Goal\nKnow pages\.[\s\S]*\[END/,
    );
    const kept = rows.filter((row) => row.seq >= (done?.keepFrom ?? 0));
    expect(kept.length).toBeGreaterThanOrEqual(8);
    expect(kept.some((row) => row.message.role === "user")).toBe(true);
    expect(problemsOf(kept.map((row) => row.message))).toEqual([]);
  });

  it("asks with the headings, the budget, pruned tool results, no tools and no secrets", async () => {
    const ask = scriptedAsk(says("summary"));
    const messages = [user("my key is sk-abcdefghijklmnop1234567890"), ...long()];
    await run(rowsOf(messages), ask, { focus: "the second page" });
    const [request] = ask.requests;
    const text = request?.messages[0]?.content ?? "";
    expect(request).toMatchObject({ tools: [], reasoning: "off" });
    for (const heading of ["Goal", "Completed Actions", "Critical Context"])
      expect(text).toContain(`## ${heading}`);
    expect(text).toContain("the second page");
    expect(text).toContain("[CALLS fetch]");
    expect(text).toContain("old tool output cleared");
    expect(text).not.toContain("p".repeat(300));
    expect(text).not.toContain("sk-abcdefghij");
  });

  it("updates the summary there was, instead of summarising it as a message", async () => {
    const first = rowsOf(long());
    const done = await run(first, scriptedAsk(says("FIRST SUMMARY")));
    if (!done) throw new Error("nothing was compacted");
    const rows = [...stored(first, done), ...rowsOf(long(), 200)];
    const ask = scriptedAsk(says("second"));
    const again = await run(rows, ask, { base: done.keepFrom });
    expect(ask.requests[0]?.messages[0]?.content).toContain("<summary>\nFIRST SUMMARY\n</summary>");
    expect(again?.message.content).not.toContain("FIRST SUMMARY");
  });

  it("takes secrets out of the summary itself", async () => {
    const done = await run(
      rowsOf(long()),
      scriptedAsk(says("the token: 123456789:AAFakeFakeFakeFakeFakeFakeFakeFakeFak")),
    );
    expect(done?.message.content).not.toContain("FakeFake");
  });

  it("quotes the last request, with its photos, when a long run of tools since then is what must go", async () => {
    const photos = [{ fileId: "f1", width: 1, height: 1 }];
    const request: Message = { ...user("compare all of these pages"), photos, context: "<message-context/>" };
    const tools = long().filter((message) => message.role !== "user");
    const rows = rowsOf([request, ...tools]);
    const done = await run(rows, scriptedAsk(says("summary")));
    expect(done?.message.content).toMatch(/word for word:\ncompare all of these pages$/);
    expect(done?.message).toMatchObject({ photos, context: "<message-context/>" });
    if (!done) throw new Error("nothing was compacted");
    const more = [...stored(rows, done), ...rowsOf(tools, 500)];
    const again = await run(more, scriptedAsk(says("second")), { base: done.keepFrom });
    expect(again?.message.content).toMatch(/second[\s\S]*word for word:\ncompare all of these pages$/);
    expect(again?.message).toMatchObject({ photos });
  });
});

describe("a compaction whose model", () => {
  const failures: [string, AskModel][] = [
    ["fails", scriptedAsk(new ModelError("server_error", "no"))],
    ["throws a bug", scriptedAsk(new TypeError("bug"))],
    ["says nothing", scriptedAsk(says("<think>hm</think>"))],
    ["declines", scriptedAsk(says("no", { finish: "content_filter" }))],
  ];

  it.each(failures)("%s is made of excerpts instead, of bounded length", async (_how, ask) => {
    const log = recordingLog();
    const done = await run(rowsOf(long(200)), ask, { log });
    expect(done?.message.content).toContain("question");
    expect(done?.message.content).toContain("fetch");
    expect(done?.message.content.length).toBeLessThan(9_000);
    expect(log.lines).toHaveLength(1);
  });

  it("hangs ends when the turn is stopped", async () => {
    const stop = new AbortController();
    const ask: AskModel = () => {
      stop.abort();
      return new Promise<never>(() => {});
    };
    expect(await run(rowsOf(long()), ask, { signal: stop.signal })).toBeUndefined();
  });

  it("writes more than it saves changes nothing", async () => {
    expect(await run(rowsOf(long()), scriptedAsk(says("s".repeat(200_000))))).toBeUndefined();
  });
});

describe("a history with nothing to save", () => {
  it("is left alone, without asking the model", async () => {
    const ask = scriptedAsk();
    expect(await run([], ask)).toBeUndefined();
    expect(await run(rowsOf(long(1)), ask)).toBeUndefined();
    expect(ask.requests).toEqual([]);
  });
});

const exchanges = fc.array(fc.tuple(fc.nat(3_000), fc.boolean()), { minLength: 1, maxLength: 60 });

describe("whatever the history", () => {
  it("a compaction makes it smaller, keeps its calls whole and the last request readable", async () => {
    await fc.assert(
      fc.asyncProperty(exchanges, fc.integer({ min: 500, max: 50_000 }), async (sizes, budgetTokens) => {
        const messages = sizes.flatMap(([size, asks], n) => exchange(n, size).slice(asks || n === 0 ? 0 : 1));
        const rows = rowsOf(messages);
        const done = await run(rows, scriptedAsk(says("summary")), { budgetTokens });
        if (done === undefined) return;
        const after = promptMessages(stored(rows, done), done.keepFrom, silentLog);
        const last = messages.findLast((message) => message.role === "user")?.content ?? "";
        expect(estimateTokens(after, [])).toBeLessThan(estimateTokens(messages, []));
        expect(problemsOf(after)).toEqual([]);
        expect(after.some((message) => message.content.endsWith(last))).toBe(true);
      }),
    );
  });
});
