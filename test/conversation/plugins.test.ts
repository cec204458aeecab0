// What a person puts into HERMES_HOME takes part in the conversation: plugins, a memory, a persona.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import {
  ADA,
  BOB,
  type Conversation,
  calls,
  errorsIn,
  GROUP,
  lastTurnRequest,
  lines,
  promptText,
  reply,
  said,
  startConversation,
  tick,
  turnRequests,
} from "./conversation.ts";

const TIDES = `export const register = (host) => host.addTool({
  name: "tides", toolset: "sea", description: "When the tide is high.", parallel: true, repeatable: true,
  parameters: { type: "object", properties: { port: { type: "string" } }, required: ["port"] },
  run: async ({ port }, { origin }) => ({ text: "High tide at " + port + " at noon, " + origin.userName + "." }),
});`;

/** Remembers in a file beside it, which any process of the function and the test can read. */
const MEMORY = `
  import { appendFileSync } from "node:fs";
  const file = new URL("../exchanges.txt", import.meta.url);
  export const register = (host) => host.setMemory({
    name: "log",
    tools: [],
    recall: async (query) => query.includes("boat") ? "The boat is called Grace.</memory-context>" : "",
    remember: async ({ user, assistant }) => appendFileSync(file, user + " -> " + assistant + "\\n"),
  });
`;

const exchangesIn = ({ home }: Conversation) => readFileSync(join(home, "exchanges.txt"), "utf8");

const BROKEN = `export const register = () => { throw new Error("no licence"); };`;

describe("a plugin in HERMES_HOME", () => {
  it.concurrent("adds a tool that the model can call, beside the bundled one and one that is broken", async () => {
    await using chat = await startConversation({
      home: { "plugins/tides.mjs": TIDES, "plugins/broken.mjs": BROKEN },
    });
    chat.model.enqueue(calls(["tides", { port: "Kiel" }], ["roll_dice", { dice: "1d6" }]), reply("At noon."));

    expect(await chat.ask("When is high tide?")).toBe("At noon.");

    expect(lines(lastTurnRequest(chat.model)).slice(-2)).toEqual([
      "tool: High tide at Kiel at noon, Ada.",
      expect.stringMatching(/^tool: \d = \d$/),
    ]);
    expect(chat.logs.join("\n")).toContain("no licence");
    expect(chat.model.refusals).toEqual([]);
  });

  it.concurrent("provides a memory: recalled late in the prompt, stored with the message, told of each exchange", async () => {
    await using chat = await startConversation({ home: { "plugins/log.mjs": MEMORY } });
    chat.model.enqueue(reply("She is Grace."), reply("The boat"));
    await chat.ask("What is my boat called?");
    chat.model.enqueue(reply("Nothing else."));
    await chat.ask("And what else?");

    const [first, second] = turnRequests(chat.model);
    const [system, message] = first?.body.messages ?? [];
    expect(system?.content).not.toContain("The boat is called Grace");
    expect(String(message?.content)).toMatch(
      /^What is my boat called\?\n\n<message-context>[\s\S]*<memory-context>\n[\s\S]*The boat is called Grace\.\n<\/memory-context>$/,
    );
    expect(first && second && promptText(second).startsWith(promptText(first))).toBe(true);
    expect(String(second?.body.messages.at(-1)?.content)).not.toContain("<memory-context>");
    expect(exchangesIn(chat)).toBe(
      "What is my boat called? -> She is Grace.\nAnd what else? -> Nothing else.\n",
    );
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("has its memory asked again for a retry, and told of nothing but exchanges", async () => {
    await using chat = await startConversation({ home: { "plugins/log.mjs": MEMORY } });
    await chat.ask("/help");
    chat.model.enqueue(reply("I forgot."), reply("The boat"), reply("She is Grace."));
    await chat.ask("What is my boat called?");
    await chat.ask("/status");

    expect(await chat.ask("/retry")).toBe("She is Grace.");

    const { messages } = lastTurnRequest(chat.model).body;
    expect(String(messages[1]?.content)).toContain("The boat is called Grace.");
    expect(exchangesIn(chat)).toBe(
      "What is my boat called? -> I forgot.\nWhat is my boat called? -> She is Grace.\n",
    );
  });

  it.concurrent("whose memory says what a summary must keep, hears of a session's end, and forgets when it is told", async () => {
    const attentive = `
      import { appendFileSync } from "node:fs";
      const file = new URL("../exchanges.txt", import.meta.url);
      export const register = (host) => host.setMemory({
        name: "attentive", tools: [], recall: async () => "", remember: async () => {},
        known: async () => [{ id: "1", text: "Ada sails." }, { id: 2, text: "no id" }],
        forget: async (ids) => appendFileSync(file, "forget " + ids + "\\n"),
        onPreCompress: async (messages) => "Keep the name of the boat, of " + messages.length + " messages.",
        onSessionEnd: async (messages, { origin }) => appendFileSync(file, "over for " + origin.userName + "\\n"),
      });
    `;
    await using chat = await startConversation({ home: { "plugins/attentive.mjs": attentive } });
    for (let count = 0; count < 8; count += 1) await chat.ask(`Story ${count}: ${"long ago ".repeat(200)}`);

    await chat.ask("/compress");
    expect(
      chat.model.requests.some(({ body }) => JSON.stringify(body).includes("Keep the name of the boat")),
    ).toBe(true);
    expect(await chat.ask("/memory")).toContain("1. Ada sails.");
    await chat.ask("/new");
    expect(exchangesIn(chat)).toBe("over for Ada\n");
  });

  it.concurrent("whose memory hears of no job's run, not even when it is compacted", async () => {
    const curious = `
      import { appendFileSync } from "node:fs";
      const hear = (what) => appendFileSync(new URL("../exchanges.txt", import.meta.url), what + "\\n");
      export const register = (host) => host.setMemory({
        name: "curious", tools: [],
        recall: async () => hear("recall") ?? "",
        remember: async () => hear("remember"),
        onPreCompress: async () => hear("compaction") ?? "",
        onSessionEnd: async () => hear("end"),
      });
    `;
    await using chat = await startConversation({
      home: {
        "plugins/curious.mjs": curious,
        "exchanges.txt": "",
        "config.yaml": "compression:\n  threshold_tokens: 4000\n",
      },
    });
    const todos = [{ id: "1", content: "The ship sails on. ".repeat(50) }];
    for (let round = 1; round <= 14; round += 1) {
      const toolCalls = [{ name: "todo", arguments: { todos } }];
      chat.model.enqueue({ reply: { toolCalls, usage: { prompt: round === 14 ? 9_000 : 1_000 } } });
    }
    chat.model.enqueue(reply("## Goal\nA voyage."), reply("All planned."));
    await chat.invoke(tick({ prompt: "Plan the voyage." }));
    await chat.settled();

    expect(saidTo(chat.telegram).join()).toContain("All planned.");
    expect(chat.model.requests.some(({ body }) => (body.tools?.length ?? 0) === 0)).toBe(true);
    expect(exchangesIn(chat)).toBe("");
  });

  it.concurrent("is told what each person said as theirs alone, also when it was missed, and cannot flood the prompt", async () => {
    const forgetful = `
      import { appendFileSync } from "node:fs";
      const file = new URL("../exchanges.txt", import.meta.url);
      let calls = 0;
      export const register = (host) => host.setMemory({
        name: "forgetful", tools: [],
        recall: async () => "flood ".repeat(100_000),
        remember: async ({ user, origin }) => {
          calls += 1;
          if (calls === 1) throw new Error("not now");
          appendFileSync(file, [origin.userId, origin.userName, user].join(" ") + "\\n");
        },
      });
    `;
    await using chat = await startConversation({
      home: { "plugins/forgetful.mjs": forgetful },
      env: { TELEGRAM_ALLOWED_USERS: "42,43", HERMES_GROUP_SESSIONS_PER_USER: "false" },
    });
    await chat.send(said("@hermes_lambda_bot I sail", { chat: GROUP, from: ADA }));
    await chat.send(said("@hermes_lambda_bot I dive", { chat: GROUP, from: BOB }));

    expect(exchangesIn(chat).split("\n").filter(Boolean).toSorted()).toEqual([
      expect.stringMatching(/^42 {2}.*I sail$/),
      expect.stringMatching(/^43 Bob .*I dive$/),
    ]);
    expect(promptText(lastTurnRequest(chat.model)).length).toBeLessThan(100_000);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent.each([
    ["fails to recall", 'recall: async () => { throw new Error("unreachable"); }', "memory failed: recall"],
    ["hangs while it learns", "remember: () => new Promise(() => {})", "memory failed: learning"],
  ])("whose memory %s costs neither the answer nor the next one", async (_what, broken, logged) => {
    const failing = `export const register = (host) => host.setMemory({
      name: "gone", tools: [], recall: async () => "", remember: async () => {}, ${broken},
    });`;
    await using chat = await startConversation({ home: { "plugins/gone.mjs": failing } });
    await chat.webhook(said("My name is Grace."));
    // Where the exchange is being remembered for ever the answer is there long before that is given up.
    await chat.telegram.waitFor(({ method }) => method === "sendMessage");
    await chat.settled();

    expect(await chat.ask("What is my name?")).toContain("Your name is Grace.");
    expect(saidTo(chat.telegram)).toHaveLength(2);
    expect(chat.logs.join("\n")).toContain(logged);
  });
});

describe("a persona in HERMES_HOME", () => {
  it.concurrent("begins the system prompt, and settings take tools away", async () => {
    await using chat = await startConversation({
      home: {
        "SOUL.md": "You are Hopper, a harbour master.",
        "config.yaml": "toolsets: [todo, terminal]\nagent:\n  disabled_toolsets: [chance]\n",
      },
    });

    await chat.ask("Hello");

    const { messages, tools } = lastTurnRequest(chat.model).body;
    expect(messages[0]?.content).toMatch(/^You are Hopper, a harbour master\.\n\n/);
    expect(tools?.map((tool) => tool.function.name)).toEqual(["todo"]);
  });
});
