import { describe, expect, it } from "vitest";
import { createGuardrails } from "../../src/agent/guardrails.ts";
import { call, calls, echo, play, resultsOf, says, scriptedAsk, tool } from "./loop-kit.ts";

const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe("a turn that goes round in circles", () => {
  it("is warned from the second failure of one call on, and the call is blocked after the fifth", async () => {
    const ran: unknown[] = [];
    const bad = tool("bad", (args) => {
      ran.push(args);
      return { text: "Error: no" };
    });
    const ask = scriptedAsk(...times(6, () => calls([call("bad", { a: 1 })])), says("I give up"));
    const { result, stored } = await play({ ask, tools: [bad] });
    const results = resultsOf(stored);
    expect(results[0]).toBe("Error: no");
    expect(results[1]).toContain("[Tool loop warning: repeated_exact_failure; count=2;");
    expect(results[5]).toContain("blocked");
    expect(ran).toHaveLength(5);
    expect(result.kind).toBe("answer");
  });

  it("ends when one tool fails eight times, whatever its arguments", async () => {
    const bad = tool("bad", () => {
      throw new Error("no");
    });
    const ask = scriptedAsk(...times(8, (n) => calls([call("bad", { n })])));
    const { result, stored } = await play({ ask, tools: [bad] });
    expect(resultsOf(stored)[2]).toContain("[Tool loop warning: same_tool_failure; count=3;");
    expect(result).toMatchObject({
      kind: "failed",
      reason: "guardrail_halt",
      text: expect.stringMatching(/^⚠️/),
    });
  });

  it("ends too when the model insists on a blocked call", async () => {
    const bad = tool("bad", () => ({ text: '{"error": "no"}' }));
    const ask = scriptedAsk(...times(8, () => calls([call("bad")])));
    expect((await play({ ask, tools: [bad] })).result).toMatchObject({ reason: "guardrail_halt" });
  });

  it("is warned of a reading tool that keeps giving the same result, and blocked after the fifth", async () => {
    const reads = echo("reads", { parallel: true });
    const ask = scriptedAsk(...times(6, () => calls([call("reads")])), says("ready"));
    const { stored } = await play({ ask, tools: [reads] });
    expect(resultsOf(stored)[1]).toContain("[Tool loop warning: no_progress; count=2;");
    expect(resultsOf(stored)[5]).toContain("blocked");
    expect(reads.ran).toHaveLength(5);
  });

  it("may repeat a tool that does something, with the same result each time", async () => {
    const writes = echo("writes");
    const ask = scriptedAsk(...times(6, () => calls([call("writes")])), says("ready"));
    const { stored } = await play({ ask, tools: [writes] });
    expect(resultsOf(stored)).toEqual(times(6, () => "echo {}"));
  });
});

describe("the counts", () => {
  it("begin anew with a success", () => {
    const guardrails = createGuardrails();
    const one = { name: "x", args: { a: 1, b: 2 } };
    const failure = { text: "Error: no", failed: true, readOnly: false };
    for (const _ of times(4, String)) guardrails.observe(one, failure);
    guardrails.observe(one, { text: "fine", failed: false, readOnly: false });
    expect(guardrails.observe(one, failure)).toEqual({});
    expect(guardrails.block(one)).toBeUndefined();
  });

  it("know a call by its meaning, not by the order of its keys", () => {
    const guardrails = createGuardrails();
    const failure = { text: "Error: no", failed: true, readOnly: false };
    for (const _ of times(5, String))
      guardrails.observe({ name: "x", args: { a: 1, b: { c: 1, d: 2 } } }, failure);
    expect(guardrails.block({ name: "x", args: { b: { d: 2, c: 1 }, a: 1 } })).toContain("blocked");
    expect(guardrails.block({ name: "x", args: { a: 2 } })).toBeUndefined();
  });

  it("count no page that merely begins with the word error as a failure", async () => {
    const page = tool("page", (args) => ({ text: `Errors in Rust, chapter ${JSON.stringify(args)}` }));
    const ask = scriptedAsk(...times(9, (n) => calls([call("page", { n })])), says("ready"));
    expect((await play({ ask, tools: [page] })).result.kind).toBe("answer");
  });
});
