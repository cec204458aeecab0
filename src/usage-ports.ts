// What models cost and what may be spent, as the table keeps it: the port of usage and budgets. Money is in whole
// micro-dollars (a millionth of a US dollar): sums of them are exact.

import type { Usage } from "./message.ts";
import type { SessionKey } from "./turn.ts";

/** Whose accounts a model call is put on; from the authenticated update or the job's record, never from model text. */
export interface Payer {
  /** Whoever is nobody's user (a channel, a group's anonymous admin) counts as the chat: nobody speaks for free. */
  readonly userId: number;
  readonly chatId: number;
  readonly jobId?: string;
}

/** What model calls used and cost. */
export interface Spending {
  readonly usage: Usage;
  readonly calls: number;
  /** Calls among them whose tokens are a guess: the model did not tell, or was cut short. */
  readonly estimated: number;
  /** Micro-dollars. */
  readonly cost: number;
}

/** Limits in micro-dollars; what is absent is for the next wider one to say, and for config.yaml in the end. */
export interface Limits {
  /** Of a person and (UTC) day, jobs included. */
  readonly userDay?: number;
  /** Of one turn. */
  readonly turn?: number;
  /** Of a job and day. */
  readonly jobDay?: number;
}

/** Whom limits are for. */
export type LimitsOf =
  | { readonly kind: "default" }
  | { readonly kind: "user"; readonly id: number }
  | { readonly kind: "job"; readonly id: string };

/** What was spent on a day so far. */
export interface Spent {
  readonly user: Spending;
  readonly chat: Spending;
  readonly job?: Spending;
}

export interface Today extends Spent {
  readonly limits: { readonly everybody: Limits; readonly user: Limits; readonly job: Limits };
}

/** Names one call of one writer. The number only grows: a writer's later call has a larger one, in whatever process. */
export interface Mark {
  readonly writer: SessionKey;
  readonly number: number;
}

/** `day`: `2026-11-24`, UTC. */
export interface Ledger {
  /** What the payer's day has come to, and which limits hold; consistently read, in one request. */
  read(day: string, payer: Payer): Promise<Today>;
  /**
   * Puts the spending on the accounts of user, chat and job, and returns them as they are then: with what others added
   * meanwhile. Repeating with the same mark is safe, also after a failure in the middle; a mark that is not larger than
   * its writer's last counts as a repetition.
   */
  add(day: string, payer: Payer, spending: Spending, mark: Mark): Promise<Spent>;
}
