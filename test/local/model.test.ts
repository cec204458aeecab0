import { describe, expect, it, onTestFinished } from "vitest";
import type { Step } from "../../local/model/chat-api.ts";
import { INTRODUCTION } from "../../local/model/conversation.ts";
import { type ModelStandInOptions, startModel } from "../../local/model/server.ts";

type Json = Record<string, unknown>;

const start = async (options: ModelStandInOptions = {}) => {
  const server = await startModel(options);
  onTestFinished(() => server.close());
  const post = (body: unknown, headers: Record<string, string> = { authorization: "Bearer k" }) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify({ model: "deepseek-flash", ...(body as Json) }),
    });
  return { server, post };
};

const user = (content: string): Json => ({ role: "user", content });
const call = (id: string, changes: Json = {}): Json => ({
  id,
  type: "function",
  function: { name: "todo", arguments: "{}" },
  ...changes,
});
const calling = (changes: Json = {}): Json => ({
  role: "assistant",
  content: "",
  reasoning_content: " ",
  tool_calls: [call("c")],
  ...changes,
});
const result = (id = "c"): Json => ({ role: "tool", tool_call_id: id, content: "ok" });
const tool = (parameters: unknown = { type: "object", properties: {} }, name = "todo"): Json => ({
  type: "function",
  function: { name, description: "", parameters },
});
const HI = [user("hi")];

describe("a client that breaks DeepSeek's rules is refused", () => {
  const thought = "reasoning_content";
  it.each<[string, Json, RegExp]>([
    ["an unknown model", { model: "gpt-9", messages: HI }, /Model Not Exist/],
    ["no messages", { messages: [] }, /list of messages/],
    ["an unknown role", { messages: [{ role: "session_meta", content: "" }] }, /role/],
    ["a message without content", { messages: [{ role: "user" }] }, /content/],
    ["half a surrogate pair", { messages: [user("\ud83d")] }, /unicode/],
    [
      "a tool turn without reasoning",
      { messages: [user("a"), calling({ [thought]: undefined }), result()] },
      /reasoning_content/,
    ],
    [
      "a tool turn with empty reasoning",
      { messages: [user("a"), calling({ [thought]: "" }), result()] },
      /reasoning_content/,
    ],
    [
      "an answer after tools without reasoning",
      { messages: [user("a"), calling(), result(), { role: "assistant", content: "x" }, user("b")] },
      /reasoning_content/,
    ],
    ["a result of no call", { messages: [user("a"), result()] }, /must be a response/],
    ["a result of another call", { messages: [user("a"), calling(), result("d")] }, /must be a response/],
    [
      "two results of one call",
      { messages: [user("a"), calling(), result(), result()] },
      /must be a response/,
    ],
    ["a call without a result", { messages: [user("a"), calling(), user("b")] }, /must be followed/],
    ["a call at the end", { messages: [user("a"), calling()] }, /must be followed/],
    ["an empty list of calls", { messages: [user("a"), calling({ tool_calls: [] })] }, /empty list/],
    [
      "arguments that are no JSON",
      {
        messages: [
          user("a"),
          calling({ tool_calls: [call("c", { function: { name: "t", arguments: "{" } })] }),
          result(),
        ],
      },
      /malformed/,
    ],
    [
      "a call's impossible name",
      {
        messages: [
          user("a"),
          calling({ tool_calls: [call("c", { function: { name: 'a"b', arguments: "{}" } })] }),
          result(),
        ],
      },
      /malformed/,
    ],
    [
      "a tool's schema that is none",
      { messages: HI, tools: [tool({ type: "object", properties: { a: { type: "txt" } } })] },
      /JSON Schema/,
    ],
    [
      "a tool whose arguments are no object",
      { messages: HI, tools: [tool({ type: "string" })] },
      /JSON Schema/,
    ],
    ["two tools of one name", { messages: HI, tools: [tool(), tool()] }, /unique/],
    [
      "a picture for pro",
      {
        model: "deepseek-v4-pro",
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }] },
        ],
      },
      /image/,
    ],
    [
      "a picture that is none",
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }] },
        ],
      },
      /image_url/,
    ],
    ["an unknown way of thinking", { messages: HI, thinking: { type: "maybe" } }, /thinking/],
    ["an unknown effort", { messages: HI, reasoning_effort: "xhigh" }, /reasoning_effort/],
    ["more output than there is", { messages: HI, max_tokens: 400_000 }, /max_tokens/],
    ["stream options without a stream", { messages: HI, stream_options: { include_usage: true } }, /stream/],
  ])("%s", async (_, body, message) => {
    const { server, post } = await start();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringMatching(message) },
    });
    expect(server.requests).toEqual([]);
    expect(server.refusals).toHaveLength(1);
  });

  it("without a key, with a wrong one, or with a body that is no JSON", async () => {
    const { post } = await start({ apiKey: "right" });
    expect((await post({ messages: HI }, {})).status).toBe(401);
    expect((await post({ messages: HI }, { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await post("{", { authorization: "Bearer right" })).status).toBe(400);
  });

  it("but may leave reasoning out of plain turns, and out of all with thinking off", async () => {
    const { post } = await start();
    expect(
      (await post({ messages: [user("a"), { role: "assistant", content: "b" }, user("c")] })).status,
    ).toBe(200);
    const bare = [user("a"), calling({ reasoning_content: undefined }), result()];
    expect((await post({ messages: bare, thinking: { type: "disabled" } })).status).toBe(200);
  });
});

describe("a script", () => {
  it("is followed in order, and refuses loudly when it is over", async () => {
    const script: Step[] = [
      { reply: { content: "one" } },
      (request) => ({ reply: { content: `two after ${request.n - 1}` } }),
    ];
    const { server, post } = await start({ script });
    const contents = [];
    for (let n = 0; n < 2; n++)
      contents.push(
        ((await (await post({ messages: HI })).json()) as { choices: Json[] }).choices[0]?.["message"],
      );
    expect(contents).toMatchObject([{ content: "one" }, { content: "two after 1" }]);
    expect((await post({ messages: HI })).status).toBe(400);
    expect(Object.isFrozen(server.requests[0]?.body.messages[0])).toBe(true);
  });

  it("is followed by answers that are made for each request, when there is somebody to make them", async () => {
    const { server, post } = await start({
      respond: ({ n }) => ({ reply: { content: `Answer ${n}` } }),
    });
    server.enqueue({ reply: { content: "Scripted" } });
    const said: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const body = (await (await post({ messages: HI })).json()) as {
        choices: { message: { content: string } }[];
      };
      said.push(body.choices[0]?.message.content ?? "");
    }
    expect(said).toEqual(["Scripted", "Answer 2", "Answer 3"]);
  });

  it("can hold a stream open until the test lets it go", async () => {
    const gate = Promise.withResolvers<void>();
    const { server, post } = await start({
      script: [{ reply: { content: "a b", hold: { after: 1, until: gate.promise } } }],
    });
    const response = await post({ messages: HI, stream: true, stream_options: { include_usage: true } });
    const request = await server.waitForRequest(1);
    gate.resolve();
    const text = await response.text();
    expect(text).toMatch(/^: keep-alive\n\n/);
    expect(text).toContain("prompt_cache_hit_tokens");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await request.over).toBe("answered");
  });

  it("sends blank lines before a body that is not streamed", async () => {
    const { post } = await start();
    expect(await (await post({ messages: HI })).text()).toMatch(/^\n\n\{/);
  });

  it("tells who waits for a request that none will come", async () => {
    const { server } = await start();
    const waiting = server.waitForRequest(1);
    await Promise.all([expect(waiting).rejects.toThrow("closed"), server.close()]);
  });
});

describe("the cache it counts", () => {
  const hits = async (post: Awaited<ReturnType<typeof start>>["post"], messages: readonly Json[]) => {
    const body = (await (await post({ messages })).json()) as { usage: Record<string, number> };
    const { prompt_cache_hit_tokens: hit = -1, prompt_tokens: prompt = -1 } = body.usage;
    return hit / prompt;
  };

  it("holds for a prompt that continues an earlier one, and breaks where a byte changed", async () => {
    const { post } = await start();
    const system = { role: "system", content: "You are Hermes. ".repeat(50) };
    await hits(post, [system, user("hi")]);
    expect(
      await hits(post, [system, user("hi"), { role: "assistant", content: "yes?" }, user("go on")]),
    ).toBeGreaterThan(0.8);
    expect(await hits(post, [{ ...system, content: `12:00 ${system.content}` }, user("hi")])).toBeLessThan(
      0.1,
    );
  });
});

describe("its own conversation", () => {
  const TOOLS = ["todo", "session_search", "web_extract", "clarify", "memory"].map((name) =>
    tool(undefined, name),
  );
  const say = async (messages: readonly Json[], tools: readonly Json[] = TOOLS) => {
    const { post } = await start();
    const body = (await (await post({ messages, tools })).json()) as {
      choices: {
        message: { content: string; tool_calls?: { function: { name: string; arguments: string } }[] };
      }[];
    };
    const { content, tool_calls } = body.choices[0]?.message ?? { content: "" };
    return {
      content,
      calls: (tool_calls ?? []).map(({ function: fn }) => [fn.name, JSON.parse(fn.arguments)]),
    };
  };
  const BEFORE = [user("My name is Ada\n\n[Monday 12:00]"), { role: "assistant", content: "Hello" }];

  it("says that it is a stand-in on its first answer and when asked", async () => {
    expect((await say([user("hello")])).content).toContain(INTRODUCTION);
    expect((await say([...BEFORE, user("hm")])).content).not.toContain(INTRODUCTION);
    expect((await say([...BEFORE, user("who are you?")])).content).toContain(INTRODUCTION);
  });

  it("remembers only what is in its request", async () => {
    expect((await say([...BEFORE, user("What is my name?")])).content).toContain("Ada");
    expect((await say([user("What is my name?")])).content).toContain("have not told me");
    expect((await say([...BEFORE, user("what did I say?")])).content).toContain("“My name is Ada”");
  });

  it.each([
    [
      "Plan: milk, eggs and bread",
      [
        "todo",
        { todos: [{ id: "1", content: "milk", status: "pending" }, expect.anything(), expect.anything()] },
      ],
    ],
    ["Remember that I sail", ["memory", { action: "add", target: "user", content: "I sail" }]],
    ["search for the recipe in our past chats", ["session_search", { query: "the recipe" }]],
    ["search our past chats for the recipe", ["session_search", { query: "the recipe" }]],
    ["read https://example.org/a?b=c.", ["web_extract", { urls: ["https://example.org/a?b=c"] }]],
    ["ask me about lunch", ["clarify", { question: "Shall we lunch?", choices: ["Yes", "No"] }]],
  ])("calls a tool for “%s” where it is offered", async (text, expected) => {
    expect((await say([user(text)])).calls).toEqual([expected]);
    expect((await say([user(text)], [tool(undefined, "other")])).calls).toEqual([]);
  });

  it("tells what the tool answered", async () => {
    expect((await say([user("plan: a"), calling(), result()])).content).toContain(
      "The tool todo answered: ok",
    );
  });

  it("gives a bare title when asked for one", async () => {
    const messages = [
      { role: "system", content: "Write a short title." },
      user("User: buy milk and eggs today please"),
    ];
    expect((await say(messages, [])).content).toBe("buy milk and eggs today");
  });
});
