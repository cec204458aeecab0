// Step: two gates, in Hermes' order (hermes-behaviour.md 6.2, 6.3): was it said to us, and may they speak. Presses,
// stops and ticks pass both like words do. A refusal is a 200: a 4xx would make Telegram redeliver for a day.

import { isAuthorized } from "../src/access.ts";
import type { TelegramConfig } from "../src/config.ts";
import { asError } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import type { Clock, Notices } from "../src/ports.ts";
import type { Arrival, Job, Origin } from "../src/turn.ts";
import type { HasTurn } from "./parse-turn.ts";
import type { Answer, Step } from "./step.ts";

export interface AllowlistOptions {
  readonly telegram: Pick<TelegramConfig, "access" | "refusal">;
  readonly notices: Notices;
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly log: Log;
  /** Whose owner may not speak any more: the job ends. */
  endJob(job: Job): Promise<void>;
}

const OK: Answer = { statusCode: 200, body: "" };

// A courtesy to strangers must not hold Telegram up: its patience is a few seconds (facts/platform.md 1).
const NOTICE_TIMEOUT_MS = 2_000;

const refusal = ({ chatId, userId }: Origin): Answer => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  // One API call may ride on the webhook's answer (facts/platform.md 1).
  body: JSON.stringify({
    method: "sendMessage",
    chat_id: chatId,
    text: `I do not know you yet. Your Telegram id is ${userId}: whoever runs this bot can let you in with it.`,
  }),
});

const firstToday = async ({ notices, clock, log }: AllowlistOptions, chatId: number): Promise<boolean> => {
  const timer = new AbortController();
  const tooLate = clock.sleep(NOTICE_TIMEOUT_MS, timer.signal).then(() => {
    throw new Error("no answer in time");
  });
  tooLate.catch(() => {}); // also rejects when the timer is stopped, and then nobody waits for it
  try {
    return await Promise.race([notices.claim(`refusal#${chatId}`, clock.now()), tooLate]);
  } catch (error) {
    log.warn("a stranger was not told their id", { error: asError(error).message });
    return false;
  } finally {
    timer.abort();
  }
};

const refuse = async (options: AllowlistOptions, { entry, source }: Arrival): Promise<Answer> => {
  const { origin } = entry;
  const fields = { chatId: origin.chatId, userId: origin.userId, source };
  // Nobody but the operator would notice that it does not run.
  if (source === "cron") options.log.error("a job of somebody who is not allowed to speak", fields);
  else options.log.info("not allowed to speak", fields);
  if (entry.kind === "tick") await options.endJob(entry.job);
  if (!options.telegram.refusal || source !== "telegram" || origin.chatType !== "dm") return OK;
  return (await firstToday(options, origin.chatId)) ? refusal(origin) : OK;
};

export const allowlist = (options: AllowlistOptions): Step<HasTurn> => ({
  before: async function allowlistBefore({ context: { turn } }): Promise<Answer> {
    // A wake only rings for what passed here when it arrived.
    if (turn.kind === "wake") return undefined;
    if (!turn.addressed) {
      options.log.info("not addressed to us", { chatId: turn.entry.origin.chatId, entry: turn.entry.id });
      return OK;
    }
    return isAuthorized(options.telegram.access, turn.entry.origin) ? undefined : refuse(options, turn);
  },
});
