import { describe, expect, it } from "vitest";
import { makeTitle } from "../../src/agent/titles.ts";
import { ModelError } from "../../src/errors.ts";
import { type Scripted, says, scriptedAsk } from "./loop-kit.ts";

const signal = new AbortController().signal;

const titled = (reply: Scripted) => makeTitle(scriptedAsk(reply), "hello", "hi", signal);

describe("the title of a conversation", () => {
  it.each([
    ["Trip to Lisbon", "Trip to Lisbon"],
    ['"Trip to Lisbon"', "Trip to Lisbon"],
    ["Title: **Trip to Lisbon**", "Trip to Lisbon"],
    ["<think>short</think>\nTrip to Lisbon\nbecause of the flights", "Trip to Lisbon"],
  ])("of %j is %j", async (text, title) => {
    expect(await titled(says(text))).toBe(title);
  });

  it("is cut to 80 characters", async () => {
    const title = await titled(says("word ".repeat(40)));
    expect(title).toHaveLength(80);
    expect(title).toMatch(/\.\.\.$/);
  });

  it("is asked for with the beginning of each side, without tools or reasoning", async () => {
    const ask = scriptedAsk(says("x"));
    await makeTitle(ask, "u".repeat(9_000), "a".repeat(9_000), signal);
    expect(ask.requests[0]).toMatchObject({ tools: [], reasoning: "off", maxTokens: 500 });
    expect(ask.requests[0]?.messages[0]?.content.length).toBeLessThan(1_100);
  });

  it.each<[string, Scripted]>([
    ["fails", new ModelError("auth", "no")],
    ["says nothing", says(" ")],
    ["declines", says("I cannot", { finish: "content_filter" })],
  ])("is none when the model %s", async (_how, reply) => {
    expect(await titled(reply)).toBeUndefined();
  });

  it("is none when the time is up before a model that hangs", async () => {
    const stop = new AbortController();
    const ask = scriptedAsk(() => {
      stop.abort();
      return new Promise<never>(() => {});
    });
    expect(await makeTitle(ask, "hello", "hi", stop.signal)).toBeUndefined();
  });
});
