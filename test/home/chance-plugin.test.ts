// The packaged example plugin, loaded as any plugin is.

import { describe, expect, it } from "vitest";
import { loadPlugins } from "../../src/home/plugins.ts";
import type { ToolContext } from "../../src/ports.ts";
import type { SessionKey } from "../../src/turn.ts";
import { createLogLines } from "./log-lines.ts";

const log = createLogLines();
const context: ToolContext = {
  session: "agent:main:telegram:dm:1" as SessionKey,
  sessionId: "s",
  origin: { chatId: 1, chatType: "dm" },
  operation: "call-1",
  timezone: "UTC",
  isTimezoneKnown: false,
  maxResultChars: 48_000,
  messages: [],
  turnStart: 0,
  base: 0,
  cuts: [],
  signal: new AbortController().signal,
  log,
};
const { tools } = await loadPlugins(
  [
    {
      name: "chance.mjs",
      load: () => import(new URL("../../home/plugins/chance.mjs", import.meta.url).href),
    },
  ],
  { log, builtInTools: [], timeoutMs: 5_000 },
);
const run = async (name: string, args: Record<string, unknown>): Promise<string> =>
  (await tools.find((tool) => tool.name === name)?.run(args, context))?.text ?? "no such tool";

describe("the example plugin", () => {
  it("rolls what it is asked for and adds it up", async () => {
    const text = await run("roll_dice", { dice: "3d6+2" });
    const [, a, b, c, sum] = /^(\d) \+ (\d) \+ (\d) \+ 2 = (\d+)$/.exec(text) ?? [];
    expect(Number(a) + Number(b) + Number(c) + 2).toBe(Number(sum));
    expect(await run("roll_dice", { dice: "1d2-5" })).toMatch(/^[12] - 5 = -[34]$/);
    expect(await run("roll_dice", { dice: " D20 " })).toMatch(/^\d+ = \d+$/);
  });

  it("gives every side its chance", async () => {
    const rolls = (await run("roll_dice", { dice: "100d3" })).split(" = ")[0]?.split(" + ");
    expect(new Set(rolls)).toEqual(new Set(["1", "2", "3"]));
  });

  it.each([undefined, "", "six", "0d6", "101d6", "1d1", "1d1001", "2d6+"])(
    "refuses the roll %j in words",
    async (dice) => {
      expect(await run("roll_dice", { dice })).toMatch(/^Error: /);
    },
  );

  it("draws without putting back", async () => {
    const options = ["ann", "bob", "cy"];
    expect(options.map((name) => `1. ${name}`)).toContain(await run("draw_lots", { options }));
    const all = (await run("draw_lots", { options, count: 3 })).split("\n").map((line) => line.slice(3));
    expect(all.sort()).toEqual(options);
  });

  it.each([
    [{}],
    [{ options: "a,b" }],
    [{ options: ["one"] }],
    [{ options: ["a", "b"], count: 3 }],
    [{ options: ["a", "b"], count: 0.5 }],
  ])("refuses the draw %j in words", async (args) => {
    expect(await run("draw_lots", args)).toMatch(/^Error: /);
  });
});
