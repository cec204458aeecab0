// What every part of a turn works with. Put together by run-turn.ts, once an invocation.

import type { Access } from "../access.ts";
import type { HomeChannel } from "../config.ts";
import type { Home } from "../home/home.ts";
import type { Lease } from "../lease.ts";
import type { Log } from "../log.ts";
import type { Forgettings, MemoryProvider } from "../memory-ports.ts";
import type {
  Archive,
  Claims,
  Clock,
  Doorbell,
  Failures,
  Inbox,
  Jobs,
  JobTimers,
  Model,
  Notices,
  Telegram,
  Tool,
} from "../ports.ts";
import type { SkillSync } from "../skill-ports.ts";
import type { SkillsOfAll } from "../skills/library.ts";
import type { Ledger } from "../usage-ports.ts";
import type { ChatBudget } from "./chat-budget.ts";
import type { ServicePauses } from "./service-pauses.ts";

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
  readonly notices: Notices;
  readonly ledger: Ledger;
  readonly jobs: Jobs;
  /** Absent where no scheduler is configured: then no job can be made. */
  readonly timers?: JobTimers;
  /** Absent where no bucket is configured: then there are no skills. */
  readonly skills?: SkillsOfAll;
  /** Absent where no Knowledge Base is configured. */
  readonly skillSync?: SkillSync;
  /** The deployment's; a plugin may bring one with the home. */
  readonly memories: readonly MemoryProvider[];
  readonly forgettings: Forgettings;
  readonly pauses: ServicePauses;
  readonly models: Models;
  /** The built-in tools but those of memories; plugins bring more with the home. */
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
  /** Whom a job's result may be sent to. */
  readonly access: Access;
  readonly homeChannel: HomeChannel;
  readonly groupSessionsPerUser: boolean;
  readonly threadSessionsPerUser: boolean;
}

export interface TurnContext {
  readonly ports: AgentPorts;
  readonly settings: AgentSettings;
  readonly lease: Lease;
  readonly home: Home;
  /** The person's: what they set, else the deployment's. */
  readonly timezone: string;
  /** False when nobody has said it: `timezone` is then UTC. */
  readonly isTimezoneKnown: boolean;
  /** Aborts when the invocation is about to be cut, and only then: `lease.lost` and a stop are signals of their own. */
  readonly signal: AbortSignal;
  remainingMs(): number;
}

/** The zone of whoever has set none: the variable has the first word, then config.yaml. */
export const deploymentTimezone = (settings: AgentSettings, home: Home): string | undefined =>
  settings.timezone ?? (home.config.timezone || undefined);
