import { describe, expect, it } from "vitest";
import { runLoop } from "../../src/agent/loop.ts";
import { LeaseLost, ModelError } from "../../src/errors.ts";
import {
  call,
  calls,
  echo,
  limits,
  loopInput,
  play,
  problemsOf,
  recordingJournal,
  resultsOf,
  says,
  scriptedAsk,
  tool,
  user,
} from "./loop-kit.ts";

describe("the tool loop", () => {
  it("answers with the model's text, which it does not store itself", async () => {
    const pieces: string[] = [];
    const ask = scriptedAsk(says("hi there"));
    const { result, stored } = await play({ ask, onText: (piece) => pieces.push(piece) });
    expect(result).toMatchObject({
      kind: "answer",
      message: { role: "assistant", content: "hi there" },
      lastPrompt: 100,
    });
    expect(stored).toEqual([]);
    expect(pieces).toEqual(["hi there"]);
  });

  it("stores the calls before any of them runs, then each result, and asks again with both", async () => {
    const journal = recordingJournal();
    const seen: number[] = [];
    const spy = tool("spy", () => {
      seen.push(journal.stored.length);
      return { text: "done" };
    });
    const ask = scriptedAsk(calls([call("spy", {}, "a")], "looking"), says("ready"));
    const { result, stored, steps } = await play({ ask, tools: [spy], journal });
    expect(seen).toEqual([1]);
    expect(steps).toEqual([1]);
    expect(stored).toEqual([
      {
        role: "assistant",
        content: "looking",
        reasoning: "because",
        toolCalls: [{ id: "a", name: "spy", arguments: "{}" }],
      },
      { role: "tool", toolCallId: "a", toolName: "spy", content: "done" },
    ]);
    expect(ask.requests[1]?.messages).toEqual([user("hello"), ...stored]);
    expect(result).toMatchObject({ kind: "answer", message: { content: "ready" } });
  });

  it("only ever appends to the prompt, so that its prefix stays cached", async () => {
    const ask = scriptedAsk(calls([call("echo", { n: 1 })]), calls([call("echo", { n: 2 })]), says("ready"));
    await play({ ask });
    const prompts = ask.requests.map((request) => request.messages);
    for (const [index, prompt] of prompts.entries())
      expect((prompts[index + 1] ?? prompt).slice(0, prompt.length)).toEqual(prompt);
  });

  it("folds in what the person wrote meanwhile, behind the results", async () => {
    const journal = recordingJournal((times) => ({
      messages: times === 0 ? [user("and in French")] : [],
      stop: false,
    }));
    const ask = scriptedAsk(calls([call("echo")]), says("voilà"));
    await play({ ask, journal });
    expect(ask.requests[1]?.messages.map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "user",
    ]);
  });

  it("stops at a tool boundary when told so", async () => {
    const journal = recordingJournal(() => ({ messages: [], stop: true }));
    const { result, stored } = await play({ ask: scriptedAsk(calls([call("echo")])), journal });
    expect(result.kind).toBe("stopped");
    expect(problemsOf(stored)).toEqual([]);
  });

  it("asks for a summary without tools when the steps are used up, and stores no word of the request", async () => {
    const ask = scriptedAsk(calls([call("echo")]), says("this is how far I came"));
    const { result, stored } = await play({ ask, limits: limits({ maxSteps: 3 }), stepsTaken: 2 });
    expect(result).toMatchObject({ kind: "answer", message: { content: "this is how far I came" } });
    expect(ask.requests[1]?.tools).toEqual([]);
    expect(ask.requests[1]?.messages.at(-1)).toMatchObject({ role: "user" });
    expect(stored.map((message) => message.role)).toEqual(["assistant", "tool"]);
  });

  it("does the same when the turn has written its tokens", async () => {
    const ask = scriptedAsk(calls([call("echo")]), says("enough"));
    const { result } = await play({ ask, limits: limits({ maxTurnTokens: 10 }) });
    expect(ask.requests[1]?.tools).toEqual([]);
    expect(result.kind).toBe("answer");
  });

  it("says so when even the summary is empty", async () => {
    const { result } = await play({ ask: scriptedAsk(says("")), limits: limits({ maxSteps: 0 }) });
    expect(result).toMatchObject({ kind: "failed", reason: "max_iterations_reached" });
  });

  it("asks for compaction after the results, once the prompt has passed its budget", async () => {
    const { result, stored } = await play({
      ask: scriptedAsk(calls([call("echo")])),
      limits: limits({ compactAtTokens: 100 }),
    });
    expect(result).toMatchObject({ kind: "overflow", refused: false, lastPrompt: 100 });
    expect(problemsOf(stored)).toEqual([]);
  });

  it("begins no model call with too little time", async () => {
    const ask = scriptedAsk();
    const { result } = await play({ ask, limits: limits({ remainingMs: () => 999 }) });
    expect(result.kind).toBe("out_of_time");
    expect(ask.requests).toEqual([]);
  });

  it("hands over when the model uses up the time, even one that does not listen to its signal", async () => {
    const hangs = () => new Promise<never>(() => {});
    const { result } = await play({
      ask: scriptedAsk(hangs),
      limits: limits({ remainingMs: () => 30, stepReserveMs: 20 }),
    });
    expect(result.kind).toBe("out_of_time");
  });

  it("estimates the size of a prompt the model did not measure", async () => {
    const { usage: _, ...unmeasured } = says("x");
    const { result } = await play({
      ask: scriptedAsk(unmeasured),
      messages: [user("a".repeat(4_000))],
      tools: [],
    });
    expect(result.lastPrompt).toBe(1_000);
  });
});

describe("a model that fails", () => {
  it("is told to the person in words that tell no secret", async () => {
    const error = new ModelError("auth", "bad key sk-1234");
    const { result, stored } = await play({ ask: scriptedAsk(error) });
    expect(result).toMatchObject({ kind: "failed", reason: "auth", text: expect.stringContaining("⚠️") });
    expect(JSON.stringify(result)).not.toContain("sk-1234");
    expect(stored).toEqual([]);
  });

  it("asks for compaction when it refuses the size", async () => {
    const { result } = await play({ ask: scriptedAsk(new ModelError("context_overflow", "too long")) });
    expect(result).toMatchObject({ kind: "overflow", refused: true });
  });

  it("is asked again by a fresh invocation when only the time to wait for it is missing", async () => {
    const error = new ModelError("rate_limit", "slow down", { retryAfterMs: 599_500 });
    const { result } = await play({ ask: scriptedAsk(error) });
    expect(result.kind).toBe("out_of_time");
  });

  it("does not hide a bug", async () => {
    await expect(play({ ask: scriptedAsk(new TypeError("a bug")) })).rejects.toThrow("a bug");
  });
});

describe("a stop", () => {
  it("while the model writes leaves nothing behind", async () => {
    const stop = new AbortController();
    const ask = scriptedAsk((request) => {
      request.onText?.("partial");
      stop.abort();
      return new Promise<never>(() => {});
    });
    const { result, stored } = await play({ ask, signal: stop.signal });
    expect(result.kind).toBe("stopped");
    expect(stored).toEqual([]);
  });

  it("while a tool runs answers every call", async () => {
    const stop = new AbortController();
    const hangs = tool("hangs", () => {
      stop.abort();
      return new Promise<never>(() => {});
    });
    const after = echo("after");
    const ask = scriptedAsk(calls([call("hangs"), call("after")]));
    const { result, stored } = await play({ ask, tools: [hangs, after], signal: stop.signal });
    expect(result.kind).toBe("stopped");
    expect(problemsOf(stored)).toEqual([]);
    expect(resultsOf(stored)).toEqual([
      expect.stringContaining("outcome is unknown"),
      expect.stringContaining("not run"),
    ]);
    expect(after.ran).toEqual([]);
  });

  it("also answers the calls that had been put off for want of time", async () => {
    const stop = new AbortController();
    const clock = { left: 600_000 };
    const hangs = tool(
      "hangs",
      () => {
        clock.left = 999;
        setImmediate(() => stop.abort());
        return new Promise<never>(() => {});
      },
      { parallel: true, repeatable: true },
    );
    const reads = echo("reads", { parallel: true, repeatable: true });
    const { result, stored } = await play({
      ask: scriptedAsk(calls([call("hangs"), call("reads")])),
      tools: [hangs, reads],
      signal: stop.signal,
      limits: limits({ remainingMs: () => clock.left }),
    });
    expect(result.kind).toBe("stopped");
    expect(problemsOf(stored)).toEqual([]);
    expect(reads.ran).toEqual([]);
  });

  it("that is a lost lease ends the loop with a throw", async () => {
    const lost = new AbortController();
    const ask = scriptedAsk(() => {
      lost.abort(new LeaseLost("taken over"));
      return new Promise<never>(() => {});
    });
    await expect(runLoop(loopInput({ ask, signal: lost.signal }))).rejects.toThrow(LeaseLost);
  });

  it("by the journal ends the loop with a throw, and the other tools with it", async () => {
    const aborted: string[] = [];
    const slow = tool(
      "slow",
      (_args, signal) => {
        signal.addEventListener("abort", () => aborted.push("slow"));
        return new Promise<never>(() => {});
      },
      { parallel: true },
    );
    const journal = {
      ...recordingJournal(),
      toolResult: () => Promise.reject(new LeaseLost("taken over")),
    };
    const ask = scriptedAsk(calls([call("slow"), call("echo")]));
    const tools = [slow, echo("echo", { parallel: true })];
    await expect(runLoop(loopInput({ ask, tools, journal }))).rejects.toThrow(LeaseLost);
    expect(aborted).toEqual(["slow"]);
  });

  it("never runs a tool whose call could not be stored", async () => {
    const tools = [echo()];
    const journal = {
      ...recordingJournal(),
      assistant: () => Promise.reject(new LeaseLost("taken over")),
    };
    const ask = scriptedAsk(calls([call("echo")]));
    await expect(runLoop(loopInput({ ask, tools, journal }))).rejects.toThrow(LeaseLost);
    expect(tools[0]?.ran).toEqual([]);
  });
});
