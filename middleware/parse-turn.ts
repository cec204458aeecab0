// Step: the only place where foreign JSON becomes a Turn: a Telegram update, a cron tick, a wake, a failure notice.
// What is genuine but not for us ends here with 200; rubbish throws, and the error step answers 4xx.

import type middy from "@middy/core";
import type { TelegramConfig } from "../src/config.ts";
import type { Log } from "../src/log.ts";
import { parseEvent } from "../src/parse-event.ts";
import type { Ignored } from "../src/parse-message.ts";
import { parseUpdate, type UpdateOptions } from "../src/parse-update.ts";
import type { Clock } from "../src/ports.ts";
import type { SessionKeyOptions } from "../src/session-key.ts";
import type { Turn } from "../src/turn.ts";
import { readUpdate } from "./read-update.ts";
import type { Answer, Step } from "./step.ts";
import type { Verified } from "./verify-secret.ts";

export interface HasTurn {
  turn: Turn;
}

export interface ParseTurnOptions {
  readonly telegram: Pick<TelegramConfig, "bot" | "addressing" | "webhookSecret">;
  readonly sessionKeys: SessionKeyOptions;
  readonly readsImages: boolean;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

const OK: Answer = { statusCode: 200, body: "" };

const updateOptionsOf = ({ telegram, sessionKeys, readsImages }: ParseTurnOptions): UpdateOptions => ({
  bot: telegram.bot,
  addressing: telegram.addressing,
  buttonSecret: telegram.webhookSecret,
  sessionKeys,
  readsImages,
});

export const parseTurn = (options: ParseTurnOptions): Step<Verified, HasTurn> => {
  const { clock, log } = options;
  const updateOptions = updateOptionsOf(options);

  const parseHttp = async (request: middy.Request, requestId: string): Promise<Turn | Ignored> => {
    const update = await readUpdate(request);
    const parsed = parseUpdate(update, updateOptions, clock.now());
    if (parsed.kind === "arrival") return { ...parsed, requestId };
    log.info("update ignored", { updateId: update.update_id, reason: parsed.reason });
    return parsed;
  };

  const parseOther = (event: unknown, requestId: string): Turn | Ignored => {
    const parsed = parseEvent(event, requestId, clock.now());
    // Somebody's tick or wake is lost with it: an operator should look.
    if (parsed.kind === "ignored") log.error("event ignored", { reason: parsed.reason });
    else if (parsed.isNotice)
      log.warn("an event's retries are used up", { failedRequestId: parsed.requestId });
    return parsed;
  };

  return {
    before: async function parseTurnBefore(request): Promise<Answer> {
      const { verified, awsRequestId } = request.context;
      const parsed =
        verified.via === "http"
          ? await parseHttp(request, awsRequestId)
          : parseOther(request.event, awsRequestId);
      if (parsed.kind === "ignored") return OK;
      request.context.turn = parsed;
      return undefined;
    },
  };
};
