// `/memory` over memories of every kind: many things, much to forget, and those that fail at it. test/conversation/memory.test.ts
// has it in a chat.

import { describe, expect, it } from "vitest";
import { ALL, forgetRef } from "../../src/agent/forget-buttons.ts";
import { memory } from "../../src/agent/memory-command.ts";
import { createServicePauses } from "../../src/agent/service-pauses.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import type { MemoryProvider } from "../../src/memory-ports.ts";
import type { Settings } from "../../src/session-state.ts";
import type { CommandEntry, EntryId } from "../../src/turn.ts";
import { newSession } from "../contracts/said.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { createFakeForgettings } from "../fakes/forgettings.ts";
import { recordingLog } from "./loop-kit.ts";

const origin = { chatId: 42, chatType: "dm", userId: 42 } as const;

const setup = (
  provider: Partial<MemoryProvider>,
  {
    remainingMs = 900_000,
    settings = {},
  }: { readonly remainingMs?: number; readonly settings?: Settings } = {},
) => {
  const clock = createFakeClock();
  const pauses = createServicePauses(clock);
  const log = recordingLog();
  const memories: MemoryProvider[] = [
    { ...{ name: "notes", tools: [], recall: async () => "", remember: async () => {} }, ...provider },
  ];
  const c = {
    ports: { clock, pauses, log, memories, forgettings: createFakeForgettings() },
    settings: { buttonSecret: "a secret of the test" },
    home: { plugins: {} },
    signal: new AbortController().signal,
    remainingMs: () => remainingMs,
    lease: { session: newSession(), meta: { sessionId: "s", seq: 7, settings } },
  } as unknown as TurnContext;
  const command = (args: string, pressedOn?: number) => {
    const entry = { kind: "command", id: "1" as EntryId, name: "memory", at: clock.now(), args, origin };
    return memory(c, { ...entry, ...(pressedOn === undefined ? {} : { pressedOn }) } as CommandEntry);
  };
  return { clock, pauses, command };
};

/** What is known can be forgotten. */
const knowing = (count: number): Partial<MemoryProvider> => {
  let facts = Array.from({ length: count }, (_, index) => ({
    id: `id-${index + 1}`,
    text: `fact ${index + 1}`,
  }));
  return {
    known: async () => facts,
    forget: async (ids) => {
      facts = ids === "all" ? [] : facts.filter(({ id }) => !ids.includes(id));
    },
  };
};

const labels = ({ buttons = [] }: Awaited<ReturnType<typeof memory>>) =>
  buttons.flat().map(({ text }) => text);

describe("what is remembered", () => {
  it("is shown page by page, each thing with its number and its button", async () => {
    const { command } = setup(knowing(45));
    const first = await command("");
    expect(first.text).toMatch(/^1\. fact 1$[\s\S]*^20\. fact 20\n\n… and 25 more: \/memory 2 shows them\./m);
    expect(labels(first)).toHaveLength(20);

    const second = await command("2");
    expect(second.text).toMatch(/:\n\n21\. fact 21$[\s\S]*^40\. fact 40\n\n… and 5 more: \/memory 3 shows/m);
    expect([labels(second)[0], labels(second).at(-1)]).toEqual(["🗑 21", "🗑 40"]);

    const last = await command("3");
    expect(last.text).toMatch(/:\n\n41\. fact 41[\s\S]*45\. fact 45\n\nA button/);
    expect(labels(last)).toEqual(["🗑 41", "🗑 42", "🗑 43", "🗑 44", "🗑 45"]);
    expect(await command("99")).toEqual(last);
    expect(await command("0")).toEqual(first);
  });

  it("is shown on the same page again when one of it was forgotten", async () => {
    const { command } = setup(knowing(21));
    const { text } = await command(`forget ${forgetRef("id-20")}`, 1);
    expect(text).toMatch(/^Forgotten: fact 20[\s\S]*20\. fact 21\n\nA button/);
    expect((await command(`forget ${forgetRef("id-3")}`, 1)).text).toMatch(/^Forgotten: fact 3\n/);
  });

  it("can be switched off where it is on, and is not offered to be where it is off", async () => {
    expect((await setup(knowing(1)).command("")).text).toContain("/memory off switches it off here.");
    const { text } = await setup(knowing(1), { settings: { memory: "off" } }).command("");
    expect(text).toMatch(/^Long-term memory is off in this chat \(\/memory on\)\./);
    expect(text).toMatch(/\/memory forget all forgets everything\.$/);
  });
});

describe("forgetting everything", () => {
  /** Takes so long. */
  const slow = (ms: number, clock: () => ReturnType<typeof createFakeClock>): Partial<MemoryProvider> => ({
    forget: (_, { signal }) => clock().sleep(ms, signal),
  });

  it.each([
    ["a minute", { remainingMs: 900_000, ms: 60_000 }],
    ["what the invocation has, but for the answer", { remainingMs: 50_000, ms: 30_000 }],
    ["what a look takes at least", { remainingMs: 25_000, ms: 10_000 }],
  ])(
    "has %s, says that it is not through then, and keeps nobody from recalling",
    async (_, { remainingMs, ms }) => {
      const world = setup(
        slow(100_000, () => world.clock),
        { remainingMs },
      );
      let text = "";
      const pressing = world.command(`confirm ${ALL}`, 1).then((reply) => {
        text = reply.text;
      });
      await world.clock.advance(ms - 1);
      expect(text).toBe("");
      await world.clock.advance(1);
      await pressing;
      expect(text).toBe("I am not through yet, there is much to forget: /memory forget all goes on with it.");
      expect(world.pauses.isPaused("notes")).toBe(false);
    },
  );

  it("that takes no longer is done", async () => {
    const world = setup(slow(59_000, () => world.clock));
    const pressing = world.command(`confirm ${ALL}`, 1);
    await world.clock.advance(59_000);
    expect((await pressing).text).toContain("I have forgotten everything");
  });

  it("says that what was on its way may turn up, where a memory learns later", async () => {
    const forget = async () => {};
    const later = await setup({ forget, learnsLater: true }).command(`confirm ${ALL}`, 1);
    expect(later.text).toMatch(/^I have forgotten everything[\s\S]*last few minutes may still be on its way/);
    expect((await setup({ forget }).command(`confirm ${ALL}`, 1)).text).not.toContain("on its way");
  });

  it("that fails says so, and that can never be done says that", async () => {
    const failing = setup({ forget: () => Promise.reject(new Error("down")) });
    expect((await failing.command(`confirm ${ALL}`, 1)).text).toMatch(
      /^Not everything is forgotten yet\. The memory cannot be reached/,
    );
    const { text } = await setup({}).command(`confirm ${ALL}`, 1);
    expect(text).toMatch(/^What I could is forgotten\. .* cannot be told to forget/);
  });
});
