import { describe, expect, it } from "vitest";
import { toWireMessages, toWireRequest, UNREAD_PHOTO } from "../../../src/adapters/model/wire.ts";
import type { Message } from "../../../src/message.ts";
import { request } from "./open-model.ts";

const FLASH = { provider: "deepseek", model: "deepseek-flash", readsImages: true };
const NO_PHOTOS = new Map<string, string>();

const wire = (messages: readonly Message[], target = FLASH) =>
  toWireMessages("S", messages, target, NO_PHOTOS).slice(1);

describe("a request on the wire", () => {
  it("puts clock, sender and memory behind the words they were said with", () => {
    expect(wire([{ role: "user", content: "hi", context: "[12:00]" }])).toEqual([
      { role: "user", content: "hi\n\n[12:00]" },
    ]);
  });

  it("has the same bytes for the same transcript, and a longer one begins with them", () => {
    const messages: Message[] = [
      { role: "user", content: "a", context: "[1]" },
      { role: "assistant", content: "b", toolCalls: [{ id: "c", name: "todo", arguments: '{"a":1}' }] },
      { role: "tool", toolCallId: "c", toolName: "todo", content: "[]" },
    ];
    const bytes = (list: readonly Message[]) =>
      JSON.stringify(toWireRequest(request({ messages: list }), FLASH, NO_PHOTOS).messages);
    const shorter = bytes(messages);
    expect(bytes(structuredClone(messages))).toBe(shorter);
    const longer = bytes([
      ...messages,
      { role: "assistant", content: "d" },
      { role: "user", content: "e", context: "[2]" },
    ]);
    expect(longer.startsWith(shorter.slice(0, -1))).toBe(true);
  });

  it("drops halves of surrogate pairs and keeps whole emoji", () => {
    expect(wire([{ role: "user", content: "a\ud83d b 😀 \ude00" }])).toEqual([
      { role: "user", content: "a b 😀 " },
    ]);
    expect(wire([{ role: "assistant", content: "x", reasoning: "\ud83d" }])).toEqual([
      { role: "assistant", content: "x", reasoning_content: " " },
    ]);
  });

  it("says in a line what a model that is blind is not shown", () => {
    const photo: Message = { role: "user", content: "", photos: [{ fileId: "f", width: 1, height: 1 }] };
    expect(wire([photo], { ...FLASH, readsImages: false })).toEqual([
      { role: "user", content: UNREAD_PHOTO },
    ]);
  });

  it("leaves out tools and calls where there are none", () => {
    const body = toWireRequest(
      request({ messages: [{ role: "assistant", content: "x", toolCalls: [] }] }),
      FLASH,
      NO_PHOTOS,
    );
    expect(body).not.toHaveProperty("tools");
    expect(body.messages[1]).not.toHaveProperty("tool_calls");
  });

  it("limits output by the name the endpoint knows", () => {
    const limits = (target: { provider: string; model: string; baseUrl?: string }) =>
      Object.keys(toWireRequest(request(), { ...target, readsImages: false }, NO_PHOTOS)).filter((key) =>
        key.startsWith("max"),
      );
    expect(limits({ provider: "openai", model: "gpt-5", baseUrl: "https://api.openai.com/v1" })).toEqual([
      "max_completion_tokens",
    ]);
    expect(limits({ provider: "openai", model: "qwen3", baseUrl: "http://box.example/v1" })).toEqual([
      "max_tokens",
    ]);
    expect(limits(FLASH)).toEqual(["max_tokens"]);
  });
});
