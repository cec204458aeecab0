// Step: the only place where foreign JSON becomes a Turn: a Telegram update, a cron tick, a wake, a failure notice.
// What is genuine but not for us ends here with 200; rubbish throws, and the error step answers 4xx.

import jsonBodyParser from "@middy/http-json-body-parser";
import validator from "@middy/validator";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { TelegramConfig } from "../src/config.ts";
import { HermesError } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import { parseEvent } from "../src/parse-event.ts";
import type { Ignored } from "../src/parse-message.ts";
import { parseUpdate, type UpdateOptions } from "../src/parse-update.ts";
import type { Clock } from "../src/ports.ts";
import type { SessionKeyOptions } from "../src/session-key.ts";
import type { TelegramUpdate } from "../src/telegram-update.ts";
import type { Turn } from "../src/turn.ts";
import type { Answer, Step } from "./step.ts";
import validateUpdate from "./update-schema.generated.js";
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

// An update is some KB; Lambda would take 6 MB of anything.
const MAX_BODY_BYTES = 1024 * 1024;

const OK: Answer = { statusCode: 200, body: "" };

// Both of Middy's steps are called from here and not used in the pipeline, where they would run for every event:
// the parser throws 415 on a cron tick (facts/toolchain.md). The validator's type wants Ajv's function; a
// precompiled one is the same at run time.
const parseBody = jsonBodyParser().before;
const validateBody = validator({ eventSchema: validateUpdate as never }).before;

const bytesOf = ({ body, isBase64Encoded }: APIGatewayProxyEventV2): number =>
  Buffer.byteLength(body ?? "", isBase64Encoded ? "base64" : "utf8");

const checkRequest = (event: APIGatewayProxyEventV2): void => {
  if (event.requestContext?.http?.method !== "POST") {
    throw new HermesError("method", "a webhook delivers by POST");
  }
  if (bytesOf(event) > MAX_BODY_BYTES) throw new HermesError("too_large", "the body is larger than 1 MB");
};

/** What the schema disliked, by path: never the value, which may be what somebody wrote. */
const complaint = (): string => {
  const [first] = validateUpdate.errors ?? [];
  return first === undefined
    ? "no JSON"
    : `no update: ${first.instancePath || "/"} ${first.message ?? "is wrong"}`;
};

/** The update in the body. Throws HermesError, or Middy's 415 for a body that does not say it is JSON. */
const updateOf = async (
  request: Parameters<NonNullable<typeof validateBody>>[0],
): Promise<TelegramUpdate> => {
  const event = { ...(request.event as APIGatewayProxyEventV2) };
  checkRequest(event);
  validateUpdate.errors = null;
  try {
    const inner = { ...request, event };
    await parseBody?.(inner);
    await validateBody?.(inner);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 415) throw error;
    // Without the cause: Middy's carries the body.
    throw new HermesError("malformed", `the body is ${complaint()}`);
  }
  // Once more for the compiler, and so that nothing passes should a hook of Middy's be missing one day.
  const parsed: unknown = event;
  if (!validateUpdate(parsed)) throw new HermesError("malformed", `the body is ${complaint()}`);
  return parsed.body;
};

const optionsOf = (options: ParseTurnOptions): UpdateOptions => ({
  bot: options.telegram.bot,
  addressing: options.telegram.addressing,
  buttonSecret: options.telegram.webhookSecret,
  sessionKeys: options.sessionKeys,
  readsImages: options.readsImages,
});

export const parseTurn = (options: ParseTurnOptions): Step<Verified, HasTurn> => {
  const { clock, log } = options;
  const updateOptions = optionsOf(options);

  const parseHttp = async (
    request: Parameters<NonNullable<typeof validateBody>>[0],
    requestId: string,
  ): Promise<Turn | Ignored> => {
    const update = await updateOf(request);
    const parsed = parseUpdate(update, updateOptions, clock.now());
    if (parsed.kind === "arrival") return { ...parsed, requestId };
    log.info("update ignored", { updateId: update.update_id, reason: parsed.reason });
    return parsed;
  };

  const parseOther = (event: unknown, requestId: string): Turn | Ignored => {
    const parsed = parseEvent(event, requestId);
    // Somebody's tick or wake is lost with it: an operator should look.
    if (parsed.kind === "ignored") log.error("event ignored", { reason: parsed.reason });
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
