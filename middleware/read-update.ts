// The update in the body of a webhook request, checked: what the parse-turn step does for HTTP before it parses.

import type middy from "@middy/core";
import jsonBodyParser from "@middy/http-json-body-parser";
import validator from "@middy/validator";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { HermesError } from "../src/errors.ts";
import type { TelegramUpdate } from "../src/telegram-update.ts";
import validateUpdate from "./update-schema.generated.js";

// An update is some KB; Lambda would take 6 MB of anything.
const MAX_BODY_BYTES = 1024 * 1024;

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

const malformed = (): HermesError => new HermesError("malformed", `the body is ${complaint()}`);

/** Throws HermesError, or Middy's 415 for a body that does not say it is JSON. The event itself stays as it was. */
export const readUpdate = async (request: middy.Request): Promise<TelegramUpdate> => {
  const event = { ...(request.event as APIGatewayProxyEventV2) };
  checkRequest(event);
  validateUpdate.errors = null;
  try {
    const inner = { ...request, event };
    await parseBody?.(inner);
    await validateBody?.(inner);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 415) throw error;
    throw malformed(); // without the cause: Middy's carries the body
  }
  // Once more for the compiler, and so that nothing passes should a hook of Middy's be missing one day.
  const parsed: unknown = event;
  if (!validateUpdate(parsed)) throw malformed();
  return parsed.body;
};
