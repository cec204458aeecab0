import { describe, expect, it } from "vitest";
import type { AssistantMessage, Message } from "../../src/message.ts";
import {
  call,
  calls,
  echo,
  limits,
  play,
  problemsOf,
  recordingJournal,
  resultsOf,
  says,
  scriptedAsk,
  tool,
  user,
} from "./loop-kit.ts";

describe("a turn that goes on after a crash", () => {
  const asked: AssistantMessage = {
    role: "assistant",
    content: "",
    toolCalls: [call("reads", {}, "r"), call("writes", {}, "w"), call("writes", { n: 2 }, "w2")],
  };
  const done: Message = { role: "tool", toolCallId: "w", toolName: "writes", content: "written" };

  it("runs again what may be repeated, and says of the rest that its outcome is unknown", async () => {
    const reads = echo("reads", { repeatable: true });
    const writes = echo("writes");
    const messages = [user("go"), asked, done];
    const ask = scriptedAsk(says("ready"));
    const { result, stored } = await play({ ask, messages, tools: [reads, writes] });
    expect(reads.ran).toHaveLength(1);
    expect(writes.ran).toEqual([]);
    expect(resultsOf(stored)).toEqual(["echo {}", expect.stringContaining("Outcome unknown")]);
    expect(problemsOf([...messages, ...stored])).toEqual([]);
    expect(result).toMatchObject({ kind: "answer" });
  });

  it("takes in what waits when it stands at a tool boundary, before it asks the model", async () => {
    const messages = [user("go"), { ...asked, toolCalls: [call("writes", {}, "w")] }, done];
    const ask = scriptedAsk(says("both done"));
    const journal = recordingJournal(() => ({ messages: [user("and this")], stop: false }));
    await play({ ask, messages, journal });
    expect(ask.requests[0]?.messages.at(-1)).toEqual(user("and this"));
  });

  it("asks the model at once when nothing is open", async () => {
    const messages = [user("go"), { ...asked, toolCalls: [call("writes", {}, "w")] }, done];
    const { stored } = await play({ ask: scriptedAsk(says("ready")), messages });
    expect(stored).toEqual([]);
  });

  it("leaves calls that may be repeated to the next invocation when the time is out, and answers the others", async () => {
    const clock = { left: 600_000 };
    const slow = tool("slow", () => {
      clock.left = 500;
      return { text: "slow" };
    });
    const reads = echo("reads", { repeatable: true });
    const writes = echo("writes");
    const tools = [slow, reads, writes];
    const first = await play({
      ask: scriptedAsk(calls([call("slow"), call("reads"), call("writes")])),
      tools,
      limits: limits({ remainingMs: () => clock.left }),
    });
    expect(first.result.kind).toBe("out_of_time");
    expect(resultsOf(first.stored)).toEqual(["slow", expect.stringContaining("Make the call again")]);
    const messages = [user("hello"), ...first.stored];
    const second = await play({ ask: scriptedAsk(says("ready")), tools, messages });
    expect(problemsOf([...messages, ...second.stored])).toEqual([]);
    expect(reads.ran).toHaveLength(1);
    expect(writes.ran).toEqual([]);
  });
});
