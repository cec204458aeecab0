// The documented rules a request must keep. "model" is botocore's scheduler/2021-06-30/service-2.json, whose patterns and
// lengths the API reference repeats. Called by operations.ts.

import { invalid } from "../rest-json/errors.ts";
import { type Fields, objectIn, oneOf, required, secondsIn, textIn, wholeIn } from "../rest-json/members.ts";
import { parseExpression } from "./expression.ts";
import type { RetryPolicy, Settings, Target } from "./shapes.ts";

/** model: Name, ScheduleGroupName, NamePrefix. */
const NAME = { min: 1, max: 64, pattern: /^[0-9a-zA-Z-_.]+$/ };

export const nameIn = (fields: Fields, member: string): string | undefined => textIn(fields, member, NAME);

/** model: ClientToken. */
export const tokenIn = (fields: Fields, member: string): string | undefined =>
  textIn(fields, member, { min: 1, max: 64, pattern: /^[a-zA-Z0-9-_]+$/ });

/** model: RoleArn. */
const ROLE = { min: 1, max: 1600, pattern: /^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@/-]+$/ };
/** model: TargetArn has only a length; the pattern is Lambda's own for a function, the one kind of target there is here. */
const TARGET = { min: 1, max: 1600 };
const FUNCTION =
  /^arn:aws(-[a-z]+)*:lambda:[a-z0-9-]+:\d{12}:function:([a-zA-Z0-9-_]{1,64})(:[a-zA-Z0-9-_$]+)?$/;
/** model: DeadLetterConfigArnString. */
const QUEUE = { min: 1, max: 1600, pattern: /^arn:aws(-[a-z]+)?:sqs:[a-z0-9-]+:\d{12}:[a-zA-Z0-9\-_]+$/ };
/** model: KmsKeyArn. */
const KEY = {
  min: 1,
  max: 2048,
  pattern: /^arn:aws(-[a-z]+)?:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*$/,
};
/** User guide, "Quotas": the payload of a target is at most 256 KB. */
const MAX_INPUT_BYTES = 256 * 1024;
/** facts/platform.md 3, "RetryPolicy". */
const DEFAULT_RETRIES: RetryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

/** The name of the function a target's ARN means. */
export const functionOf = (arn: string): string => FUNCTION.exec(arn)?.[2] ?? "";

/**
 * What CreateSchedule and UpdateSchedule have in common: all settings, from the body alone. UpdateSchedule "uses all values,
 * including empty values, specified in the request": an optional one that is left out becomes the default again.
 */
export const settingsIn = (body: Fields, nowMs: number): Settings => {
  const ScheduleExpression = required(
    textIn(body, "ScheduleExpression", { min: 1, max: 256 }),
    "scheduleExpression",
  );
  const expression = parseExpression(ScheduleExpression);
  const StartDate = secondsIn(body, "StartDate");
  const EndDate = secondsIn(body, "EndDate");
  // "EventBridge Scheduler ignores StartDate for one-time schedules", and EndDate too (API reference, CreateSchedule).
  if (expression.kind !== "at") checkDates(StartDate, EndDate, nowMs);
  const Description = textIn(body, "Description", { max: 512 });
  const KmsKeyArn = textIn(body, "KmsKeyArn", KEY);
  return {
    ScheduleExpression,
    ScheduleExpressionTimezone: zoneIn(body),
    State: oneOf(body, "State", ["ENABLED", "DISABLED"]) ?? "ENABLED",
    Target: targetIn(body),
    FlexibleTimeWindow: windowIn(body),
    ActionAfterCompletion: oneOf(body, "ActionAfterCompletion", ["NONE", "DELETE"]) ?? "NONE",
    ...(StartDate === undefined ? {} : { StartDate }),
    ...(EndDate === undefined ? {} : { EndDate }),
    ...(Description === undefined ? {} : { Description }),
    ...(KmsKeyArn === undefined ? {} : { KmsKeyArn }),
  };
};

/**
 * The service's message, met by people who sent an old StartDate back with UpdateSchedule; moto's scheduler and CDK's
 * aws-scheduler (schedule.ts) carry the same two rules. The API reference does not mention them.
 */
const checkDates = (start: number | undefined, end: number | undefined, nowMs: number): void => {
  if (start !== undefined && start * 1_000 < nowMs - 5 * 60_000) {
    throw invalid("The StartDate you specify cannot be earlier than 5 minutes ago.");
  }
  if (start !== undefined && end !== undefined && start >= end) {
    throw invalid("The EndDate you specify must come after the StartDate.");
  }
};

/** User guide, "Time zones": IANA names; model: 1 to 50 characters; UTC when left out. */
const zoneIn = (body: Fields): string => {
  const zone = textIn(body, "ScheduleExpressionTimezone", { min: 1, max: 50 });
  if (zone === undefined) return "UTC";
  // Offsets such as +02:00 are time zones to Intl, but no IANA names.
  if (/^[A-Z]/i.test(zone) && isKnown(zone)) return zone;
  throw invalid(`Invalid Time Zone: ${zone} is not a time zone identifier of the IANA database.`);
};

const isKnown = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/** API reference, FlexibleTimeWindow. That MaximumWindowInMinutes comes with FLEXIBLE, and only with it, is our caution. */
const windowIn = (body: Fields): Settings["FlexibleTimeWindow"] => {
  const window = required(objectIn(body, "FlexibleTimeWindow"), "flexibleTimeWindow");
  const Mode = required(oneOf(window, "Mode", ["OFF", "FLEXIBLE"]), "flexibleTimeWindow.mode");
  const minutes = wholeIn(window, "MaximumWindowInMinutes", 1, 1_440);
  if ((Mode === "FLEXIBLE") !== (minutes !== undefined)) {
    throw invalid("MaximumWindowInMinutes must be given in the mode FLEXIBLE, and in no other.");
  }
  return { Mode, ...(minutes === undefined ? {} : { MaximumWindowInMinutes: minutes }) };
};

const targetIn = (body: Fields): Target => {
  const target = required(objectIn(body, "Target"), "target");
  const Arn = required(textIn(target, "Arn", TARGET), "target.arn");
  if (!FUNCTION.test(Arn))
    throw invalid(`Invalid target: ${Arn} is no function of Lambda, and only those are known here.`);
  const Input = textIn(target, "Input", { min: 1 });
  if (Input !== undefined) checkInput(Input);
  const dead = objectIn(target, "DeadLetterConfig");
  const queue = dead && textIn(dead, "Arn", QUEUE);
  return {
    Arn,
    RoleArn: required(textIn(target, "RoleArn", ROLE), "target.roleArn"),
    RetryPolicy: retriesIn(target),
    ...(Input === undefined ? {} : { Input }),
    ...(queue === undefined ? {} : { DeadLetterConfig: { Arn: queue } }),
  };
};

/** API reference, Target: for a templated Lambda target "the input must be a well-formed JSON". */
const checkInput = (input: string): void => {
  if (Buffer.byteLength(input) > MAX_INPUT_BYTES) throw invalid("The target's Input is longer than 256 KB.");
  try {
    JSON.parse(input);
  } catch {
    throw invalid("Invalid RequestJson provided. Reason: the target's Input is no well-formed JSON.");
  }
};

const retriesIn = (target: Fields): RetryPolicy => {
  const policy = objectIn(target, "RetryPolicy") ?? {};
  const age = wholeIn(policy, "MaximumEventAgeInSeconds", 60, 86_400);
  const attempts = wholeIn(policy, "MaximumRetryAttempts", 0, 185);
  return {
    MaximumEventAgeInSeconds: age ?? DEFAULT_RETRIES.MaximumEventAgeInSeconds,
    MaximumRetryAttempts: attempts ?? DEFAULT_RETRIES.MaximumRetryAttempts,
  };
};
