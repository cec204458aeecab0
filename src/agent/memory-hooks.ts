// What long-term memories may do beside recalling and learning (hermes-behaviour.md 5.1): say what a summary must keep, and hear
// that a conversation was closed. Called by compact-transcript.ts and where a session is left.

import type { MemoryProvider } from "../memory-ports.ts";
import type { Message } from "../message.ts";
import type { Origin } from "../turn.ts";
import { visibleRows } from "./history.ts";
import { asked, isMemoryOff, providersOf } from "./memories.ts";
import type { TurnContext } from "./turn-context.ts";

const HOOK_MS = 3_000;

/** What of the messages the memories want kept, or "". Never rejects. */
export const wantedInSummary = async (c: TurnContext, origin: Origin): Promise<string> => {
  const messages = messagesOf(c);
  const texts = await Promise.all(
    hooked(c, ({ onPreCompress }) => onPreCompress !== undefined).map((provider) =>
      asked(c, provider, { what: "before compaction", ms: HOOK_MS, origin }, async (context) =>
        provider.onPreCompress?.(messages, context),
      ),
    ),
  );
  return texts.filter(Boolean).join("\n\n");
};

/** The session that META names is about to be left for another. Never rejects. */
export const sessionEnded = async (c: TurnContext, origin: Origin): Promise<void> => {
  if (c.lease.meta.sessionId === "") return;
  const messages = messagesOf(c);
  await Promise.all(
    hooked(c, ({ onSessionEnd }) => onSessionEnd !== undefined).map((provider) =>
      asked(c, provider, { what: "end of a session", ms: HOOK_MS, origin }, async (context) =>
        provider.onSessionEnd?.(messages, context),
      ),
    ),
  );
};

/** A job's run is nobody's conversation (hermes-behaviour.md 5.1). */
const hooked = (c: TurnContext, has: (provider: MemoryProvider) => boolean): readonly MemoryProvider[] =>
  isMemoryOff(c) || c.lease.meta.turn?.job !== undefined ? [] : providersOf(c).filter(has);

const messagesOf = ({ lease }: TurnContext): readonly Message[] =>
  visibleRows(lease.rows, lease.meta.base).rows.map(({ message }) => message);
