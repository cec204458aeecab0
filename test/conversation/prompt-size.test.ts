// What every request of every session carries before a word is said: the system prompt and the tools' schemas.

import { encode } from "gpt-tokenizer";
import { describe, expect, it } from "vitest";
import { textOf } from "../../local/model/chat-api.ts";
import { reply, startConversation, turnRequests } from "./conversation.ts";

/** Upstream Hermes needs about 14,000. OpenAI's tokens; DeepSeek's own are not published as a library, and differ little. */
const MOST_TOKENS = 3_000;

describe("the fixed prompt with all toolsets on", () => {
  it.concurrent.each([
    ["the built-in memory", [] as const],
    ["AgentCore Memory and a Knowledge Base", ["memory", "search"] as const],
  ])("stays within its tokens with %s", async (_name, services) => {
    await using chat = await startConversation({ services });
    chat.model.enqueue(reply("Hello."));
    await chat.ask("Hello");

    const { messages, tools = [] } = turnRequests(chat.model)[0]?.body ?? { messages: [] };
    const sets = ["clarify", "cronjob", "roll_dice", "session_search", "skill_manage", "todo", "web_extract"];
    expect(tools.map((tool) => tool.function.name)).toEqual(expect.arrayContaining(sets));
    const system = encode(textOf(messages[0]?.content)).length;
    expect(system + encode(JSON.stringify(tools)).length).toBeLessThanOrEqual(MOST_TOKENS);
  });
});
