import { describe, expect, it } from "vitest";
import { loadPlugins, type PluginFile, type PluginHost } from "../../src/home/plugins.ts";
import type { MemoryProvider } from "../../src/memory-ports.ts";
import type { Tool, ToolContext } from "../../src/ports.ts";
import type { SessionKey } from "../../src/turn.ts";
import { createLogLines } from "./log-lines.ts";

const tool = (name: string, more: object = {}): Tool => ({
  name,
  description: `does ${name}`,
  parameters: { type: "object", properties: {} },
  toolset: "extra",
  parallel: true,
  repeatable: false,
  run: async () => ({ text: "done" }),
  ...more,
});

const memory = (name: string, tools: readonly Tool[] = []): MemoryProvider => ({
  name,
  recall: async (query) => `about ${query}`,
  remember: async () => {},
  tools,
});

const plugin = (name: string, register: unknown): PluginFile => ({ name, load: async () => ({ register }) });

const load = async (files: readonly PluginFile[], builtInTools: readonly string[] = []) => {
  const log = createLogLines();
  const plugins = await loadPlugins(files, { log, builtInTools, timeoutMs: 40 });
  return { plugins, names: plugins.tools.map(({ name }) => name), warnings: log.lines };
};

const context = (): ToolContext => ({
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
  signal: AbortSignal.timeout(1_000),
  log: createLogLines(),
});

describe("plugins", () => {
  it("add tools, at once or after waiting", async () => {
    const { plugins, names, warnings } = await load([
      plugin("b.js", async (host: PluginHost) => {
        await Promise.resolve();
        host.addTool(tool("later"));
      }),
      plugin("a.js", (host: PluginHost) => host.addTool(tool("now"))),
    ]);
    expect(names).toEqual(["now", "later"]);
    expect(plugins.tools[0]).toMatchObject({ toolset: "extra", parallel: true, repeatable: false });
    expect(plugins.memory).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it.each<[string, PluginFile, RegExp]>([
    ["cannot be imported", { name: "x.js", load: () => Promise.reject(new Error("syntax")) }, /syntax/],
    ["has no register", plugin("x.js", undefined), /no function named register/],
    ["is no module", { name: "x.js", load: async () => null }, /no function named register/],
    [
      "throws",
      plugin("x.js", () => {
        throw new Error("no key");
      }),
      /no key/,
    ],
    ["rejects with a string", plugin("x.js", () => Promise.reject("down")), /down/],
    ["never finishes", plugin("x.js", () => new Promise(() => {})), /within 40 ms/],
    ["never loads", { name: "x.js", load: () => new Promise(() => {}) }, /within 40 ms/],
    ["takes a built-in name", plugin("x.js", (host: PluginHost) => host.addTool(tool("todo"))), /named todo/],
    [
      "uses one name twice",
      plugin("x.js", (host: PluginHost) =>
        [1, 2].forEach(() => {
          host.addTool(tool("same"));
        }),
      ),
      /named same/,
    ],
  ])("that %s is left out with one line, and the others stay", async (_, broken, reason) => {
    const good = plugin("y.js", (host: PluginHost) => host.addTool(tool("good")));
    const { names, warnings } = await load([broken, good], ["todo"]);
    expect(names).toEqual(["good"]);
    expect(warnings).toEqual([
      {
        level: "warn",
        message: "plugin left out",
        fields: { plugin: "x.js", reason: expect.stringMatching(reason) },
      },
    ]);
  });

  it.each<[string, object]>([
    ["name", { name: "no spaces please" }],
    ["name", { name: undefined }],
    ["description", { description: " " }],
    ["toolset", { toolset: 5 }],
    ["parameters", { parameters: { type: "string" } }],
    ["parameters", { parameters: { type: "object", default: 1n } }],
    ["parallel", { parallel: "yes" }],
    ["repeatable", { repeatable: undefined }],
    ["untrusted", { untrusted: 1 }],
    ["run", { run: "rm" }],
  ])("whose tool has a wrong %s bring nothing, not even their sound tools", async (field, wrong) => {
    const { names, warnings } = await load([
      plugin("x.js", (host: PluginHost) => {
        host.addTool(tool("sound"));
        host.addTool(tool("broken", wrong));
      }),
    ]);
    expect(names).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.fields["reason"]).toContain(field);
  });

  it("cannot add anything once register is over", async () => {
    const late = Promise.withResolvers<unknown>();
    const { names } = await load([
      plugin("x.js", (host: PluginHost) => {
        setImmediate(() => {
          try {
            late.resolve(host.addTool(tool("late")));
          } catch (thrown) {
            late.resolve(thrown);
          }
        });
      }),
    ]);
    expect(await late.promise).toMatchObject({ message: "register is over" });
    expect(names).toEqual([]);
  });

  it("cannot change a tool's schema afterwards", async () => {
    const mine = { type: "object", properties: {} as Record<string, unknown> };
    const { plugins } = await load([
      plugin("x.js", (host: PluginHost) => host.addTool(tool("t", { parameters: mine }))),
    ]);
    mine.properties["more"] = {};
    expect(plugins.tools[0]?.parameters).toEqual({ type: "object", properties: {} });
  });

  it("of equal tool names: the first by file name wins", async () => {
    const { plugins, warnings } = await load([
      plugin("b.js", (host: PluginHost) => host.addTool(tool("t", { toolset: "second" }))),
      plugin("a.js", (host: PluginHost) => host.addTool(tool("t", { toolset: "first" }))),
    ]);
    expect(plugins.tools.map(({ toolset }) => toolset)).toEqual(["first"]);
    expect(warnings.map(({ fields }) => fields["plugin"])).toEqual(["b.js"]);
  });
});

describe("what a plugin's tool returns", () => {
  const run = async (given: unknown) => {
    const { plugins } = await load([
      plugin("x.js", (host: PluginHost) => host.addTool(tool("t", { run: async () => given }))),
    ]);
    return plugins.tools[0]?.run({}, context());
  };

  it("is a text, or a text with a question", async () => {
    expect(await run({ text: "a", other: 1 })).toEqual({ text: "a" });
    expect(await run("bare")).toEqual({ text: "bare" });
    expect(await run({ text: "a", ask: { question: "Which?", choices: ["x", 5, "y"] } })).toEqual({
      text: "a",
      ask: { question: "Which?", choices: ["x", "y"] },
    });
  });

  it.each([undefined, 5, { text: 7 }])("is an error when it is %j", async (given) => {
    await expect(run(given)).rejects.toThrow("t returned no text");
  });
});

describe("memory providers", () => {
  it("come with their tools; of two the first wins and the second plugin's tools stay", async () => {
    const { plugins, names, warnings } = await load([
      plugin("a.js", (host: PluginHost) => host.setMemory(memory("first", [tool("recall_more")]))),
      plugin("b.js", (host: PluginHost) => {
        host.setMemory(memory("second", [tool("recall_more")]));
        host.addTool(tool("other"));
      }),
    ]);
    expect(plugins.memory?.name).toBe("first");
    expect(plugins.memory?.tools.map(({ name }) => name)).toEqual(["recall_more"]);
    expect(names).toEqual(["other"]);
    expect(warnings).toEqual([
      {
        level: "warn",
        message: "second memory provider left out",
        fields: { plugin: "b.js", kept: "first" },
      },
    ]);
  });

  it("answer with text whatever they return", async () => {
    const { plugins } = await load([
      plugin("a.js", (host: PluginHost) =>
        host.setMemory({ ...memory("m"), recall: async () => undefined as unknown as string }),
      ),
    ]);
    expect(await plugins.memory?.recall("x", { ...context(), isFirst: true })).toBe("");
  });

  it("without a name or its functions are left out", async () => {
    const { plugins, warnings } = await load([
      plugin("a.js", (host: PluginHost) => host.setMemory({ name: "" } as MemoryProvider)),
      plugin("b.js", (host: PluginHost) => host.setMemory({ name: "half" } as MemoryProvider)),
    ]);
    expect(plugins.memory).toBeUndefined();
    expect(warnings).toHaveLength(2);
  });
});
