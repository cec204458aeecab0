// Turns with tools: what runs, what the model reads of it, and what DeepSeek demands to see again.

import { describe, expect, it } from "vitest";
import {
  calls,
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  startConversation,
  turnRequests,
} from "./conversation.ts";

/** A plugin whose tools tell when they began and ended, so that a test sees what ran beside what. */
const WATCHED = `
  const log = [];
  const tool = (name, parallel) => ({
    name, toolset: "watched", description: "Looks at something.", parallel, repeatable: true,
    parameters: { type: "object", properties: { at: { type: "string" } } },
    run: async ({ at }) => {
      log.push("begin " + at);
      await new Promise((resolve) => setTimeout(resolve, 50));
      log.push("end " + at);
      return { text: log.join(", ") };
    },
  });
  export const register = (host) => {
    host.addTool(tool("look", true));
    host.addTool(tool("touch", false));
  };
`;

describe("a turn with tools", () => {
  it.concurrent("runs read-only calls side by side and shows the model every result in the order of its calls", async () => {
    await using chat = await startConversation({ home: { "plugins/watched.mjs": WATCHED } });
    chat.model.enqueue(calls(["look", { at: "a" }], ["look", { at: "b" }]), reply("Both seen."));

    expect(await chat.ask("Look at a and b")).toBe("Both seen.");

    const results = lastTurnRequest(chat.model).body.messages.slice(-2);
    expect(results.map(({ role }) => role)).toEqual(["tool", "tool"]);
    expect(String(results[1]?.content)).toMatch(/^begin a, begin b, end [ab]/);
    const asked = lastTurnRequest(chat.model).body.messages.at(-3);
    const ids = asked?.role === "assistant" ? asked.tool_calls?.map(({ id }) => id) : [];
    expect(results.map((result) => result.role === "tool" && result.tool_call_id)).toEqual(ids);
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("runs what changes something one after the other", async () => {
    await using chat = await startConversation({ home: { "plugins/watched.mjs": WATCHED } });
    chat.model.enqueue(calls(["touch", { at: "a" }], ["touch", { at: "b" }]), reply("Both done."));

    expect(await chat.ask("Touch a and b")).toBe("Both done.");

    expect(String(lastTurnRequest(chat.model).body.messages.at(-1)?.content)).toBe(
      "begin a, end a, begin b, end b",
    );
  });

  it.concurrent("sends its reasoning back as it was, in this turn and after a reload in the next", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(
      calls(["todo", { todos: [{ id: "1", content: "buy rope", status: "pending" }] }]),
      calls(["roll_dice", { dice: "1d6" }]),
      reply("Noted, and rolled.", "The list is written."),
    );

    await chat.ask("Note that I need rope, then roll a die");
    await chat.function.recycle();
    await chat.ask("And now?");

    const replayed = lastTurnRequest(chat.model).body.messages.filter(({ role }) => role === "assistant");
    expect(replayed.map(({ reasoning_content }) => reasoning_content)).toEqual([
      "A tool helps.",
      "A tool helps.",
      "The list is written.",
    ]);
    expect(lines(lastTurnRequest(chat.model))).toEqual([
      "user: Note that I need rope, then roll a die",
      "assistant: <todo>",
      expect.stringContaining('tool: {"todos":[{"id":"1","content":"buy rope","status":"pending"}]'),
      "assistant: <roll_dice>",
      expect.stringMatching(/^tool: \d = \d$/),
      "assistant: Noted, and rolled.",
      "user: And now?",
    ]);
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("tells the model about a tool there is none of, arguments that are none and a page it may not open", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(
      calls(["teleport", {}]),
      calls(
        ["web_extract", { urls: ["http://169.254.169.254/latest/meta-data/"] }],
        ["todo", { todos: "rope" }],
      ),
      reply("None of that worked."),
    );

    expect(await chat.ask("Go there")).toBe("None of that worked.");

    const results = lastTurnRequest(chat.model).body.messages.filter(({ role }) => role === "tool");
    expect(String(results[0]?.content)).toMatch(/^Tool 'teleport' does not exist\. Available tools: .*todo/);
    expect(results.map(({ content }) => String(content)).join("\n")).not.toContain("instance-id");
    expect(results).toHaveLength(3);
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("asks again when the arguments cannot be read, without the person noticing", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(
      { reply: { toolCalls: [{ name: "roll_dice", arguments: '{"dice": 1d6}' }] } },
      calls(["roll_dice", { dice: "1d6" }]),
      reply("Rolled."),
    );

    expect(await chat.ask("Roll a die")).toBe("Rolled.");
    expect(turnRequests(chat.model)[1]?.text).toBe(turnRequests(chat.model)[0]?.text);
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("ends at its step limit with a summary that is asked for without tools", async () => {
    await using chat = await startConversation({ home: { "config.yaml": "agent:\n  max_turns: 2\n" } });
    const again = (dice: string) => calls(["roll_dice", { dice }]);
    chat.model.enqueue(again("1d4"), again("1d6"), reply("I rolled twice; that is all I may do."));

    expect(await chat.ask("Roll dice for ever")).toBe("I rolled twice; that is all I may do.");

    const summary = chat.model.requests[2];
    expect(summary?.body.tools).toBeUndefined();
    expect(String(summary?.body.messages.at(-1)?.content)).toContain("reached its limit of tool calls");
    await chat.ask("Thanks");
    expect(lines(lastTurnRequest(chat.model)).slice(-2)).toEqual([
      "assistant: I rolled twice; that is all I may do.",
      "user: Thanks",
    ]);
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("cuts a result of a megabyte and says so to the model", async () => {
    const huge = `export const register = (host) => host.addTool({
      name: "dump", toolset: "dump", description: "Everything.", parallel: true, repeatable: true,
      parameters: { type: "object", properties: {} },
      run: async () => ({ text: "line 🚢\\n".repeat(120_000) }),
    });`;
    await using chat = await startConversation({ home: { "plugins/dump.mjs": huge } });
    chat.model.enqueue(calls(["dump", {}]), reply("That was a lot."));

    expect(await chat.ask("Show me everything")).toBe("That was a lot.");

    const result = String(lastTurnRequest(chat.model).body.messages.at(-1)?.content);
    expect(result.length).toBeLessThan(60_000);
    expect(result).toMatch(/\[Result cut: the first \d+ of \d+ characters are shown/);
    expect(result.isWellFormed()).toBe(true);
    expect(errorsIn(chat)).toEqual([]);
  });
});
