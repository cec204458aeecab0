import { describe, expect, it } from "vitest";
import { createTodo } from "../../src/tools/todo.ts";
import { contextOf, toolResult } from "./context.ts";

const todo = createTodo();

/** Calls one after the other, each seeing the results of those before, as in a transcript. */
const afterCalls = async (...calls: readonly Record<string, unknown>[]): Promise<readonly string[]> => {
  const results: string[] = [];
  for (const args of calls) {
    const messages = results.map((text) => toolResult("todo", text));
    results.push((await todo.run(args, contextOf({ messages }))).text);
  }
  return results;
};

const listOf = (text: string | undefined) =>
  (JSON.parse(text?.split("\n", 1)[0] ?? "") as { todos: { id: string; content: string; status: string }[] })
    .todos;

const item = (id: string, content: string, status = "pending") => ({ id, content, status });
const TEA = item("1", "boil water", "in_progress");
const CUP = item("2", "find a cup");

describe("todo", () => {
  it("returns the full list with its counts, and reads it back in a later call", async () => {
    const [written, read] = await afterCalls({ todos: [TEA, CUP] }, {});
    expect(JSON.parse(written ?? "")).toEqual({
      todos: [TEA, CUP],
      summary: { total: 2, pending: 1, in_progress: 1, completed: 0, cancelled: 0 },
    });
    expect(read).toBe(written);
  });

  it("replaces the list, or merges into it by id and appends what is new", async () => {
    const [, , merged, replaced] = await afterCalls(
      { todos: [TEA] },
      { todos: [CUP], merge: true },
      { todos: [{ id: "1", status: "completed" }], merge: true },
      { todos: [item("9", "nap")] },
    );
    expect(listOf(merged)).toEqual([{ ...TEA, status: "completed" }, CUP]);
    expect(listOf(replaced)).toEqual([item("9", "nap")]);
  });

  it("takes the last of two updates of one id, and null for what is left out", async () => {
    const [result] = await afterCalls({ todos: [CUP, { ...CUP, status: "cancelled" }], merge: null });
    expect(listOf(result)).toEqual([{ ...CUP, status: "cancelled" }]);
  });

  it("begins empty, and can be emptied", async () => {
    const [nothing, , emptied, still] = await afterCalls({}, { todos: [TEA] }, { todos: [] }, {});
    expect([nothing, emptied, still].map(listOf)).toEqual([[], [], []]);
  });

  it("finds its list below a warning of the loop and behind a refusal or a cleared result", async () => {
    const [written = ""] = await afterCalls({ todos: [TEA] });
    const messages = [
      toolResult("todo", `${written}\n\n[Tool loop warning: same_result; count=2]`),
      toolResult("todo", "Nothing was done: these arguments of todo are wrong."),
      toolResult("todo", "[Old tool output cleared to save context space]"),
      toolResult("other", '{"todos":[]}'),
      toolResult("todo", '{"todos":[{"id":7}]}'),
    ];
    expect(listOf((await todo.run({}, contextOf({ messages }))).text)).toEqual([TEA]);
  });

  it("says what is wrong with its arguments and changes nothing", async () => {
    const [, wrong, missing, after] = await afterCalls(
      { todos: [TEA] },
      { todos: [{ id: 5, content: "", status: "done" }], merge: "yes" },
      { todos: [{ id: "3", status: "pending" }], merge: true },
      {},
    );
    expect(wrong).toMatch(/todos\.0\.id: must be of type string/);
    expect(wrong).toMatch(/todos\.0\.content: must be at least 1 characters long/);
    expect(wrong).toMatch(/todos\.0\.status: must be one of pending, in_progress, completed, cancelled/);
    expect(wrong).toMatch(/merge: must be of type boolean/);
    expect(missing).toMatch(/task 3 has no content/);
    expect(listOf(after)).toEqual([TEA]);
  });

  it("holds at most 100 tasks, also by merging", async () => {
    const many = Array.from({ length: 100 }, (_, at) => item(`n${at}`, "x"));
    const [tooMany, , merged] = await afterCalls(
      { todos: [...many, TEA] },
      { todos: many },
      { todos: [TEA], merge: true },
    );
    expect(tooMany).toMatch(/todos: must be at most 100 items long/);
    expect(merged).toMatch(/at most 100 tasks/);
  });

  it("shows the model one schema, always in the same bytes", () => {
    expect(JSON.stringify(createTodo().parameters)).toBe(JSON.stringify(todo.parameters));
    expect(todo.parameters).toMatchObject({
      type: "object",
      properties: { todos: { items: { required: ["id"] } }, merge: { default: false } },
    });
    expect(todo.parameters).not.toHaveProperty("$schema");
  });
});
