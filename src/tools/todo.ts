// `todo`: the model's own task list (hermes-behaviour.md 7). Nothing is stored: the newest result in the transcript
// is the list, so it survives every crash the transcript survives.

import * as z from "zod/mini";
import type { Message } from "../message.ts";
import type { Tool } from "../ports.ts";
import { defineTool } from "./define-tool.ts";

const STATUSES = ["pending", "in_progress", "completed", "cancelled"] as const;

const todoItem = z.object({
  id: z.string().check(z.minLength(1), z.maxLength(100)),
  content: z.string().check(z.minLength(1), z.maxLength(1_000)),
  status: z.enum(STATUSES),
});

type TodoItem = z.output<typeof todoItem>;

const listing = z.object({ todos: z.array(todoItem) });

/** A list longer than this is no list a person or a model works through; it bounds the result. */
const MAX_ITEMS = 100;

const parameters = z.object({
  todos: z.optional(
    z
      .array(
        z.object({
          id: todoItem.shape.id,
          content: z.optional(todoItem.shape.content),
          status: z.optional(todoItem.shape.status),
        }),
      )
      .check(z.maxLength(MAX_ITEMS), z.describe("In order of priority. Omit to read the list.")),
  ),
  merge: z
    ._default(z.boolean(), false)
    .check(z.describe("true: update tasks by id and append new ones; false: replace the list.")),
});

type Update = NonNullable<z.output<typeof parameters>["todos"]>[number];

export const createTodo = (): Tool =>
  defineTool({
    name: "todo",
    toolset: "todo",
    description:
      "Your task list for work of several steps. Keep exactly one task in_progress, mark each completed as soon as it is " +
      "done. Returns the full list.",
    parallel: false,
    repeatable: true,
    parameters,
    run({ todos, merge }, { messages }) {
      const before = currentList(messages);
      if (todos === undefined) return { text: written(before) };
      const after = applied(merge ? before : [], todos);
      if (typeof after === "string") return { text: after };
      return { text: written(after) };
    },
  });

/** The newest result that is a list; a refusal of wrong arguments or a cleared result is skipped. */
const currentList = (messages: readonly Message[]): readonly TodoItem[] => {
  for (const message of messages.toReversed()) {
    if (message.role !== "tool" || message.toolName !== "todo") continue;
    const list = listFrom(message.content);
    if (list !== undefined) return list;
  }
  return [];
};

/** Only the first line is ours: loop warnings and a person's words are appended below it (hermes-behaviour.md 1.3, 1.5). */
const listFrom = (result: string): readonly TodoItem[] | undefined => {
  const [firstLine = ""] = result.split("\n", 1);
  try {
    const parsed = z.safeParse(listing, JSON.parse(firstLine));
    return parsed.success ? parsed.data.todos : undefined;
  } catch {
    // Not JSON: not a list.
    return undefined;
  }
};

/** The list after the updates, or what is wrong with them. The last update of an id wins. */
const applied = (before: readonly TodoItem[], updates: readonly Update[]): readonly TodoItem[] | string => {
  const list = new Map(before.map((item) => [item.id, item]));
  for (const { id, content, status } of updates) {
    const known = list.get(id);
    const text = content ?? known?.content;
    if (text === undefined) return `Nothing was done: the new task ${id} has no content.`;
    list.set(id, { id, content: text, status: status ?? known?.status ?? "pending" });
  }
  if (list.size > MAX_ITEMS) return `Nothing was done: a list holds at most ${MAX_ITEMS} tasks.`;
  return [...list.values()];
};

/** One line, so that `listFrom` finds its end whatever is appended. */
const written = (todos: readonly TodoItem[]): string => {
  const count = (wanted: TodoItem["status"]) => todos.filter(({ status }) => status === wanted).length;
  const counts = Object.fromEntries(STATUSES.map((status) => [status, count(status)]));
  return JSON.stringify({ todos, summary: { total: todos.length, ...counts } });
};
