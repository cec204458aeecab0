import { describe, expect, it } from "vitest";
import type { ModelError } from "../../../src/errors.ts";
import { KEY, openModel, request } from "./open-model.ts";

const failureOf = (work: Promise<unknown>): Promise<ModelError> =>
  work.then(
    () => expect.fail("the model answered"),
    (error: ModelError) => error,
  );

describe("a reply", () => {
  it("arrives piece by piece and whole, with its reasoning and what it cost", async () => {
    const { model } = await openModel({
      script: [{ reply: { content: "Good morning to you", reasoning: "Be kind." } }],
    });
    const pieces: string[] = [];
    const reply = await model.complete(request({ onText: (piece) => pieces.push(piece) }));
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe("Good morning to you");
    expect(reply).toMatchObject({
      message: { role: "assistant", content: "Good morning to you", reasoning: "Be kind." },
      finish: "stop",
      model: "deepseek-flash",
      usage: { cached: 0, reasoning: 2 },
    });
  });

  it("holds parallel tool calls with their arguments put together", async () => {
    const toolCalls = [
      { id: "a", name: "todo", arguments: { todos: [] } },
      { id: "b", name: "web_extract", arguments: { urls: ["https://example.org"] } },
    ];
    const { model } = await openModel({ script: [{ reply: { toolCalls } }] });
    const { message, finish } = await model.complete(request());
    expect(finish).toBe("tool_calls");
    expect(message.toolCalls).toEqual(
      toolCalls.map((call) => ({ ...call, arguments: JSON.stringify(call.arguments) })),
    );
  });

  it("tells how much is written of it, also what nobody sees", async () => {
    const said = { content: "Good morning", reasoning: "Be kind to them." };
    const toolCalls = [{ name: "todo", arguments: "{}" }];
    const { model } = await openModel({
      script: [{ reply: { ...said, toolCalls } }, { reply: { content: "<think>Hm.</think>Good morning" } }],
    });
    const written: number[] = [];
    const onWritten = (chars: number) => void written.push(chars);
    const total = () => written.splice(0).reduce((sum, chars) => sum + chars, 0);
    await model.complete(request({ onWritten }));
    expect(total()).toBe(`${said.content}${said.reasoning}todo{}`.length);
    expect((await model.complete(request({ onWritten }))).message.content).toBe("Good morning");
    expect(total()).toBe("<think>Hm.</think>Good morning".length);
  });

  it("goes on although a listener to its text throws", async () => {
    const { model, log } = await openModel({ script: [{ reply: { content: "one two" } }] });
    const reply = await model.complete(
      request({
        onText: () => {
          throw new Error("no draft");
        },
      }),
    );
    expect(reply.message.content).toBe("one two");
    expect(log.lines.filter((line) => line.level === "warn")).not.toEqual([]);
  });

  it("reports what of the prompt came from the cache", async () => {
    const { model } = await openModel();
    const first = request();
    await model.complete(first);
    const answered = [...first.messages, { role: "assistant" as const, content: "hi" }];
    const reply = await model.complete(
      request({ messages: [...answered, { role: "user", content: "more" }] }),
    );
    expect(reply.usage?.cached).toBeGreaterThan(20);
    expect(reply.usage?.cached).toBeLessThan(reply.usage?.prompt ?? 0);
  });
});

describe("a stream that breaks off", () => {
  const said = { content: "one two three four" };

  it.each([{ reset: false }, { reset: true }])(
    "is a cut reply with what had arrived ($reset)",
    async ({ reset }) => {
      const { model } = await openModel({ script: [{ cutAfter: 2, reply: said, reset }] });
      const reply = await model.complete(request());
      expect(reply.finish).toBe("cut");
      expect("one two ".startsWith(reply.message.content)).toBe(true);
    },
  );

  it("is cut in the middle of a tool call, though the SDK raises no error", async () => {
    const toolCalls = [{ name: "todo", arguments: { todos: ["a", "b"] } }];
    const { model } = await openModel({ script: [{ cutAfter: 2, reply: { toolCalls } }] });
    const reply = await model.complete(request());
    expect(reply.finish).toBe("cut");
    expect(() => JSON.parse(reply.message.toolCalls?.[0]?.arguments ?? "")).toThrow();
  });

  it("is cut when it falls silent after it began", async () => {
    const never = new Promise(() => {});
    const { model } = await openModel(
      { script: [{ reply: { ...said, hold: { after: 2, until: never } } }] },
      { timeoutMs: 500 },
    );
    expect((await model.complete(request())).finish).toBe("cut");
  });

  it("is a timeout when nothing was said at all, before the headers or after them", async () => {
    const never = new Promise(() => {});
    const script = ["hang" as const, { reply: { ...said, hold: { after: 0, until: never } } }];
    const { model } = await openModel({ script }, { timeoutMs: 100 });
    expect(await failureOf(model.complete(request()))).toMatchObject({ failure: "timeout", retryable: true });
    expect(await failureOf(model.complete(request()))).toMatchObject({ failure: "timeout", retryable: true });
  });

  it("is cut where DeepSeek gives up for want of resources", async () => {
    const { model } = await openModel({
      script: [{ reply: { ...said, finish: "insufficient_system_resource" } }],
    });
    expect((await model.complete(request())).finish).toBe("cut");
  });
});

describe("an abort", () => {
  it("rejects with the signal's reason in mid-stream, and hangs up on the API", async () => {
    const never = new Promise(() => {});
    const { model, server } = await openModel({
      script: [{ reply: { content: "a b c", hold: { after: 1, until: never } } }],
    });
    const stop = new AbortController();
    const reason = new Error("/stop");
    const reply = model.complete(request({ signal: stop.signal, onText: () => stop.abort(reason) }));
    await expect(reply).rejects.toBe(reason);
    await expect((await server.waitForRequest(1)).over).resolves.toBe("left");
  });

  it("rejects with the signal's reason while the API has not answered", async () => {
    const { model, server } = await openModel({ script: ["hang"] });
    const stop = new AbortController();
    const reply = model.complete(request({ signal: stop.signal }));
    await server.waitForRequest(1);
    stop.abort("stopped");
    await expect(reply).rejects.toBe("stopped");
  });

  it("asks nothing when it came first", async () => {
    const { model, server } = await openModel();
    await expect(model.complete(request({ signal: AbortSignal.abort("early") }))).rejects.toBe("early");
    expect(server.requests).toEqual([]);
  });
});

describe("a refusal", () => {
  const refused = [
    { status: 401, error: `Your api key: ${KEY} is invalid`, failure: "auth" },
    { status: 403, error: "forbidden", failure: "auth" },
    { status: 402, error: "Insufficient Balance", failure: "billing" },
    { status: 429, error: "slow down", failure: "rate_limit" },
    {
      status: 429,
      error: { message: "You exceeded your current quota", code: "insufficient_quota" },
      failure: "billing",
    },
    { status: 500, error: "oops", failure: "server_error" },
    { status: 503, error: "busy", failure: "overloaded" },
    { status: 529, error: "busy", failure: "overloaded" },
    { status: 413, error: "too large", failure: "context_overflow" },
    {
      status: 400,
      error: "This model's maximum context length is 1048576 tokens",
      failure: "context_overflow",
    },
    { status: 400, error: "Content Exists Risk", failure: "content_policy" },
    { status: 404, error: "no such model", failure: "model_not_found" },
    { status: 400, error: "unknown field", failure: "bad_request" },
    { status: 422, error: "invalid parameters", failure: "bad_request" },
  ];

  it.each(refused)("with $status ($error) is of the class $failure", async ({ failure, ...step }) => {
    const { model } = await openModel({ script: [step] });
    const error = await failureOf(model.complete(request()));
    expect(error).toMatchObject({ name: "ModelError", code: "model", failure });
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(KEY);
  });

  it("is read from the real refusals of a wrong key and an unknown model", async () => {
    const { model } = await openModel({ apiKey: "another" });
    expect(await failureOf(model.complete(request()))).toMatchObject({ failure: "auth", retryable: false });
    const unknown = await openModel({}, { model: "deepseek-v99" });
    expect(await failureOf(unknown.model.complete(request()))).toMatchObject({ failure: "model_not_found" });
  });

  it.each([
    ["2", 2_000],
    ["0.5", 500],
    [new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
  ])("says how long to wait: retry-after %s", async (value, expectedMs) => {
    const { model } = await openModel({ script: [{ status: 429, headers: { "retry-after": value } }] });
    const { retryAfterMs = 0 } = await failureOf(model.complete(request()));
    expect(Math.abs(retryAfterMs - expectedMs)).toBeLessThan(5_000);
  });

  it("is a timeout when the connection breaks or nobody listens", async () => {
    const { model, server } = await openModel({ script: ["drop"] });
    expect(await failureOf(model.complete(request()))).toMatchObject({ failure: "timeout" });
    await server.close();
    const gone = await failureOf(model.complete(request()));
    expect(gone).toMatchObject({ failure: "timeout", message: expect.stringContaining("ECONNREFUSED") });
  });

  it("comes before any request when there is no key", async () => {
    const { model, server } = await openModel({}, { apiKey: "" });
    expect(await failureOf(model.complete(request()))).toMatchObject({ failure: "auth" });
    expect(server.requests).toEqual([]);
  });
});
