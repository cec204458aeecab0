import { afterEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../../../src/message.ts";
import { KEY, openModel, request } from "./open-model.ts";

afterEach(() => vi.unstubAllEnvs());

const PHOTO: Message = {
  role: "user",
  content: "what is this?",
  photos: [{ fileId: "f1", width: 10, height: 10 }],
};

describe("DeepSeek", () => {
  it.each([
    ["default", { thinking: { type: "enabled" } }],
    ["off", { thinking: { type: "disabled" } }],
    ["high", { thinking: { type: "enabled" }, reasoning_effort: "high" }],
    ["max", { thinking: { type: "enabled" }, reasoning_effort: "max" }],
  ] as const)("is told about thinking every time: %s", async (reasoning, expected) => {
    const { model, server } = await openModel();
    await model.complete(request({ reasoning }));
    const { thinking, reasoning_effort } = server.requests[0]?.body ?? {};
    expect({ thinking, ...(reasoning_effort && { reasoning_effort }) }).toEqual(expected);
    expect(server.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it("accepts a tool turn replayed from storage, with and without stored reasoning", async () => {
    const { model, server } = await openModel({ script: [{ reply: { content: "done" } }] });
    const call = { id: "c1", name: "todo", arguments: "{}" };
    const messages: Message[] = [
      { role: "user", content: "plan" },
      { role: "assistant", content: "", toolCalls: [call], reasoning: "I shall plan." },
      { role: "tool", toolCallId: "c1", toolName: "todo", content: "[]" },
      { role: "assistant", content: "planned" },
      { role: "user", content: "thanks" },
    ];
    await model.complete(request({ messages }));
    const sent = server.requests[0]?.body.messages.filter((message) => message.role === "assistant");
    expect(sent?.map((message) => message.reasoning_content)).toEqual(["I shall plan.", " "]);
    expect(server.refusals).toEqual([]);
  });

  it("is shown a photo once loaded, and loads it once for many requests", async () => {
    let loads = 0;
    const loadPhoto = async () => {
      loads++;
      return { bytes: new Uint8Array([1, 2, 3]), mime: "image/jpeg" };
    };
    const { model, server } = await openModel({}, { loadPhoto });
    for (let n = 0; n < 2; n++) await model.complete(request({ messages: [PHOTO] }));
    expect(loads).toBe(1);
    const content = server.requests[1]?.body.messages.at(-1)?.content;
    expect(content).toEqual([
      { type: "text", text: "what is this?" },
      { type: "image_url", image_url: { url: "data:image/jpeg;base64,AQID" } },
    ]);
  });

  it("is told of a photo that could not be loaded; the log does not quote the error", async () => {
    const loadPhoto = () => Promise.reject(new Error("GET /file/bot123:TOKEN failed"));
    const { model, server, log } = await openModel({}, { loadPhoto });
    await model.complete(request({ messages: [PHOTO] }));
    expect(server.requests[0]?.body.messages.at(-1)?.content).toContain("could not be loaded");
    expect(JSON.stringify(log.lines)).not.toContain("TOKEN");
  });

  it("pro is not sent photos, which its API would refuse", async () => {
    const { model, server } = await openModel({}, { model: "deepseek-v4-pro" });
    expect(model.readsImages).toBe(false);
    await model.complete(request({ messages: [PHOTO] }));
    expect(server.requests[0]?.body.messages.at(-1)?.content).toContain("cannot see images");
  });

  it("gets the key as a bearer token and no header of a stray OpenAI environment", async () => {
    vi.stubEnv("OPENAI_ORG_ID", "org-stray");
    vi.stubEnv("OPENAI_API_KEY", "sk-stray");
    const { model, server } = await openModel();
    await model.complete(request());
    expect(server.requests[0]?.headers["authorization"]).toBe(`Bearer ${KEY}`);
    expect(server.requests[0]?.headers).not.toHaveProperty("openai-organization");
  });
});

describe("another compatible endpoint", () => {
  const elsewhere = { provider: "openai", model: "gpt-5-mini" } as const;

  it("is sent neither DeepSeek's switch nor past reasoning, and its own is not stored", async () => {
    const { model, server } = await openModel(
      { models: ["gpt-5-mini"], script: [{ reply: { content: "x", reasoning: "y" } }] },
      elsewhere,
    );
    const reply = await model.complete(
      request({
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b", reasoning: "c" },
          { role: "user", content: "d" },
        ],
      }),
    );
    expect(server.requests[0]?.text).not.toMatch(/thinking|reasoning/);
    expect(reply.message).not.toHaveProperty("reasoning");
  });

  it("is asked for effort only where a person asked for it", async () => {
    const { model, server } = await openModel({ models: ["gpt-5-mini"] }, elsewhere);
    await model.complete(request({ reasoning: "max" }));
    expect(server.requests[0]?.body.reasoning_effort).toBe("high");
  });
});

describe("Bedrock", () => {
  const bedrock = { provider: "bedrock", model: "openai.gpt-oss-120b-1:0", region: "eu-west-1" } as const;
  const credentials = () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "role-secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "role-session");
  };

  it("is reached with a token made from the role's credentials", async () => {
    credentials();
    const { model, server } = await openModel({ models: [bedrock.model] }, bedrock);
    const reply = await model.complete(request());
    expect(reply.finish).toBe("stop");
    expect(server.requests[0]?.headers["authorization"]).toMatch(/^Bearer bedrock-api-key-/);
    expect(server.requests[0]?.body).toMatchObject({ max_completion_tokens: 1_000 });
  });

  it("is a refused key where the function has no region", async () => {
    credentials();
    const { model } = await openModel(
      { models: [bedrock.model] },
      { provider: "bedrock", model: bedrock.model },
    );
    await expect(model.complete(request())).rejects.toMatchObject({ failure: "auth" });
  });
});
