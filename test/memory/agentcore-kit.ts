// What the tests of the AgentCore provider share: who speaks, and a provider over a service.

import { createAgentCoreMemory } from "../../src/memory/agentcore-provider.ts";
import type { MemoryContext, MemoryService } from "../../src/memory-ports.ts";
import type { Origin, SessionKey } from "../../src/turn.ts";

export const AT = Date.UTC(2026, 10, 24, 8);

export const originOf = (userId: number): Origin => ({ chatId: userId, chatType: "dm", userId });

export const contextOf = (
  userId: number | undefined,
  more: Partial<MemoryContext> = {},
): MemoryContext & { readonly isFirst: boolean } => ({
  origin: userId === undefined ? { chatId: -100, chatType: "channel" } : originOf(userId),
  session: `agent:main:telegram:dm:${userId ?? "nobody"}` as SessionKey,
  sessionId: "20261124_080000_aaaaaaaa",
  signal: new AbortController().signal,
  isFirst: true,
  ...more,
});

export const memoryOver = (service: MemoryService) => {
  const warnings: string[] = [];
  const ignore = () => {};
  const memory = createAgentCoreMemory({
    service,
    scan: (text) => (text.includes("EVIL") ? "Blocked" : undefined),
    redact: (text) => text.replaceAll("hunter2", "[redacted]"),
    tools: [],
    log: { debug: ignore, info: ignore, warn: (message) => warnings.push(message), error: ignore },
  });
  return { memory, warnings };
};

export const exchange = (user: string, assistant = "Noted.", at = AT) => ({ user, assistant, at });
