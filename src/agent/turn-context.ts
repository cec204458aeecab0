// What every part of a turn works with. Put together by run-turn.ts, once an invocation.

import type { Home } from "../home/home.ts";
import type { Lease } from "../lease.ts";
import type { Log } from "../log.ts";
import type { Archive, Claims, Clock, Doorbell, Failures, Inbox, Model, Telegram, Tool } from "../ports.ts";
import type { ChatBudget } from "./chat-budget.ts";

/** The outside of a turn. */
export interface AgentPorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly inbox: Inbox;
  readonly claims: Claims;
  readonly doorbell: Doorbell;
  readonly archive: Archive;
  readonly telegram: Telegram;
  readonly budget: ChatBudget;
  readonly failures: Failures;
  readonly models: Models;
  /** The built-in tools; plugins bring more with the home. */
  readonly tools: readonly Tool[];
}

export interface Models {
  /** The model by name, or the configured one. Throws HermesError `config` for a name the provider cannot serve. */
  primary(name?: string): Model;
  readonly fallback?: Model;
}

/** What a deployment decided. */
export interface AgentSettings {
  /** HERMES_TIMEZONE; config.yaml has the next word, then UTC. */
  readonly timezone?: string;
  /** Signs the buttons we make (buttons.ts). */
  readonly buttonSecret: string;
  readonly groupSessionsPerUser: boolean;
  readonly threadSessionsPerUser: boolean;
}

export interface TurnContext {
  readonly ports: AgentPorts;
  readonly settings: AgentSettings;
  readonly lease: Lease;
  readonly home: Home;
  readonly timezone: string;
  /** Aborts when the invocation is about to be cut, and only then: `lease.lost` and a stop are signals of their own. */
  readonly signal: AbortSignal;
  remainingMs(): number;
}
