// What the tool loop hands a tool, for the tests of the tools.

import type { Message } from "../../src/message.ts";
import type { ToolContext } from "../../src/ports.ts";
import { ADA, newSession } from "../contracts/said.ts";

export interface TestContext extends ToolContext {
  readonly warnings: readonly string[];
}

export const contextOf = (more: Partial<ToolContext> = {}): TestContext => {
  const warnings: string[] = [];
  const ignore = () => {};
  return {
    session: newSession(),
    sessionId: "20260921_100000_aaaaaaaa",
    origin: ADA,
    operation: "call-1",
    maxResultChars: 48_000,
    timezone: "Europe/Berlin",
    isTimezoneKnown: true,
    messages: [],
    turnStart: 0,
    base: 0,
    cuts: [],
    signal: new AbortController().signal,
    log: { debug: ignore, info: ignore, warn: (message) => warnings.push(message), error: ignore },
    warnings,
    ...more,
  };
};

export const toolResult = (toolName: string, content: string): Message => ({
  role: "tool",
  toolCallId: "call_1",
  toolName,
  content,
});
