import { describe, expect, it } from "vitest";
import { scanMemory } from "../../src/memory/scan.ts";
import { createMemoryTool } from "../../src/tools/memory.ts";
import { ADA } from "../contracts/said.ts";
import { createFakeNotes } from "../fakes/notes.ts";
import { contextOf } from "../tools/context.ts";
import { casesOf } from "./read-vectors.ts";

interface ScanCase {
  readonly id: string;
  readonly fn: "scan_memory_content";
  readonly content: string;
  readonly blocked: boolean;
  readonly upstream_error: string | null;
}

interface ToolCase {
  readonly id: string;
  readonly fn: "memory";
  readonly state: { readonly memory?: readonly string[]; readonly user?: readonly string[] };
  readonly call: Readonly<Record<string, unknown>> & { readonly target: "memory" | "user" };
  readonly expected: {
    readonly success: boolean;
    readonly entries?: readonly string[];
    readonly error_contains?: string;
    readonly returns_current_entries?: boolean;
  };
}

const cases = casesOf<ScanCase | ToolCase>("memory");
const scans = cases.filter((one): one is ScanCase => one.fn === "scan_memory_content");
const calls = cases.filter((one): one is ToolCase => one.fn === "memory");

it("every case is of a kind that is run here", () => {
  expect(scans.length + calls.length).toBe(cases.length);
});

describe("what is to be remembered is scanned as Hermes scans it", () => {
  it.each(scans)("$id: $content", ({ content, blocked, upstream_error }) => {
    expect(scanMemory(content)).toBe(blocked ? upstream_error : undefined);
  });
});

describe("the memory tool does as Hermes' does", () => {
  it.each(calls)("$id: $call.action", async ({ state, call, expected }) => {
    const notes = createFakeNotes();
    await notes.write(ADA.userId ?? 0, { memory: [], user: [], revision: 0, ...state });
    const limits = async () => ({ memory: 2_200, user: 1_375 });
    const tool = createMemoryTool({ notes, limits, redact: (text) => text });
    const result: unknown = JSON.parse((await tool.run(call, contextOf())).text);
    const { success, entries, error_contains, returns_current_entries } = expected;
    expect(result).toMatchObject({ success });
    if (entries !== undefined) {
      expect(result).toMatchObject({ entries });
      expect((await notes.read(ADA.userId ?? 0))[call.target]).toEqual(entries);
    } else {
      expect(await notes.read(ADA.userId ?? 0)).toMatchObject(state);
    }
    if (error_contains !== undefined) {
      expect(result).toMatchObject({ error: expect.stringContaining(error_contains) });
    }
    if (returns_current_entries === true) {
      expect(result).toMatchObject({ current_entries: state[call.target] });
    }
  });
});
