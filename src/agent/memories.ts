// Which long-term memories a turn has, and how each call of one is bounded: a memory may fail, hang or be a plugin that does
// not listen, and none of it breaks a turn or delays it beyond its budget. Called by whatever of a turn has to do with memory.

import { abortable } from "../abortable.ts";
import { asError, HermesError } from "../errors.ts";
import type { MemoryContext, MemoryProvider } from "../memory-ports.ts";
import { timeLimit } from "../time-limit.ts";
import type { Origin } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";

/** The provider that needs no service; a plugin's works beside it, and in the place of a service (hermes-behaviour.md 5.1). */
const BUILT_IN = "built-in";

export const providersOf = (c: TurnContext): readonly MemoryProvider[] => {
  const { memory: plugin } = c.home.plugins;
  if (plugin === undefined) return c.ports.memories;
  return [...c.ports.memories.filter(({ name }) => name === BUILT_IN), plugin];
};

/** Whether one of them learns from what is said: the built-in one keeps what the model notes, and nothing else. */
export const isAnyTold = (c: TurnContext): boolean => providersOf(c).some(({ name }) => name !== BUILT_IN);

export const isMemoryOff = (c: TurnContext): boolean => c.lease.meta.settings.memory === "off";

interface Bounded {
  readonly what: string;
  readonly ms: number;
  readonly origin: Origin;
  readonly sessionId?: string;
  /** The person asked for it: tried even if the memory failed a moment ago. */
  readonly isWanted?: true;
  /** It goes with a later turn if it comes too soon: to be told so is no failure. */
  readonly canWait?: true;
}

/** What the call gives, or undefined when it fails, takes too long or the memory is paused. Never rejects. */
export const asked = async <T>(
  c: TurnContext,
  provider: MemoryProvider,
  { what, ms, origin, isWanted, canWait, sessionId = c.lease.meta.sessionId }: Bounded,
  call: (context: MemoryContext) => Promise<T>,
): Promise<T | undefined> => {
  const { pauses, clock, log } = c.ports;
  if (!isWanted && pauses.isPaused(provider.name)) return undefined;
  const begun = clock.elapsed();
  using limit = timeLimit(clock, ms);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  try {
    return await abortable(signal, call({ origin, session: c.lease.session, sessionId, signal }));
  } catch (error) {
    if (c.signal.aborted) return undefined;
    if (canWait && isTooSoon(error)) {
      log.info(`the memory is asked too often: ${what} goes with a later message`, {
        provider: provider.name,
      });
      return undefined;
    }
    // A person's own wish has another time, and much to do in it: what becomes of it says nothing about a recall.
    if (!isWanted) pauses.failed(provider.name, clock.elapsed() - begun);
    log.warn(`memory failed: ${what}`, { provider: provider.name, error: asError(error) });
    return undefined;
  }
};

/** AgentCore takes one event of a conversation in four seconds (facts/platform.md 4). */
const isTooSoon = (error: unknown): boolean => error instanceof HermesError && error.code === "busy";
