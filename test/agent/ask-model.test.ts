import { describe, expect, it } from "vitest";
import {
  type AskOptions,
  type AskRequest,
  createAskModel,
  describeFailure,
} from "../../src/agent/ask-model.ts";
import { ModelError, type ModelFailure } from "../../src/errors.ts";
import type { ModelReply } from "../../src/message.ts";
import type { Clock, Model, ModelRequest } from "../../src/ports.ts";
import { createLogLines } from "../home/log-lines.ts";

type Turn = ModelReply | ModelFailure | ModelError | Error | ((request: ModelRequest) => Promise<ModelReply>);

/** A model that answers by a list, and the requests it was sent. */
const scripted = (name: string, turns: readonly Turn[]) => {
  const requests: ModelRequest[] = [];
  const model: Model = {
    name,
    provider: "test",
    readsImages: false,
    async complete(request) {
      const turn = turns[requests.length];
      requests.push(request);
      if (turn === undefined) throw new Error(`${name} was asked once too often`);
      if (typeof turn === "function") return turn(request);
      if (turn instanceof Error) throw turn;
      if (typeof turn === "string") throw new ModelError(turn, turn);
      return turn;
    },
  };
  return { model, requests };
};

/** Time that passes only in sleeps. */
const sleepingClock = (): Clock & { readonly slept: number[] } => {
  const slept: number[] = [];
  return {
    slept,
    now: () => 0,
    elapsed: () => slept.reduce((sum, ms) => sum + ms, 0),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
    },
  };
};

const reply = (content: string, changes: Partial<ModelReply> = {}): ModelReply => ({
  message: { role: "assistant", content },
  finish: "stop",
  model: "m",
  ...changes,
});

const CUT_CALL = reply("", {
  finish: "cut",
  message: { role: "assistant", content: "", toolCalls: [{ id: "a", name: "todo", arguments: '{"to' }] },
});

const setup = (primary: readonly Turn[], fallback?: readonly Turn[], options: Partial<AskOptions> = {}) => {
  const first = scripted("first", primary);
  const second = scripted("second", fallback ?? []);
  const clock = sleepingClock();
  const ask = createAskModel({
    primary: first.model,
    ...(fallback && { fallback: second.model }),
    clock,
    log: createLogLines(),
    random: () => 0,
    ...options,
  });
  const remaining = { ms: 600_000 };
  return {
    clock,
    first,
    second,
    remaining,
    ask: (changes: Partial<AskRequest> = {}) =>
      ask(
        {
          system: "",
          messages: [{ role: "user", content: "hi" }],
          tools: [],
          maxTokens: 100,
          reasoning: "default",
          signal: new AbortController().signal,
          ...changes,
        },
        { remainingMs: () => remaining.ms - clock.elapsed() },
      ),
  };
};

describe("retries", () => {
  it.each(["rate_limit", "overloaded", "server_error", "timeout", "unknown"] as const)(
    "ask again after %s, waiting twice as long each time",
    async (failure) => {
      const { ask, clock } = setup([failure, failure, reply("at last")]);
      expect((await ask()).message.content).toBe("at last");
      expect(clock.slept).toEqual([2_000, 4_000]);
    },
  );

  it("end with the last error after three attempts", async () => {
    const { ask, first } = setup(["timeout", "timeout", "overloaded"]);
    await expect(ask()).rejects.toMatchObject({ failure: "overloaded" });
    expect(first.requests).toHaveLength(3);
  });

  it("double up to a minute, each lengthened by chance by up to a half", async () => {
    const failures = Array.from({ length: 8 }, () => "timeout" as const);
    const { ask, clock } = setup([...failures, reply("x")], undefined, { maxAttempts: 9, random: () => 1 });
    await ask();
    expect(clock.slept[0]).toBe(3_000);
    expect(Math.max(...clock.slept)).toBe(90_000);
  });

  it.each([
    [7_000, 7_000],
    [900_000, 120_000],
  ])("wait as long as the API asks (%d ms), up to two minutes", async (retryAfterMs, waitMs) => {
    const { ask, clock } = setup([new ModelError("rate_limit", "slow", { retryAfterMs }), reply("x")]);
    await ask();
    expect(clock.slept).toEqual([waitMs]);
  });

  it("do not begin a wait that ends beyond the time left", async () => {
    const { ask, clock, remaining } = setup([new ModelError("rate_limit", "slow", { retryAfterMs: 30_000 })]);
    remaining.ms = 30_000;
    await expect(ask()).rejects.toMatchObject({ failure: "rate_limit", retryAfterMs: 30_000 });
    expect(clock.slept).toEqual([]);
  });

  it.each(["bad_request", "context_overflow", "auth"] as const)("are pointless after %s", async (failure) => {
    const { ask, first } = setup([failure]);
    await expect(ask()).rejects.toMatchObject({ failure });
    expect(first.requests).toHaveLength(1);
  });

  it("leave an error that is no ModelError alone: it is a bug", async () => {
    const { ask } = setup([new TypeError("bug")], [reply("never")]);
    await expect(ask()).rejects.toThrow(TypeError);
  });
});

describe("a stream that broke off", () => {
  it.each([
    ["before any text", reply(" ", { finish: "cut" })],
    ["in the middle of a tool call", CUT_CALL],
  ])("%s is a failed attempt", async (_, cut) => {
    const { ask } = setup([cut, reply("whole")]);
    expect(await ask()).toMatchObject({ finish: "stop", message: { content: "whole" } });
  });

  it("with text is a reply that can be continued", async () => {
    const { ask } = setup([reply("half of", { finish: "cut" })]);
    expect(await ask()).toMatchObject({ finish: "cut", message: { content: "half of" } });
  });

  it("whose text was seen is taken back before the next attempt, one that said nothing is not", async () => {
    const seen: string[] = [];
    const spoke = async ({ onText }: ModelRequest) => {
      onText?.("I will");
      throw new ModelError("server_error", "broke");
    };
    const { ask } = setup([spoke, "timeout", reply("x")]);
    await ask({ onText: (piece) => void seen.push(piece), onRestart: () => void seen.push("⟲") });
    expect(seen).toEqual(["I will", "⟲"]);
  });
});

describe("the fallback model", () => {
  it.each(["auth", "billing", "model_not_found", "content_policy"] as const)(
    "answers at once after %s, and for the rest of the turn",
    async (failure) => {
      const { ask, first, second, clock } = setup([failure], [reply("two"), reply("three")]);
      expect((await ask()).message.content).toBe("two");
      expect((await ask()).message.content).toBe("three");
      expect([first.requests.length, second.requests.length]).toEqual([1, 2]);
      expect(clock.slept).toEqual([]);
    },
  );

  it("has attempts of its own when the first model's are spent", async () => {
    const { ask } = setup(["timeout", "timeout", "timeout"], ["timeout", "timeout", reply("x")]);
    expect((await ask()).message.content).toBe("x");
  });

  it("is asked instead of waiting longer than there is time", async () => {
    const { ask, remaining } = setup(
      [new ModelError("rate_limit", "slow", { retryAfterMs: 60_000 })],
      [reply("x")],
    );
    remaining.ms = 20_000;
    expect((await ask()).message.content).toBe("x");
  });

  it("is tried once where the first declined, and its refusal stands", async () => {
    const refusal = reply("no", { finish: "content_filter" });
    const { ask } = setup([refusal], [refusal]);
    expect((await ask()).finish).toBe("content_filter");
  });

  it.each(["bad_request", "context_overflow"] as const)("cannot mend %s", async (failure) => {
    const { ask, second } = setup([failure], [reply("never")]);
    await expect(ask()).rejects.toMatchObject({ failure });
    expect(second.requests).toEqual([]);
  });
});

describe("an abort", () => {
  it("ends a wait at once, with the signal's reason and without the fallback", async () => {
    const stop = new AbortController();
    const clock: Clock = {
      ...sleepingClock(),
      sleep: (_ms, signal) => {
        stop.abort("/stop");
        return Promise.reject(signal?.reason);
      },
    };
    const { ask, second } = setup(["timeout"], [reply("never")], { clock });
    await expect(ask({ signal: stop.signal })).rejects.toBe("/stop");
    expect(second.requests).toEqual([]);
  });

  it("during an attempt is not taken for a failure", async () => {
    const stop = new AbortController();
    const stopped = async () => {
      stop.abort("/stop");
      throw new ModelError("timeout", "aborted");
    };
    const { ask, first } = setup([stopped, reply("never")]);
    await expect(ask({ signal: stop.signal })).rejects.toBe("/stop");
    expect(first.requests).toHaveLength(1);
  });
});

it("shows the model a repaired history and leaves the caller's as it is", async () => {
  const { ask, first } = setup([reply("x")]);
  const messages = [
    { role: "user", content: "a" },
    { role: "tool", toolCallId: "lost", toolName: "todo", content: "stray" },
    { role: "user", content: "b" },
  ] as const;
  await ask({ messages });
  expect(first.requests[0]?.messages).toEqual([{ role: "user", content: "a\n\nb" }]);
  expect(messages).toHaveLength(3);
});

describe("what a person is told", () => {
  it("names the operator's part, and nothing the API said", () => {
    const text = describeFailure(new ModelError("auth", "key sk-123 at https://internal is wrong"));
    expect(text).toContain("operator must fix the key");
    expect(text).not.toMatch(/sk-123|internal/);
  });

  it("says how to shorten a session that is too large", () => {
    expect(describeFailure(new ModelError("context_overflow", ""))).toMatch(/\/compress.*\/new/);
  });
});
