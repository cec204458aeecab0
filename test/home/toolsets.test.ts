import { describe, expect, it } from "vitest";
import { type Available, cronToolsets, resolveToolsets, selectTools } from "../../src/home/toolsets.ts";
import type { Tool } from "../../src/ports.ts";

const resolve = (wanted: readonly string[], available: Partial<Available> = {}) => {
  const { enabled, leftOut, unknown } = resolveToolsets(wanted, {
    plugins: [],
    disabled: [],
    ...available,
  });
  return { enabled: [...enabled], leftOut, unknown };
};

const tool = (name: string, toolset: string): Tool => ({
  name,
  toolset,
  description: name,
  parameters: { type: "object" },
  parallel: true,
  repeatable: true,
  run: async () => ({ text: toolset }),
});

describe("toolsets", () => {
  it("are those asked for, without what cannot run on Lambda", () => {
    expect(resolve(["web", "terminal", "todo", "browser", "process"])).toEqual({
      enabled: ["todo", "web"],
      leftOut: ["browser", "process", "terminal"],
      unknown: [],
    });
  });

  it("expand Hermes' composites", () => {
    expect(resolve(["hermes-webhook"]).enabled).toEqual(["clarify", "vision", "web"]);
    expect(resolve(["safe"]).enabled).toEqual(["image_gen", "vision", "web"]);
    const telegram = resolve(["hermes-telegram"]);
    expect(telegram.enabled).toEqual(
      expect.arrayContaining(["clarify", "cronjob", "memory", "session_search", "skills", "todo", "web"]),
    );
    expect(telegram.leftOut).toEqual([
      "browser",
      "code_execution",
      "computer_use",
      "delegation",
      "file",
      "kanban",
      "terminal",
    ]);
  });

  it("that are disabled stay off whoever asks, and are not reported", () => {
    expect(
      resolve(["web", "todo", "terminal"], { disabled: ["todo", "terminal"], plugins: ["todo"] }),
    ).toEqual({
      enabled: ["web"],
      leftOut: [],
      unknown: [],
    });
    expect(resolve(["web", "todo"], { disabled: ["safe"] }).enabled).toEqual(["todo"]);
  });

  it("of plugins are on by themselves, even where Hermes' own could not run here", () => {
    expect(resolve(["web"], { plugins: ["chance", "browser"] })).toEqual({
      enabled: ["browser", "chance", "web"],
      leftOut: [],
      unknown: [],
    });
  });

  it("nobody knows are named", () => {
    expect(resolve(["web", "wbe", "spotify"])).toMatchObject({
      enabled: ["spotify", "web"],
      unknown: ["wbe"],
    });
  });

  it("of a scheduled run never ask, never send, never schedule and never remember", () => {
    const enabled = new Set(["clarify", "cronjob", "memory", "messaging", "todo", "web"]);
    expect([...cronToolsets(enabled)]).toEqual(["todo", "web"]);
    expect([...cronToolsets(enabled, ["memory", "web"])]).toEqual(["web"]);
  });
});

describe("the tools of the prompt", () => {
  const tools = [
    tool("web_extract", "web"),
    tool("clarify", "clarify"),
    tool("Zeta", "web"),
    tool("todo", "todo"),
  ];

  it("are those of the enabled toolsets, in the same order however they were collected", () => {
    const enabled = new Set(["web", "clarify"]);
    const names = selectTools(tools, enabled).map(({ name }) => name);
    expect(names).toEqual(["Zeta", "clarify", "web_extract"]);
    expect(selectTools(tools.toReversed(), enabled).map(({ name }) => name)).toEqual(names);
  });

  it("have one owner a name: the first", () => {
    const selected = selectTools([...tools, tool("todo", "mine")], new Set(["todo", "mine"]));
    expect(selected.map(({ toolset }) => toolset)).toEqual(["todo"]);
  });
});
